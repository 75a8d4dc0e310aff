"""Rules for models that bring items to what they should be: repair, and what follows."""

from __future__ import annotations

from typing import Any

from studio.core.protocol import Severity
from studio.engine.coach.history import History
from studio.engine.coach.rules.rule import Options, Rule

_SOFT = 0.5  # sharpness, where what should come has 1
_LITTLE = 0.3  # dB
_FAST = 1e-3  # learning rate


def _plays_safe(history: History) -> str | None:
    closeness, sharpness = history.now["val_psnr"], history.now["val_sharpness"]
    past, sharper = history.past("val_psnr"), history.past("val_sharpness")
    # noise is sharp too, so that sharpness falls at the beginning of every healthy run
    if not past or history.share < 0.2 or sharpness >= _SOFT:
        return None
    if closeness < max(past) or sharpness > 0.98 * max(sharper):
        return None
    return (
        f"Closeness rose to {closeness:.2f} dB, while sharpness fell from {max(sharper):.2f} to"
        f" {sharpness:.2f} of what it should be."
    )


def _dare_more(options: Options) -> dict[str, Any]:
    if options.get("loss") == "l2":
        return {"loss": "l1"}
    return {"critic": 0.005}


def _little_gain(history: History) -> str | None:
    gain = history.now["val_psnr_gain"]
    if history.share < 0.5 or gain >= _LITTLE:
        return None
    return f"Results are {gain:+.2f} dB closer than without it; 0.3 dB is hardly seen."


def _learn_more(options: Options) -> dict[str, Any]:
    rate = options.get("learning_rate", 0.0)
    if rate < _FAST:
        return {"learning_rate": min(10 * rate, _FAST)}
    return {"network": "nafnet", "learning_rate": rate / 2}


RESTORATION_RULES: tuple[Rule, ...] = (
    Rule(
        id="plays-safe",
        title="It learns to draw soft {items}",
        sentence="Where detail is lost, the mean of all that it could have been is the safest"
        " answer, and a blurred one. An error that counts evenly, or a critic, asks for more.",
        check=_plays_safe,
        needs=("val_psnr", "val_sharpness"),
        severity=Severity.INFO,
        changes=_dare_more,
        action="Go back and dare more detail",
        patience=2,
    ),
    Rule(
        id="little-gain",
        title="It hardly helps",
        sentence="Results are about as far from what they should be as what costs nothing: the"
        " spoiled {item} itself, or the last frame again. Either it learns too slowly, or there is"
        " too little to gain.",
        check=_little_gain,
        needs=("val_psnr_gain",),
        shows=("val_psnr_gain", "val_psnr"),
        changes=_learn_more,
        action="Go back and learn faster",
        patience=2,
    ),
)
