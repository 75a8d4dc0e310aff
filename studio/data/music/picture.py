"""Pictures of pieces: piano rolls with a colour for each voice, readable on light and dark."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont, PngImagePlugin

from studio.core.media import Music
from studio.data.music.measures import NAMES, pitch_range
from studio.data.music.timing import bars_of, end_of

#: Colours of the voices, one after the other, as the window's piano roll has them.
COLOURS = ("#7c8cff", "#4cc9a4", "#e56b9d", "#c9b458")
#: Longer and shorter side of a thumbnail, in pixels.
THUMBNAIL = (96, 64)

_LINES = (128, 128, 128)
_SHEET = (160, 96)  # pixels of a piece among others
_GAP = 4
_MOST_BARS = 64  # that a thumbnail shows; more would be dust
_FEWEST_ROWS = 24  # semitones from bottom to top, so that a lone note is no wall

Pixels = npt.NDArray[np.uint8]


def thumbnail(music: Music) -> bytes:
    """Return a small PNG of the notes on a transparent ground."""
    return _png(Pillow.fromarray(_roll(music, *THUMBNAIL)))


def preview(music: Sequence[Music], columns: int = 0) -> bytes:
    """Return several pieces as one PNG, in rows of `columns`; 0 leaves it open."""
    columns = columns or max(1, math.ceil(math.sqrt(len(music))))
    rows = max(1, math.ceil(len(music) / columns))
    width, height = _SHEET
    size = (columns * (width + _GAP) - _GAP, rows * (height + _GAP) - _GAP)
    sheet = Pillow.new("RGBA", size)
    for number, piece in enumerate(music):
        row, column = divmod(number, columns)
        cell = _roll(piece, width, height)
        cell[:, :, 3] = np.maximum(cell[:, :, 3], 18)  # its extent, where it is silent
        cell[cell[:, :, 3] == 18, :3] = _LINES
        sheet.paste(Pillow.fromarray(cell), (column * (width + _GAP), row * (height + _GAP)))
    return _png(sheet)


def picture(music: Music, width: int = 1600, height: int = 600) -> Pillow.Image:
    """Return a piece as a picture to print: white, with bar lines, bar numbers, pitch names."""
    left, bottom = 48, 22
    shown = Pillow.new("RGB", (width, height), "white")
    draw = ImageDraw.Draw(shown)
    font = ImageFont.load_default(12)
    low, high = _rows(music)
    tall = (height - bottom) / (high - low + 1)
    for pitch in range(low, high + 1):
        top = (high - pitch) * tall
        if pitch % 12 in (1, 3, 6, 8, 10):
            draw.rectangle((left, top, width, top + tall), fill="#f1f2f6")
        if pitch % 12 == 0:
            draw.line((left, top + tall, width, top + tall), fill="#c4c8d4")
            name = f"{NAMES[0]}{pitch // 12 - 1}"
            draw.text((left - 6, top + tall / 2), name, "#555b6b", font, anchor="rm")
    bars = bars_of(music)
    end = max(1, int(bars.starts[-1] + bars.lengths[-1]), end_of(music))
    wide = (width - left) / end
    numbered = max(1, math.ceil(len(bars.starts) * 32 / (width - left)))
    every = next(n for n in (1, 2, 4, 8, 16, 32, 64, 1 << 30) if n >= numbered)
    for number, start in enumerate(bars.starts.tolist()):
        strong = number % every == 0
        if strong or every <= 4:
            x = left + start * wide
            draw.line((x, 0, x, height - bottom), fill="#b9bece" if strong else "#e2e4ec")
        if strong:
            draw.text((left + start * wide + 3, height - 4), str(number + 1), "#555b6b", font, "ls")
    for place, track in enumerate(music.tracks):
        colour = COLOURS[place % len(COLOURS)]
        for start, duration, pitch, _velocity in track.notes.tolist():
            top = (high - pitch) * tall
            x = left + start * wide
            box = (x, top + 0.5, max(x + 1, x + duration * wide - 1), top + max(1.5, tall - 0.5))
            draw.rectangle(box, fill=colour)
    return shown


def png_of(music: Music, recipe: dict[str, Any] | None) -> bytes:
    """Return `picture` as a PNG with the recipe in it."""
    import json

    chunks = PngImagePlugin.PngInfo()
    if recipe is not None:
        chunks.add_itxt("recipe", json.dumps(recipe))
    buffer = io.BytesIO()
    picture(music).save(buffer, "PNG", pnginfo=chunks)
    return buffer.getvalue()


def _rows(music: Music) -> tuple[int, int]:
    """Return the lowest and highest pitch that are shown."""
    pitches = [track.notes[:, 2] for track in music.tracks if len(track.notes)]
    if not pitches:
        return (60, 60 + _FEWEST_ROWS)
    low, high = pitch_range(music)
    low, high = min(low, *map(min, pitches)) if not high else low, max(high, *map(max, pitches))
    missing = max(0, _FEWEST_ROWS - (high - low))
    return max(0, int(low) - 1 - missing // 2), min(127, int(high) + 1 + missing // 2)


def _roll(music: Music, width: int, height: int) -> Pixels:
    """Return the notes as RGBA pixels (height, width, 4) on nothing, the beginning at the left."""
    pixels = np.zeros((height, width, 4), np.uint8)
    bars = bars_of(music)
    shown = min(len(bars.starts), _MOST_BARS)
    end = max(1, int(bars.starts[shown - 1] + bars.lengths[shown - 1]))
    low, high = _rows(music)
    thick = max(2, height // (high - low + 1))
    for place, track in reversed(list(enumerate(music.tracks))):
        colour = [*bytes.fromhex(COLOURS[place % len(COLOURS)][1:]), 255]
        notes = track.notes.astype(np.int64)
        notes = notes[notes[:, 0] < end]
        begins = notes[:, 0] * width // end
        ends = np.maximum(begins + 1, (notes[:, 0] + notes[:, 1]) * width // end - 1)
        tops = (high - notes[:, 2]) * (height - thick) // max(1, high - low)
        for begin, stop, top in zip(begins.tolist(), ends.tolist(), tops.tolist(), strict=True):
            pixels[max(0, top) : top + thick, begin:stop] = colour
    return pixels


def _png(image: Pillow.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "PNG", optimize=len(image.tobytes()) < 1 << 16)
    return buffer.getvalue()
