"""Where dropped files go: the page shows its places while something is dragged over it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, QObject, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QDropEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from studio.ui.theme import GAP_CARDS, RADIUS_CARD, theme, ui_font


class DropPlaces(QWidget):
    """Covers a page while files are dragged over it, with one place for each thing to do.

    Signals:
        dropped: (place, list of Path) files were dropped on the place with that number.
    """

    dropped = Signal(int, list)

    def __init__(self, page: QWidget) -> None:
        super().__init__(page)
        self._page = page
        self._places: list[str] = []
        self._over = -1
        # the page itself takes the drag; what lies over it only shows where files would go
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()
        page.setAcceptDrops(True)
        page.installEventFilter(self)

    def set_places(self, places: list[str]) -> None:
        """Say what each place does."""
        self._places = places

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow a drag over the page."""
        if isinstance(event, QDropEvent) and files_in(event.mimeData()):
            self._over = self._at(event.position())
            event.acceptProposedAction()
            if event.type() is QEvent.Type.DragEnter:
                self.setGeometry(self._page.rect())
                self.show()
                self.raise_()
            elif event.type() is QEvent.Type.Drop:
                self.hide()
                self.dropped.emit(self._over, files_in(event.mimeData()))
            self.update()
            return True
        if event.type() is QEvent.Type.DragLeave:
            self.hide()
        return super().eventFilter(watched, event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the places."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        veil = theme().colour("bg")
        veil.setAlphaF(0.88)
        painter.fillRect(self.rect(), veil)
        painter.setFont(ui_font(14, 600))
        for place, words in enumerate(self._places):
            box = self._box(place).adjusted(1, 1, -1, -1)
            over = place == self._over
            painter.setBrush(theme().colour("selection" if over else "panel"))
            pen = QPen(theme().colour("accent" if over else "faint"), 2, Qt.PenStyle.DashLine)
            painter.setPen(pen)
            painter.drawRoundedRect(box, RADIUS_CARD, RADIUS_CARD)
            painter.setPen(theme().colour("text"))
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWrapAnywhere
            painter.drawText(box.adjusted(16, 16, -16, -16), flags, words)

    def _box(self, place: int) -> QRectF:
        width = (self.width() - GAP_CARDS * (len(self._places) - 1)) / max(1, len(self._places))
        return QRectF(place * (width + GAP_CARDS), 0, width, self.height())

    def _at(self, point: QPointF) -> int:
        count = max(1, len(self._places))
        return max(0, min(count - 1, int(point.x() * count // max(1, self.width()))))


def files_in(data: QMimeData) -> list[Path]:
    """Return the files and folders that are dragged; empty when it is something else."""
    return [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
