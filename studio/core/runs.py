"""A run on disk: recipe, status, metrics, samples, checkpoints, log and the coach's words.

`runs/<id>/` holds `recipe.json` (before step 0), `status.json`, `metrics.jsonl`, `coach.jsonl`,
`log.txt`, `samples/step-00001000.png` and `checkpoints/step-00001000/`.
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any, ClassVar

import psutil
from pydantic import BaseModel

from studio.core.catalogue import catalogue
from studio.core.errors import StudioError
from studio.core.family_info import JUDGED, FamilyInfo, Task
from studio.core.files import read_json, read_json_lines, write_json
from studio.core.protocol import Advice, ErrorReport
from studio.core.recipe import DataSpec, RunRecipe


class RunStatus(StrEnum):
    """Where a run stands."""

    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"
    INTERRUPTED = "interrupted"  # it ended without saving: cancelled, or its engine is gone


class RunState(BaseModel):
    """Content of `status.json`. `process` and `process_started` tell whether its engine lives.

    `seconds` is training time, pauses left out.
    """

    status: RunStatus
    step: int = 0
    steps: int = 0
    seconds: float = 0.0
    created: float = 0.0
    updated: float = 0.0
    process: int = 0
    process_started: float = 0.0
    best_step: int | None = None
    best_value: float | None = None
    error: ErrorReport | None = None


class CheckpointInfo(BaseModel):
    """Content of a checkpoint's `checkpoint.json`; the folder's name says the step too.

    Attributes:
        seconds: Training time until then.
        metrics: The newest value of each metric.
        spec: What the networks were built for.
        labelled: Whether samples can be asked for by label.
        prompted: Whether they can be asked for in words.
        masked: Whether repairing an item wants a mask.
        tasks: What it can be asked for; empty for all that its family offers.
    """

    FILE: ClassVar[str] = "checkpoint.json"

    step: int
    seconds: float
    created: float
    metrics: dict[str, float]
    spec: DataSpec
    labelled: bool = False
    prompted: bool = False
    masked: bool = False
    tasks: tuple[Task, ...] = ()


class Evaluation(BaseModel):
    """What was measured of one checkpoint: a line of `evaluations.jsonl`.

    Attributes:
        judge: Names the weights of the judge; numbers of two judges are not to be compared.
            Empty where samples need none.
        learned: What the judge learned: labels, pictures or nothing.
        samples: Samples that were compared, with as many real pictures; 0 for families that
            make none from seeds.
        nearest: The samples that come nearest to something that was learned: the path in the
            run's folder of a picture, or of a text file; empty for none.
    """

    step: int
    created: float
    metrics: dict[str, float]
    judge: str = ""
    learned: str = ""
    samples: int = 0
    nearest: str = ""


def best_of(evaluations: Sequence[Evaluation], info: FamilyInfo) -> Evaluation | None:
    """Return the best of several evaluations of a run; None where nothing tells which it is.

    It is the one of the smallest distance by the judge, such as Studio-FD; where nobody judged
    samples, the one of the metric that keep-best follows.
    """
    known = info.best.removeprefix("val_")
    higher_is_better = info.metric(info.best).better == "higher"
    for name, higher in (*((each, False) for each in JUDGED), (known, higher_is_better)):
        measured = [each for each in evaluations if name in each.metrics]
        if measured:
            choose = max if higher else min
            return choose(measured, key=lambda each: each.metrics[name])
    return None


def read_checkpoint(folder: Path) -> CheckpointInfo:
    """Read what a checkpoint says of itself."""
    return CheckpointInfo.model_validate(read_json(folder / CheckpointInfo.FILE))


class Run:
    """The folder of one run. Reading it never needs torch."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    def find(cls, runs: Path, wanted: str) -> Run:
        """Return the run with that id, else the only one of that name.

        Raises:
            StudioError: There is none, or several have that name.
        """
        run = cls(runs / wanted)
        if wanted and Path(wanted).name == wanted and run.recipe_path.exists():
            return run
        named = [each for each in cls.all(runs) if wanted and each._name() == wanted]
        if len(named) == 1:
            return named[0]
        if named:
            ids = ", ".join(each.id for each in named)
            raise StudioError(
                "Several runs have this name",
                f"{wanted!r} is the name of {len(named)} runs: {ids}.",
                "Say which one by its id.",
            )
        raise StudioError(
            "No such run",
            f"There is no run {wanted!r} in this project.",
            "Look at the Train page, or in the project's runs folder, for its id or name.",
        )

    @classmethod
    def all(cls, runs: Path) -> list[Run]:
        """Return every run in a folder of runs, newest first."""
        if not runs.exists():
            return []
        found = [cls(folder) for folder in runs.iterdir() if (folder / "recipe.json").exists()]
        return sorted(found, key=lambda run: run.state().created, reverse=True)

    @property
    def id(self) -> str:
        """The folder's name."""
        return self.folder.name

    @property
    def recipe_path(self) -> Path:
        """Where the recipe lies."""
        return self.folder / "recipe.json"

    @property
    def metrics_path(self) -> Path:
        """Where the metrics lie, one JSON object per line."""
        return self.folder / "metrics.jsonl"

    @property
    def coach_path(self) -> Path:
        """Where the coach's words lie, one Advice per line; the last of a rule counts."""
        return self.folder / "coach.jsonl"

    @property
    def evaluations_path(self) -> Path:
        """Where the evaluations lie, one Evaluation per line; the last of a step counts."""
        return self.folder / "evaluations.jsonl"

    @property
    def log_path(self) -> Path:
        """Where the log lies."""
        return self.folder / "log.txt"

    @property
    def samples(self) -> Path:
        """Folder of sample sheets."""
        return self.folder / "samples"

    @property
    def checkpoints(self) -> Path:
        """Folder of checkpoints, one folder each."""
        return self.folder / "checkpoints"

    def create(self, recipe: RunRecipe) -> None:
        """Make the folder and write the recipe."""
        for folder in (self.samples, self.checkpoints):
            folder.mkdir(parents=True, exist_ok=True)
        write_json(self.recipe_path, recipe.model_dump(mode="json"))

    def recipe(self) -> RunRecipe:
        """Read the recipe."""
        return RunRecipe.model_validate(read_json(self.recipe_path))

    def _name(self) -> str:
        """Return what the user called it; empty where its recipe cannot be read."""
        try:
            return self.recipe().name
        except (OSError, ValueError):
            return ""

    def state(self) -> RunState:
        """Read the status; a running one whose process is gone is *interrupted*."""
        path = self.folder / "status.json"
        if not path.exists():
            return RunState(status=RunStatus.INTERRUPTED, created=self.recipe_path.stat().st_mtime)
        state = RunState.model_validate(read_json(path))
        if state.status == RunStatus.RUNNING and not _alive(state.process, state.process_started):
            state.status = RunStatus.INTERRUPTED
        return state

    def write_state(self, state: RunState) -> None:
        """Write the status, stamped with the present time and process."""
        state.updated = time.time()
        state.process = os.getpid()
        state.process_started = psutil.Process().create_time()
        write_json(self.folder / "status.json", state.model_dump(mode="json"))

    def metrics(self) -> list[dict[str, Any]]:
        """Read the metrics: objects with `step`, `seconds` and `values`."""
        return read_json_lines(self.metrics_path)

    def evaluations(self) -> list[Evaluation]:
        """Return what was measured last of each checkpoint, by step."""
        last: dict[int, Evaluation] = {}
        for row in read_json_lines(self.evaluations_path):
            evaluation = Evaluation.model_validate(row)
            last[evaluation.step] = evaluation
        return [last[step] for step in sorted(last)]

    def comparable_evaluations(self) -> list[Evaluation]:
        """Return those that can stand beside the newest: of its judge, with as many samples."""
        found = self.evaluations()
        newest = max(found, key=lambda each: each.created, default=None)
        if newest is None:
            return []
        like = (newest.judge, newest.samples)
        return [each for each in found if (each.judge, each.samples) == like]

    def best_step(self) -> int | None:
        """Return the step of the checkpoint that stands for the run, when there is one.

        It is the one that was measured best where several were, by one judge with as many
        samples; else the one that was best while the run was trained.
        """
        there = self.checkpoint_paths()
        alike = [each for each in self.comparable_evaluations() if each.step in there]
        if len(alike) > 1:
            measured = best_of(alike, catalogue().family(self.recipe().family).info)
            if measured is not None:
                return measured.step
        best = self.state().best_step
        return best if best in there else None

    def advice(self) -> list[Advice]:
        """Read the coach's words: the last one of each rule, oldest first."""
        last: dict[str, Advice] = {}
        for row in read_json_lines(self.coach_path):
            advice = Advice.model_validate(row)
            last[advice.rule] = advice
        return sorted(last.values(), key=lambda advice: advice.since)

    def sample_paths(self) -> dict[int, Path]:
        """Return the sample sheets by step, in order."""
        return _by_step(self.samples)

    def checkpoint_paths(self) -> dict[int, Path]:
        """Return the complete checkpoints by step, in order."""
        found = _by_step(self.checkpoints)
        return {step: path for step, path in found.items() if (path / CheckpointInfo.FILE).exists()}

    def checkpoint(self, step: int | None = None) -> Path:
        """Return the checkpoint of a step, else the best, else the newest.

        Raises:
            StudioError: There is none.
        """
        paths = self.checkpoint_paths()
        if step is None:
            step = self.best_step() or max(paths, default=None)
        if step is None or step not in paths:
            raise StudioError(
                "No checkpoint there",
                f"The run {self.id} has no saved checkpoint"
                + (f" at step {step}." if step is not None else " yet."),
                "Let it train until its first checkpoint, or press Save now.",
            )
        return paths[step]


def step_name(step: int) -> str:
    """Return the name of a sample or checkpoint of a step; names sort as steps do."""
    return f"step-{step:08d}"


def _by_step(folder: Path) -> dict[int, Path]:
    found = {}
    if folder.exists():
        for path in folder.iterdir():
            stem = path.name.split(".")[0]
            if stem.startswith("step-") and stem[5:].isdigit():
                found[int(stem[5:])] = path
    return dict(sorted(found.items()))


def _alive(process: int, started: float) -> bool:
    """Tell whether the process with that number is still the one that started then."""
    try:
        found = psutil.Process(process)
        return found.status() != psutil.STATUS_ZOMBIE and abs(found.create_time() - started) < 1.0
    except (psutil.Error, ValueError):
        return False
