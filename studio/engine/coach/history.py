"""What a run measured so far, in windows: short enough to act on, long enough to trust."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from studio.core.family_info import FamilyInfo
from studio.core.media import NOUNS

_WINDOWS = 40  # in a whole run
_SHORTEST = 10  # steps


@dataclass
class Window:
    """Means of the metrics over the steps from `start` to `end`."""

    start: int
    end: int = 0
    sums: dict[str, float] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)

    def add(self, step: int, values: Mapping[str, float]) -> None:
        """Take measured values in."""
        self.end = step
        for name, value in values.items():
            self.sums[name] = self.sums.get(name, 0.0) + value
            self.counts[name] = self.counts.get(name, 0) + 1

    def __contains__(self, name: str) -> bool:
        return name in self.sums

    def __getitem__(self, name: str) -> float:
        return self.sums[name] / self.counts[name]

    def get(self, name: str, otherwise: float) -> float:
        """Return a metric's mean, or another number where it was not measured."""
        if not self.counts.get(name):
            return otherwise
        return self[name]


class History:
    """The windows of a run, its settings and what its metrics mean.

    Attributes:
        options: Every option of the recipe with its value.
        facts: What is known of the data: the statistics of its spec, and `vocabulary`.
        steps: Steps of the whole run.
        windows: The closed windows, oldest first.
        strange: Metrics that were no number in the newest values.
        best: Step and value of the family's `best` metric, once there is one.
        since_best: How often that metric was measured after it.
    """

    def __init__(
        self, options: Mapping[str, Any], info: FamilyInfo, facts: Mapping[str, float]
    ) -> None:
        self.options = options
        self.info = info
        self.facts = facts
        self.steps = int(options["steps"])
        self.windows: list[Window] = []
        self.strange: list[str] = []
        self.best: tuple[int, float] | None = None
        self.since_best = 0
        self._length = max(_SHORTEST, self.steps // _WINDOWS)
        self._open: Window | None = None

    def add(self, step: int, values: Mapping[str, float]) -> bool:
        """Take values in; returns whether a window closed."""
        self.strange = sorted(name for name, value in values.items() if not math.isfinite(value))
        finite = {name: value for name, value in values.items() if math.isfinite(value)}
        self._note_best(step, finite)
        if self._open is None:
            self._open = Window(start=step)
        self._open.add(step, finite)
        if step - self._open.start < self._length:
            return False
        self.windows.append(self._open)
        self._open = Window(start=step)
        return True

    @property
    def now(self) -> Window:
        """The newest closed window."""
        return self.windows[-1]

    @property
    def items(self) -> str:
        """What people call what the run learns from, such as pictures."""
        return NOUNS[self.info.modality].many

    @property
    def share(self) -> float:
        """The part of the run that is done, 0 to 1."""
        return self.now.end / self.steps

    def past(self, name: str, after: float = 0.0) -> list[float]:
        """Return a metric's means in the windows before the newest.

        Args:
            after: Part of the run, 0 to 1, that must be over when a window begins.
        """
        first = after * self.steps
        return [w[name] for w in self.windows[:-1] if name in w and w.start >= first]

    def _note_best(self, step: int, values: Mapping[str, float]) -> None:
        value = values.get(self.info.best)
        if value is None:
            return
        self.since_best += 1
        higher = self.info.metrics[self.info.best].better == "higher"
        if self.best is None or (value > self.best[1] if higher else value < self.best[1]):
            self.best = (step, value)
            self.since_best = 0
