"""What the numbers of a game between a generator and a critic mean."""

from __future__ import annotations

from studio.core.family_info import Metric

CRITIC_METRICS = {
    "loss_generator": Metric(
        title="Generator's score",
        help="Falls when the critic takes made pictures for real ones. It never settles"
        " in a healthy game.",
    ),
    "loss_critic": Metric(
        title="Critic's score",
        help="Falls when the critic (also called discriminator) tells real from made. Near"
        " zero for long, it leaves the generator nothing to learn from.",
    ),
    "critic_real": Metric(
        title="Real ones recognised",
        help="Share of real pictures that the critic takes for real. 55 to 90 % is healthy.",
        percent=True,
    ),
    "critic_fake": Metric(
        title="Made ones recognised",
        help="Share of made pictures that the critic sees through. 55 to 90 % is healthy.",
        percent=True,
    ),
    "gradient_generator": Metric(
        title="Generator's correction",
        help="How strongly the generator is being corrected (the norm of its gradient)."
        " Close to zero means that it has stopped learning.",
    ),
    "penalty": Metric(
        title="Penalty",
        help="How steep the critic is where it should be gentle, before its weight.",
    ),
    "val_critic_real": Metric(
        title="Unseen ones recognised",
        help="Share of real pictures kept for checking that the critic takes for real. Far"
        " below *Real ones recognised*, the critic has learned the training set by heart.",
        percent=True,
    ),
}
