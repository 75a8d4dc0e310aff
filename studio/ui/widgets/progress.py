"""A thin progress bar, and a small curve of a load."""

from __future__ import annotations

from collections import deque

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.ui.theme import theme


class ProgressBar(QWidget):
    """How far something is, as a rounded line 6 pixels high; without an end it is half bright."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name
        self._share: float | None = 0.0
        self.setFixedHeight(6)
        self.setMinimumWidth(40)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.set_share(0.0)
        theme().changed.connect(self.update)

    def set_share(self, share: float | None) -> None:
        """Show a share between 0 and 1; None when the end is not known."""
        self._share = None if share is None else min(1.0, max(0.0, share))
        percent = self.tr("running") if share is None else f"{self._share:.0%}"
        self.setAccessibleName(f"{self._name} {percent}")
        self.update()

    def sizeHint(self) -> QSize:
        """Return the usual size."""
        return QSize(180, 6)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the groove and what is done."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        box = QRectF(self.rect())
        painter.setBrush(theme().colour("line"))
        painter.drawRoundedRect(box, 3, 3)
        if self._share is None:
            painter.setOpacity(0.5)
        if self._share is None or self._share > 0:
            share = 1.0 if self._share is None else self._share
            box.setWidth(max(6.0, box.width() * share))
            painter.setBrush(theme().colour("accent"))
            painter.drawRoundedRect(box, 3, 3)


class Sparkline(QWidget):
    """The last minute of a load, as small bars."""

    _BAR, _GAP = 3, 1

    def __init__(self, name: str, bars: int = 12) -> None:
        super().__init__()
        self._name = name
        self._values: deque[float] = deque(maxlen=bars)
        self.setFixedSize(bars * (self._BAR + self._GAP), 14)
        self.setAccessibleName(name)
        theme().changed.connect(self.update)

    def add(self, value: float) -> None:
        """Add a load between 0 and 1."""
        self._values.append(min(1.0, max(0.0, value)))
        self.setAccessibleName(f"{self._name} {value:.0%}")
        self.setToolTip(f"{self._name} {value:.0%}")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the bars, the newest at the right."""
        painter = QPainter(self)
        step = self._BAR + self._GAP
        right = self.width()
        for place, value in enumerate(reversed(self._values)):
            height = max(1.5, value * self.height())
            corner = QPointF(right - (place + 1) * step, self.height() - height)
            painter.fillRect(
                QRectF(corner.x(), corner.y(), self._BAR, height), theme().colour("muted")
            )
