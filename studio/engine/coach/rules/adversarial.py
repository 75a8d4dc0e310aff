"""Rules for a critic and a generator that play against each other."""

from __future__ import annotations

from statistics import fmean
from typing import Any

from studio.engine.coach.history import History
from studio.engine.coach.rules.rule import Options, Rule, half_rate, percent

_TWINS = 0.6  # share of the samples, beyond that of real pictures
_SHEETS = 4  # sample sheets that are taken together
_UNHEARD = 0.1  # times the generator's largest gradient so far
_WORSE = 1.3  # times the smallest distance so far


def _recognised(history: History) -> tuple[float, float]:
    """Return the shares of real and of made pictures that the critics take for what they are.

    Families with several critics may measure both in one number.
    """
    if "critic_right" in history.now:
        return history.now["critic_right"], history.now["critic_right"]
    return history.now["critic_real"], history.now["critic_fake"]


def _critic_overpowers(history: History) -> str | None:
    real, fake = _recognised(history)
    # every critic wins at the very beginning, before the generator knows anything
    if history.share < 0.2 or min(real, fake) < 0.95:
        return None
    if _is_wasserstein(history.options) and not _generator_hears_nothing(history):
        return None
    return (
        f"It recognises {percent(real)} of the real and {percent(fake)} of the made"
        f" {history.items}; from 95 % of both on there is little left to learn from."
    )


def _is_wasserstein(options: Options) -> bool:
    """Tell whether the slope of the critic is held, so that one that is certain still teaches.

    It is even meant to be near its optimum (Arjovsky et al. 2017, section 3).
    """
    return "gradient_penalty" in options and options.get("loss", "wasserstein") == "wasserstein"


def _generator_hears_nothing(history: History) -> bool:
    now, past = history.now.get("gradient_generator", 0.0), history.past("gradient_generator")
    return bool(past) and now < _UNHEARD * max(past)


def _calmer_critic(options: Options) -> dict[str, Any]:
    changes: dict[str, Any] = {"critic_steps": 1}
    if options.get("critic_norm") != "batch" and options.get("r1") == 0:
        return changes | {"r1": 1.0}
    return changes | {"critic_rate": max(0.5 * options.get("critic_rate", 1.0), 0.1)}


def _critic_too_weak(history: History) -> str | None:
    real, fake = _recognised(history)
    right, distance = (real + fake) / 2, history.now["sample_distance"]
    past = history.past("sample_distance")
    # a critic that only guesses is also how a game ends well: then samples are near real ones
    if not past or history.share < 0.2 or right > 0.56 or distance < 0.4 * max(past):
        return None
    return (
        f"It is right in {percent(right)} of all cases, where guessing alone reaches 50 %, and"
        f" samples are still {distance:.3g} away from real {history.items} (at worst"
        f" {max(past):.3g})."
    )


def _stronger_critic(options: Options) -> dict[str, Any]:
    return {"critic_rate": min(4 * options.get("critic_rate", 1.0), 20.0), "r1": 0.0}


def _mode_collapse(history: History) -> str | None:
    diversity, past = history.now["diversity"], history.past("diversity")
    grows = len(past) >= 4 and diversity > past[-4] + 0.05
    if history.share < 0.4:
        return None
    if diversity < 0.5 and not grows:
        return (
            f"Samples differ from each other only {diversity:.2f} times as much as real"
            f" {history.items} do; below 0.5 is too little."
        )
    return _many_twins(history)


def _many_twins(history: History) -> str | None:
    """A few pictures can differ much, one per label say, and still be all that comes."""
    if "twins" not in history.now:
        return None
    twins, past = history.now["twins"], history.past("twins")
    lessens = len(past) >= 4 and twins < past[-4] - 0.05
    if twins < _TWINS or lessens:
        return None
    return (
        f"{percent(twins)} of the samples have a twin among the others; {percent(_TWINS)} are too"
        " many."
    )


def _calmer_game(options: Options) -> dict[str, Any]:
    changes: dict[str, Any] = {"learning_rate": options.get("learning_rate", 0.0) / 2}
    if options.get("critic_norm") == "spectral":
        changes["loss"] = "hinge"
    if options.get("critic_norm") != "batch":
        changes["r1"] = min(max(2 * options.get("r1", 0.0), 1.0), 1000.0)
    return changes


def _worse_again(history: History) -> str | None:
    distances = [*history.past("sample_distance"), history.now["sample_distance"]]
    if history.share < 0.25 or len(distances) < 2 * _SHEETS:
        return None
    # one sheet may be better or worse than the next by chance
    means = [fmean(distances[end - _SHEETS : end]) for end in range(_SHEETS, len(distances) + 1)]
    best, now = min(means), means[-1]
    if now < _WORSE * best:
        return None
    return f"The distance to real {history.items} was {best:.3g} already and is {now:.3g} now."


def _help_or_calm(options: Options) -> dict[str, Any]:
    if options.get("augment", "on") != "on":
        return {"augment": "on"}
    return half_rate(options)


def _penalty_grows(history: History) -> str | None:
    penalty = history.now["penalty"]
    if history.share < 0.05 or penalty <= 10:
        return None
    return f"The penalty on the critic's slope is {penalty:.3g}; above 10 it drowns the game."


def _critic_memorises(history: History) -> str | None:
    seen, unseen = history.now["critic_real"], history.now["val_critic_real"]
    if seen - unseen < 0.3:
        return None
    return (
        f"It takes {percent(seen)} of the {history.items} that it learned from for real, and only"
        f" {percent(unseen)} of those that it never saw."
    )


def _of_critics(names: tuple[str, ...]) -> tuple[Rule, ...]:
    """Return the rules on how often critics are right, for families that measure it as `names`."""
    return (
        Rule(
            id="critic-overpowers",
            title="The critic wins every time",
            sentence="It tells real from made without fail, so the generator hears nothing that it"
            " could learn from. A calmer critic usually helps.",
            check=_critic_overpowers,
            needs=names,
            shows=(*names, "gradient_generator"),
            changes=_calmer_critic,
            action="Go back with a calmer critic",
        ),
        Rule(
            id="critic-too-weak",
            title="The critic only guesses",
            sentence="It cannot tell real from made, so its corrections are worth little. A critic"
            " that learns faster usually helps.",
            check=_critic_too_weak,
            needs=(*names, "sample_distance"),
            changes=_stronger_critic,
            action="Go back with a stronger critic",
        ),
    )


ADVERSARIAL_RULES: tuple[Rule, ...] = (
    *_of_critics(("critic_real", "critic_fake")),
    *_of_critics(("critic_right",)),
    Rule(
        id="mode-collapse",
        title="It keeps making the same few {items}",
        sentence="The generator has found a few {items} that pass and makes no others. Going back"
        " to an earlier checkpoint with a calmer game usually helps.",
        check=_mode_collapse,
        needs=("diversity", "loss_critic"),
        shows=("diversity", "twins", "sample_distance"),
        changes=_calmer_game,
        action="Go back with a calmer game",
    ),
    Rule(
        id="worse-again",
        title="Samples get worse again",
        sentence="They were nearer to real {items} before, and the best checkpoint is kept. With"
        " few {items} it is mostly the critic, which begins to know them by heart.",
        check=_worse_again,
        needs=("sample_distance", "loss_critic"),
        shows=("sample_distance",),
        changes=_help_or_calm,
        action="Go back to the best and help the critic",
    ),
    Rule(
        id="critic-memorises",
        title="The critic has learned your {items} by heart",
        sentence="It recognises the very files instead of what they have in common. Showing it"
        " changed copies, or learning more slowly, usually helps; more {items} always do.",
        check=_critic_memorises,
        needs=("critic_real", "val_critic_real"),
        changes=_help_or_calm,
        action="Go back with help for small sets",
    ),
    Rule(
        id="penalty-grows",
        title="The critic has become too steep",
        sentence="Small changes of a {item} throw its score about, so corrections are wild."
        " Learning more slowly usually helps, and a larger batch.",
        check=_penalty_grows,
        needs=("penalty",),
        patience=2,
        shows=("penalty", "loss_critic"),
        changes=half_rate,
        action="Go back and learn more slowly",
    ),
)
