"""Engines that start before a project is open, so that its first job need not wait for them."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot

from studio.core.paths import state_dir
from studio.core.protocol import Shutdown
from studio.ui.engine_thread import EngineThread, engine_log

_GRACE_SECONDS = 3.0


class SpareEngines(QObject):
    """Keeps running engines until clients take them; each is taken once."""

    def __init__(self, command: list[str] | None = None, parent: QObject | None = None) -> None:
        """Make an empty store.

        Args:
            command: Program and arguments; left out, the studio's own engine.
        """
        super().__init__(parent)
        self._command = command
        self._spares: list[EngineThread] = []

    def start(self, count: int) -> None:
        """Start engines until so many are there."""
        while len(self._spares) < count:
            name = f"spare-{len(self._spares) + 1}"
            log = engine_log(state_dir() / "logs", name)
            spare = EngineThread(name, log, self._command)
            spare.start()
            self._spares.append(spare)

    def take(self) -> EngineThread | None:
        """Hand an engine over, None when there is none; one that has died is none."""
        while self._spares:
            spare = self._spares.pop(0)
            if spare.alive:
                return spare
            self._end(spare)
        return None

    @Slot()
    def end(self) -> None:
        """End the engines that nobody took."""
        while self._spares:
            self._end(self._spares.pop())

    @staticmethod
    def _end(spare: EngineThread) -> None:
        spare.end(Shutdown(), _GRACE_SECONDS)
        spare.deleteLater()
