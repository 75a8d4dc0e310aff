"""The column of run cards, in which those that wait are dragged to another place in the queue."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QByteArray, QMimeData, Qt, Signal
from PySide6.QtGui import (
    QDrag,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QVBoxLayout, QWidget

from studio.ui.theme import GAP, theme

#: What a drag carries: the number of a queue entry.
_ENTRY = "application/x-studio-queue-entry"
_LINE = 3  # thickness of the mark where an entry would go, in logical pixels


class QueueColumn(QWidget):
    """Cards from top to bottom; the ones named by `set_waiting` can be dragged among themselves.

    Attributes:
        column: The cards' layout.

    Signals:
        dropped: (entry, place) the user wants the entry before the one that waits at this place.
    """

    dropped = Signal(int, int)

    def __init__(self) -> None:
        super().__init__()
        self._waiting: list[QWidget] = []
        self._mark: int | None = None  # place among those that wait, while something is dragged
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, _LINE, 0, _LINE)
        self.column.setSpacing(GAP)
        self.column.addStretch(1)
        self.setAcceptDrops(True)

    def set_waiting(self, cards: Sequence[QWidget]) -> None:
        """Say which cards can change places, in their order."""
        self._waiting = list(cards)

    def drag(self, card: QWidget, entry: int) -> None:
        """Let the user carry a card until the mouse button is released."""
        data = QMimeData()
        data.setData(_ENTRY, QByteArray(str(entry).encode()))
        # not the card's own: that one may be gone before the drag has ended
        drag = QDrag(self)
        drag.setMimeData(data)
        drag.setPixmap(card.grab())
        drag.exec(Qt.DropAction.MoveAction)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take queue entries alone."""
        if event.mimeData().hasFormat(_ENTRY):
            event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """Mark where the entry would go."""
        self._set_mark(self._place(event.position().y()))
        event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Mark nothing."""
        self._set_mark(None)

    def dropEvent(self, event: QDropEvent) -> None:
        """Hand over where the entry goes."""
        self._set_mark(None)
        event.acceptProposedAction()
        entry = int(event.mimeData().data(_ENTRY).toStdString())
        self.dropped.emit(entry, self._place(event.position().y()))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the mark between two cards."""
        if self._mark is None or not self._waiting:
            return
        if self._mark < len(self._waiting):
            y = self._waiting[self._mark].y() - GAP // 2
        else:
            y = self._waiting[-1].geometry().bottom() + GAP // 2
        y = max(_LINE // 2, y)
        painter = QPainter(self)
        painter.fillRect(0, y - _LINE // 2, self.width(), _LINE, theme().colour("accent"))

    def _place(self, y: float) -> int:
        return sum(card.geometry().center().y() < y for card in self._waiting)

    def _set_mark(self, place: int | None) -> None:
        self._mark = place
        self.update()
