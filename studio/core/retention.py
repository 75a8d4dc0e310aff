"""The rule by which old checkpoints go; the window shows beforehand what it will remove."""

from __future__ import annotations

from collections.abc import Sequence


def to_remove(steps: Sequence[int], keep: int, best: int | None, starred: set[int]) -> list[int]:
    """Return the steps whose checkpoints go, in order.

    Args:
        steps: Every saved step.
        keep: How many of the newest stay.
        best: The step that keep-best holds, if any.
        starred: Steps that the user starred.
    """
    newest = set(sorted(steps)[-keep:]) if keep else set()
    return [step for step in sorted(steps) if step not in newest | starred | {best}]
