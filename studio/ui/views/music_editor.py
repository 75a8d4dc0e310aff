"""A piano roll in which notes are chosen with the pointer and moved by hand or by keys."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QWidget

from studio.ui.theme import theme
from studio.ui.views.music_edges import KEYS, RULER, Marker
from studio.ui.views.music_notes import Chosen, NoteTable
from studio.ui.views.music_roll import PianoRoll
from studio.ui.views.music_tiles import note_boxes

_FAR = 4.0  # pixels that the pointer moves before it drags
_GHOSTS = 2000  # notes that are drawn while they are dragged
_EDGE = 5.0  # pixels at a note's end that change its length


class NoteEditor(PianoRoll):
    """Chooses by click, rubber band and Ctrl+A; drags, arrow keys and Delete ask for edits.

    A click on empty room lets go of what is chosen; the ruler above moves the playhead.

    Signals:
        chosen_changed: Other notes are chosen.
        move_wanted: (ticks, semitones) by which the chosen notes are to move.
        stretch_wanted: (ticks) by which they are to become longer.
        delete_wanted: They are to go.
    """

    chosen_changed = Signal()
    move_wanted = Signal(int, int)
    stretch_wanted = Signal(int)
    delete_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pressed: QPointF | None = None
        self._at: QPointF | None = None  # where the pointer drags to
        self._way = ""  # what the drag does: seek, band, move or stretch
        self._kept: Chosen | None = None  # what was chosen before a rubber band
        self.setAccessibleName(self.tr("Notes, to be edited"))

    def chosen(self) -> Chosen:
        """Return which notes are chosen, a bool for each."""
        none = np.zeros(len(self.table), bool)
        return self._chosen if self._chosen is not None else none

    def choose(self, chosen: Chosen) -> None:
        """Choose other notes."""
        self.set_chosen(chosen if chosen.any() else None)
        self.chosen_changed.emit()

    def choose_all(self) -> None:
        """Choose every note."""
        self.choose(np.ones(len(self.table), bool))

    def grid(self) -> int:
        """Return the ticks of the finest line in sight: a quarter of a beat, or a beat."""
        beat = self.table.beat_ticks()
        return max(1, round(beat / 4 if beat * self.scale.across >= 24 else beat))

    def show_music(self, table: NoteTable, markers: tuple[Marker, ...] = ()) -> None:
        """Show another piece."""
        super().show_music(table, markers)
        self.chosen_changed.emit()

    # ---------------------------------------------------------------------------------- mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of a note, or begin a rubber band."""
        point = event.position()
        if event.button() is not Qt.MouseButton.LeftButton or point.x() < KEYS:
            super().mousePressEvent(event)
            return
        self._pressed, self._at = point, None
        if point.y() < RULER:
            self._way = "seek"
            super().mousePressEvent(event)
            return
        more = bool(event.modifiers() & _MORE)
        note, chosen = self.note_at(point), self.chosen().copy()
        if note < 0:
            self._way, self._kept = "band", chosen if more else np.zeros_like(chosen)
            if not more:
                self.choose(np.zeros_like(chosen))
            return
        self._way = "stretch" if self._on_edge(note, point) else "move"
        if more:
            chosen[note] = not chosen[note]
        elif not chosen[note]:
            chosen[:] = False
            chosen[note] = True
        self.choose(chosen)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag what is held; else show what a press would do."""
        point = event.position()
        if self._pressed is None:
            note = self.note_at(point)
            edge = note >= 0 and self._on_edge(note, point)
            shape = Qt.CursorShape.SizeHorCursor if edge else Qt.CursorShape.ArrowCursor
            self.viewport().setCursor(shape)
        elif self._way == "seek":
            super().mouseMoveEvent(event)
        elif self._at is not None or (point - self._pressed).manhattanLength() >= _FAR:
            self._at = point
            if self._way == "band":
                self._choose_in_band()
            self.viewport().update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Ask for the edit that was shown."""
        ticks, semitones = self._dragged()
        way, dragged = self._way, self._at is not None
        self._pressed = self._at = None
        self._way = ""
        if dragged and way == "move" and (ticks or semitones):
            self.move_wanted.emit(ticks, semitones)
        elif dragged and way == "stretch" and ticks:
            self.stretch_wanted.emit(ticks)
        self.viewport().update()
        super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move what is chosen with the arrows: in time, in pitch, with Shift in octaves."""
        key = Qt.Key(event.key())
        some = bool(self.chosen().any())
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        octave = 12 if shift else 1
        moves = {
            Qt.Key.Key_Left: (-self.grid(), 0),
            Qt.Key.Key_Right: (self.grid(), 0),
            Qt.Key.Key_Up: (0, octave),
            Qt.Key.Key_Down: (0, -octave),
        }
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if control and key is Qt.Key.Key_A:
            self.choose_all()
        elif some and key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.delete_wanted.emit()
        elif some and shift and key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self.stretch_wanted.emit(moves[key][0])
        elif some and key in moves and not control:
            self.move_wanted.emit(*moves[key])
        elif some and key is Qt.Key.Key_Escape:
            self.choose(np.zeros(len(self.table), bool))
        else:
            super().keyPressEvent(event)

    # ------------------------------------------------------------------------------- painting

    def draw_over(self, painter: QPainter, view: QRect) -> None:
        """Draw the rubber band, or where dragged notes would go."""
        if self._pressed is None or self._at is None:
            return
        painter.setPen(QPen(theme().colour("accent"), 1.0))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if self._way == "band":
            wash = theme().colour("accent")
            wash.setAlphaF(0.15)
            painter.setBrush(wash)
            origin = self._origin()
            painter.drawRect(QRectF(self._pressed - origin, self._at - origin).normalized())
            return
        ticks, semitones = self._dragged()
        some = np.flatnonzero(self.chosen())[:_GHOSTS]
        boxes = note_boxes(self.table, self.scale, some, QRectF(-1e9, 0, 2e9, 0))
        across = ticks * self.scale.across
        if self._way == "stretch":
            boxes = [box.adjusted(0, 0, max(across, 2 - box.width()), 0) for box in boxes]
        else:
            boxes = [box.translated(across, -semitones * self.scale.row) for box in boxes]
        painter.setPen(QPen(theme().colour("text"), 1.5, Qt.PenStyle.DashLine))
        painter.drawRects(boxes)

    # -------------------------------------------------------------------------------- private

    def _dragged(self) -> tuple[int, int]:
        """Return by how many ticks, on the grid, and semitones the pointer was dragged."""
        if self._pressed is None or self._at is None:
            return 0, 0
        ticks = self.tick_at(self._at) - self.tick_at(self._pressed)
        grid = self.grid()
        return round(ticks / grid) * grid, self.pitch_at(self._at) - self.pitch_at(self._pressed)

    def _on_edge(self, note: int, point: QPointF) -> bool:
        box = self.note_box(note)
        return box.width() > 3 * _EDGE and box.right() - point.x() <= _EDGE

    def _choose_in_band(self) -> None:
        if self._pressed is None or self._at is None or self._kept is None:
            return
        left, right = sorted((self.tick_at(self._pressed), self.tick_at(self._at)))
        low, high = sorted((self.pitch_at(self._pressed), self.pitch_at(self._at)))
        chosen = self._kept.copy()
        chosen[self.table.inside(left, right, low, high)] = True
        if not np.array_equal(chosen, self.chosen()):
            self.choose(chosen)


_MORE = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
