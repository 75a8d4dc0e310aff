"""What a piano roll scrolls and zooms in: ticks across, pitches down, and places in between."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QFrame, QSizePolicy, QWidget

from studio.core.media import Music
from studio.ui.views.music_edges import KEYS, RULER
from studio.ui.views.music_notes import Chosen, NoteTable
from studio.ui.views.music_tiles import Scale, Tiles, note_boxes
from studio.ui.views.timeline import Timeline

_MIN_ROWS = 25  # two octaves
_ROOM = 2  # rows above the highest and below the lowest note
_USUAL_BEAT = 12.0  # narrowest beat, in pixels, at which a piece is shown first
_ROWS = (3.0, 28.0)  # lowest and highest row, in pixels
_USUAL_ROWS = (4.0, 16.0)
_ACROSS = (1e-7, 400.0)  # pixels of a beat at most and least
_WIDEST = 1 << 28  # pixels of the whole picture


class RollFrame(Timeline):
    """A piece that scrolls. The wheel scrolls, with Ctrl it zooms, with Ctrl+Shift in pitch."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._table = NoteTable(Music(()))
        self._tiles = Tiles()
        self._scale = Scale(0.1, 8.0, 48, 72)
        self._fits = True  # until the user zooms
        self._moves = False  # since it was painted last
        self._chosen: Chosen | None = None
        self._ratio = 0.0
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.setCornerWidget(QWidget())  # empty, where the style would draw a box
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(QSize(120, 80))

    @property
    def table(self) -> NoteTable:
        """The notes that are shown."""
        return self._table

    @property
    def seconds(self) -> float:
        """How long the piece is."""
        return self._table.seconds

    @property
    def scale(self) -> Scale:
        """How ticks and pitches become pixels."""
        return self._scale

    # ----------------------------------------------------------------------------------- zoom

    def fit(self) -> None:
        """Show the whole piece."""
        self._fits = False
        room = self._room()
        self._scale.across = self._bounded(room.width() / self._table.length)
        self._scale.row = _between(room.height() / self._rows(), _ROWS)
        self._rescaled()
        self.horizontalScrollBar().setValue(0)

    def zoom(self, factor: float, at: float | None = None) -> None:
        """Zoom in time by a factor, keeping the place `at` (pixels of the room) where it is."""
        at = self._room().width() / 2 if at is None else at
        bar = self.horizontalScrollBar()
        tick = (bar.value() + at) / self._scale.across
        self._fits, self._moves = False, True
        self._scale.across = self._bounded(self._scale.across * factor)
        self._rescaled()
        bar.setValue(round(tick * self._scale.across - at))

    def zoom_rows(self, factor: float) -> None:
        """Zoom in pitch by a factor, keeping the middle where it is."""
        bar = self.verticalScrollBar()
        half = self._room().height() / 2
        pitch = (bar.value() + half) / self._scale.row
        self._fits, self._moves = False, True
        self._scale.row = _between(self._scale.row * factor, _ROWS)
        self._rescaled()
        bar.setValue(round(pitch * self._scale.row - half))

    # --------------------------------------------------------------------------------- places

    def tick_at(self, point: QPointF) -> float:
        """Return the tick under a point of the viewport."""
        return (point.x() - KEYS + self.horizontalScrollBar().value()) / self._scale.across

    def pitch_at(self, point: QPointF) -> int:
        """Return the pitch under a point of the viewport."""
        top = point.y() - RULER - self._gap() + self.verticalScrollBar().value()
        return self._scale.pitch(top)

    def note_at(self, point: QPointF) -> int:
        """Return the note under a point of the viewport; -1 for none."""
        if point.x() < KEYS or point.y() < RULER:
            return -1
        return self._table.at(self.tick_at(point), self.pitch_at(point))

    def note_box(self, index: int) -> QRectF:
        """Return where a note is drawn in the viewport."""
        everywhere = QRectF(-1e9, 0, 2e9, 0)
        (box,) = note_boxes(self._table, self._scale, np.array([index]), everywhere)
        return box.translated(self._origin())

    # --------------------------------------------------------------------------------- events

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit again, or show more."""
        super().resizeEvent(event)
        self._arrange()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """Paint again: the edges stay where they are."""
        self._moves = True
        self.viewport().update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll, or zoom with Ctrl."""
        turned = event.angleDelta()
        keys = event.modifiers()
        notches = (turned.y() or turned.x()) / 120
        if keys & Qt.KeyboardModifier.ControlModifier:
            if keys & Qt.KeyboardModifier.ShiftModifier:
                self.zoom_rows(1.15**notches)
            else:
                self.zoom(1.25**notches, event.position().x() - KEYS)
            event.accept()
            return
        upright = self.verticalScrollBar().maximum() > 0 and not turned.x()
        if keys & Qt.KeyboardModifier.ShiftModifier or not upright:
            bar = self.horizontalScrollBar()
            bar.setValue(bar.value() - round(notches * 60))
            event.accept()
        else:
            super().wheelEvent(event)

    # -------------------------------------------------------------------------------- private

    def _room(self) -> QRect:
        """Return where notes are drawn, in the viewport."""
        size = self.viewport().size()
        return QRect(KEYS, RULER, max(1, size.width() - KEYS), max(1, size.height() - RULER))

    def _view(self) -> QRect:
        """Return the part of the whole picture that is in sight."""
        room = self._room()
        corner = QPoint(self.horizontalScrollBar().value(), self.verticalScrollBar().value())
        height = min(room.height(), int(np.ceil(self._scale.height)))
        return QRect(corner, QSize(room.width(), height))

    def _gap(self) -> int:
        """Return the empty room above rows that are lower than the viewport."""
        return max(0, int(self._room().height() - self._scale.height) // 2)

    def _origin(self) -> QPointF:
        view = self._view()
        return QPointF(KEYS - view.left(), RULER + self._gap() - view.top())

    def _rows(self) -> int:
        return self._scale.high - self._scale.low + 1

    def _bounded(self, across: float) -> float:
        beat = self._table.beat_ticks()
        most = min(_ACROSS[1] / beat, _WIDEST / self._table.length)
        return max(_ACROSS[0], min(most, across))

    def _arrange(self) -> None:
        """Give every pitch a row, and fit the piece into the room unless the user zoomed."""
        low, high = self._table.pitches()
        low, high = max(0, low - _ROOM), min(127, high + _ROOM)
        missing = max(0, _MIN_ROWS - (high - low + 1))
        low = max(0, low - missing // 2)
        high = min(127, max(high, low + _MIN_ROWS - 1))
        self._scale.low, self._scale.high = low, high
        room = self._room()
        if self._fits:
            beat = self._table.beat_ticks()
            usual = max(room.width() / self._table.length, _USUAL_BEAT / beat)
            self._scale.across = self._bounded(usual)
            self._scale.row = _between(room.height() / self._rows(), _USUAL_ROWS)
        self._rescaled()
        if self._fits:
            self.verticalScrollBar().setValue(self.verticalScrollBar().maximum() // 2)

    def _rescaled(self) -> None:
        room = self._room()
        width = round(self._table.length * self._scale.across)
        across, down = self.horizontalScrollBar(), self.verticalScrollBar()
        across.setRange(0, max(0, width - room.width()))
        across.setPageStep(room.width())
        across.setSingleStep(40)
        down.setRange(0, max(0, int(np.ceil(self._scale.height)) - room.height()))
        down.setPageStep(room.height())
        down.setSingleStep(24)
        self._forget()
        self.zoomed.emit()

    def _forget(self) -> None:
        self._ratio = self.devicePixelRatioF()
        self._tiles.show(self._table, self._scale, self._chosen, self._ratio)
        self.viewport().update()


def _between(value: float, bounds: tuple[float, float]) -> float:
    return max(bounds[0], min(bounds[1], value))
