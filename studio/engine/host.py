"""The engine process: takes commands from standard input, does one job at a time, sends events.

Three threads: the main thread works, the inbox reads commands, the monitor measures the load.
"""

from __future__ import annotations

import logging
import os
import queue
import sys
import threading
import time
from typing import NoReturn, TextIO

import psutil
from pydantic import ValidationError

from studio import __version__
from studio.core.errors import StopRequested
from studio.core.protocol import (
    ErrorReport,
    Hello,
    JobFinished,
    Message,
    Notice,
    Outcome,
    Park,
    Pause,
    Resume,
    SampleNow,
    SaveNow,
    Severity,
    Shutdown,
    StateChanged,
    Stop,
    decode_command,
    encode,
)
from studio.core.state import EngineState, may_move
from studio.engine.control import Control
from studio.engine.errors import report
from studio.engine.job import JobContext
from studio.engine.jobs import is_job, run_job

log = logging.getLogger(__name__)

_GRACE_SECONDS = 1.5  # between the end of standard input and a hard end


class Outbox:
    """Writes events to the pipe, whole lines, from any thread."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lock = threading.Lock()

    def send(self, event: Message) -> None:
        """Send an event; when nobody reads any more, the engine is about to end anyway."""
        with self._lock:
            try:
                self._stream.write(encode(event))
                self._stream.flush()
            except (BrokenPipeError, ValueError):
                log.debug("the window is gone; %s was not sent", type(event).__name__)


class Host:
    """The engine: a queue of jobs and the control of the one in hand."""

    def __init__(self, inbox: TextIO, outbox: Outbox) -> None:
        self._inbox = inbox
        self._outbox = outbox
        self._jobs: queue.Queue[Message | None] = queue.Queue()
        self._control = Control(self._set_state)
        self._current = ""  # id of the job in hand
        self._state = EngineState.STARTING
        self._ended = threading.Event()

    def run(self) -> int:
        """Work until standard input ends or Shutdown comes; returns the exit status."""
        threading.Thread(target=self._read_inbox, name="inbox", daemon=True).start()
        from studio.engine.monitor import Monitor
        from studio.engine.runtime import device_info

        self._outbox.send(Hello(version=__version__, device=device_info()))
        monitor = Monitor(self._outbox.send)
        monitor.start()
        self._set_state(EngineState.IDLE)
        while (command := self._jobs.get()) is not None:
            self._do(command)
        self._ended.set()
        monitor.stop()
        return 0

    # --------------------------------------------------------------------------------- working

    def _do(self, command: Message) -> None:
        started = time.monotonic()
        self._current = command.job_id
        self._control = Control(self._set_state)
        self._set_state(EngineState.RUNNING)
        result = {}
        error: ErrorReport | None = None
        try:
            result = run_job(command, JobContext(command.job_id, self._control, self._outbox.send))
            outcome = Outcome.DONE
        except StopRequested as stop:
            outcome = Outcome.STOPPED if stop.save else Outcome.CANCELLED
        except Exception as failure:
            log.warning("job failed", exc_info=failure)
            outcome, error = Outcome.FAILED, report(failure)
        seconds = time.monotonic() - started
        self._current = ""
        self._set_state(EngineState.IDLE)
        self._outbox.send(
            JobFinished(
                job_id=command.job_id,
                outcome=outcome,
                seconds=seconds,
                result=result,
                error=error,
            )
        )

    def _set_state(self, state: EngineState) -> None:
        if state == self._state:
            return
        if not may_move(self._state, state):
            raise RuntimeError(f"no way from {self._state} to {state}")
        self._state = state
        self._outbox.send(StateChanged(job_id=self._current, state=state))

    # --------------------------------------------------------------------------------- the inbox

    def _read_inbox(self) -> None:
        for line in self._inbox:
            try:
                self._take(decode_command(line))
            except ValidationError as error:
                log.warning("a line that is no command: %s", error)
                self._outbox.send(
                    Notice(
                        severity=Severity.ERROR,
                        title="The engine did not understand a command",
                        message=str(error),
                    )
                )
        self._end(save=False)

    def _take(self, command: Message) -> None:
        if is_job(command):
            self._jobs.put(command)
        elif isinstance(command, Shutdown):
            self._end(save=True)
        elif command.job_id in ("", self._current):
            self._steer(command)
        else:
            log.info("%s came too late for job %s", type(command).__name__, command.job_id)

    def _steer(self, command: Message) -> None:
        control = self._control
        if isinstance(command, Stop):
            control.stop(save=command.save)
            return
        verbs = {
            Pause: control.pause,
            Park: control.park,
            Resume: control.resume,
            SampleNow: control.sample_now,
            SaveNow: control.save_now,
        }
        verbs[type(command)]()

    def _end(self, *, save: bool) -> None:
        """End after the job in hand; without the window, end hard after a moment's grace."""
        while not self._jobs.empty():
            self._jobs.get_nowait()
        self._jobs.put(None)
        self._control.stop(save=save)
        if not save and not self._ended.wait(_GRACE_SECONDS):
            # everything is written atomically, so nothing that was saved can be harmed by this
            os._exit(1)


def main() -> NoReturn:
    """Run an engine on this process's standard input and output; ends the process."""
    # From here on file descriptor 1 is the log, so that no library's print breaks the protocol.
    stream = os.fdopen(os.dup(1), "w", encoding="utf-8", newline="\n")
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    _be_modest()
    # torch is not loaded yet: threads of two engines that spin while they wait starve each other
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    inbox = os.fdopen(os.dup(0), "r", encoding="utf-8", newline="\n")
    status = Host(inbox, Outbox(stream)).run()
    logging.shutdown()
    # without the interpreter's own way out, on which torch takes seconds to unload
    os._exit(status)


def _be_modest() -> None:
    """Give the window's process the right of way."""
    windows_class = getattr(psutil, "BELOW_NORMAL_PRIORITY_CLASS", None)
    psutil.Process().nice(5 if windows_class is None else windows_class)
