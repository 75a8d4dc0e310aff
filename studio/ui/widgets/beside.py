"""Two bars, one above the other: what was made, and the same of the data, with words for both."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget

from studio.core.family_info import Metric
from studio.ui.theme import GAP, Colour, theme, ui_font
from studio.ui.widgets.labels import label
from studio.ui.words import value_words

_LINE, _THICK = 18, 8  # height of a line and of its bar, in logical pixels
_WORDS = 104  # room for the value behind a bar
_ALIKE = 0.05  # of a number, or half a point of a share
_COLOURS: tuple[Colour, Colour] = ("accent", "muted")


class PairOfBars(QWidget):
    """A value and the one that it is compared with, as bars of one scale."""

    def __init__(self, metric: Metric, value: float, beside: float) -> None:
        super().__init__()
        self._values = (value, beside)
        # a share is of a whole, so that little looks little
        self._most = 1.0 if metric.percent else max(*map(abs, self._values), 1e-12)
        self._words = [measured_words(metric, each) for each in self._values]
        self.setAccessibleName(
            _tr("{made} in samples, {data} in your data").format(
                made=self._words[0], data=self._words[1]
            )
        )
        self.setFont(ui_font(11, tabular=True))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """Return the usual size."""
        return QSize(260, 2 * _LINE)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw both bars on their grounds, each with its value."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        room = max(20.0, self.width() - _WORDS)
        for place, (value, words) in enumerate(zip(self._values, self._words, strict=True)):
            top = place * _LINE + (_LINE - _THICK) / 2
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme().colour("raised"))
            painter.drawRoundedRect(QRectF(0, top, room, _THICK), 3, 3)
            share = min(1.0, abs(value) / self._most)
            painter.setBrush(theme().colour(_COLOURS[place]))
            painter.drawRoundedRect(QRectF(0, top, max(2.0, room * share), _THICK), 3, 3)
            painter.setPen(theme().colour("text" if place == 0 else "muted"))
            box = QRectF(room + GAP, place * _LINE, _WORDS - GAP, _LINE)
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, words)


class Swatch(QWidget):
    """A small square in the colour of one of the bars, for a legend."""

    def __init__(self, place: int) -> None:
        super().__init__()
        self._colour = _COLOURS[place]
        self.setFixedSize(10, 10)
        theme().changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme().colour(self._colour))
        painter.drawRoundedRect(QRectF(self.rect()), 2, 2)


def add_beside(grid: QGridLayout, row: int, metric: Metric, value: float, beside: float) -> None:
    """Put a measure into a row of a grid: its name, both bars, and the difference in words."""
    name = label(metric.title, "muted", wrap=True)
    difference, alike = difference_words(metric, value, beside)
    words = label(difference, "good" if alike else "body", wrap=True)
    words.setMinimumWidth(96)
    bars = PairOfBars(metric, value, beside)
    for column, part in enumerate((name, bars, words)):
        part.setToolTip(metric.help)
        grid.addWidget(part, row, column)


def difference_words(metric: Metric, value: float, beside: float) -> tuple[str, bool]:
    """Return how a value differs from the one that it is compared with, and if it hardly does."""
    if metric.percent:
        points = round(100 * (value - beside))
        if not points:
            return _tr("alike"), True
        if abs(points) == 1:
            return (_tr("1 point more") if points > 0 else _tr("1 point less")), False
        more = _tr("{count} points more") if points > 0 else _tr("{count} points less")
        return more.format(count=abs(points)), False
    if not beside:
        return (_tr("alike"), True) if not value else (_tr("none in your data"), False)
    ratio = value / beside
    if abs(ratio - 1) < _ALIKE:
        return _tr("alike"), True
    if ratio >= 2:
        return _tr("{ratio} times as much").format(ratio=f"{ratio:.1f}"), False
    more = _tr("{percent} % more") if ratio > 1 else _tr("{percent} % less")
    return more.format(percent=f"{abs(ratio - 1) * 100:.0f}"), False


def measured_words(metric: Metric, value: float) -> str:
    """Return a value as people read it; what was counted has no fraction: `61 characters`."""
    if metric.unit and not metric.percent and value.is_integer() and value >= 0:
        return f"{value:,.0f} {metric.unit}"
    return value_words(metric, value)


def _tr(text: str) -> str:
    return QCoreApplication.translate("beside", text)
