"""A piece drawn small: all of it in a few lines of pixels, as lists and comparisons show it."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPen, QPixmap

from studio.ui.theme import theme
from studio.ui.views.music_colours import LEVELS, brush, key_colours, track_style
from studio.ui.views.music_notes import NoteTable

_MOST = 4000  # notes that are drawn; of more every second, third … one
_LEAST_ROWS = 24
_BARS = 12.0  # pixels that bar lines are apart at least


def small_roll(table: NoteTable, size: QSize, ratio: float) -> QPixmap:
    """Return a picture of a whole piece, for a screen with that device pixel ratio."""
    picture = QPixmap(size * ratio)
    picture.setDevicePixelRatio(ratio)
    picture.fill(key_colours().black_row)
    painter = QPainter(picture)
    width, height = float(size.width()), float(size.height())
    across = width / table.length
    every = max(1, int(np.ceil(_BARS / max(1e-9, table.bar_ticks() * across))))
    for number, tick in table.bars_between(0, table.length):
        if (number - 1) % every == 0 and tick:
            line = QRectF(round(tick * across), 0, 1, height)
            painter.fillRect(line, theme().colour("line"))
    low, high = table.pitches()
    missing = max(0, _LEAST_ROWS - (high - low + 1))
    low, high = low - missing // 2 - 1, high + missing - missing // 2 + 1
    row = height / (high - low + 1)
    some = np.arange(len(table))[:: max(1, -(-len(table) // _MOST))]
    painter.setPen(QPen(Qt.PenStyle.NoPen))
    for index in np.unique(table.track[some]):
        own = some[table.track[some] == index]
        painter.setBrush(brush(track_style(int(index)), LEVELS - 1))
        left = table.start[own] * across
        wide = np.maximum(1.0, (table.end[own] - table.start[own]) * across - 0.5)
        top = (high - table.pitch[own]) * row
        tall = max(1.5, row)
        painter.drawRects(
            [
                QRectF(x, y, w, tall)
                for x, y, w in zip(left.tolist(), top.tolist(), wide.tolist(), strict=True)
            ]
        )
    painter.end()
    return picture
