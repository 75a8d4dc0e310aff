"""Rules for diffusion models, whose loss says little and whose samples say much."""

from __future__ import annotations

from typing import Any

from studio.core.protocol import Severity
from studio.engine.coach.history import History
from studio.engine.coach.rules.rule import Options, Rule, half_rate, percent

_PALE = 0.7  # contrast, where real pictures have 1; short sound runs reach 0.8
_BURNT = 0.05  # share of values at the ends, beyond that of real pictures
_HARD = 1.4  # contrast; guidance far too strong reaches 2
_LEFT_OUT = 0.1  # share of the conditions, from which on guidance is sound
_GRAINY = 1.5  # fine contrast, where real pictures have 1
_FLAT = 0.03  # of all that the loss has fallen, in a third of the run
_NEARER = 0.97  # times the distance to real pictures, in the same time


def _flat_loss(history: History) -> str | None:
    """The loss stays, the samples do not: what every beginner asks about."""
    recent = history.windows[-max(2, len(history.windows) // 3) :]
    losses = [window["loss"] for window in recent if "loss" in window]
    distances = [each["sample_distance"] for each in recent if "sample_distance" in each]
    if history.share < 0.5 or len(distances) < 2:
        return None
    fallen = max(history.past("loss")) - min(losses)
    flat = abs(losses[-1] - losses[0]) <= _FLAT * fallen
    if not flat or distances[-1] > _NEARER * distances[0]:
        return None
    return (
        f"The error went from {losses[0]:.3g} to {losses[-1]:.3g}, and in the same time the"
        f" distance to real {history.items} from {distances[0]:.3g} to {distances[-1]:.3g}."
    )


def _average_behind(history: History) -> str | None:
    averaged, present = history.now["val_loss"], history.now["val_loss_present"]
    if history.share < 0.2 or averaged < 1.03 * present:
        return None
    return (
        f"On {history.items} kept for checking, the averaged model errs by {averaged:.4g} and"
        f" the present one by {present:.4g}."
    )


def _shorter_average(options: Options) -> dict[str, Any]:
    return {"ema": min(options.get("ema", 0.1), 0.1) / 2}


def _washed_out(history: History) -> str | None:
    contrast = history.now["contrast"]
    if history.share < 0.4 or contrast >= _PALE:
        return None
    return (
        f"Samples have {contrast:.2f} of the contrast of real {history.items}; {_PALE} is too"
        " little."
    )


def _burnt(history: History) -> str | None:
    clipped, contrast = history.now["clipped"], history.now["contrast"]
    if history.share < 0.4 or (clipped <= _BURNT and contrast <= _HARD):
        return None
    if clipped <= _BURNT:
        return (
            f"Samples have {contrast:.2f} of the contrast of real {history.items}; {_HARD} is too"
            " much."
        )
    return (
        f"{percent(clipped)} more of the values are fully black or white than in real"
        f" {history.items};"
        f" {percent(_BURNT)} are too many."
    )


def _steadier(options: Options) -> dict[str, Any]:
    if options.get("objective") != "edm":
        return {"objective": "edm"}
    return half_rate(options)


def _milder(options: Options) -> dict[str, Any]:
    # guidance is the way from what is common to all, which must have been learned
    if options.get("left_out", 1.0) < _LEFT_OUT:
        return {"left_out": _LEFT_OUT}
    return _steadier(options)


def _grain(history: History) -> str | None:
    sharpness, past = history.now["sharpness"], history.past("sharpness")
    # grain goes by itself as long as it lessens
    falls = len(past) >= 4 and sharpness < 0.95 * past[-4]
    if history.share < 0.6 or sharpness <= _GRAINY or falls:
        return None
    return (
        f"Samples have {sharpness:.1f} times the fine contrast of real {history.items};"
        f" {_GRAINY} is noise."
    )


def _longer(options: Options) -> dict[str, Any]:
    return {"steps": min(2 * int(options.get("steps", 1)), 10_000_000), "minutes": 0.0}


DENOISING_RULES: tuple[Rule, ...] = (
    Rule(
        id="flat-is-normal",
        title="A flat curve is normal here",
        sentence="The error is over all levels of noise, most of which can never be guessed. It"
        " stands still long before the samples do: judge the samples.",
        check=_flat_loss,
        needs=("loss", "loss_fine", "sample_distance"),
        shows=("loss", "sample_distance"),
        severity=Severity.INFO,
        patience=2,
    ),
    Rule(
        id="average-behind",
        title="The averaged model has not caught up",
        sentence="Samples come from an average over the last part of the run, and this run learns"
        " faster than its average moves. A shorter average helps.",
        check=_average_behind,
        needs=("val_loss", "val_loss_present"),
        changes=_shorter_average,
        action="Go back with a shorter average",
        patience=2,
    ),
    Rule(
        id="washed-out",
        title="Samples are washed out",
        sentence="They are paler than real {items}. Too few steps of the sampler or a task that"
        " does not fit the data does that.",
        check=_washed_out,
        needs=("contrast", "loss_fine"),
        changes=_steadier,
        action="Go back with a steadier task",
        patience=2,
    ),
    Rule(
        id="burnt",
        title="Samples are burnt out",
        sentence="They are harsher than real {items}. Guidance that is too strong does that: try"
        " less of it when you make {items}. Learning too fast does it as well.",
        check=_burnt,
        needs=("clipped", "contrast", "loss_fine"),
        changes=_milder,
        action="Go back and learn more steadily",
        patience=2,
    ),
    Rule(
        id="grain",
        title="Noise is left in the samples",
        sentence="They are grainier than real {items} and no longer get smoother. The model has"
        " not learned the last, finest noise yet: it needs more steps, or the sampler does.",
        check=_grain,
        needs=("sharpness", "loss_fine"),
        shows=("sharpness", "loss_fine"),
        changes=_longer,
        action="Go back and learn for longer",
        patience=2,
    ),
)
