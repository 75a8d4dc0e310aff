"""Lets a cell whose thumbnail is a strip show the frame that belongs to the pointer's place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, Slot
from PySide6.QtGui import QMouseEvent, QPixmap

from studio.core.thumbnails import strip_frames
from studio.ui.widgets.grid_painter import PAD
from studio.ui.widgets.grid_source import decode_strip

if TYPE_CHECKING:
    from studio.ui.widgets.grid import VirtualGrid


class StripScrub(QObject):
    """Follows the pointer over a grid.

    Attributes:
        place: The cell that is looked through; -1 for none.
        share: How far the pointer is from its left edge, 0 to 1.
    """

    def __init__(self, grid: VirtualGrid) -> None:
        super().__init__(grid)
        self._grid = grid
        self.place = -1
        self.share = 0.0
        self._frames: list[QPixmap] = []
        self._decoded_for: object = None
        grid.viewport().installEventFilter(self)
        grid.verticalScrollBar().valueChanged.connect(self.stop)

    def picture(self) -> QPixmap | None:
        """Return the frame that belongs to the pointer's place."""
        if not self._frames:
            return None
        return self._frames[min(len(self._frames) - 1, int(self.share * len(self._frames)))]

    @Slot()
    def stop(self) -> None:
        """Show the still picture again."""
        if self.place >= 0:
            self._update()
        self.place = -1

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the pointer; a button that is held means something else."""
        kind = event.type()
        if kind is QEvent.Type.MouseMove and isinstance(event, QMouseEvent):
            if event.buttons() == Qt.MouseButton.NoButton:
                self._follow(event.position().toPoint())
            else:
                self.stop()
        elif kind in (QEvent.Type.Leave, QEvent.Type.Hide, QEvent.Type.Resize):
            self.stop()
        return super().eventFilter(watched, event)

    def _follow(self, point: QPoint) -> None:
        index = self._grid.indexAt(point)
        room = self._room(index.row()) if index.isValid() else QRect()
        if not room.contains(point):
            self.stop()
            return
        if index.row() != self.place:
            self.stop()
            if not self._decode(index.row()):
                return
            self.place = index.row()
        self.share = (point.x() - room.left()) / max(1, room.width())
        self._update()

    def _decode(self, place: int) -> bool:
        """Have the frames of a cell; False when it has no strip."""
        grid = self._grid
        wanted = (grid.source.key(place), grid.picture_size(), grid.devicePixelRatioF())
        if wanted != self._decoded_for:
            data = grid.source.thumbnail(place)
            self._decoded_for, self._frames = wanted, []
            if strip_frames(data) > 1:
                size, ratio = grid.picture_size(), grid.devicePixelRatioF()
                self._frames = decode_strip(data, size, ratio, crop=grid.crop)
        return bool(self._frames)

    def _room(self, place: int) -> QRect:
        """Return where the picture of a cell is drawn."""
        corner = self._grid.visualRect(self._grid.model().index(place, 0)).topLeft()
        offset = PAD if self._grid.captions else 0
        return QRect(corner + QPoint(offset, offset), self._grid.picture_size())

    def _update(self) -> None:
        if 0 <= self.place < self._grid.model().rowCount():
            self._grid.viewport().update(self._room(self.place))
