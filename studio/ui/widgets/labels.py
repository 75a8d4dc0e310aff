"""Text: labels by role, labels that shorten themselves, pills."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

Role = Literal["body", "title", "heading", "muted", "caption", "good", "warn", "bad", "error"]
Tone = Literal["", "good", "warn", "bad"]


def label(text: str = "", role: Role = "body", *, wrap: bool = False) -> QLabel:
    """Return a plain-text label in one of the type roles."""
    made = QLabel(text)
    made.setProperty("role", role)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setWordWrap(wrap)
    if wrap:
        made.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
    return made


def set_property(widget: QWidget, name: str, value: object) -> None:
    """Set a dynamic property and let the style sheet see it."""
    if widget.property(name) != value:
        widget.setProperty(name, value)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


class ElidedLabel(QLabel):
    """A one-line label that ends in … when there is no room; the tooltip has the whole text."""

    def __init__(self, text: str = "", role: Role = "body") -> None:
        super().__init__(text)
        self.setProperty("role", role)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def minimumSizeHint(self) -> QSize:
        """Allow it to shrink to a few letters."""
        return QSize(
            self.fontMetrics().horizontalAdvance("Wide…"), super().minimumSizeHint().height()
        )

    def sizeHint(self) -> QSize:
        """Ask for the whole text."""
        return super().sizeHint() + QSize(2, 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw what fits."""
        painter = QPainter(self)
        painter.drawText(self.contentsRect(), self.alignment(), self._shown())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the tooltip for when it is needed."""
        super().resizeEvent(event)
        self.setToolTip(self.text() if self._shown() != self.text() else "")

    def _shown(self) -> str:
        mode = Qt.TextElideMode.ElideRight
        return self.fontMetrics().elidedText(self.text(), mode, self.contentsRect().width())


class Pill(QLabel):
    """A short fact in a rounded box. A tone comes with words that say the same."""

    def __init__(self, text: str = "", tone: Tone = "") -> None:
        super().__init__(text)
        self.setProperty("role", "pill")
        self.setProperty("tone", tone)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)

    def set_tone(self, tone: Tone) -> None:
        """Change its colour."""
        set_property(self, "tone", tone)
