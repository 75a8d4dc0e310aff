"""Columns of text: as wide as reads well, in the middle of the room."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QPlainTextEdit, QWidget

_WIDEST = 46  # times the type's size
_NEAR = 1.0  # pixels by which a line may be off


class ColumnEdit(QPlainTextEdit):
    """A field of text whose lines are at most as long as reads well; `fit` after another type."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def fit(self) -> None:
        """Put the column into the middle, and break its lines where it ends."""
        room = self.width() - self.verticalScrollBar().sizeHint().width()
        spare = max(0, room - _WIDEST * self.font().pixelSize()) // 2
        self.setViewportMargins(spare, 0, spare, 0)
        self._break_lines()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep to the column."""
        super().resizeEvent(event)
        self.fit()

    def showEvent(self, event: QShowEvent) -> None:
        """Break the lines anew: while nobody looks, Qt does not follow the column."""
        super().showEvent(event)
        self._break_lines()

    def _break_lines(self) -> None:
        layout = self.firstVisibleBlock().layout()
        if not layout.lineCount():
            return
        wanted = self.viewport().width() - 2 * self.document().documentMargin()
        if abs(layout.lineAt(0).width() - wanted) > _NEAR:
            self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
            self.setLineWrapMode(QPlainTextEdit.LineWrapMode.WidgetWidth)
