"""A dot that shows an engine's state by colour and, for those who do not see it, by words."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from studio.core.state import EngineState
from studio.ui.theme import Colour, theme

_COLOURS: dict[EngineState, Colour] = {
    EngineState.STARTING: "faint",
    EngineState.IDLE: "faint",
    EngineState.RUNNING: "good",
    EngineState.PAUSED: "warn",
    EngineState.PARKED: "warn",
    EngineState.STOPPING: "warn",
    EngineState.CRASHED: "bad",
}


class StateDot(QWidget):
    """A dot in a pill."""

    def __init__(self) -> None:
        super().__init__()
        self._colour: Colour = "faint"
        self.setFixedSize(32, 18)
        theme().changed.connect(self.update)

    def set_state(self, state: EngineState, *, working: bool) -> None:
        """Show a state; a crash of the past is not shown once nothing works."""
        self._colour = _COLOURS[state] if working or state is EngineState.STARTING else "faint"
        self.setToolTip(str(state))
        self.setAccessibleName(str(state))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the pill and the dot."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme().colour("raised"))
        painter.drawRoundedRect(QRectF(self.rect()), 9, 9)
        painter.setBrush(theme().colour(self._colour))
        painter.drawEllipse(QRectF(12, 5, 8, 8))
