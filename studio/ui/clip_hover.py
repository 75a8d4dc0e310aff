"""Lets clips in a grid play while the pointer rests on them; a moving one looks through them."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPoint, QRect, Qt, QTimer, Slot
from PySide6.QtGui import QMouseEvent

from studio.core.media import Modality
from studio.ui.asset_source import AssetSource
from studio.ui.theme import theme
from studio.ui.views.video_canvas import ClipCanvas
from studio.ui.widgets.grid import VirtualGrid
from studio.ui.widgets.grid_painter import PAD

_REST_MS = 400
_STILL = 6  # pixels that a resting pointer may move


class ClipHover(QObject):
    """Lays a playing clip over the cell under the pointer. Nothing is decoded while it moves."""

    def __init__(self, grid: VirtualGrid, source: AssetSource) -> None:
        super().__init__(grid)
        self._grid = grid
        self._source = source
        self._place = -1
        self._rested_at = QPoint()
        self._canvas = ClipCanvas(grid.viewport())
        self._canvas.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._canvas.setMinimumSize(0, 0)
        self._canvas.loaded.connect(self._canvas.raise_)
        self._canvas.hide()
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST_MS)
        self._rest.timeout.connect(self._play)
        grid.entered.connect(self._on_entered)
        grid.viewportEntered.connect(self.stop)
        grid.verticalScrollBar().valueChanged.connect(self.stop)
        grid.viewport().installEventFilter(self)

    @property
    def canvas(self) -> ClipCanvas:
        """What plays."""
        return self._canvas

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stop when the pointer leaves the grid."""
        if event.type() is QEvent.Type.MouseMove and isinstance(event, QMouseEvent):
            self._on_moved(event.position().toPoint())
        elif event.type() in (QEvent.Type.Leave, QEvent.Type.Resize, QEvent.Type.Hide):
            self.stop()
        return super().eventFilter(watched, event)

    def end(self) -> None:
        """Play nothing any more."""
        self.stop()
        self._grid.entered.disconnect(self._on_entered)
        self._grid.viewport().removeEventFilter(self)

    @Slot()
    def stop(self) -> None:
        """Show the still picture again."""
        self._rest.stop()
        self._place = -1
        self._canvas.hide()
        self._canvas.clear()

    @Slot(QModelIndex)
    def _on_entered(self, index: QModelIndex) -> None:
        if index.row() == self._place:
            return
        self.stop()
        asset = self._source.asset(index.row())
        if asset is not None and asset.modality is Modality.VIDEO and theme().motion_ms:
            self._place = index.row()
            self._rest.start()

    def _on_moved(self, point: QPoint) -> None:
        """Leave a clip to be looked through while the pointer moves."""
        if self._place < 0 or (point - self._rested_at).manhattanLength() <= _STILL:
            return
        self._rested_at = point
        if self._canvas.isVisible():
            self._canvas.hide()
            self._canvas.clear()
        self._rest.start()

    @Slot()
    def _play(self) -> None:
        path = self._source.path(self._place)
        if path is None:
            return
        cell = self._grid.visualRect(self._grid.model().index(self._place, 0)).topLeft()
        room = self._grid.picture_size()
        offset = PAD if self._grid.captions else 0
        self._canvas.setGeometry(
            QRect(cell.x() + offset, cell.y() + offset, room.width(), room.height())
        )
        self._canvas.play_file(path, room * self._grid.devicePixelRatioF())
        self._canvas.show()
