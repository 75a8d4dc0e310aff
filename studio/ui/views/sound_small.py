"""A recording drawn small: all of it in a few lines of pixels, as lists and previews show it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPixmap

from studio.core.blobs import Source
from studio.ui.theme import theme
from studio.ui.views.sound_tiles import joined

_COLUMNS = 1024


class SmallWave(NamedTuple):
    """A recording in a few columns.

    Attributes:
        wave: (columns, 2) lowest and highest of all channels.
        seconds: How long it is.
        rate: Samples a second.
    """

    wave: npt.NDArray[np.float32]
    seconds: float
    rate: int


def read_small(source: Source) -> SmallWave:
    """Read a recording; takes a while for long ones that were never seen.

    Raises:
        Rejected, OSError: There is no sound in it.
    """
    from studio.data.audio.peaks import Peaks

    with Peaks(source) as peaks:
        columns = max(1, min(_COLUMNS, peaks.frames))
        found = peaks.peaks(0, peaks.frames, columns)
        wave = np.stack([found[..., 0].min(1), found[..., 1].max(1)], 1)
        return SmallWave(np.nan_to_num(wave), peaks.seconds, peaks.rate)


def draw_wave(small: SmallWave, size: QSize, ratio: float) -> QPixmap:
    """Return a picture of a recording on nothing, for a screen with that device pixel ratio."""
    picture = QPixmap(size * ratio)
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    width, middle = size.width(), size.height() / 2
    columns = max(1, round(width * ratio))
    # a column of the picture shows all columns of the wave that fall into it
    edges = np.linspace(0, len(small.wave), columns + 1)
    first = np.minimum(edges[:-1].astype(np.int64), len(small.wave) - 1)
    least = np.minimum.reduceat(small.wave[:, 0], first)
    most = np.maximum.reduceat(small.wave[:, 1], first)
    low, high = joined(np.stack([least, most], 1)).T
    loudest = max(1e-3, float(np.abs(small.wave).max()))
    scale = (middle - 1) / max(0.25, min(1.0, loudest))
    painter = QPainter(picture)
    painter.fillRect(QRectF(0, round(middle), width, 1), theme().colour("line"))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme().series(0))
    tops = middle - np.clip(high * scale, -middle, middle)
    heights = np.maximum(1.0, np.clip((high - low) * scale, 0, 2 * middle))
    step = 1 / ratio
    painter.drawRects(
        [
            QRectF(place * step, y, step, h)
            for place, (y, h) in enumerate(zip(tops.tolist(), heights.tolist(), strict=True))
        ]
    )
    painter.end()
    return picture
