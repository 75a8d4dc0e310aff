"""The plot of a run's curves: thinned out to the pixels, zoomed along the steps, read by hover."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QColor, QKeyEvent, QPen
from PySide6.QtWidgets import QGraphicsView

from studio.ui.pages.train_series import Array, Series, outline, smooth, thin, value_range
from studio.ui.theme import theme, ui_font

_REDRAW_MS = 150
_DASHES = ((), (7, 4), (9, 3, 2, 3), (14, 5), (2, 2))
_MOST_BUCKETS = 1200
_ZOOM = 1.4


@dataclass(frozen=True)
class Curve:
    """What is drawn of one metric of one run.

    Attributes:
        key: Name that stays the same from redraw to redraw.
        colour: Place in the theme's series; one per metric.
        dash: Place in the dash patterns; one per run, so that runs differ without colour.
    """

    key: str
    title: str
    series: Series
    colour: int
    dash: int = 0

    def pen(self, *, width: float = 2.0, strength: float = 1.0) -> QPen:
        """Return the pen that draws it."""
        colour = QColor(theme().series(self.colour))
        colour.setAlphaF(strength)
        pen = QPen(colour, width)
        # runs take their dashes from the front, curves whose colour comes again from the back
        again = self.colour // len(theme().tokens.series)
        if dashes := _DASHES[(self.dash - again) % len(_DASHES)]:
            pen.setDashPattern(list(dashes))
        return pen


class _StepAxis(pg.AxisItem):  # type: ignore[misc]  # pyqtgraph ships no types
    """Steps with separators between thousands, as everywhere else."""

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        """Return what stands at the ticks."""
        return [f"{value:,.0f}" if value == round(value) else "" for value in values]


class CurvePlot(pg.PlotWidget):  # type: ignore[misc]  # pyqtgraph ships no types
    """Curves over the steps. The values' axis always fits what is in sight.

    Wheel and drag zoom and pan along the steps; by keyboard + − ← → and 0 for everything.

    Attributes:
        smoothing: Share of what is in sight that one smoothed value looks at; 0 is off.
        logarithmic: Whether the values' axis is logarithmic.
        clip: Whether rare outliers are left out of sight.

    Signals:
        hovered: The step under the mouse as a float, None when it has left.
        zoomed: Only a part of the run is in sight (True), or all of it (False).
    """

    hovered = Signal(object)
    zoomed = Signal(bool)

    def __init__(self) -> None:
        super().__init__(axisItems={"bottom": _StepAxis("bottom")})
        self.smoothing = 0.02
        self.logarithmic = False
        self.clip = True
        self._curves: list[Curve] = []
        self._lines: dict[str, tuple[Any, Any]] = {}
        self._zoomed = False
        self._setting = False
        item = self.getPlotItem()
        item.hideButtons()
        item.setMenuEnabled(False)
        self._view = item.getViewBox()
        self._view.setMouseEnabled(x=True, y=False)
        self._view.setDefaultPadding(0)
        self._view.sigXRangeChanged.connect(self._on_range)
        self._cross = pg.InfiniteLine(angle=90, movable=False)
        self._cross.setVisible(False)
        item.addItem(self._cross, ignoreBounds=True)
        self.scene().sigMouseMoved.connect(self._on_mouse)
        self._redraw = QTimer(self)
        self._redraw.setSingleShot(True)
        self._redraw.setInterval(_REDRAW_MS)
        self._redraw.timeout.connect(self.draw)
        # pieces of a view are clipped one by one, which takes ten times as long as the whole
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.FullViewportUpdate)
        self.setMinimumHeight(180)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("Curves over the steps"))
        theme().changed.connect(self._recolour)
        self._recolour()

    def set_curves(self, curves: list[Curve]) -> None:
        """Show these curves instead of the ones before."""
        wanted = {curve.key for curve in curves}
        for key in [key for key in self._lines if key not in wanted]:
            for line in self._lines.pop(key):
                self.removeItem(line)
        self._curves = curves
        self.draw()

    @Slot()
    def refresh(self) -> None:
        """Draw again soon: however often it is asked for, a few times a second."""
        if not self._redraw.isActive():
            self._redraw.start()

    @Slot()
    def reset_zoom(self) -> None:
        """Bring the whole run into sight."""
        self._set_zoomed(False)
        self.draw()

    def zoom(self, factor: float, shift: float = 0.0) -> None:
        """Look at `factor` times the steps in sight, moved by a share of them."""
        low, high = self._view.viewRange()[0]
        middle = (low + high) / 2 + shift * (high - low)
        half = (high - low) / 2 * factor
        self._set_zoomed(True)
        self._view.setXRange(middle - half, middle + half, padding=0)

    @Slot()
    def draw(self) -> None:
        """Draw what is in sight now."""
        first, last = self._steps_in_sight()
        connect = "finite" if self.logarithmic else "all"
        pixels = int(min(_MOST_BUCKETS, max(50, self._view.width())))
        in_sight: list[Array] = []
        for curve in self._curves:
            raw, strong = self._lines.get(curve.key) or self._new_lines(curve.key)
            buckets = thin(curve.series, first, last, pixels)
            steps, values = outline(buckets)
            values = self._scaled(values)
            smoothed = self.smoothing > 0 and len(buckets.steps) > 3
            self._set_raw_pen(raw, curve, behind=smoothed)
            raw.setData(steps, values, connect=connect)
            strong.setVisible(smoothed)
            if smoothed:
                width = self.smoothing * min(len(buckets.steps), pixels)
                # a smooth line needs few points, and few are quick to draw
                few = np.r_[0 : len(buckets.steps) : max(1, int(width / 2)), -1]
                calm = self._scaled(smooth(buckets, width)[few])
                strong.setPen(self._pen(curve, 2.0, 1.0))
                strong.setData(buckets.steps[few], calm, connect=connect)
            in_sight.append(values)
        self._fit(first, last, in_sight)

    def sizeHint(self) -> QSize:
        """Ask for little; the card gives what is there."""
        return QSize(480, 220)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Zoom and pan by keyboard."""
        moves = {
            Qt.Key.Key_Plus: (1 / _ZOOM, 0.0),
            Qt.Key.Key_Minus: (_ZOOM, 0.0),
            Qt.Key.Key_Left: (1.0, -0.2),
            Qt.Key.Key_Right: (1.0, 0.2),
        }
        if event.key() == Qt.Key.Key_0:
            self.reset_zoom()
        elif event.key() in moves:
            self.zoom(*moves[Qt.Key(event.key())])
        else:
            super().keyPressEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        """Take the crosshair away."""
        super().leaveEvent(event)
        self._cross.setVisible(False)
        self.hovered.emit(None)

    # ------------------------------------------------------------------------------------ parts

    def _new_lines(self, key: str) -> tuple[Any, Any]:
        lines = pg.PlotCurveItem(), pg.PlotCurveItem(antialias=True)
        for depth, line in enumerate(lines):
            line.setZValue(depth)
            self.addItem(line, ignoreBounds=True)
        self._lines[key] = lines
        return lines

    def _set_raw_pen(self, raw: Any, curve: Curve, *, behind: bool) -> None:
        """Draw every value faintly behind the smoothed line, or strongly when there is none."""
        pen = self._pen(curve, 1.0, 0.3 if behind else 1.0)
        if behind:
            pen.setStyle(Qt.PenStyle.SolidLine)
        raw.setPen(pen)
        # many short lines are quicker than one long path, but each would begin its dashes anew
        solid = pen.style() == Qt.PenStyle.SolidLine
        raw.setSegmentedLineMode("on" if solid else "off")

    def _pen(self, curve: Curve, width: float, strength: float) -> QPen:
        """Return a pen of that many logical pixels, whatever the zoom."""
        pen = curve.pen(width=width * self.devicePixelRatioF(), strength=strength)
        pen.setCosmetic(True)  # a cosmetic pen counts device pixels
        return pen

    def _scaled(self, values: Array) -> Array:
        if not self.logarithmic:
            return values
        return np.log10(np.where(values > 0, values, np.nan))

    def _steps_in_sight(self) -> tuple[float, float]:
        if self._zoomed:
            low, high = self._view.viewRange()[0]
            return float(low), float(high)
        ends = [curve.series.steps[[0, -1]] for curve in self._curves if len(curve.series)]
        if not ends:
            return 0.0, 1.0
        first = float(min(end[0] for end in ends))
        return first, max(float(max(end[1] for end in ends)), first + 1.0)

    def _fit(self, first: float, last: float, in_sight: list[Array]) -> None:
        self._setting = True
        if not self._zoomed:
            self._view.setXRange(first, last, padding=0.02)
        limits = value_range(in_sight, clip=self.clip)
        if limits is not None:
            self._view.setYRange(*limits, padding=0)
        for side in ("left", "bottom"):
            self.getAxis(side).setLogMode(x=False, y=self.logarithmic and side == "left")
        self._setting = False

    def _set_zoomed(self, zoomed: bool) -> None:
        if zoomed != self._zoomed:
            self._zoomed = zoomed
            self.zoomed.emit(zoomed)

    @Slot(object, object)
    def _on_range(self, _view: object, _limits: object) -> None:
        if not self._setting and self._curves:
            self._set_zoomed(True)
            self.refresh()

    @Slot(object)
    def _on_mouse(self, position: QPointF) -> None:
        inside = self._view.sceneBoundingRect().contains(position) and bool(self._curves)
        self._cross.setVisible(inside)
        if not inside:
            self.hovered.emit(None)
            return
        step = self._view.mapSceneToView(position).x()
        self._cross.setPos(step)
        self.hovered.emit(float(step))

    @Slot()
    def _recolour(self) -> None:
        line, muted = theme().colour("line"), theme().colour("muted")
        self.setBackground(theme().colour("panel"))
        self._cross.setPen(QPen(theme().colour("faint"), 0))
        for side in ("left", "bottom"):
            axis = self.getAxis(side)
            axis.setPen(QPen(line, 1))
            axis.setTextPen(QPen(muted))
            axis.setTickFont(ui_font(11, tabular=True))
            axis.enableAutoSIPrefix(False)
            axis.setStyle(tickLength=-3)
            axis.setTickDensity(0.7)
        if self._curves:
            self.draw()
