"""What the coach looks for: one rule per way in which training goes wrong.

A rule applies where the metrics that it needs are measured, whatever the family. Thresholds were
tuned on runs that were broken on purpose; these stay as tests.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from studio.core.protocol import Severity
from studio.engine.coach.history import History

Options = Mapping[str, Any]


def _nothing(_options: Options) -> dict[str, Any]:
    return {}


@dataclass(frozen=True)
class Rule:
    """One sign of trouble.

    Attributes:
        needs: Metrics without which it says nothing.
        check: Returns the measured evidence when the sign is there, else None.
        changes: Returns the options that a fork should change; unknown ones are left out.
        action: Text of the one button.
        shows: Curves that show it, where they are not those that it needs.
        patience: Windows that the sign must hold, or be away, before anything is said.
        at_once: Whether it is looked for at every report and not once a window.
    """

    id: str
    title: str
    sentence: str
    check: Callable[[History], str | None]
    needs: tuple[str, ...] = ()
    severity: Severity = Severity.WARNING
    changes: Callable[[Options], dict[str, Any]] = _nothing
    action: str = ""
    shows: tuple[str, ...] = ()
    patience: int = 3
    at_once: bool = False


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


# ------------------------------------------------------------------------- critic and generator


def _critic_overpowers(history: History) -> str | None:
    real, fake = history.now["critic_real"], history.now["critic_fake"]
    # every critic wins at the very beginning, before the generator knows anything
    if history.share < 0.2 or min(real, fake) < 0.95:
        return None
    return (
        f"It recognises {_percent(real)} of the real and {_percent(fake)} of the made pictures;"
        " from 95 % of both on there is little left to learn from."
    )


def _calmer_critic(options: Options) -> dict[str, Any]:
    changes: dict[str, Any] = {"critic_steps": 1}
    if options.get("critic_norm") != "batch" and not options.get("r1"):
        return changes | {"r1": 1.0}
    return changes | {"critic_rate": max(0.5 * options.get("critic_rate", 1.0), 0.1)}


def _critic_too_weak(history: History) -> str | None:
    real, fake = history.now["critic_real"], history.now["critic_fake"]
    right, distance = (real + fake) / 2, history.now["sample_distance"]
    past = history.past("sample_distance")
    # a critic that only guesses is also how a game ends well: then samples are near real ones
    if not past or history.share < 0.2 or right > 0.56 or distance < 0.4 * max(past):
        return None
    return (
        f"It is right in {_percent(right)} of all cases, where guessing alone reaches 50 %, and"
        f" samples are still {distance:.3g} away from real pictures (at worst {max(past):.3g})."
    )


def _stronger_critic(options: Options) -> dict[str, Any]:
    return {"critic_rate": min(4 * options.get("critic_rate", 1.0), 20.0), "r1": 0.0}


def _mode_collapse(history: History) -> str | None:
    diversity, past = history.now["diversity"], history.past("diversity")
    grows = len(past) >= 4 and diversity > past[-4] + 0.05
    if history.share < 0.4 or diversity >= 0.5 or grows:
        return None
    return (
        f"Samples differ from each other only {diversity:.2f} times as much as real pictures do;"
        " below 0.5 is too little."
    )


def _calmer_game(options: Options) -> dict[str, Any]:
    changes: dict[str, Any] = {"learning_rate": options.get("learning_rate", 0.0) / 2}
    if options.get("critic_norm") == "spectral":
        changes["loss"] = "hinge"
    if options.get("critic_norm") != "batch":
        changes["r1"] = max(options.get("r1", 0.0), 1.0)
    return changes


def _critic_memorises(history: History) -> str | None:
    seen, unseen = history.now["critic_real"], history.now["val_critic_real"]
    if seen - unseen < 0.3:
        return None
    return (
        f"It takes {_percent(seen)} of the pictures that it learned from for real, and only"
        f" {_percent(unseen)} of those that it never saw."
    )


# ------------------------------------------------------------------------------------ any model


def _not_a_number(history: History) -> str | None:
    if not history.strange:
        return None
    return f"{', '.join(history.strange)} is no longer a number."


def _divergence(history: History) -> str | None:
    window = history.now
    for name in window.sums:
        past = history.past(name)
        if name.startswith("gradient") and len(past) >= 4:
            usual = statistics.median(past)
            if window[name] > 10 * usual:
                return f"{name} is {window[name]:.3g}, ten times its usual {usual:.3g} and more."
        metric = history.info.metrics.get(name)
        # the family's own loss: it should fall, but for noise
        falls = metric is not None and metric.better == "lower" and metric.unit == "nats"
        if name.startswith("val_"):  # may rise for another reason, see by-heart
            continue
        if falls and len(past) >= 2 and window[name] > min(past) + 0.5 * abs(min(past)):
            return f"{name} is {window[name]:.4g} and was {min(past):.4g} already."
    return None


def _half_rate(options: Options) -> dict[str, Any]:
    return {"learning_rate": options.get("learning_rate", 0.0) / 2}


def _by_heart(history: History) -> str | None:
    window = history.now
    for name in window.sums:
        past, learned = history.past(f"val_{name}"), history.past(name)
        if f"val_{name}" not in window or len(past) < 2:
            continue
        if name not in history.info.metrics or history.info.metrics[name].better != "lower":
            continue
        best = min(past)
        if window[f"val_{name}"] > best + 0.02 * abs(best) and window[name] <= min(learned):
            return (
                f"On pictures that it never saw, {name} rose from {best:.4g} to"
                f" {window[f'val_{name}']:.4g}, while it still falls on the others."
            )
    return None


def _more_noise(options: Options) -> dict[str, Any]:
    return {"input_noise": min(options.get("input_noise", 0.0) + 0.1, 1.0)}


def _wasted_time(history: History) -> str | None:
    if history.best is None:
        return None
    step, value = history.best
    idle = history.now.end - step
    if history.share < 0.5 or idle < 0.3 * history.steps:
        return None
    return f"{history.info.best} was best at step {step:,} ({value:.4g}), {idle:,} steps ago."


def _data_starved(history: History) -> str | None:
    waited = history.now["data_wait"]
    return f"{_percent(waited)} of the time goes into waiting for files." if waited > 0.2 else None


def _memory(history: History) -> str | None:
    share = history.now["memory_share"]
    return f"{_percent(share)} of the memory is in use." if share > 0.92 else None


def _half_batch(options: Options) -> dict[str, Any]:
    return {"batch_size": max(options.get("batch_size", 2) // 2, 1)}


# ---------------------------------------------------------------------------- samples and codes


def _checkerboard(history: History) -> str | None:
    ratio = history.now["checkerboard"]
    if history.share < 0.4 or ratio < 3:
        return None
    return f"The finest grids are {ratio:.1f} times as strong as in real pictures; 3 is too much."


def _no_grid(options: Options) -> dict[str, Any]:
    if options.get("backbone") == "dcgan":
        return {"backbone": "resnet"}
    return _half_rate(options)


def _code_ignored(history: History) -> str | None:
    kl, active = history.now["kl"], history.now["active_units"]
    warm = max(history.options.get("warm_up", 0.0), 0.1)
    if history.share < warm + 0.05 or (kl >= 1 and active >= 0.05):
        return None
    return f"The code carries {kl:.2f} nats and {_percent(active)} of it is in use."


def _use_code(options: Options) -> dict[str, Any]:
    return {"beta": min(options.get("beta", 1.0), 1.0), "warm_up": 0.3, "free_bits": 0.25}


def _blurry(history: History) -> str | None:
    sharpness = history.now["sharpness"]
    # a sound VAE of small greys has about a quarter: it averages what the code leaves open
    if history.share < 0.3 or sharpness >= 0.1:
        return None
    return f"Samples have {sharpness:.2f} of the fine contrast of real pictures; 0.1 is too little."


def _sharper(options: Options) -> dict[str, Any]:
    return {"beta": options.get("beta", 1.0) / 2}


# ---------------------------------------------------------------------------------- the rules

RULES: tuple[Rule, ...] = (
    Rule(
        id="not-a-number",
        title="A number became too large to store",
        sentence="The model is spoiled from here on; going back to an earlier checkpoint with"
        " half the learning rate usually helps.",
        check=_not_a_number,
        severity=Severity.ERROR,
        changes=_half_rate,
        action="Go back and learn more slowly",
        patience=1,
        at_once=True,
    ),
    Rule(
        id="divergence",
        title="Training is shaking itself apart",
        sentence="Corrections have become much larger than before, so each one undoes the last."
        " Going back and learning more slowly usually helps.",
        check=_divergence,
        changes=_half_rate,
        action="Go back and learn more slowly",
        patience=2,
    ),
    Rule(
        id="critic-overpowers",
        title="The critic wins every time",
        sentence="It tells real from made without fail, so the generator hears nothing that it"
        " could learn from. A calmer critic usually helps.",
        check=_critic_overpowers,
        needs=("critic_real", "critic_fake"),
        shows=("critic_real", "critic_fake", "gradient_generator"),
        changes=_calmer_critic,
        action="Go back with a calmer critic",
    ),
    Rule(
        id="critic-too-weak",
        title="The critic only guesses",
        sentence="It cannot tell real from made, so its corrections are worth little. A critic"
        " that learns faster usually helps.",
        check=_critic_too_weak,
        needs=("critic_real", "critic_fake", "sample_distance"),
        changes=_stronger_critic,
        action="Go back with a stronger critic",
    ),
    Rule(
        id="mode-collapse",
        title="It keeps drawing the same few pictures",
        sentence="The generator has found a few pictures that pass and draws no others. Going back"
        " to an earlier checkpoint with a calmer game usually helps.",
        check=_mode_collapse,
        needs=("diversity", "loss_critic"),
        shows=("diversity", "sample_distance"),
        changes=_calmer_game,
        action="Go back with a calmer game",
    ),
    Rule(
        id="critic-memorises",
        title="The critic has learned your pictures by heart",
        sentence="It recognises the very files instead of what they have in common. Showing it"
        " changed copies usually helps; more pictures always do.",
        check=_critic_memorises,
        needs=("critic_real", "val_critic_real"),
        changes=lambda _options: {"augment": "on"},
        action="Go back with help for small sets",
    ),
    Rule(
        id="checkerboard",
        title="A grid pattern is baked in",
        sentence="Samples show fine squares that real pictures do not have. A network that enlarges"
        " pictures evenly avoids them; it starts to learn anew.",
        check=_checkerboard,
        needs=("checkerboard",),
        changes=_no_grid,
        action="Try without the pattern",
    ),
    Rule(
        id="code-ignored",
        title="The code is ignored",
        sentence="The decoder draws the same average picture whatever the code says. Asking for"
        " order later and leaving some information free usually helps.",
        check=_code_ignored,
        needs=("kl", "active_units"),
        changes=_use_code,
        action="Go back and free the code",
    ),
    Rule(
        id="blurry",
        title="Pictures are blurry",
        sentence="Fine detail is averaged away. A looser code keeps more of it, at the price of"
        " less tidy new pictures.",
        check=_blurry,
        needs=("sharpness", "kl"),
        shows=("sharpness", "reconstruction"),
        changes=_sharper,
        action="Go back with a looser code",
    ),
    Rule(
        id="by-heart",
        title="It is learning its pictures by heart",
        sentence="It gets better on pictures that it learns from and worse on others. The best"
        " checkpoint is kept; more noise or more pictures help.",
        check=_by_heart,
        changes=_more_noise,
        action="Go back with more noise",
    ),
    Rule(
        id="data-starved",
        title="The device is waiting for files",
        sentence="Reading takes longer than learning. A faster disk, smaller pictures or fewer"
        " programs running beside it help.",
        check=_data_starved,
        needs=("data_wait",),
    ),
    Rule(
        id="memory",
        title="Memory is almost full",
        sentence="The run may be stopped by the system. A smaller batch takes less.",
        check=_memory,
        needs=("memory_share",),
        changes=_half_batch,
        action="Go on with half the batch",
        patience=1,
    ),
    Rule(
        id="wasted-time",
        title="No gain for a long time",
        sentence="The best checkpoint is kept, so you can stop here without losing anything.",
        check=_wasted_time,
        severity=Severity.INFO,
        action="Stop and keep the best",
    ),
)
