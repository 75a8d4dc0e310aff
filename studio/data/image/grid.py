"""A grid of pictures with words beside its rows and above its columns."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from studio.core.media import Image

_CELL = 96  # pixels: smaller pictures are enlarged by whole numbers to about this side
_GAP = 4
_PADDING = 10
_TEXT = 14  # pixels high
_LINES = 4  # of a title, at most
_PAPER, _INK = (20, 22, 26), (232, 234, 237)

Pixels = npt.NDArray[np.uint8]


def titled_grid(
    cells: Sequence[Sequence[Pixels]], rows: Sequence[str], columns: Sequence[str]
) -> Image:
    """Return one picture of many.

    Args:
        cells: Pictures (H, W, C) of one size, by row and column.
        rows, columns: A title for each; rows may go without.
    """
    height, width = cells[0][0].shape[:2]
    factor = max(1, round(_CELL / max(height, width)))
    height, width = height * factor, width * factor
    font = ImageFont.load_default(_TEXT)
    pen = ImageDraw.Draw(Pillow.new("RGB", (1, 1)))
    letter = max(1.0, pen.textlength("n", font))
    above = [_wrapped(title, int(width / letter)) for title in columns]
    beside = [_wrapped(title, 24) for title in rows]
    left = 2 * _PADDING + max(_size(pen, text, font)[0] for text in beside) if rows else _PADDING
    top = 2 * _PADDING + max(_size(pen, text, font)[1] for text in above)
    whole = Pillow.new(
        "RGB",
        (
            left + len(columns) * (width + _GAP) + _PADDING,
            top + len(cells) * (height + _GAP) + _PADDING,
        ),
        _PAPER,
    )
    pen = ImageDraw.Draw(whole)
    for column, text in enumerate(above):
        across = left + column * (width + _GAP) + width // 2
        pen.multiline_text((across, top - _PADDING), text, _INK, font, "md", align="center")
    for row, text in enumerate(beside):
        down = top + row * (height + _GAP) + height // 2
        pen.multiline_text((left - _PADDING, down), text, _INK, font, "rm", align="right")
    for row, pictures in enumerate(cells):
        for column, pixels in enumerate(pictures):
            picture = Pillow.fromarray(pixels.squeeze()).convert("RGB")
            picture = picture.resize((width, height), Pillow.Resampling.NEAREST)
            place = (left + column * (width + _GAP), top + row * (height + _GAP))
            whole.paste(picture, place)
    return Image(np.asarray(whole))


def titled_row(pictures: Sequence[Pixels], titles: Sequence[str]) -> Image:
    """Return pictures of any sizes beside each other, the smaller ones enlarged.

    Args:
        pictures: (H, W, C), grey or RGB.
        titles: A title for each.
    """
    largest = max(max(each.shape[:2]) for each in pictures)
    enlarged = []
    for pixels in pictures:
        factor = max(1, largest // max(pixels.shape[:2]))
        enlarged.append(pixels.repeat(factor, axis=0).repeat(factor, axis=1))
    height, width = (max(each.shape[side] for each in enlarged) for side in (0, 1))
    cells = []
    for pixels in enlarged:
        cell = np.empty((height, width, 3), np.uint8)
        cell[:] = _PAPER
        down, across = ((height - pixels.shape[0]) // 2, (width - pixels.shape[1]) // 2)
        cell[down : down + pixels.shape[0], across : across + pixels.shape[1]] = pixels
        cells.append(cell)
    return titled_grid([cells], [], titles)


def _wrapped(title: str, letters: int) -> str:
    lines = textwrap.wrap(title, max(6, letters), max_lines=_LINES, placeholder=" …")
    return "\n".join(lines) or "–"


def _size(
    pen: ImageDraw.ImageDraw, text: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont
) -> tuple[int, int]:
    left, top, right, bottom = pen.multiline_textbbox((0, 0), text, font)
    return round(right - left), round(bottom - top)
