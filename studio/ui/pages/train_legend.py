"""Names and values of the curves: a click hides or shows one, hovering reads all at one step."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QWidget

from studio.core.family_info import Metric
from studio.ui.pages.train_plot import Curve
from studio.ui.pages.train_words import settled
from studio.ui.theme import theme, ui_font
from studio.ui.widgets.flow import FlowLayout
from studio.ui.widgets.labels import label
from studio.ui.words import number_words

_MARK = 18  # width of the piece of curve before the name
_REFRESH_MS = 300


@dataclass(frozen=True)
class LegendItem:
    """One curve in the legend; `name` is its metric's, `run` the run's when there are several."""

    name: str
    curve: Curve
    metric: Metric
    run: str = ""
    shown: bool = True


class LegendEntry(QAbstractButton):
    """A piece of the curve, its name and its value."""

    def __init__(self, item: LegendItem) -> None:
        super().__init__()
        self.item = item
        self._value = ""
        self.setCheckable(True)
        self.setChecked(item.shown)
        self.setFont(ui_font(12, tabular=True))
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        unit = f" ({item.metric.unit})" if item.metric.unit else ""
        self.setToolTip(f"{item.metric.title}{unit}. {item.metric.help}")
        theme().changed.connect(self.update)

    def show_value(self, value: float | None) -> None:
        """Show a value, or none."""
        words = number_words(self.item.metric, value) if value is not None else "–"
        if words != self._value:
            self._value = words
            self.setAccessibleName(self._words())
            self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:
        """Ask for room for the longest usual value, so that entries do not jump about."""
        width = self.fontMetrics().horizontalAdvance(self._words()) + _MARK + 12
        return QSize(width, 22)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the piece of curve and the words; those of a hidden curve are pale."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = self.height() / 2
        strength = 1.0 if self.isChecked() else 0.3
        painter.setPen(self.item.curve.pen(strength=strength))
        painter.drawLine(2, round(middle), _MARK - 4, round(middle))
        painter.setPen(theme().colour("text" if self.isChecked() else "muted"))
        words = self.rect().adjusted(_MARK + 2, 0, 0, 0)
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.drawText(words, flags, self._words())
        if self.hasFocus():
            painter.setPen(theme().colour("accent"))
            painter.drawRoundedRect(self.rect().adjusted(0, 0, -1, -1), 5, 5)

    def _words(self) -> str:
        name = " · ".join(filter(None, (self.item.metric.title, self.item.run)))
        return f"{name} {self._value}" if self.isChecked() else name


class Legend(QWidget):
    """The entries, wrapped like words; before them the step that is read.

    Signals:
        toggled: (metric, whether it is to be shown).
    """

    toggled = Signal(str, bool)

    def __init__(self) -> None:
        super().__init__()
        self._layout = FlowLayout(self, spacing=6)
        self._step: float | None = None
        self._entries: list[LegendEntry] = []
        self._where = label("", "caption")
        self._where.setFont(ui_font(11, tabular=True))
        self._where.setFixedHeight(22)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(_REFRESH_MS)
        self._later.timeout.connect(self._show_values)

    def entries(self) -> list[LegendEntry]:
        """Return the entries in their order."""
        return list(self._entries)

    def set_items(self, items: list[LegendItem]) -> None:
        """Show these curves."""
        for entry in self._entries:
            self._layout.removeWidget(entry)
            entry.hide()
            entry.deleteLater()
        self._layout.removeWidget(self._where)
        self._entries = [LegendEntry(item) for item in items]
        for entry in self._entries:
            entry.clicked.connect(
                lambda checked, name=entry.item.name: self.toggled.emit(name, checked)
            )
            self._layout.addWidget(entry)
        self._layout.addWidget(self._where)
        self._show_values()

    @Slot(object)
    def show_step(self, step: float | None) -> None:
        """Read the values at a step, the newest ones for None."""
        self._step = step
        self._show_values()

    @Slot()
    def refresh(self) -> None:
        """Read the values again soon."""
        if not self._later.isActive():
            self._later.start()

    @Slot()
    def _show_values(self) -> None:
        for entry in self._entries:
            series = entry.item.curve.series
            if self._step is None:
                entry.show_value(settled(series))
            else:
                entry.show_value(series.at(self._step))
        at = self.tr("at step {step}").format(step=f"{self._step:,.0f}") if self._step else ""
        self._where.setText(at)
        self._where.setVisible(bool(at))
