"""Paints a piece in square tiles that are kept, so that scrolling only copies pixels."""

from __future__ import annotations

import time
from collections import OrderedDict

import numpy as np
from PySide6.QtCore import QPointF, QRect, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap

from studio.ui.theme import theme, ui_font
from studio.ui.views.music_colours import LEVELS, brush, key_colours, track_style
from studio.ui.views.music_notes import Chosen, Indices, NoteTable, is_black, pitch_name

TILE = 256  # logical pixels, the side of a tile
_MEMORY = 96 << 20  # bytes of kept tiles
_FEW = 150  # notes of a tile up to which they have round corners, borders and names
_NAMED_FROM = 26.0  # width of a note, in logical pixels, that has room for its name
_NAMED_ROWS = 12.0  # height of a row for it
_APART = 7.0  # lines nearer to each other are left out

#: What a tile is known by: column, row.
_Key = tuple[int, int]


class Scale:
    """How ticks and pitches become pixels of the whole picture.

    Attributes:
        across: Pixels of a tick.
        row: Pixels of a pitch.
        low, high: The lowest and the highest pitch that has a row.
    """

    def __init__(self, across: float, row: float, low: int, high: int) -> None:
        self.across, self.row, self.low, self.high = across, row, low, high

    @property
    def height(self) -> float:
        """Pixels of all rows."""
        return (self.high - self.low + 1) * self.row

    def x(self, tick: float) -> float:
        """Return where a tick lies."""
        return tick * self.across

    def y(self, pitch: float) -> float:
        """Return the upper edge of a pitch's row."""
        return (self.high - pitch) * self.row

    def pitch(self, y: float) -> int:
        """Return the pitch whose row is at a height."""
        return self.high - int(np.floor(y / self.row))


class Tiles:
    """The picture of a piece at one scale. Change anything, and it is painted anew when asked."""

    def __init__(self) -> None:
        self._table: NoteTable | None = None
        self._chosen: Chosen | None = None
        self._scale = Scale(0.1, 8.0, 60, 72)
        self._ratio = 1.0
        self._kept: OrderedDict[_Key, QPixmap] = OrderedDict()

    def show(
        self, table: NoteTable | None, scale: Scale, chosen: Chosen | None, ratio: float
    ) -> None:
        """Paint another piece, another scale, other chosen notes or for another screen."""
        self._table, self._scale, self._chosen, self._ratio = table, scale, chosen, ratio
        self._kept.clear()

    def draw(self, painter: QPainter, view: QRect, at: QPointF, seconds: float) -> bool:
        """Draw the part `view` of the whole picture, its corner at `at`.

        Args:
            seconds: How long tiles may be painted; those that are missing then stay empty.

        Returns:
            Whether all of it was drawn.
        """
        until = time.perf_counter() + seconds
        whole = True
        for row in range(view.top() // TILE, view.bottom() // TILE + 1):
            for column in range(view.left() // TILE, view.right() // TILE + 1):
                tile = self._kept.get((column, row))
                if tile is None and time.perf_counter() < until:
                    tile = self._make(column, row)
                corner = at + QPointF(column * TILE - view.left(), row * TILE - view.top())
                if tile is None:
                    whole = False
                    painter.fillRect(QRectF(corner, QSizeF(TILE, TILE)), theme().colour("panel"))
                    continue
                self._kept.move_to_end((column, row))
                painter.drawPixmap(corner, tile)
        return whole

    def prefetch(self, view: QRect) -> None:
        """Paint one tile of a part that will be in sight soon."""
        for column in range(max(0, view.left()) // TILE, view.right() // TILE + 1):
            for row in range(view.top() // TILE, view.bottom() // TILE + 1):
                if (column, row) not in self._kept:
                    self._make(column, row)
                    return

    def _make(self, column: int, row: int) -> QPixmap:
        tile = QPixmap(round(TILE * self._ratio), round(TILE * self._ratio))
        tile.setDevicePixelRatio(self._ratio)
        tile.fill(theme().colour("panel"))
        painter = QPainter(tile)
        painter.translate(-column * TILE, -row * TILE)
        part = QRectF(column * TILE, row * TILE, TILE, TILE)
        draw_ground(painter, self._table, self._scale, part)
        if self._table is not None:
            self._draw_notes(painter, self._table, part)
        painter.end()
        size = tile.width() * tile.height() * 4
        while self._kept and (len(self._kept) + 1) * size > _MEMORY:
            self._kept.popitem(last=False)
        self._kept[column, row] = tile
        return tile

    def _draw_notes(self, painter: QPainter, table: NoteTable, part: QRectF) -> None:
        scale = self._scale
        left, right = part.left() / scale.across, part.right() / scale.across
        low, high = scale.pitch(part.bottom()) - 1, scale.pitch(part.top()) + 1
        found = table.inside(left, right, low, high)
        if not len(found):
            return
        few = len(found) <= _FEW
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, few)
        loud = np.minimum(LEVELS - 1, np.maximum(0, table.velocity[found] - 1) * LEVELS // 127)
        looks = table.track[found] * LEVELS + loud
        for look in np.unique(looks):  # a brush is set once for all notes that look alike
            some = found[looks == look]
            style = track_style(int(look) // LEVELS)
            painter.setBrush(brush(style, int(look) % LEVELS))
            painter.setPen(style.outline if few else QPen(Qt.PenStyle.NoPen))
            boxes = note_boxes(table, scale, some, part)
            if few:
                corner = min(2.0, scale.row / 4)
                for box in boxes:
                    painter.drawRoundedRect(box, corner, corner)
            else:
                painter.drawRects(boxes)
        if self._chosen is not None and self._chosen[found].any():
            self._draw_chosen(painter, table, found[self._chosen[found]], part)
        if few and scale.row >= _NAMED_ROWS:
            self._draw_names(painter, table, found, part)

    def _draw_chosen(
        self, painter: QPainter, table: NoteTable, some: Indices, part: QRectF
    ) -> None:
        """Draw chosen notes bright, within a frame: they are not told by their colour alone."""
        painter.setBrush(theme().colour("text"))
        painter.setPen(QPen(theme().colour("accent"), 2.0))
        painter.drawRects(note_boxes(table, self._scale, some, part))

    def _draw_names(
        self, painter: QPainter, table: NoteTable, found: Indices, part: QRectF
    ) -> None:
        painter.setFont(ui_font(9 if self._scale.row < 15 else 11))
        painter.setPen(theme().colour("on_accent"))
        wide = (table.end[found] - table.start[found]) * self._scale.across >= _NAMED_FROM
        for index in found[wide]:
            if track_style(int(table.track[index])).fill < 0.6:
                continue  # its inside is too faint for dark letters
            x, y = self._scale.x(float(table.start[index])), self._scale.y(table.pitch[index])
            if x > part.left() - 40:
                box = QRectF(x + 4, y, 40, self._scale.row)
                painter.drawText(
                    box, Qt.AlignmentFlag.AlignVCenter, pitch_name(int(table.pitch[index]))
                )


def note_boxes(table: NoteTable, scale: Scale, some: Indices, part: QRectF) -> list[QRectF]:
    """Return the boxes of notes in pixels of the whole picture, cut near a part of it."""
    left = np.maximum(table.start[some] * scale.across, part.left() - 8)
    right = np.minimum(table.end[some] * scale.across, part.right() + 8)
    width = np.maximum(1.5, right - left - 1.0)  # a gap keeps repeated notes apart
    tops = (scale.high - table.pitch[some]) * scale.row + 0.5
    height = max(1.5, scale.row - 1.0)
    return [
        QRectF(x, y, w, height)
        for x, y, w in zip(left.tolist(), tops.tolist(), width.tolist(), strict=True)
    ]


def draw_ground(painter: QPainter, table: NoteTable | None, scale: Scale, part: QRectF) -> None:
    """Draw rows, the darker ones for black keys, and the lines of bars and beats."""
    top = max(scale.low, min(scale.high, scale.pitch(part.top())))
    bottom = max(scale.low, min(scale.high, scale.pitch(part.bottom())))
    colours = key_colours()
    for pitch in range(bottom, top + 1):
        row = colours.black_row if is_black(pitch) else colours.white_row
        painter.fillRect(QRectF(part.left(), scale.y(pitch), TILE, scale.row), row)
    if scale.row >= 4:  # an octave begins with C
        for pitch in range(bottom, top + 1):
            if pitch % 12 == 0:
                edge = scale.y(pitch) + scale.row
                painter.fillRect(QRectF(part.left(), edge - 1, TILE, 1), theme().colour("line"))
    if table is None:
        return
    left, right = part.left() / scale.across, part.right() / scale.across
    faint = QColor(theme().colour("line"))
    faint.setAlphaF(0.55)
    if table.beat_ticks(left) * scale.across >= _APART:
        for tick in table.beats_between(left, right):
            _line(painter, scale.x(tick), part, faint)
    for number, tick in shown_bars(table, scale, left, right, _APART):
        strong = theme().colour("faint") if number % 4 == 1 else theme().colour("line")
        _line(painter, scale.x(tick), part, strong)


def shown_bars(
    table: NoteTable, scale: Scale, left: float, right: float, apart: float
) -> list[tuple[int, float]]:
    """Return the bars from tick `left` to `right` whose lines are at least so many pixels apart."""
    width = table.bar_ticks(left) * scale.across
    every = 1
    while width * every < apart and every < 1 << 20:
        every *= 4 if every == 1 else 2
    if width * (right - left) == 0:
        return []
    return [each for each in table.bars_between(left, right) if (each[0] - 1) % every == 0]


def _line(painter: QPainter, x: float, part: QRectF, colour: QColor) -> None:
    painter.fillRect(QRectF(round(x), part.top(), 1, part.height()), colour)
