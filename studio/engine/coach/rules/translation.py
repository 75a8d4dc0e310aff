"""Rules for models that turn items of one kind into another and back."""

from __future__ import annotations

from typing import Any

from studio.engine.coach.history import History
from studio.engine.coach.rules.rule import Options, Rule

_UNCHANGED = 0.01  # of the way from black to white
_HIDDEN = 5.0  # times as much is lost on the way back after a step that nobody sees


def _does_nothing(history: History) -> str | None:
    changed = history.now["val_changed"]
    if history.share < 0.25 or changed >= _UNCHANGED:
        return None
    return f"Translated {history.items} differ from what they were by {changed:.2%} on average."


def _let_it_change(options: Options) -> dict[str, Any]:
    return {"identity": 0.0, "cycle": options.get("cycle", 10.0) / 2}


def _hides(history: History) -> str | None:
    hidden = history.now["val_hidden"]
    if history.share < 0.1 or hidden <= _HIDDEN:
        return None
    return (
        f"A change by one level of 256, which nobody sees, makes the way back {hidden:.0f} times"
        " worse."
    )


TRANSLATION_RULES: tuple[Rule, ...] = (
    Rule(
        id="does-nothing",
        title="It returns what it is given",
        sentence="Leaving a {item} alone is the easiest way to keep all of it. Let it count less"
        " that {items} stay as they are.",
        check=_does_nothing,
        needs=("val_changed",),
        changes=_let_it_change,
        action="Go back and let it change more",
    ),
    Rule(
        id="hides-the-original",
        title="It hides the original in its results",
        sentence="The way back works by differences too small to see, so the results need not"
        " show anything. A little noise before the way back blurs such secret notes.",
        check=_hides,
        needs=("val_hidden",),
        changes=lambda _options: {"cycle_noise": 0.05},
        action="Go back with noise before the way back",
    ),
)
