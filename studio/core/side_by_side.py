"""Runs side by side: what each had made and measured at the same point of its training.

Points are aligned by step, or by training time where a step of one kind of model costs more than
one of another.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from studio.core.family_info import JUDGED, FamilyInfo, Metric
from studio.core.recipe import RunRecipe
from studio.core.runs import Evaluation, Run, RunState

Clock = Literal["step", "time"]


@dataclass(frozen=True)
class Side:
    """One run at one point of its training.

    Attributes:
        step: The step of its newest sheet then; of the point itself where there is no sheet yet.
        seconds: Training time until that step.
        sheet: The sample sheet; None before the first.
        values: The newest value of each metric at that step, those of a measurement too.
        measured: The step whose checkpoint was measured; None for none until then.
        judged: The metrics of that measurement.
        judge: Its judge and number of samples; numbers of two judges are not to be compared.
    """

    run: str
    name: str
    step: int
    seconds: float
    sheet: Path | None
    values: dict[str, float]
    measured: int | None = None
    judged: frozenset[str] = frozenset()
    judge: str = ""


@dataclass
class Track:
    """Everything that a run has made and measured so far, by step."""

    run: str
    recipe: RunRecipe
    state: RunState
    sheets: dict[int, Path]
    evaluations: list[Evaluation]
    steps: list[int] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    series: dict[str, tuple[list[int], list[float]]] = field(default_factory=dict)

    @classmethod
    def read(cls, run: Run) -> Track:
        """Read a run's folder."""
        track = cls(
            run.id, run.recipe(), run.state(), run.sample_paths(), run.comparable_evaluations()
        )
        for row in run.metrics():
            track.steps.append(row["step"])
            track.seconds.append(row["seconds"])
            for name, value in row["values"].items():
                steps, values = track.series.setdefault(name, ([], []))
                steps.append(row["step"])
                values.append(value)
        return track

    @property
    def length(self) -> int:
        """The last step of which anything is known."""
        return max([self.state.step, *self.steps[-1:], *self.sheets])

    def seconds_at(self, step: int) -> float:
        """Return the training time until a step."""
        place = bisect_right(self.steps, step)
        return self.seconds[place - 1] if place else 0.0

    def step_at(self, seconds: float) -> int:
        """Return the last step, or sheet, that was done after so much training time."""
        place = bisect_right(self.seconds, seconds)
        reported = self.steps[place - 1] if place else 0
        return max([reported, *(s for s in self.sheets if self.seconds_at(s) <= seconds)])

    def side(self, step: int) -> Side:
        """Return what had been made and measured at a step."""
        first = min(self.sheets, default=0)
        shown = max((each for each in self.sheets if each <= step), default=first)
        at = shown if self.sheets else min(step, self.length)
        values = {}
        for name, (steps, numbers) in self.series.items():
            place = bisect_right(steps, at)
            if place:
                values[name] = numbers[place - 1]
        found = [each for each in self.evaluations if each.step <= at]
        newest = found[-1] if found else None
        values |= newest.metrics if newest else {}
        return Side(
            run=self.run,
            name=self.recipe.name,
            step=at,
            seconds=self.seconds_at(at),
            sheet=self.sheets.get(shown),
            values=values,
            measured=newest.step if newest else None,
            judged=frozenset(newest.metrics if newest else ()),
            judge=f"{newest.judge} {newest.samples}" if newest and newest.judge else "",
        )


def aligned(tracks: Sequence[Track], clock: Clock, point: float | None = None) -> list[Side]:
    """Return every run at one point of its training.

    Args:
        tracks: The runs.
        clock: Whether the point is a step or a training time in seconds.
        point: The point; None for the last one that the shortest run has reached.
    """
    if point is None:
        point = common_end(tracks, clock)
    if clock == "step":
        return [track.side(int(point)) for track in tracks]
    return [track.side(track.step_at(point)) for track in tracks]


def common_end(tracks: Iterable[Track], clock: Clock) -> float:
    """Return the last point that all runs have reached."""
    if clock == "step":
        return float(min(track.length for track in tracks))
    return min(track.seconds_at(track.length) for track in tracks)


def points(tracks: Iterable[Track], clock: Clock) -> list[float]:
    """Return the points at which any of the runs has a sheet, in order."""
    found: set[float] = set()
    for track in tracks:
        found |= {float(s) if clock == "step" else track.seconds_at(s) for s in track.sheets}
    return sorted(found)


def compared_metrics(sides: Sequence[Side], infos: Sequence[FamilyInfo]) -> dict[str, Metric]:
    """Return the metrics that tell which run is better, those that decide first.

    They are those that have a better way and tell of the model or its samples, in any of the runs.

    Args:
        sides: The runs at a point.
        infos: What is known of each run's family.
    """
    decisive = [info.best for info in infos if info.best]
    names = [*JUDGED, *decisive, *(name for side in sides for name in side.values)]
    found: dict[str, Metric] = {}
    for name in dict.fromkeys(names):
        for side, info in zip(sides, infos, strict=True):
            metric = info.metric(name)
            if name in side.values and metric.better and metric.about != "machine":
                found.setdefault(name, metric)
    return found


def best_place(name: str, metric: Metric, sides: Sequence[Side], families: Sequence[str]) -> int:
    """Return which run is best by a metric; −1 where that cannot be said.

    It cannot where one value is there, all are alike, two judges measured it, or where the number
    tells of the model itself and the models are of different kinds.
    """
    values = [side.values.get(name) for side in sides]
    known = [value for value in values if value is not None and math.isfinite(value)]
    judges = {side.judge for side in sides if name in side.judged}
    unlike = metric.about == "model" and len(set(families)) > 1
    if len(set(known)) < 2 or len(judges) > 1 or unlike:
        return -1
    return values.index(min(known) if metric.better == "lower" else max(known))
