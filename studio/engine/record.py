"""What a run leaves on disk and says on the way: status, metrics, advice, the best checkpoint."""

from __future__ import annotations

import logging
import math
import shutil
import time
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from studio.core.errors import StudioError
from studio.core.family_info import FamilyInfo
from studio.core.files import append_json_line
from studio.core.options import FamilyRecipe
from studio.core.project import Project
from studio.core.protocol import (
    Advice,
    CheckpointSaved,
    CoachAdvised,
    ErrorReport,
    Metrics,
    Severity,
)
from studio.core.recipe import DataSpec
from studio.core.retention import to_remove
from studio.core.runs import Run, RunState, RunStatus
from studio.engine.coach.coach import Coach
from studio.engine.errors import is_disk_full
from studio.engine.job import JobContext
from studio.engine.reporter import Reporter

log = logging.getLogger(__name__)

T = TypeVar("T")

_NEAR_TIE = 0.02  # share by which the last checkpoint may be worse than the best before
_STATUS_SECONDS = 5.0
_DISK_RETRY_SECONDS = 2.0


class Clock:
    """Training time: what passes between `start` and now, without what is taken out."""

    def __init__(self) -> None:
        self._before = 0.0
        self._started: float | None = None

    def start(self, seconds: float) -> None:
        """Start counting from `seconds`."""
        self._before = seconds
        self._started = time.monotonic()

    def take_out(self, seconds: float) -> None:
        """Take a pause out."""
        if self._started is not None:
            self._started += seconds

    @property
    def seconds(self) -> float:
        """Training time so far."""
        return self._before + (time.monotonic() - self._started if self._started else 0.0)


class RunRecord:
    """Writes a run's files and tells the window.

    While the disk is full, whatever writes holds the run and tries again.

    Attributes:
        clock: The run's training time.
        newest: The newest value of each metric.
    """

    def __init__(
        self,
        project: Project,
        run: Run,
        options: FamilyRecipe,
        job: JobContext,
        *,
        resumed: bool,
    ) -> None:
        self._project = project
        self._run = run
        self._job = job
        self._resumed = resumed
        self._state = (
            run.state() if resumed else RunState(status=RunStatus.RUNNING, created=time.time())
        )
        self._state.steps = options.steps
        self._options = options
        self._written = 0.0
        self._reporter: Reporter | None = None
        self.clock = Clock()
        self.newest: dict[str, float] = {}

    def open(self, info: FamilyInfo, spec: DataSpec, step: int) -> None:
        """Begin to take metrics, from this step on."""
        self._info = info
        self._reporter = Reporter(self._run.metrics_path, step)
        self.newest = self._reporter.newest
        said = self._run.advice() if self._resumed else []
        self._coach = Coach(self._options.model_dump(), info, said, spec)

    def close(self) -> None:
        """Close the files."""
        if self._reporter is not None:
            self._reporter.close()

    # ---------------------------------------------------------------------------------- status

    def write_status(self, status: RunStatus, step: int, error: ErrorReport | None = None) -> None:
        """Write where the run stands."""
        self._written = time.monotonic()
        self._state.status = status
        self._state.error = error
        self._state.step = step
        self._state.seconds = self.clock.seconds
        self.keep_trying(lambda: self._run.write_state(self._state))

    # --------------------------------------------------------------------------------- metrics

    @property
    def reporter(self) -> Reporter:
        """Takes the metrics of each step."""
        if self._reporter is None:
            raise RuntimeError("the record is not open")
        return self._reporter

    def report(self, step: int) -> None:
        """Write and send the metrics since the last report, and what the coach says of them.

        Raises:
            StudioError: A metric is no longer a number.
        """
        seconds = self.clock.seconds
        steps = self._options.steps
        left = self.reporter.seconds_left(step, steps)
        if left:
            self.reporter.add_plain({"steps_per_second": (steps - step) / left})
        values = self.keep_trying(lambda: self.reporter.flush(step, seconds))
        finite = {name: value for name, value in values.items() if math.isfinite(value)}
        self._job.emit(Metrics(job_id=self._job.job_id, step=step, seconds=seconds, values=finite))
        if self._options.minutes:
            budget = self._options.minutes * 60 - seconds
            left = budget if left is None else min(left, budget)
        self._job.say_progress("Training", step, steps, "steps", left, {})
        self._advise(step, values)
        if strange := sorted(set(values) - set(finite)):
            raise StudioError(
                "A number became too large to store",
                f"{', '.join(strange)} is no longer a number at step {step:,}; the model is"
                " spoiled from here on. Its checkpoints before are good.",
                "Fork from the last checkpoint with half the learning rate.",
            )
        if time.monotonic() - self._written > _STATUS_SECONDS:
            self.write_status(RunStatus.RUNNING, step)

    def _advise(self, step: int, values: dict[str, float]) -> None:
        for advice in self._coach.observe(step, values):
            found = advice.model_copy(update={"fork_step": self._fork_step(advice)})
            line = found.model_dump(mode="json")
            self.keep_trying(partial(append_json_line, self._run.coach_path, line))
            self._job.emit(CoachAdvised(job_id=self._job.job_id, step=step, advice=found))

    def _fork_step(self, advice: Advice) -> int | None:
        """Return the newest checkpoint from before the trouble, else the oldest there is."""
        saved = list(self._run.checkpoint_paths())
        before = [step for step in saved if step <= advice.since]
        return max(before) if before else min(saved, default=None)

    # ----------------------------------------------------------------------------- checkpoints

    def note_checkpoint(self, step: int, *, last: bool) -> None:
        """Note a checkpoint that was written: is it the best, and which ones go now?

        The last one holds what `Family.finish` added, so it wins when it is about as good.
        """
        self._note_best(step, _NEAR_TIE if last else 0.0)
        self.write_status(RunStatus.RUNNING, step)
        paths = self._run.checkpoint_paths()
        starred = self._project.library.stars.of_run(self._run.id)
        removed = to_remove(
            list(paths), self._options.keep_checkpoints, self._state.best_step, starred
        )
        for old in removed:
            shutil.rmtree(paths[old], ignore_errors=True)
        self._job.emit(
            CheckpointSaved(
                job_id=self._job.job_id,
                step=step,
                path=str(paths[step]),
                best=self._state.best_step == step,
                removed=removed,
            )
        )

    def _note_best(self, step: int, margin: float) -> None:
        value = self.newest.get(self._info.best)
        if value is None:
            return
        higher = self._info.metric(self._info.best).better == "higher"
        best = self._state.best_value
        if best is not None:
            gain = value - best if higher else best - value
            if gain <= -margin * abs(best):
                return
        self._state.best_step, self._state.best_value = step, value

    # --------------------------------------------------------------------------------- the disk

    def keep_trying(self, write: Callable[[], T]) -> T:
        """Do something that writes; while the disk is full, hold the run and try again."""
        while True:
            try:
                return write()
            except OSError as error:
                if not is_disk_full(error):
                    raise
                log.warning("disk full: %s", error)
            self._job.notice(
                Severity.ERROR,
                "The disk is full; the run is paused",
                "Nothing is lost: earlier checkpoints are good and the model is in memory.",
                "Free some space. The run goes on by itself, or when you press Resume.",
            )
            began = time.monotonic()
            self._job.control.hold(None, until=self._writable, every=_DISK_RETRY_SECONDS)
            self.clock.take_out(time.monotonic() - began)

    def _writable(self) -> bool:
        """Tell whether the disk takes a megabyte again."""
        probe = self._run.folder / ".space"
        try:
            probe.write_bytes(b"\0" * (1 << 20))
        except OSError:
            return False
        finally:
            probe.unlink(missing_ok=True)
        return True
