"""The window's side of an engine: a thread that reads the pipe, and a client with Qt signals.

`EngineThread` owns the child process and blocks on its output; `EngineClient` lives in the
window's thread, holds the queue of jobs and follows the states of `core/state.py`.
"""

from __future__ import annotations

import logging
import uuid
from collections import deque
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from studio.core.protocol import (
    DeviceInfo,
    DeviceLoad,
    ErrorReport,
    Explore,
    Forecast,
    Hello,
    JobFinished,
    JobStarted,
    Message,
    Outcome,
    Park,
    Pause,
    Progress,
    Resume,
    SampleNow,
    SaveNow,
    Shutdown,
    StateChanged,
    Stop,
)
from studio.core.state import BUSY, EngineState, may_move
from studio.ui.engine_signals import EngineSignals
from studio.ui.engine_thread import Crashed, EngineThread
from studio.ui.spare_engines import SpareEngines

_log = logging.getLogger(__name__)

_FRAME_MS = 16  # events are handed on at most 60 times a second
_WATCH_MS = 200  # how often the process is looked at, should its pipe outlive it


def is_look(job: Message) -> bool:
    """Tell whether a job is over within moments and leaves nothing: not worth a mention."""
    return isinstance(job, Explore) and not job.find


class EngineClient(EngineSignals):
    """Runs jobs in an engine process, one at a time, in the order they were submitted.

    Every job ends with exactly one `job_finished`, also when the engine crashes or when the job
    is taken out of the queue before it began.

    Attributes:
        state: State of the engine; buttons follow it alone.
        device: What the engine computes on; None before its first `hello`.
        load: The newest load of the device; None before the first.
        current: The job in hand, None when there is none.
        started: The `JobStarted` of the job in hand.
        progress_now: The newest progress of the job in hand.

    Signals, beside those of the events:
        state_changed: EngineState.
        queue_changed: Jobs wait that did not before, or the other way round.
        crashed: Crashed, within a second after the process died.
    """

    state_changed = Signal(object)
    queue_changed = Signal()
    crashed = Signal(object)

    def __init__(
        self,
        name: str,
        log: Path,
        command: list[str] | None = None,
        parent: QObject | None = None,
        spares: SpareEngines | None = None,
    ) -> None:
        """Make a client; nothing starts before `start` or the first job.

        Args:
            name: Name for logs, such as `trainer`.
            log: File that takes the engine's standard error.
            command: Program and arguments; left out, the studio's own engine.
            spares: Engines that run already; one of them is taken when there is one.
        """
        super().__init__(parent)
        self.name = name
        self.state = EngineState.CRASHED  # the one state from which an engine may be started
        self.device: DeviceInfo | None = None
        self.load: DeviceLoad | None = None
        self.current: Message | None = None
        self.started: JobStarted | None = None
        self.progress_now: Progress | None = None
        self._log_path = log
        self._command = command
        self._spares = spares
        self._waiting: deque[Message] = deque()
        self._thread: EngineThread | None = None
        self._closing = False
        self._drain = QTimer(self)
        self._drain.setSingleShot(True)
        self._drain.setTimerType(Qt.TimerType.PreciseTimer)
        self._drain.setInterval(_FRAME_MS)
        self._drain.timeout.connect(self._hand_on)
        self._watch = QTimer(self)
        self._watch.setInterval(_WATCH_MS)
        self._watch.timeout.connect(self._look_after)

    # ------------------------------------------------------------------------------- commands

    @property
    def busy(self) -> bool:
        """Whether a job is in hand or waits; looks and forecasts, which leave nothing, aside."""
        jobs = [*self._waiting, *([self.current] if self.current is not None else [])]
        return not all(is_look(job) or isinstance(job, Forecast) for job in jobs)

    @property
    def process_id(self) -> int | None:
        """The engine's process number, None when there is none."""
        return self._thread.process_id if self._thread is not None else None

    def waiting(self) -> list[Message]:
        """Return the jobs that wait, in order."""
        return list(self._waiting)

    def start(self) -> None:
        """Start the engine in the background unless it is there."""
        if self._thread is not None or self._closing:
            return
        self._move(EngineState.STARTING)
        spare = self._spares.take() if self._spares is not None else None
        self._thread = spare or EngineThread(self.name, self._log_path, self._command)
        self._thread.arrived.connect(self._on_arrived, Qt.ConnectionType.QueuedConnection)
        self._thread.ended.connect(self._on_ended, Qt.ConnectionType.QueuedConnection)
        if spare is None:
            self._thread.start()
        self._drain.start()  # a spare has said things before anyone listened
        self._watch.start()

    def submit(self, job: Message) -> str:
        """Put a job at the end of the queue, starting the engine when needed; returns its id."""
        job = job.model_copy(update={"job_id": uuid.uuid4().hex[:12]})
        self._waiting.append(job)
        self.queue_changed.emit()
        self.start()
        self._next()
        return job.job_id

    def pause(self) -> None:
        """Hold the job; the model stays on the device."""
        self._control(Pause)

    def park(self) -> None:
        """Hold the job and free the device."""
        self._control(Park)

    def resume(self) -> None:
        """Go on with a held job."""
        self._control(Resume)

    def sample_now(self) -> None:
        """Draw a sample sheet at the next step."""
        self._control(SampleNow)

    def save_now(self) -> None:
        """Write a checkpoint at the next step."""
        self._control(SaveNow)

    def stop(self, job_id: str = "", *, save: bool = True) -> None:
        """End a job: the one in hand when no id is given; one that waits leaves the queue.

        Args:
            save: Keep what the job has; without, it is cancelled.
        """
        for job in self._waiting:
            if job_id and job.job_id == job_id:
                self._waiting.remove(job)
                self.queue_changed.emit()
                finished = JobFinished(job_id=job_id, outcome=Outcome.CANCELLED, seconds=0.0)
                self.job_finished.emit(finished)
                return
        if self.current is not None and job_id in ("", self.current.job_id):
            self._send(Stop(job_id=self.current.job_id, save=save))

    def close(self, grace_seconds: float = 3.0) -> None:
        """End the engine: ask it, wait up to `grace_seconds`, then kill its whole process tree."""
        self._closing = True
        self._waiting.clear()
        self._watch.stop()
        self._drain.stop()
        if self._thread is None:
            return
        thread, self._thread = self._thread, None
        thread.disconnect(self)
        thread.end(Shutdown(), grace_seconds)
        thread.deleteLater()

    def log_tail(self) -> str:
        """Return the last lines that the engine wrote to its log."""
        return self._thread.log_tail() if self._thread is not None else ""

    # --------------------------------------------------------------------------------- events

    @Slot()
    def _on_arrived(self) -> None:
        if not self._drain.isActive():
            self._drain.start()

    @Slot()
    def _hand_on(self) -> None:
        """Hand on what has arrived, at most once per frame."""
        if self._thread is not None:
            for event in self._thread.take():
                self._on_event(event)

    def _on_event(self, event: Message) -> None:
        if isinstance(event, StateChanged):
            self._move(event.state)
            self._next()
            return
        if isinstance(event, Hello):
            self.device = event.device
        elif isinstance(event, DeviceLoad):
            self.load = event
        elif isinstance(event, JobStarted):
            self.started = event
        elif isinstance(event, Progress):
            self.progress_now = event
        elif isinstance(event, JobFinished):
            self._forget_job()
        self.tell(event)
        if isinstance(event, JobFinished):
            self._next()

    @Slot()
    def _look_after(self) -> None:
        """Close the pipe of a dead process that a child of it still holds open."""
        if self._thread is None:
            return
        self._thread.reap()
        if self._thread.crash is not None:  # a spare may have ended just before it was taken
            self._on_ended(self._thread.crash)

    @Slot(object)
    def _on_ended(self, crash: Crashed) -> None:
        """Say that the process died; what it had said before is handed on first."""
        if self._thread is None or crash is not self._thread.crash:
            return  # said already: a late signal must not end the engine that took its place
        self._drain.stop()
        self._hand_on()
        thread, self._thread = self._thread, None
        self._watch.stop()
        thread.join()
        thread.deleteLater()
        job = self.current
        if job is None and self.state is EngineState.STARTING and self._waiting:
            job = self._waiting.popleft()  # it cannot be had: an engine that never starts must not
            self.queue_changed.emit()  # be started again for the same job without end
        crash = crash._replace(job_id=job.job_id if job is not None else "")
        _log.error("engine %s: %s\n%s", self.name, crash, crash.log_tail)
        self._forget_job()
        self._move(EngineState.CRASHED)
        self.crashed.emit(crash)
        if job is not None:
            report = ErrorReport(
                kind="internal",
                title=self.tr("The engine stopped unexpectedly"),
                message=str(crash),
                hint=self.tr("What was saved is safe. Resume the run, or start the job again."),
                traceback=crash.log_tail,
            )
            self.job_finished.emit(
                JobFinished(job_id=job.job_id, outcome=Outcome.FAILED, seconds=0.0, error=report)
            )
        if self._waiting:
            self.start()

    def _forget_job(self) -> None:
        self.current = self.started = self.progress_now = None

    def _move(self, state: EngineState) -> None:
        if state is self.state:
            return
        if not may_move(self.state, state):
            _log.warning("engine %s: no move from %s to %s", self.name, self.state, state)
            return
        self.state = state
        self.state_changed.emit(state)

    def _next(self) -> None:
        """Give the engine its next job when it is idle."""
        if self.state is EngineState.IDLE and self.current is None and self._waiting:
            self.current = self._waiting.popleft()
            self._send(self.current)
            self.queue_changed.emit()

    def _control(self, kind: type[Message]) -> None:
        if self.current is not None and self.state in BUSY:
            self._send(kind(job_id=self.current.job_id))

    def _send(self, message: Message) -> None:
        if self._thread is not None:
            self._thread.send(message)
