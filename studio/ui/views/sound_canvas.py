"""A recording to look at: waveform over spectrum, a part of it chosen, a playhead that moves."""

from __future__ import annotations

import time

import numpy as np
from PySide6.QtCore import QPointF, QRect, QRectF, Qt, Signal, Slot
from PySide6.QtGui import QColor, QHideEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QWidget

from studio.ui.theme import theme, ui_font
from studio.ui.views.music_colours import PLAYHEAD_SERIES
from studio.ui.views.sound_edges import (
    draw_levels,
    draw_pitches,
    draw_ruler,
    time_words,
)
from studio.ui.views.sound_frame import SoundFrame
from studio.ui.views.sound_reading import NARROW, Recording, sights

_IN_MOTION = 0.12  # seconds between two paintings of something that moves
_BUDGET = 0.004  # seconds of a frame in which missing tiles are painted
_STANDING = 0.06  # the same, when nothing moves
_STEP = 1 / 40  # of what is in sight, that an arrow key moves
_LEVEL = 0.06  # seconds over which the level is taken
_LEAST = 0.002  # seconds of a part

#: A part of a recording, (from, to) in seconds.
Span = tuple[float, float]


class SoundCanvas(SoundFrame):
    """A recording with a playhead. Click goes there, drag chooses a part.

    Keys: Space plays, + and − zoom, 0 shows all, arrows, Home and End move the playhead, with Shift
    they choose a part, Z zooms to it, Esc chooses none.

    Signals:
        span_changed: The part that is chosen is another one: (from, to) in seconds, or None.
    """

    span_changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._playhead = 0.0
        self._painted = 0.0
        self._message = ""
        self._span: Span | None = None
        self._anchor: float | None = None  # where the pointer was pressed
        self._drags = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.viewport().setCursor(Qt.CursorShape.IBeamCursor)
        self.setAccessibleName(self.tr("Waveform"))
        theme().changed.connect(self._on_theme)
        sights().ready.connect(self._on_ready)

    # ------------------------------------------------------------------------------- contents

    def show_recording(self, recording: Recording | None) -> None:
        """Show a recording from its beginning, all of it."""
        self._recording, self._message = recording, ""
        self._playhead, self._gain, self._fits = 0.0, 1.0, True
        self._span = None
        if recording is None:
            self.setAccessibleDescription("")
        else:
            words = self.tr("{time} of sound, {rate} Hz, {channels}")
            lanes = recording.peaks.channels
            self.setAccessibleDescription(
                words.format(
                    time=time_words(recording.seconds, 0.1),
                    rate=f"{recording.peaks.rate:,}",
                    channels=self.tr("stereo") if lanes == 2 else self.tr("mono"),
                )
            )
        self._rescaled()
        self.horizontalScrollBar().setValue(0)

    def show_message(self, message: str) -> None:
        """Show nothing but words."""
        self.show_recording(None)
        self._message = message
        self.viewport().update()

    @property
    def message(self) -> str:
        """The words in the place of a recording."""
        return self._message

    @property
    def span(self) -> Span | None:
        """The part that is chosen."""
        return self._span

    def set_span(self, span: Span | None) -> None:
        """Choose a part."""
        if span is not None:
            first, last = sorted(max(0.0, min(self.seconds, edge)) for edge in span)
            span = (first, last) if last - first >= _LEAST else None
        if span != self._span:
            self._span = span
            self.viewport().update()
            self.span_changed.emit(span)

    def set_playhead(self, seconds: float, *, follow: bool = False) -> None:
        """Put the playhead somewhere; with `follow` the page turns when it runs out of sight."""
        if seconds == self._playhead and not follow:
            return
        self._playhead = seconds
        if follow:
            self._moves = True
            x, bar = seconds * self._across, self.horizontalScrollBar()
            width = self._room().width()
            if not bar.value() <= x <= bar.value() + width - 12:
                bar.setValue(round(x - width * 0.08))
        self.viewport().update()

    def level_at(self, seconds: float) -> float:
        """Return how loud it is at a time: the highest sample just before, 0 … 1."""
        if self._recording is None:
            return 0.0
        peaks = self._recording.peaks
        end = round(seconds * peaks.rate)
        start = end - max(NARROW, round(_LEVEL * peaks.rate))  # shorter ones are in the file alone
        return float(np.abs(peaks.peaks(start, end, 1)).max(initial=0.0))

    # --------------------------------------------------------------------------------- events

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw tiles, what is chosen, the playhead, levels, pitches and times."""
        began = time.perf_counter()
        moves = self._moves and began - self._painted < _IN_MOTION
        if self._ratio != self.devicePixelRatioF():
            self._forget()
        painter = QPainter(self.viewport())
        painter.fillRect(self.viewport().rect(), theme().colour("panel"))
        if self._recording is None:
            painter.setPen(theme().colour("muted"))
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(self.viewport().rect().adjusted(12, 0, -12, 0), flags, self._message)
            return
        room, wave, spectrum = self._room(), self._wave_room(), self._spectrum_room()
        end = min(room.right() + 1, round(self.x_of(self.seconds)))
        painter.setClipRect(QRect(room.left(), room.top(), end - room.left(), room.height()))
        corner = QPointF(room.topLeft())
        whole = self._tiles.draw(painter, self._view(), corner, _BUDGET if moves else _STANDING)
        self.draw_over(painter, room)
        self._draw_span(painter, room)
        painter.setClipRect(room)
        x = self.x_of(self._playhead)
        painter.fillRect(QRectF(x - 1, room.top(), 2, room.height()), _playhead_colour())
        painter.setClipping(False)
        draw_ruler(painter, room, self.left(), self._across, self.seconds)
        draw_levels(painter, wave, self._recording.peaks.channels, self._gain)
        if spectrum.height():
            draw_pitches(painter, spectrum, self._recording.peaks.rate / 2)
            painter.fillRect(QRect(0, spectrum.top(), room.right() + 1, 1), theme().colour("line"))
        self._draw_starts(painter, room)
        painter.end()
        self._painted = time.perf_counter()
        self._moves = moves and not whole
        if not whole:
            self.viewport().update()

    def draw_over(self, painter: QPainter, room: QRect) -> None:
        """Draw over the recording, in pixels of the viewport; `room` is where it is drawn."""

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin to choose a part, or go to the place under the pointer."""
        if event.button() is not Qt.MouseButton.LeftButton or self._recording is None:
            super().mousePressEvent(event)
            return
        at = self.time_at(event.position())
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._anchor, self._drags = self._far_end(at), True
            self.set_span((self._anchor, at))
        else:
            self._anchor, self._drags = at, False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Choose from where the pointer was pressed to where it is."""
        if self._anchor is None or not event.buttons() & Qt.MouseButton.LeftButton:
            super().mouseMoveEvent(event)
            return
        at = self.time_at(event.position())
        far = abs(at - self._anchor) * self._across
        if self._drags or far >= QApplication.startDragDistance() / 2:
            self._drags = True
            self.set_span((self._anchor, at))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Go to the place of a click, or to the beginning of the part that was chosen."""
        anchor, self._anchor = self._anchor, None
        if anchor is None:
            super().mouseReleaseEvent(event)
        elif self._drags and self._span is not None:
            self.seek_wanted.emit(self._span[0])
        else:
            self.set_span(None)
            self.seek_wanted.emit(anchor)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Play, zoom, move, choose: see the class."""
        key, text = Qt.Key(event.key()), event.text()
        ends = {Qt.Key.Key_Home: 0.0, Qt.Key.Key_End: self.seconds}
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        pages = {Qt.Key.Key_PageUp: -1, Qt.Key.Key_PageDown: 1}
        starts = self._recording.starts if self._recording is not None else ()
        if text in ("+", "="):
            self.zoom(1.25)
        elif text in ("-", "−"):
            self.zoom(0.8)
        elif text == "0":
            self.fit()
        elif key == Qt.Key.Key_Space:
            self.play_wanted.emit()
        elif key == Qt.Key.Key_Z and self._span is not None:
            self.zoom_to_span()
        elif key == Qt.Key.Key_Escape and self._span is not None:
            self.set_span(None)
        elif len(starts) > 1 and key in pages:
            self.marker_wanted.emit(pages[key])
        elif key in ends or (key in steps and not _held(event)):
            step = self._room().width() / self._across * _STEP
            target = ends[key] if key in ends else self._playhead + steps[key] * step
            self._move(target, choose=bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
        else:
            super().keyPressEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        """Read nothing for what is not in sight."""
        super().hideEvent(event)
        sights().forget(self._number)

    def zoom_to_span(self) -> None:
        """Show the chosen part as large as it fits."""
        if self._span is not None:
            first, last = self._span
            self.show_part(first, self._room().width() / (last - first))

    # -------------------------------------------------------------------------------- private

    def _move(self, seconds: float, *, choose: bool) -> None:
        """Move the playhead; with `choose` the part grows or shrinks with it."""
        seconds = max(0.0, min(self.seconds, seconds))
        if choose:
            # the end of the part that is not under the playhead stays
            self.set_span((self._far_end(self._playhead), seconds))
        elif self._span is not None:
            self.set_span(None)
        self.seek_wanted.emit(seconds)
        self.set_playhead(seconds)
        self._bring_into_sight(seconds)

    def _far_end(self, near: float) -> float:
        """Return the end of the part that is further from a place; the playhead without a part."""
        if self._span is None:
            return self._playhead
        return max(self._span, key=lambda edge: abs(edge - near))

    def _bring_into_sight(self, seconds: float) -> None:
        bar, width = self.horizontalScrollBar(), self._room().width()
        x = seconds * self._across
        if not bar.value() <= x <= bar.value() + width:
            bar.setValue(round(x - width / 2))

    def _draw_span(self, painter: QPainter, room: QRect) -> None:
        if self._span is None:
            return
        left, right = (self.x_of(edge) for edge in self._span)
        fill = QColor(theme().colour("accent"))
        fill.setAlphaF(0.18)
        painter.fillRect(QRectF(left, room.top(), right - left, room.height()), fill)
        for x in (left, right - 1):
            painter.fillRect(QRectF(x, room.top(), 1, room.height()), theme().colour("accent"))

    def _draw_starts(self, painter: QPainter, room: QRect) -> None:
        """Draw where the samples of a sheet begin, with their numbers."""
        starts = self._recording.starts if self._recording is not None else ()
        if len(starts) < 2:
            return
        painter.setClipRect(room)
        painter.setFont(ui_font(11, tabular=True))
        free = -1e9
        for number, start in enumerate(starts):
            x = self.x_of(start)
            if not room.left() - 30 <= x <= room.right():
                continue
            painter.fillRect(
                QRectF(round(x), room.top(), 1, room.height()), theme().colour("faint")
            )
            if x >= free:
                painter.setPen(theme().colour("muted"))
                box = QRectF(x + 4, room.top() + 1, 30, 14)
                painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, f"{number + 1}")
                free = x + 22
        painter.setClipping(False)

    @Slot()
    def _on_theme(self) -> None:
        self._forget()

    @Slot()
    def _on_ready(self) -> None:
        if self._recording is not None and self.isVisible():
            self.viewport().update()


def _held(event: QKeyEvent) -> bool:
    """Tell whether Ctrl, Alt or Meta is held, which mean other things."""
    wanted = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier
    return bool(event.modifiers() & ~wanted)


def _playhead_colour() -> QColor:
    return theme().series(PLAYHEAD_SERIES)
