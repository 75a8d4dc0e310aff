"""The numbers behind the curves: a run's metrics as growing arrays, thinned out and smoothed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from studio.core.runs import Evaluation

Array = npt.NDArray[np.float64]

_FIRST_ROOM = 256
_KERNEL_REACH = 3.0  # standard deviations at which the smoothing kernel is cut off


class Series:
    """One metric: steps, strictly or weakly rising, and the value at each."""

    def __init__(self) -> None:
        self._room = np.empty((2, _FIRST_ROOM))
        self._count = 0

    def __len__(self) -> int:
        return self._count

    @property
    def steps(self) -> Array:
        """The steps, as a view that is good until the next `extend`."""
        return self._room[0, : self._count]

    @property
    def values(self) -> Array:
        """The values, as a view that is good until the next `extend`."""
        return self._room[1, : self._count]

    def extend(self, steps: list[float], values: list[float]) -> None:
        """Add points at the end."""
        wanted = self._count + len(steps)
        if wanted > self._room.shape[1]:
            room = np.empty((2, max(wanted, 2 * self._room.shape[1])))
            room[:, : self._count] = self._room[:, : self._count]
            self._room = room
        self._room[0, self._count : wanted] = steps
        self._room[1, self._count : wanted] = values
        self._count = wanted

    def at(self, step: float) -> float | None:
        """Return the value at the last point up to `step`, None before the first."""
        place = int(np.searchsorted(self.steps, step, side="right")) - 1
        return float(self.values[place]) if place >= 0 else None

    def mean_before(self, step: float, points: int) -> float | None:
        """Return the mean of the last `points` values up to `step`, None before the first."""
        end = int(np.searchsorted(self.steps, step, side="right"))
        return float(self.values[max(0, end - points) : end].mean()) if end else None


class History:
    """Every metric of a run.

    Attributes:
        series: By the metric's name.
        last_step: The newest step; 0 before the first row.
        seconds: Training time at that step.
    """

    def __init__(self) -> None:
        self._evaluated: set[str] = set()
        self.series: dict[str, Series] = {}
        self.last_step = 0
        self.seconds = 0.0

    def add(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Add lines of `metrics.jsonl`: objects with `step`, `seconds` and `values`."""
        columns: dict[str, tuple[list[float], list[float]]] = {}
        for row in rows:
            self.last_step, self.seconds = row["step"], row["seconds"]
            for name, value in row["values"].items():
                steps, values = columns.setdefault(name, ([], []))
                steps.append(row["step"])
                values.append(value)
        for name, (steps, values) in columns.items():
            self.series.setdefault(name, Series()).extend(steps, values)

    def show_evaluations(self, evaluations: Iterable[Evaluation]) -> None:
        """Take over what was measured of checkpoints; what was measured in training stays."""
        for name in self._evaluated:
            del self.series[name]
        columns: dict[str, tuple[list[float], list[float]]] = {}
        for each in evaluations:
            for name, value in each.metrics.items():
                if name not in self.series:
                    steps, values = columns.setdefault(name, ([], []))
                    steps.append(each.step)
                    values.append(value)
        # one point is no curve
        several = {name: column for name, column in columns.items() if len(column[0]) > 1}
        for name, (steps, values) in several.items():
            self.series[name] = Series()
            self.series[name].extend(steps, values)
        self._evaluated = set(several)


@dataclass(frozen=True)
class Buckets:
    """A curve thinned out: neighbouring points in one bucket each.

    Attributes:
        size: Points in a bucket; 1 means that nothing was thinned out.
        steps: Middle of each bucket.
        low, high: Smallest and largest value.
        totals, counts: Sum of the values and how many they are.
    """

    size: int
    steps: Array
    low: Array
    high: Array
    totals: Array
    counts: Array

    @property
    def means(self) -> Array:
        """The mean of each bucket."""
        return self.totals / self.counts


def thin(series: Series, first: float, last: float, most: int) -> Buckets:
    """Return the part of a series between two steps in at most `most` buckets or so.

    One point beyond either end is kept, so that lines run to the edge. Buckets are powers of two
    and begin at multiples of their size, so that a growing curve does not flicker.
    """
    begin = max(0, int(np.searchsorted(series.steps, first, side="left")) - 1)
    end = min(len(series), int(np.searchsorted(series.steps, last, side="right")) + 1)
    size = 1
    while (end - begin) > most * size:
        size *= 2
    if size == 1:
        steps, values = series.steps[begin:end], series.values[begin:end]
        return Buckets(1, steps, values, values, values, np.ones(len(values)))
    begin -= begin % size
    steps, values = series.steps[begin:end], series.values[begin:end]
    cuts = np.arange(0, len(values), size)
    ends = np.append(cuts[1:], len(values))
    return Buckets(
        size,
        (steps[cuts] + steps[ends - 1]) / 2,
        np.minimum.reduceat(values, cuts),
        np.maximum.reduceat(values, cuts),
        np.add.reduceat(values, cuts),
        (ends - cuts).astype(np.float64),
    )


def smooth(buckets: Buckets, width: float) -> Array:
    """Return the means under a Gaussian window that is centred, so that nothing lags behind.

    Args:
        buckets: The curve.
        width: Standard deviation of the window, in buckets; below half a bucket nothing changes.
    """
    reach = min(int(_KERNEL_REACH * width), max(0, (len(buckets.steps) - 1) // 2))
    if reach < 1 or width < 0.5:
        return buckets.means
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / width) ** 2)
    smoothed: Array = np.convolve(buckets.totals, kernel, "same")
    smoothed /= np.convolve(buckets.counts, kernel, "same")
    return smoothed


def outline(buckets: Buckets) -> tuple[Array, Array]:
    """Return (steps, values) of a line that touches the low and the high of every bucket."""
    if buckets.size == 1:
        return buckets.steps, buckets.low
    return (
        np.repeat(buckets.steps, 2),
        np.column_stack((buckets.low, buckets.high)).ravel(),
    )


def value_range(parts: list[Array], *, clip: bool) -> tuple[float, float] | None:
    """Return the range that shows the values; None when there are none.

    Args:
        parts: Values of every curve in sight.
        clip: Leave the rarest two per cent at either end of each curve out of sight.
    """
    bounds = []
    for part in parts:
        known = part[np.isfinite(part)]
        if len(known):
            bounds.append(np.quantile(known, (0.02, 0.98) if clip else (0.0, 1.0)))
    if not bounds:
        return None
    low = float(min(bound[0] for bound in bounds))
    high = float(max(bound[1] for bound in bounds))
    room = 0.06 * (high - low) or 0.1 * abs(high) or 1.0
    return low - room, high + room
