"""Bars side by side, such as how many items each label has."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QHelpEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from studio.ui.theme import theme, ui_font

#: Widest and narrowest bar, in logical pixels.
_WIDEST, _NARROWEST = 34.0, 2.0
_NAMES = 16  # height of the line of names


class Bar(NamedTuple):
    """One bar: `key` is handed over when it is clicked, `tip` says more than `text`."""

    key: str
    text: str
    number: int
    tip: str = ""


class BarChart(QWidget):
    """Bars side by side with their names below, as far as those fit.

    Signals:
        picked: The key of the bar that was clicked.
    """

    picked = Signal(str)

    def __init__(self, name: str, height: int = 96) -> None:
        super().__init__()
        self._name = name
        self._bars: list[Bar] = []
        self._height = height
        self.setFont(ui_font(11))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self.update)
        self.set_bars([])

    def set_name(self, name: str) -> None:
        """Say what is counted, for screen readers."""
        self._name = name

    def set_bars(self, bars: list[Bar]) -> None:
        """Show other bars."""
        self._bars = bars
        words = ", ".join(f"{bar.tip or bar.text} {bar.number:,}" for bar in bars[:20])
        self.setAccessibleName(f"{self._name}: {words}" if bars else self._name)
        self.update()

    def sizeHint(self) -> QSize:
        """Return the usual size."""
        return QSize(120, self._height)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the bars, the line they stand on, and their names."""
        if not self._bars:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        step = self._step()
        most = max(bar.number for bar in self._bars) or 1
        floor = self.height() - _NAMES - 2.0
        width = max(_NARROWEST, min(_WIDEST, step * 0.72))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme().colour("accent"))
        for place, bar in enumerate(self._bars):
            height = max(1.0, (floor - 4) * bar.number / most) if bar.number else 0.0
            left = self._left() + place * step + (step - width) / 2
            painter.drawRect(QRectF(left, floor - height, width, height))
        painter.fillRect(QRectF(0, floor, self.width(), 1), theme().colour("line"))
        self._draw_names(painter, step, floor)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Pick a bar."""
        bar = self._at(event.position())
        if bar is not None:
            self.picked.emit(bar.key)

    def event(self, event: QEvent) -> bool:
        """Tell a bar's name and number when the pointer rests on it."""
        if isinstance(event, QHelpEvent) and event.type() is QEvent.Type.ToolTip:
            bar = self._at(QPointF(event.pos()))
            if bar is None:
                QToolTip.hideText()
            else:
                QToolTip.showText(event.globalPos(), f"{bar.tip or bar.text}: {bar.number:,}", self)
            return True
        return super().event(event)

    def _draw_names(self, painter: QPainter, step: float, floor: float) -> None:
        painter.setPen(theme().colour("muted"))
        metrics = painter.fontMetrics()
        names = [_shortened(bar.text, step, metrics) for bar in self._bars]
        if not all(names):
            # too many to name: the first and the last tell where one stands
            line = QRectF(0, floor + 2, self.width(), _NAMES)
            half = self.width() // 2
            elide = Qt.TextElideMode.ElideRight
            first, last = self._bars[0].text, self._bars[-1].text
            painter.drawText(
                line, Qt.AlignmentFlag.AlignLeft, metrics.elidedText(first, elide, half)
            )
            painter.drawText(
                line, Qt.AlignmentFlag.AlignRight, metrics.elidedText(last, elide, half)
            )
            return
        for place, name in enumerate(names):
            box = QRectF(self._left() + place * step, floor + 2, step, _NAMES)
            painter.drawText(box, Qt.AlignmentFlag.AlignHCenter, name)

    def _step(self) -> float:
        return min(_WIDEST * 2.4, self.width() / max(1, len(self._bars)))

    def _left(self) -> float:
        return (self.width() - self._step() * len(self._bars)) / 2

    def _at(self, point: QPointF) -> Bar | None:
        place = int((point.x() - self._left()) // self._step()) if self._bars else -1
        return self._bars[place] if 0 <= place < len(self._bars) else None


def _shortened(text: str, width: float, metrics: QFontMetrics) -> str:
    """Return the beginning of a name that fits; empty when not even three letters do."""
    for length in (len(text), *range(min(len(text), 8), 2, -1)):
        if metrics.horizontalAdvance(text[:length]) <= width - 3:
            return text[:length]
    return ""
