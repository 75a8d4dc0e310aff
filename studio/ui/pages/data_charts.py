"""What the eye cannot see of a dataset, as bars: pictures per label, their sizes and shapes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QHelpEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QToolTip, QWidget

from studio.ui.theme import theme, ui_font
from studio.ui.widgets.cards import Card
from studio.ui.widgets.labels import label

#: Widest and narrowest bar, in logical pixels.
_WIDEST, _NARROWEST = 34.0, 2.0
_NAMES = 16  # height of the line of names
_ASPECT = 1.2  # width to height from which on a picture counts as wide
_BINS = 5


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


class StatisticsCard(Card):
    """Pictures per label, their sizes and their shapes.

    Signals:
        label_picked: The user clicked the bar of a label.
    """

    label_picked = Signal(str)

    def __init__(self) -> None:
        super().__init__(" ")
        self.set_title(self.tr("Pictures per label"))
        self._labels = BarChart(self.tr("Pictures per label"))
        self._labels.picked.connect(self.label_picked)
        self._none = label(self.tr("No labels. Sub-folders become labels."), "muted", wrap=True)
        self._sizes_title = label("", "caption")
        self._sizes = BarChart(self.tr("Pictures by their shorter side in pixels"), 60)
        self._shapes_title = label(self.tr("Shape"), "caption")
        self._shapes = BarChart(self.tr("Pictures by shape"), 60)
        below = QGridLayout()
        below.setHorizontalSpacing(16)
        below.setVerticalSpacing(2)
        for column, widgets in enumerate(
            ((self._sizes_title, self._sizes), (self._shapes_title, self._shapes))
        ):
            for row, widget in enumerate(widgets):
                below.addWidget(widget, row, column)
        self.body.addWidget(self._none)
        self.body.addWidget(self._labels)
        self.body.addLayout(below)

    def show_counts(self, labels: Mapping[str, int], sizes: Mapping[tuple[int, int], int]) -> None:
        """Show a dataset's counts by label and by (width, height) in pixels."""
        self._labels.set_bars([Bar(name, name, count) for name, count in labels.items()])
        self._labels.setVisible(bool(labels))
        self._none.setVisible(not labels)
        sides: dict[int, int] = {}
        for (width, height), count in sizes.items():
            side = min(width, height)
            sides[side] = sides.get(side, 0) + count
        self._sizes.set_bars(_binned(sides))
        self._sizes.setVisible(len(sides) > 1)
        one = self.tr("All {width} × {height} pixels")
        if len(sizes) == 1:
            (width, height) = next(iter(sizes))
            self._sizes_title.setText(one.format(width=width, height=height))
        else:
            self._sizes_title.setText(self.tr("Shorter side in pixels"))
        shapes = self._shape_bars(sizes)
        mixed = len([bar for bar in shapes if bar.number]) > 1
        self._shapes.set_bars(shapes)
        self._shapes.setVisible(mixed)
        self._shapes_title.setVisible(mixed)
        self._sizes_title.setVisible(bool(sizes))

    def _shape_bars(self, sizes: Mapping[tuple[int, int], int]) -> list[Bar]:
        counts = {"tall": 0, "square": 0, "wide": 0}
        for (width, height), count in sizes.items():
            aspect = width / max(1, height)
            shape = "wide" if aspect > _ASPECT else "tall" if aspect < 1 / _ASPECT else "square"
            counts[shape] += count
        words = {
            "tall": self.tr("tall"),
            "square": self.tr("square"),
            "wide": self.tr("wide"),
        }
        return [Bar(shape, words[shape], count) for shape, count in counts.items()]


def _binned(sides: Mapping[int, int]) -> list[Bar]:
    """Return bars of lengths: one per length where these are few, else in equal steps."""
    if len(sides) <= _BINS:
        return [Bar(str(side), str(side), sides[side]) for side in sorted(sides)]
    low, high = min(sides), max(sides)
    step = max(1, -(-(high - low + 1) // _BINS))
    bars = []
    for start in range(low, high + 1, step):
        count = sum(number for side, number in sides.items() if start <= side < start + step)
        tip = f"{start}–{start + step - 1}"
        bars.append(Bar(str(start), str(start), count, tip))
    return bars


def _shortened(text: str, width: float, metrics: QFontMetrics) -> str:
    """Return the beginning of a name that fits; empty when not even three letters do."""
    for length in (len(text), *range(min(len(text), 8), 2, -1)):
        if metrics.horizontalAdvance(text[:length]) <= width - 3:
            return text[:length]
    return ""
