"""What the window and the docs say of the GAN."""

from __future__ import annotations

from studio.core.family_info import FamilyInfo, Metric, Paper, Task
from studio.core.media import Modality
from studio.families.image.sample_metrics import SAMPLE_METRICS

INFO = FamilyInfo(
    id="gan",
    title="GAN",
    modality=Modality.IMAGE,
    tasks=(Task.GENERATE, Task.INTERPOLATE),
    summary="Two networks play: one makes pictures, the other, the critic, judges them."
    " Sharp pictures, quick to sample.",
    needs="A few hundred pictures of one kind at least; some thousands are better.",
    caution="The losses of a GAN are a game's score, not a progress bar: they do not fall as"
    " the pictures get better. Judge the samples, their variety and their distance to the"
    " real ones.",
    typical_time="Quick: 3 minutes on a processor. Best: an hour or more on a graphics card.",
    papers=(
        Paper(
            title="Generative Adversarial Nets",
            authors="Goodfellow et al.",
            year=2014,
            url="https://arxiv.org/abs/1406.2661",
        ),
        Paper(
            title="Unsupervised Representation Learning with Deep Convolutional GANs",
            authors="Radford, Metz, Chintala",
            year=2016,
            url="https://arxiv.org/abs/1511.06434",
        ),
        Paper(
            title="Spectral Normalization for Generative Adversarial Networks",
            authors="Miyato et al.",
            year=2018,
            url="https://arxiv.org/abs/1802.05957",
        ),
        Paper(
            title="cGANs with Projection Discriminator",
            authors="Miyato, Koyama",
            year=2018,
            url="https://arxiv.org/abs/1802.05637",
        ),
        Paper(
            title="Improved Training of Wasserstein GANs",
            authors="Gulrajani et al.",
            year=2017,
            url="https://arxiv.org/abs/1704.00028",
        ),
        Paper(
            title="Differentiable Augmentation for Data-Efficient GAN Training",
            authors="Zhao et al.",
            year=2020,
            url="https://arxiv.org/abs/2006.10738",
        ),
    ),
    explains="learn/gan.md",
    metrics={
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
    | SAMPLE_METRICS,
    best="sample_distance",
    figures=("sample_distance", "diversity"),
)
