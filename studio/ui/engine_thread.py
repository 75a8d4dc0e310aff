"""The thread that owns an engine process and reads its events, and how such a process died."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import NamedTuple

import psutil
from pydantic import ValidationError
from PySide6.QtCore import QThread, Signal

from studio.core.paths import program_dir
from studio.core.protocol import (
    DeviceLoad,
    Message,
    PreviewReady,
    Progress,
    TextWritten,
    decode_event,
    encode,
)

_log = logging.getLogger(__name__)

#: Of these only the newest of a job matters; one that was not taken yet is replaced.
_NEWEST_ONLY = (Progress, PreviewReady, TextWritten, DeviceLoad)
_TAIL_BYTES = 4000


class Crashed(NamedTuple):
    """An engine process that ended without being asked.

    Attributes:
        exit_code: Its exit code; None when a signal ended it.
        signal: Name of that signal, such as `SIGKILL`; empty when there was none.
        log_tail: The last lines of its log.
        job_id: The job that it had in hand; empty when there was none.
    """

    exit_code: int | None
    signal: str
    log_tail: str
    job_id: str = ""

    def __str__(self) -> str:
        """Say how it ended, for people."""
        if self.signal == "SIGKILL":
            return "It was ended by the system (SIGKILL), often because memory ran out."
        if self.signal:
            return f"It was ended by the system ({self.signal})."
        return f"It ended with exit code {self.exit_code}."


def engine_command() -> list[str]:
    """Return how an engine is started: the same program, frozen or not."""
    if getattr(sys, "frozen", False):
        return [sys.executable, "engine"]
    return [sys.executable, "-m", "studio", "engine"]


def engine_log(folder: Path, name: str) -> Path:
    """Return where an engine's log lies; kept until the next start of that engine."""
    return folder / f"engine-{name}.log"


class EngineThread(QThread):
    """Starts an engine process, blocks on its output and keeps the events for the client.

    Attributes:
        crash: How the process ended; None while it runs.

    Signals:
        arrived: Events lie ready for `take`; not sent again until they were taken.
        ended: Crashed; the process has ended and every event of it lies ready.
    """

    arrived = Signal()
    ended = Signal(object)

    def __init__(self, name: str, log: Path, command: list[str] | None = None) -> None:
        super().__init__()
        self.setObjectName(f"engine-{name}")
        self._command = command or engine_command()
        self._log_path = log
        self._lock = threading.Lock()
        self._inbox: list[Message] = []
        self.crash: Crashed | None = None
        self._process = self._spawn()

    @property
    def process_id(self) -> int:
        """The process' number."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self._process.poll() is None

    def run(self) -> None:
        """Read events until the pipe ends, then say how the process ended."""
        stdout = self._process.stdout
        assert stdout is not None
        for line in stdout:
            try:
                event = decode_event(line)
            except ValidationError as error:
                _log.error("%s said what is no event: %r (%s)", self.objectName(), line, error)
                continue
            self._keep(event)
        code = self._process.wait()
        name = signal.Signals(-code).name if code < 0 else ""
        self.crash = Crashed(None if name else code, name, self.log_tail())
        self.ended.emit(self.crash)

    def take(self) -> list[Message]:
        """Return the events that have arrived since the last call, in order."""
        with self._lock:
            taken, self._inbox = self._inbox, []
        return taken

    def send(self, message: Message) -> None:
        """Write a command; one to a process that just died is dropped, `ended` will tell."""
        stdin = self._process.stdin
        assert stdin is not None
        try:
            stdin.write(encode(message))
            stdin.flush()
        except (BrokenPipeError, OSError, ValueError) as error:
            _log.info("%s did not take %s: %s", self.objectName(), type(message).__name__, error)

    def reap(self) -> None:
        """When the process is dead but children of it hold its pipe open, end them."""
        if self._process.poll() is not None and self.isRunning():
            _kill_tree(self._process, [])

    def end(self, farewell: Message, grace_seconds: float) -> None:
        """Ask the process to end, then kill what is left of its tree; returns when it is gone."""
        children = _children(self._process.pid)
        self.send(farewell)
        self._close_input()
        try:
            self._process.wait(grace_seconds)
        except subprocess.TimeoutExpired:
            children += _children(self._process.pid)
        _kill_tree(self._process, children)
        self._process.wait()
        self.join()

    def join(self) -> None:
        """Wait for the thread of a process that has ended, and close its pipes."""
        self.wait()
        self._close_input()
        assert self._process.stdout is not None
        self._process.stdout.close()

    def log_tail(self) -> str:
        """Return the last lines that this process wrote to its log."""
        with self._log_path.open("rb") as log:
            end = log.seek(0, os.SEEK_END)
            log.seek(max(0, end - _TAIL_BYTES))
            return log.read().decode("utf-8", errors="replace").strip()

    def _close_input(self) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.close()
        except OSError as error:  # a last command that the process was not there to take
            _log.info("%s had closed its input: %s", self.objectName(), error)

    def _keep(self, event: Message) -> None:
        with self._lock:
            was_empty = not self._inbox
            if isinstance(event, _NEWEST_ONLY):
                stale = (type(event), event.job_id)
                self._inbox = [e for e in self._inbox if (type(e), e.job_id) != stale]
            self._inbox.append(event)
        if was_empty:
            self.arrived.emit()

    def _spawn(self) -> subprocess.Popen[str]:
        self._log_path.parent.mkdir(parents=True, exist_ok=True)
        # the client starts one engine after the other, so the file holds the newest one's words
        with self._log_path.open("wb") as log:
            return subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                cwd=program_dir(),
                env=os.environ | {"PYTHONUTF8": "1"},
                encoding="utf-8",
                errors="replace",
                bufsize=1,
                # its own group: a Ctrl+C in the terminal is the window's to answer, and what the
                # engine started can be ended with it
                start_new_session=True,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )


def _children(process: int) -> list[psutil.Process]:
    try:
        return psutil.Process(process).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def _kill_tree(process: subprocess.Popen[str], children: list[psutil.Process]) -> None:
    """Kill a process and what it started: its group where there are groups, else by parentage."""
    if sys.platform == "win32":
        victims = [*children, *_children(process.pid)]
    else:
        victims = children
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            _log.debug("the group of process %d is gone", process.pid)
    for victim in victims:
        try:
            victim.kill()
        except psutil.NoSuchProcess:
            continue
    if process.poll() is None:
        process.kill()
