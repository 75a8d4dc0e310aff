"""What a recording scrolls and zooms in: seconds across, waveform over spectrum."""

from __future__ import annotations

from itertools import count

from PySide6.QtCore import QPointF, QRect, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QFrame, QSizePolicy, QWidget

from studio.ui.views.sound_edges import GUTTER, RULER
from studio.ui.views.sound_reading import Recording
from studio.ui.views.sound_tiles import Room, SoundTiles
from studio.ui.views.timeline import Timeline

_WIDEST = 1 << 30  # pixels of the whole picture
_SAMPLE = 12.0  # pixels of a sample at most
_FROM = 150  # pixels of height from which on there is a spectrum
_SHARE = 0.4  # of the height that the waveform has
_GAINS = (1.0, 128.0)
_NUMBERS = count(1)


class SoundFrame(Timeline):
    """A recording that scrolls. The wheel scrolls, with Ctrl it zooms, with Ctrl+Shift in level.

    Signals:
        scrolled: Another part is in sight, or at another scale.
    """

    scrolled = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._recording: Recording | None = None
        self._number = next(_NUMBERS)
        self._tiles = SoundTiles(self._number)
        self._across = 100.0  # pixels of a second
        self._gain = 1.0
        self._extent = 0.0  # seconds that there is room for at least
        self._fits = True  # until the user zooms
        self._moves = False  # since it was painted last
        self._with_spectrum = True
        self._ratio = 0.0
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(QSize(120, 64))

    @property
    def recording(self) -> Recording | None:
        """What is shown."""
        return self._recording

    @property
    def seconds(self) -> float:
        """How long it is."""
        return self._recording.seconds if self._recording is not None else 0.0

    @property
    def across(self) -> float:
        """Pixels of a second."""
        return self._across

    def set_spectrum(self, shown: bool) -> None:
        """Show waveform and spectrum, or the waveform alone."""
        self._with_spectrum = shown
        self._rescaled()

    def set_extent(self, seconds: float) -> None:
        """Leave room for so many seconds, so that two of other lengths stand below each other."""
        self._extent = seconds
        self._rescaled()

    # ----------------------------------------------------------------------------------- zoom

    def fit(self) -> None:
        """Show all of it, as loud as it is."""
        self._fits, self._gain = True, 1.0
        self._rescaled()

    def zoom(self, factor: float, at: float | None = None) -> None:
        """Zoom in time by a factor, keeping the place `at` (pixels of the room) where it is."""
        at = self._room().width() / 2 if at is None else at
        seconds = self.left() + at / self._across
        self.show_part(seconds - at / self._bounded(self._across * factor), self._across * factor)

    def zoom_level(self, factor: float) -> None:
        """Draw the waveform louder or softer."""
        self._gain = max(_GAINS[0], min(_GAINS[1], self._gain * factor))
        self._rescaled()

    def show_part(self, left: float, across: float) -> None:
        """Show the part that begins at a time, at a scale in pixels of a second."""
        self._tiles.keep_sight(self._view())
        bar = self.horizontalScrollBar()
        across = self._bounded(across)
        self._fits = self._fits_at(across)
        self._moves = True
        self._across = across
        self._rescaled()
        bar.setValue(round(left * self._across))

    def left(self) -> float:
        """Return the time at the left edge."""
        return self.horizontalScrollBar().value() / self._across

    # --------------------------------------------------------------------------------- places

    def time_at(self, point: QPointF) -> float:
        """Return the time under a point of the viewport, within the recording."""
        seconds = self.left() + (point.x() - GUTTER) / self._across
        return max(0.0, min(self.seconds, seconds))

    def x_of(self, seconds: float) -> float:
        """Return where a time is drawn in the viewport."""
        return GUTTER + (seconds - self.left()) * self._across

    # --------------------------------------------------------------------------------- events

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit again, or show more."""
        super().resizeEvent(event)
        self._rescaled()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """Paint again: the edges stay where they are."""
        self._moves = True
        self.viewport().update()
        self.scrolled.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll, or zoom with Ctrl."""
        turned = event.angleDelta()
        keys = event.modifiers()
        notches = (turned.y() or turned.x()) / 120
        bar = self.horizontalScrollBar()
        if keys & Qt.KeyboardModifier.ControlModifier:
            if keys & Qt.KeyboardModifier.ShiftModifier:
                self.zoom_level(1.25**notches)
            else:
                self.zoom(1.25**notches, event.position().x() - GUTTER)
            event.accept()
        elif bar.maximum() > 0:
            bar.setValue(bar.value() - round(notches * 60))
            event.accept()
        else:
            event.ignore()  # a page around it may scroll

    # -------------------------------------------------------------------------------- private

    def _room(self) -> QRect:
        """Return where the recording is drawn, in the viewport."""
        size = self.viewport().size()
        return QRect(GUTTER, RULER, max(1, size.width() - GUTTER), max(1, size.height() - RULER))

    def _wave_room(self) -> QRect:
        room = self._room()
        if not self._with_spectrum or room.height() < _FROM:
            return room
        return QRect(room.topLeft(), QSize(room.width(), round(room.height() * _SHARE)))

    def _spectrum_room(self) -> QRect:
        """Return where the spectrum is drawn; empty when there is no room for it."""
        room, wave = self._room(), self._wave_room()
        height = room.height() - wave.height()
        return QRect(room.left(), wave.bottom() + 1, room.width(), height)

    def _bounded(self, across: float) -> float:
        if self._recording is None or self.seconds <= 0:
            return max(1e-3, across)
        fits = self._room().width() / self._whole()
        most = min(_SAMPLE * self._recording.peaks.rate, _WIDEST / self._whole())
        return max(fits, min(max(fits, most), across))

    def _whole(self) -> float:
        """Return how many seconds there is room for."""
        return max(self.seconds, self._extent)

    def _fits_at(self, across: float) -> bool:
        return self.seconds > 0 and across * self._whole() <= self._room().width() * 1.0001

    def _rescaled(self) -> None:
        """Follow another scale, size or recording."""
        room = self._room()
        if self._fits and self.seconds > 0:
            self._across = room.width() / self._whole()
        else:
            self._across = self._bounded(self._across)
        width = round(self._whole() * self._across)
        bar = self.horizontalScrollBar()
        bar.setRange(0, max(0, width - room.width()))
        bar.setPageStep(room.width())
        bar.setSingleStep(40)
        self._forget()
        self.zoomed.emit()
        self.scrolled.emit()

    def _forget(self) -> None:
        """Paint all anew."""
        self._ratio = self.devicePixelRatioF()
        wave, spectrum = self._wave_room().height(), self._spectrum_room().height()
        room = Room(self._across, wave, spectrum, self._gain, self._ratio)
        self._tiles.show(self._recording, room)
        self.viewport().update()

    def _view(self) -> QRect:
        """Return the part of the whole picture that is in sight."""
        return QRect(self.horizontalScrollBar().value(), 0, self._room().width(), 1)
