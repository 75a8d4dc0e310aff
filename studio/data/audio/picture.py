"""Pictures of recordings: small waveforms in one colour, readable on light and dark."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image as Pillow

from studio.core.media import Sound

#: Longer and shorter side of a thumbnail, in pixels.
THUMBNAIL = (96, 64)
COLOUR = (0x7C, 0x8C, 0xFF)

_SHEET = (160, 64)  # pixels of a recording among others
_GAP = 4
_FAINT = 18  # opacity of the ground of a recording among others
_LOUDEST = 0.05  # peak below which a recording is drawn as soft as it is

Floats = npt.NDArray[np.float32]
Pixels = npt.NDArray[np.uint8]


def thumbnail(lows: Floats, highs: Floats) -> bytes:
    """Return a small PNG of a waveform of which the extremes of equal parts are known."""
    return _png(Pillow.fromarray(_wave(lows, highs, *THUMBNAIL)))


def of_sound(sound: Sound) -> bytes:
    """Return a small PNG of a recording on a transparent ground."""
    return thumbnail(*_extremes(sound))


def preview(sounds: Sequence[Sound], columns: int = 0) -> bytes:
    """Return several recordings as one PNG, in rows of `columns`; 0 leaves it open."""
    columns = columns or max(1, math.ceil(math.sqrt(len(sounds) / 2)))
    rows = max(1, math.ceil(len(sounds) / columns))
    width, height = _SHEET
    size = (columns * (width + _GAP) - _GAP, rows * (height + _GAP) - _GAP)
    sheet = Pillow.new("RGBA", size)
    for number, sound in enumerate(sounds):
        row, column = divmod(number, columns)
        cell = _wave(*_extremes(sound), width, height)
        cell[cell[:, :, 3] == 0] = (128, 128, 128, _FAINT)  # its extent, where it is silent
        sheet.paste(Pillow.fromarray(cell), (column * (width + _GAP), row * (height + _GAP)))
    return _png(sheet)


def _extremes(sound: Sound) -> tuple[Floats, Floats]:
    """Return the extremes of at most some thousand parts of a recording."""
    samples = sound.samples
    if not len(samples):
        return np.zeros(1, np.float32), np.zeros(1, np.float32)
    edges = np.unique(np.arange(4096) * len(samples) // 4096)
    lows, highs = samples.min(1), samples.max(1)
    return np.minimum.reduceat(lows, edges), np.maximum.reduceat(highs, edges)


def _wave(lows: Floats, highs: Floats, width: int, height: int) -> Pixels:
    """Return a waveform as RGBA pixels (height, width, 4) on nothing, as high as there is room."""
    pixels = np.zeros((height, width, 4), np.uint8)
    count = len(lows)
    first = np.arange(width) * count // width
    low = np.minimum(0, np.minimum.reduceat(lows, first))
    high = np.maximum(0, np.maximum.reduceat(highs, first))
    # soft ones fill the height as well, but what is nearly silent looks so
    scale = (height / 2 - 1) / max(_LOUDEST, float(-low.min()), float(high.max()))
    top = np.rint(height / 2 - 1 - high * scale).astype(int)
    bottom = np.rint(height / 2 + 1 - low * scale).astype(int)
    rows = np.arange(height)[:, None]
    pixels[(rows >= top) & (rows < bottom)] = (*COLOUR, 255)
    return pixels


def _png(image: Pillow.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "PNG", compress_level=3)
    return buffer.getvalue()
