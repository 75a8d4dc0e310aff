"""The piano roll: notes over bars and beats, a keyboard at the left, a playhead that moves."""

from __future__ import annotations

import time

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Slot
from PySide6.QtGui import (
    QColor,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QToolTip, QWidget

from studio.core.media import Music
from studio.ui.theme import theme
from studio.ui.views.music_colours import PLAYHEAD_SERIES, track_name
from studio.ui.views.music_edges import KEYS, Marker, draw_keys, draw_ruler
from studio.ui.views.music_frame import RollFrame
from studio.ui.views.music_notes import Chosen, NoteTable, pitch_name
from studio.ui.views.music_tiles import note_boxes

_IN_MOTION = 0.12  # seconds between two paintings of something that moves
_BUDGET = 0.004  # seconds of a frame in which missing tiles are painted
_STANDING = 0.06  # the same, when nothing moves: the first sight of most pieces is whole
_GLOWING = 200  # notes that sound at once and are shown so


class PianoRoll(RollFrame):
    """A piece as notes, with what sounds now and a playhead.

    Attributes:
        markers: Places with a name, shown above the notes.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tick = 0.0
        self._painted = 0.0
        self._message = ""
        self.markers: tuple[Marker, ...] = ()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setMouseTracking(True)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName(self.tr("Piano roll"))
        theme().changed.connect(self._on_theme)

    # ------------------------------------------------------------------------------- contents

    def show_music(self, table: NoteTable, markers: tuple[Marker, ...] = ()) -> None:
        """Show a piece from its beginning, as large as it fits."""
        self._table, self._message, self.markers = table, "", markers
        self._chosen, self._tick, self._fits = None, 0.0, True
        self._describe()
        self._arrange()
        self.horizontalScrollBar().setValue(0)

    def show_edited(self, table: NoteTable, chosen: Chosen | None) -> None:
        """Show the same piece with other notes: place, zoom and playhead stay."""
        self._table, self._chosen = table, chosen
        self._describe()
        before = self._scale.high
        value = self.verticalScrollBar().value()
        self._arrange()
        self.verticalScrollBar().setValue(
            value + round((self._scale.high - before) * self._scale.row)
        )

    def show_message(self, message: str) -> None:
        """Show nothing but words."""
        self.show_music(NoteTable(Music(())))
        self._message = message
        self.viewport().update()

    def set_chosen(self, chosen: Chosen | None) -> None:
        """Show other notes as chosen."""
        self._chosen = chosen
        self._forget()

    def set_playhead(self, seconds: float, *, follow: bool = False) -> None:
        """Put the playhead somewhere; with `follow` the page turns when it runs out of sight."""
        self._tick = self._table.tick_at(seconds)
        if follow:
            self._moves = True
            x, bar = self._scale.x(self._tick), self.horizontalScrollBar()
            room = self._room().width()
            if not bar.value() <= x <= bar.value() + room - 12:
                bar.setValue(round(x - room * 0.08))
        self.viewport().update()

    # --------------------------------------------------------------------------------- events

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw tiles, what sounds now, the playhead, keyboard and ruler."""
        began = time.perf_counter()
        moves = self._moves and began - self._painted < _IN_MOTION
        if self._ratio != self.devicePixelRatioF():
            self._forget()
        painter = QPainter(self.viewport())
        ground = theme().colour("panel")
        if self._message:
            painter.fillRect(self.viewport().rect(), ground)
            painter.setPen(theme().colour("muted"))
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(self.viewport().rect().adjusted(12, 0, -12, 0), flags, self._message)
            return
        room = self._room()
        painter.setClipRect(room)
        view = self._view()
        corner = QPointF(room.left(), room.top() + self._gap())
        if self._gap():  # elsewhere tiles lie
            painter.fillRect(QRect(room.topLeft(), QSize(room.width(), self._gap())), ground)
            below = room.top() + self._gap() + view.height()
            painter.fillRect(QRect(room.left(), below, room.width(), room.height()), ground)
        whole = self._tiles.draw(painter, view, corner, _BUDGET if moves else _STANDING)
        painter.save()
        painter.translate(self._origin())
        self._draw_sounding(painter, view)
        self.draw_over(painter, view)
        painter.restore()
        x = self._origin().x() + self._scale.x(self._tick)
        painter.fillRect(QRectF(x - 1, room.top(), 2, room.height()), _playhead_colour())
        painter.setClipping(False)
        draw_keys(painter, self._scale, room, view.top(), self._gap())
        draw_ruler(painter, self._table, self._scale, room, view.left(), self.markers)
        painter.end()
        self._painted = time.perf_counter()
        self._moves = moves and not whole
        if not whole:
            self.viewport().update()
        elif moves and self._painted - began < _BUDGET:
            self._tiles.prefetch(view.translated(room.width(), 0))

    def draw_over(self, painter: QPainter, view: QRect) -> None:
        """Draw over the notes, in pixels of the whole picture; `view` is the part in sight."""

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go to the place under the pointer."""
        if event.button() is Qt.MouseButton.LeftButton and event.position().x() >= KEYS:
            self._seek(self.tick_at(event.position()))
        else:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Let the playhead follow the pointer that is pressed."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._seek(self.tick_at(event.position()))
        else:
            super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Nothing is held: the press did all."""
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space plays, + and − zoom, 0 fits; arrows, Home and End move the playhead."""
        key, text = event.key(), event.text()
        ends = {Qt.Key.Key_Home: 0.0, Qt.Key.Key_End: float(self._table.length)}
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        pages = {Qt.Key.Key_PageUp: -1, Qt.Key.Key_PageDown: 1}
        if text in ("+", "="):
            self.zoom(1.25)
        elif text in ("-", "−"):
            self.zoom(0.8)
        elif text == "0":
            self.fit()
        elif key == Qt.Key.Key_Space:
            self.play_wanted.emit()
        elif self.markers and Qt.Key(key) in pages:
            self.marker_wanted.emit(pages[Qt.Key(key)])
        elif Qt.Key(key) in ends:
            self._seek(ends[Qt.Key(key)])
        elif Qt.Key(key) in steps and not event.modifiers():
            beat = self._table.beat_ticks(self._tick)
            self._seek(self._tick + steps[Qt.Key(key)] * beat)
        else:
            super().keyPressEvent(event)

    def viewportEvent(self, event: QEvent) -> bool:
        """Tell of the note that the pointer rests on."""
        if isinstance(event, QHelpEvent) and event.type() is QEvent.Type.ToolTip:
            words = self.note_words(self.note_at(QPointF(event.pos())))
            if words:
                QToolTip.showText(event.globalPos(), words, self)
            else:
                QToolTip.hideText()
            return True
        return super().viewportEvent(event)

    def note_words(self, index: int) -> str:
        """Return what is said of a note: name, place, length, velocity, track."""
        if index < 0:
            return ""
        table = self._table
        tick = int(table.start[index])
        place = table.place(tick)
        beats = (int(table.end[index]) - tick) / table.beat_ticks(tick)
        track = int(table.track[index])
        words = self.tr(
            "{name} · bar {bar}, beat {beat} · {beats} beats long · velocity {velocity} · {track}"
        )
        return words.format(
            name=pitch_name(int(table.pitch[index])),
            bar=f"{place.bar:,}",
            beat=f"{place.beat:.3g}",
            beats=f"{beats:.3g}",
            velocity=int(table.velocity[index]),
            track=track_name(table.music.tracks[track]),
        )

    # -------------------------------------------------------------------------------- private

    def _seek(self, tick: float) -> None:
        tick = max(0.0, min(float(self._table.length), tick))
        self.seek_wanted.emit(self._table.seconds_at(tick))

    def _describe(self) -> None:
        table = self._table
        words = self.tr("{notes} notes in {tracks} tracks, {bars} bars")
        self.setAccessibleDescription(
            words.format(
                notes=f"{len(table):,}", tracks=len(table.music.tracks), bars=f"{table.bars():,}"
            )
        )

    def _draw_sounding(self, painter: QPainter, view: QRect) -> None:
        """Frame the notes under the playhead."""
        if not 0 < self._tick < self._table.length:
            return
        sounding = self._table.between(self._tick, np.nextafter(self._tick, np.inf))[:_GLOWING]
        painter.setPen(QPen(QColor(theme().colour("text")), 1.5))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRects(note_boxes(self._table, self._scale, sounding, QRectF(view)))

    @Slot()
    def _on_theme(self) -> None:
        self._forget()


def _playhead_colour() -> QColor:
    return theme().series(PLAYHEAD_SERIES)
