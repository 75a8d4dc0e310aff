"""One sign of trouble, and what rules share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from studio.core.protocol import Severity
from studio.engine.coach.history import History

Options = Mapping[str, Any]


def nothing(_options: Options) -> dict[str, Any]:
    """Return no change, for rules that ask for none."""
    return {}


@dataclass(frozen=True)
class Rule:
    """One sign of trouble.

    Attributes:
        title, sentence: What is wrong and what helps; `{items}` and `{item}` stand for what the
            run learns from, such as pictures.
        needs: Metrics without which it says nothing.
        check: Returns the measured evidence when the sign is there, else None.
        changes: Returns the options that a fork should change; unknown ones are left out.
        action: Text of the one button, which is there where the family has what to change.
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
    changes: Callable[[Options], dict[str, Any]] = nothing
    action: str = ""
    shows: tuple[str, ...] = ()
    patience: int = 3
    at_once: bool = False


def percent(share: float) -> str:
    """Return a share in per cent, for evidence."""
    return f"{100 * share:.0f} %"


def half_rate(options: Options) -> dict[str, Any]:
    """Return the change that halves the learning rate."""
    return {"learning_rate": options.get("learning_rate", 0.0) / 2}


def forget_more(options: Options) -> dict[str, Any]:
    """Return the change that makes a model forget more of what it learns."""
    dropout = options.get("dropout", 0.0)
    if dropout < 0.5:
        return {"dropout": min(max(2 * dropout, 0.1), 0.5)}
    return {"weight_decay": min(max(2 * options.get("weight_decay", 0.0), 0.1), 1.0)}


def longer(options: Options) -> dict[str, Any]:
    """Return the change that doubles the steps of a run."""
    return {"steps": min(2 * int(options.get("steps", 1)), 10_000_000), "minutes": 0.0}


def lessens(history: History, name: str, now: float, goal: float) -> bool:
    """Tell whether a metric still comes nearer to where it should be: then it needs time alone."""
    past = history.past(name)
    return len(past) >= 2 and abs(now - goal) < 0.9 * abs(past[-2] - goal)
