"""The bar below a waveform: what every player has, how loud it is now, and what is chosen."""

from __future__ import annotations

import math

from PySide6.QtCore import QRectF, QSize, Qt, Slot
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.ui.sound import player
from studio.ui.sound_thread import Piece
from studio.ui.theme import theme, ui_font
from studio.ui.views.sound_canvas import SoundCanvas, Span
from studio.ui.views.sound_edges import decibels, time_words
from studio.ui.views.transport import TransportBar
from studio.ui.widgets.labels import label

_WITH_LEVEL, _WITH_CHOSEN = 520, 640  # pixels of width that they need
_SHORT = 60.0  # seconds up to which a clock shows tenths
_FLOOR = -60.0  # dB at the left end of the meter
_FALLS = 1.5  # dB that the meter falls in a frame


class SoundBar(TransportBar):
    """Plays the recording of a canvas, whole or the part that is chosen.

    Attributes:
        meter: How loud it is.
    """

    def __init__(self, canvas: SoundCanvas) -> None:
        self._canvas = canvas
        self.meter = LevelMeter()
        self._chosen = label("", "caption")
        self._chosen.setFont(ui_font(11, tabular=True))
        super().__init__(canvas)
        self.middle.addWidget(self._chosen)
        self.middle.addWidget(self.meter)
        canvas.span_changed.connect(self._on_span)

    def show_piece(self, piece: Piece | None) -> None:
        """Play another recording from now on."""
        super().show_piece(piece)
        self._on_span(self._canvas.span)

    def clock(self, seconds: float) -> str:
        """Return a time, of short recordings with tenths."""
        step = 0.1 if self._timeline.seconds < _SHORT else 1.0
        return time_words(seconds, step) if step < 1 else super().clock(seconds)

    @Slot(object)
    def _on_span(self, span: Span | None) -> None:
        if self.piece is not None:
            player().set_span(self.piece, span)
        if span is None:
            self._chosen.setText("")
        else:
            words = self.tr("{length} s chosen")
            self._chosen.setText(words.format(length=f"{span[1] - span[0]:.2f}"))
        self._fit()

    def _fit(self) -> None:
        super()._fit()
        self.meter.setVisible(self.width() >= _WITH_LEVEL)
        self._chosen.setVisible(self.width() >= _WITH_CHOSEN and bool(self._chosen.text()))

    def _show(self, *, follow: bool = False) -> None:
        super()._show(follow=follow)
        self.meter.show_level(self._canvas.level_at(self.position()) if self.playing() else None)


class LevelMeter(QWidget):
    """A line that is as long as it is loud, and the same in dB."""

    def __init__(self) -> None:
        super().__init__()
        self._level: float | None = None  # dB
        self.setFont(ui_font(11, tabular=True))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Level"))
        self.setToolTip(self.tr("How loud it is now, in dB below the loudest possible (dBFS)"))
        theme().changed.connect(self.update)

    def show_level(self, level: float | None) -> None:
        """Show a level, 0 … 1; None while nothing plays."""
        if level is None:
            if self._level is not None:
                self._level = None
                self.update()
            return
        now = 20 * math.log10(max(level, 1e-5))
        if self._level is not None:
            now = max(now, self._level - _FALLS)
        self._level = max(_FLOOR, now)
        self.update()

    def sizeHint(self) -> QSize:
        """Ask for a line and a number."""
        return QSize(112, 16)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw line and number."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        line = QRectF(0, self.height() / 2 - 2, 68, 4)
        painter.setBrush(theme().colour("line"))
        painter.drawRoundedRect(line, 2, 2)
        if self._level is None:
            return
        share = 1 - self._level / _FLOOR
        full = self._level > -0.1
        painter.setBrush(theme().colour("warn" if full else "accent"))
        painter.drawRoundedRect(QRectF(line.left(), line.top(), line.width() * share, 4), 2, 2)
        painter.setPen(theme().colour("muted"))
        box = QRectF(line.right() + 4, 0, self.width() - line.right() - 4, self.height())
        words = "−∞" if self._level <= _FLOOR else decibels(self._level)
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, f"{words} dB")
