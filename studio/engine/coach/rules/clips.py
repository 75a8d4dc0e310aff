"""Rules for how clips move: those that stand still, repeat themselves or flicker."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from studio.engine.coach.history import History
from studio.engine.coach.rules.rule import Options, Rule, half_rate, lessens, percent

_STILL = 0.3  # of the motion of real clips
_REPEATS = 0.5  # share of clips, beyond that of the data
_FLICKERS = 2.0  # times as restless as real clips, or as what was translated
_TURNS = 1.1  # times their motion: what only moves faster does not flicker


def _stands_still(history: History) -> str | None:
    motion = history.now["motion"]
    if history.share < 0.3 or motion >= _STILL or lessens(history, "motion", motion, 1.0):
        return None
    return (
        f"From frame to frame {motion:.2f} times as much changes as in your clips; {_STILL} is too"
        " little."
    )


def _repeats(history: History) -> str | None:
    loops, usual = history.now["loops"], history.now["data_loops"]
    if history.share < 0.3 or loops <= usual + _REPEATS or lessens(history, "loops", loops, usual):
        return None
    return (
        f"{percent(loops)} of the samples repeat themselves after a few frames; of your clips"
        f" {percent(usual)} do."
    )


def _flickers(name: str) -> Callable[[History], str | None]:
    def check(history: History) -> str | None:
        restless = history.now[name]
        moved = history.now.get("motion", 1.0) if name == "flicker_ratio" else 1.0
        if history.share < 0.3 or restless <= max(_FLICKERS, _TURNS * moved):
            return None
        if lessens(history, name, restless, 1.0):
            return None
        beside = "your clips" if name == "flicker_ratio" else "the clips that they were made of"
        return f"Frames change {restless:.1f} times as restlessly as in {beside}; 2 is too much."

    return check


def _move_more(options: Options) -> dict[str, Any]:
    if "clip_weight" in options:  # of the critic that sees whole clips
        return {"clip_weight": min(2 * max(options["clip_weight"], 0.5), 10.0)}
    return half_rate(options)


def _steadier(options: Options) -> dict[str, Any]:
    if "temporal" in options:
        return {"temporal": min(2 * max(options["temporal"], 1.0), 100.0)}
    return _move_more(options)


def _flicker_rule(name: str) -> Rule:
    return Rule(
        id="flickers",
        title="Its clips flicker",
        sentence="Frames tremble against each other, as if each were made alone. Let it count more"
        " that they follow on each other.",
        check=_flickers(name),
        needs=(name,),
        changes=_steadier,
        action="Go back and keep frames together",
        patience=2,
    )


CLIP_RULES: tuple[Rule, ...] = (
    Rule(
        id="stands-still",
        title="Its clips stand still",
        sentence="Hardly anything moves in samples: a still picture that looks real passes too"
        " easily. Let whole clips count more than single frames.",
        check=_stands_still,
        needs=("motion", "flicker_ratio"),
        shows=("motion", "frozen"),
        changes=_move_more,
        action="Go back and ask for motion",
        patience=2,
    ),
    Rule(
        id="loops",
        title="Its clips repeat themselves",
        sentence="Samples go through the same few frames again and again. Longer clips show it"
        " what comes after; letting whole clips count more helps as well.",
        check=_repeats,
        needs=("loops", "data_loops", "motion"),  # texts go in circles by another rule
        shows=("loops", "data_loops"),
        changes=_move_more,
        action="Go back and ask for motion",
        patience=2,
    ),
    _flicker_rule("flicker_ratio"),
    _flicker_rule("val_flicker_ratio"),
)
