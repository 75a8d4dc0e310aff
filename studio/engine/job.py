"""A job in hand: says its progress as events and obeys the user's control."""

from __future__ import annotations

import time
from collections.abc import Callable

from studio.core.protocol import JobStarted, Message, Notice, Progress, Severity
from studio.core.work import Work
from studio.engine.control import Control

Emit = Callable[[Message], None]

_PROGRESS_SECONDS = 0.1


class JobContext(Work):
    """What a job is given.

    Attributes:
        job_id: Stamped on every event.
        control: The user's wishes.
        emit: Sends an event; safe in any thread.
        stage: What the job said last that it is doing.
    """

    def __init__(self, job_id: str, control: Control, emit: Emit) -> None:
        self.job_id = job_id
        self.control = control
        self.emit = emit
        self.stage = ""
        self._stage_started = 0.0
        self._last_said = 0.0

    def started(self, kind: str, title: str, run: str = "") -> None:
        """Say what the job is; every job calls it first."""
        self.emit(JobStarted(job_id=self.job_id, kind=kind, title=title, run=run))

    def gate(self) -> None:
        """Obey the user: see Control.gate."""
        self.control.gate()

    def progress(
        self,
        stage: str,
        done: int,
        total: int = 0,
        unit: str = "",
        counts: dict[str, int] | None = None,
    ) -> None:
        """Say how far the job is, at most ten times a second, and at every end of a stage."""
        self.control.gate()
        now = time.monotonic()
        if stage != self.stage:
            self.stage, self._stage_started, self._last_said = stage, now, 0.0
        if now - self._last_said < _PROGRESS_SECONDS and done != total:
            return
        self._last_said = now
        elapsed = now - self._stage_started
        left = elapsed / done * (total - done) if done and total and elapsed > 1 else None
        self.say_progress(stage, done, total, unit, left, counts or {})

    def say_progress(
        self,
        stage: str,
        done: int,
        total: int,
        unit: str,
        seconds_left: float | None,
        counts: dict[str, int],
    ) -> None:
        """Send a Progress event as it is."""
        self.emit(
            Progress(
                job_id=self.job_id,
                stage=stage,
                done=done,
                total=total,
                unit=unit,
                seconds_left=seconds_left,
                counts=counts,
            )
        )

    def notice(self, severity: Severity, title: str, message: str, hint: str = "") -> None:
        """Send a Notice event."""
        self.emit(
            Notice(job_id=self.job_id, severity=severity, title=title, message=message, hint=hint)
        )
