"""Clips for grids: read once, small, into as much memory as each may take."""

from __future__ import annotations

import math
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QSize
from PySide6.QtGui import QImage

from studio.ui.films.file import fitted, open_film

#: Of longer films the beginning is shown: so many frames.
MOST_FRAMES = 96


class SmallClip(NamedTuple):
    """The frames of a clip, or of its beginning, and how many are shown a second."""

    images: list[QImage]
    rate: float


def read_small(path: Path, room: QSize, most: int, frames: int = MOST_FRAMES) -> SmallClip:
    """Read a clip for a cell.

    Args:
        room: Of the picture in the cell, in device pixels. Smaller clips are not enlarged here.
        most: Bytes of pixels that it may take; what needs more is read smaller.
        frames: How many are read at most, from the beginning.

    Raises:
        OSError, ValueError, SyntaxError, av.FFmpegError: It cannot be read.
    """
    film = open_film(path)
    try:
        count = min(frames, film.facts.frames or frames)

        def fit(size: QSize) -> QSize:
            size = fitted(size, room)
            weight = 4 * size.width() * size.height() * count
            return size if weight <= most else fitted(size, size * math.sqrt(most / weight))

        found = islice(film.frames(0.0, fit, lambda: True), frames)
        return SmallClip([frame.image for frame in found], film.facts.rate)
    finally:
        film.close()
