"""The piano roll: notes over bars and beats, a keyboard at the left, a playhead that moves."""

from __future__ import annotations

import time

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import (
    QColor,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QSizePolicy, QToolTip, QWidget

from studio.core.media import Music
from studio.ui.theme import theme
from studio.ui.views.music_colours import PLAYHEAD_SERIES, track_name
from studio.ui.views.music_edges import KEYS, RULER, Marker, draw_keys, draw_ruler
from studio.ui.views.music_notes import Chosen, NoteTable, pitch_name
from studio.ui.views.music_tiles import Scale, Tiles, note_boxes

_MIN_ROWS = 25  # two octaves
_ROOM = 2  # rows above the highest and below the lowest note
_USUAL_BEAT = 12.0  # narrowest beat, in pixels, at which a piece is shown first
_ROWS = (3.0, 28.0)  # lowest and highest row, in pixels
_USUAL_ROWS = (4.0, 16.0)
_ACROSS = (1e-7, 400.0)  # pixels of a beat at most and least
_WIDEST = 1 << 28  # pixels of the whole picture
_IN_MOTION = 0.12  # seconds between two paintings of something that moves
_BUDGET = 0.004  # seconds of a frame in which missing tiles are painted
_STANDING = 0.06  # the same, when nothing moves: the first sight of most pieces is whole
_GLOWING = 200  # notes that sound at once and are shown so


class PianoRoll(QAbstractScrollArea):
    """A piece as notes. Wheel scrolls, with Ctrl it zooms in time, with Ctrl+Shift in pitch.

    Attributes:
        markers: Places with a name, shown above the notes.

    Signals:
        seek_wanted: The user wants to hear the piece from here, in seconds.
        play_wanted: The user wants to hear it, or to hold it.
        zoomed: The scale is another one.
    """

    seek_wanted = Signal(float)
    play_wanted = Signal()
    zoomed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._table = NoteTable(Music(()))
        self._tiles = Tiles()
        self._scale = Scale(0.1, 8.0, 48, 72)
        self._fits = True  # until the user zooms
        self._tick = 0.0
        self._painted = 0.0
        self._message = ""
        self._chosen: Chosen | None = None
        self._ratio = 0.0
        self.markers: tuple[Marker, ...] = ()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setCornerWidget(QWidget())  # empty, where the style would draw a box
        self.setMinimumSize(QSize(120, 80))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setMouseTracking(True)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName(self.tr("Piano roll"))
        theme().changed.connect(self._on_theme)

    # ------------------------------------------------------------------------------- contents

    @property
    def table(self) -> NoteTable:
        """The notes that are shown."""
        return self._table

    @property
    def scale(self) -> Scale:
        """How ticks and pitches become pixels."""
        return self._scale

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
            x, bar = self._scale.x(self._tick), self.horizontalScrollBar()
            room = self._room().width()
            if not bar.value() <= x <= bar.value() + room - 12:
                bar.setValue(round(x - room * 0.08))
        self.viewport().update()

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
        self._fits = False
        self._scale.across = self._bounded(self._scale.across * factor)
        self._rescaled()
        bar.setValue(round(tick * self._scale.across - at))

    def zoom_rows(self, factor: float) -> None:
        """Zoom in pitch by a factor, keeping the middle where it is."""
        bar = self.verticalScrollBar()
        half = self._room().height() / 2
        pitch = (bar.value() + half) / self._scale.row
        self._fits = False
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

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw tiles, what sounds now, the playhead, keyboard and ruler."""
        began = time.perf_counter()
        moves = began - self._painted < _IN_MOTION
        if self._ratio != self.devicePixelRatioF():
            self._forget()
        painter = QPainter(self.viewport())
        painter.fillRect(self.viewport().rect(), theme().colour("panel"))
        if self._message:
            painter.setPen(theme().colour("muted"))
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(self.viewport().rect().adjusted(12, 0, -12, 0), flags, self._message)
            return
        room = self._room()
        painter.setClipRect(room)
        view = self._view()
        corner = QPointF(room.left(), room.top() + self._gap())
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
        if not whole:
            self.viewport().update()
        elif moves and self._painted - began < _BUDGET:
            self._tiles.prefetch(view.translated(room.width(), 0))

    def draw_over(self, painter: QPainter, view: QRect) -> None:
        """Draw over the notes, in pixels of the whole picture; `view` is the part in sight."""

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit again, or show more."""
        super().resizeEvent(event)
        self._arrange()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """Paint again: the edges stay where they are."""
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

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space plays, + and − zoom, 0 fits; arrows, Home and End move the playhead."""
        key, text = event.key(), event.text()
        ends = {Qt.Key.Key_Home: 0.0, Qt.Key.Key_End: float(self._table.length)}
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        if text in ("+", "="):
            self.zoom(1.25)
        elif text in ("-", "−"):
            self.zoom(0.8)
        elif text == "0":
            self.fit()
        elif key == Qt.Key.Key_Space:
            self.play_wanted.emit()
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


def _between(value: float, bounds: tuple[float, float]) -> float:
    return max(bounds[0], min(bounds[1], value))


def _playhead_colour() -> QColor:
    return theme().series(PLAYHEAD_SERIES)
