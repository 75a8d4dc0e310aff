"""The HTTP service of a project, in a process of its own that ends with the window."""

from __future__ import annotations

import json
import sys
from enum import StrEnum
from pathlib import Path

from PySide6.QtCore import QObject, QProcess, Signal, Slot

#: The port that is tried first, so that programs find the service again.
USUAL_PORT = 8765

_PATIENCE = 3000  # milliseconds to end by itself


class ServiceState(StrEnum):
    """Whether the service answers."""

    OFF = "off"
    STARTING = "starting"
    ON = "on"


class Service(QObject):
    """Starts and ends the service.

    Attributes:
        state: Whether it answers.
        url, token: Where and with which secret, while it does.
        problem: Why it ended by itself; empty when it did not.

    Signals:
        changed: The state is another one.
    """

    changed = Signal()

    def __init__(self, project: Path, command: list[str] | None = None) -> None:
        """Make a service that is off.

        Args:
            command: Program and arguments; left out, the studio's own service.
        """
        super().__init__()
        self._project = project
        self._command = command
        self._process: QProcess | None = None
        self._written = b""
        self._errors = b""
        self.state = ServiceState.OFF
        self.url = self.token = self.problem = ""

    def start(self, port: int = USUAL_PORT) -> None:
        """Start it; nothing happens when it runs.

        Args:
            port: 0 takes a free one.
        """
        if self._process is not None:
            return
        self.problem, self._written, self._errors = "", b"", b""
        program, *arguments = self._command or _studio_command()
        arguments += ["serve", str(self._project), "--port", str(port)]
        process = QProcess(self)
        process.readyReadStandardOutput.connect(self._on_output)
        process.readyReadStandardError.connect(self._on_error_output)
        process.finished.connect(self._on_finished)
        process.errorOccurred.connect(self._on_error)
        self._process = process
        self._set_state(ServiceState.STARTING)
        process.start(program, arguments)

    def stop(self) -> None:
        """End it and wait until it is gone."""
        process, self._process = self._process, None
        if process is None:
            return
        process.blockSignals(True)
        process.terminate()
        if not process.waitForFinished(_PATIENCE):
            process.kill()
            process.waitForFinished(_PATIENCE)
        process.deleteLater()
        self.url = self.token = ""
        self._set_state(ServiceState.OFF)

    def _set_state(self, state: ServiceState) -> None:
        self.state = state
        self.changed.emit()

    @Slot()
    def _on_output(self) -> None:
        if self._process is None or self.state is not ServiceState.STARTING:
            return
        self._written += bytes(self._process.readAllStandardOutput().data())
        if b"\n" in self._written:
            said = json.loads(self._written.split(b"\n", 1)[0])
            self.url, self.token = said["url"], said["token"]
            self._set_state(ServiceState.ON)

    @Slot()
    def _on_error_output(self) -> None:
        if self._process is not None:
            self._errors = (self._errors + self._process.readAllStandardError().data())[-4000:]

    @Slot(QProcess.ProcessError)
    def _on_error(self, error: QProcess.ProcessError) -> None:
        if error is QProcess.ProcessError.FailedToStart:
            self._end(self.tr("The program could not be started."))

    @Slot()
    def _on_finished(self) -> None:
        words = self._errors.decode("utf-8", errors="replace").strip()
        self._end(words or self.tr("It ended by itself."))

    def _end(self, problem: str) -> None:
        if self._process is not None:
            self._process.deleteLater()
            self._process = None
        self.url = self.token = ""
        self.problem = problem
        self._set_state(ServiceState.OFF)


def _studio_command() -> list[str]:
    if getattr(sys, "frozen", False):
        return [sys.executable]
    return [sys.executable, "-m", "studio"]
