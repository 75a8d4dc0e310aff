"""Writing pictures with their recipe inside, reading it again, and sheets of many pictures."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image as Pillow
from PIL import PngImagePlugin

from studio.core.errors import StudioError
from studio.core.files import replacing
from studio.core.media import Image
from studio.data.image.picture import FORMATS

RECIPE_KEY = "recipe"  # of the PNG text chunk
_DESCRIPTION = 0x010E  # the EXIF and TIFF tag ImageDescription

_FORMATS = {
    ".png": "PNG",
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".webp": "WEBP",
    ".tif": "TIFF",
    ".tiff": "TIFF",
}
_GAP = 2  # pixels between the pictures of a sheet
_GAP_LEVEL = 26


def save(image: Pillow.Image, path: Path, recipe: dict[str, Any] | None) -> None:
    """Write a picture atomically in the format of the path's suffix, the recipe inside.

    Raises:
        StudioError: The suffix is none that pictures are written in.
    """
    kind = _FORMATS.get(path.suffix.lower())
    if kind is None:
        raise StudioError(
            "Not a format for pictures",
            f"{path.suffix!r} is not one of {', '.join(_FORMATS)}.",
            "Choose PNG to keep every detail, JPEG or WebP for small files.",
        )
    options: dict[str, Any] = {}
    if kind in ("JPEG", "WEBP"):
        options["quality"] = 92
    if recipe is not None:
        text = json.dumps(recipe)
        if kind == "PNG":
            chunks = PngImagePlugin.PngInfo()
            chunks.add_itxt(RECIPE_KEY, text)
            options["pnginfo"] = chunks
        elif kind == "TIFF":
            options["tiffinfo"] = {_DESCRIPTION: text}
        else:
            exif = Pillow.Exif()
            exif[_DESCRIPTION] = text
            options["exif"] = exif
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as temporary:
        image.save(temporary, kind, **options)


def read_recipe(path: Path) -> dict[str, Any] | None:
    """Return the recipe in a file that `save` wrote, else None."""
    try:
        with Pillow.open(path, formats=FORMATS) as image:
            if image.format == "PNG":
                image.load()  # text chunks may stand behind the pixels
                text = getattr(image, "text", {}).get(RECIPE_KEY)
            else:
                text = image.getexif().get(_DESCRIPTION)
        recipe = json.loads(text) if isinstance(text, str) else None
    except (OSError, ValueError, SyntaxError):
        return None
    return recipe if isinstance(recipe, dict) else None


def sheet(pictures: Sequence[npt.NDArray[np.uint8]], columns: int) -> Image:
    """Return pictures (H, W, C) in a grid with narrow gaps, row by row.

    Smaller ones lie in the middle of a cell of the largest size; grey stays grey when all are.

    Args:
        pictures: At least one.
        columns: Pictures in a row; 0 makes the grid about square.
    """
    columns = columns or math.ceil(math.sqrt(len(pictures)))
    rows = math.ceil(len(pictures) / columns)
    height = max(picture.shape[0] for picture in pictures)
    width = max(picture.shape[1] for picture in pictures)
    channels = max(picture.shape[2] for picture in pictures)
    whole = np.full(
        (rows * (height + _GAP) - _GAP, columns * (width + _GAP) - _GAP, channels),
        _GAP_LEVEL,
        np.uint8,
    )
    for index, picture in enumerate(pictures):
        row, column = divmod(index, columns)
        top = row * (height + _GAP) + (height - picture.shape[0]) // 2
        left = column * (width + _GAP) + (width - picture.shape[1]) // 2
        whole[top : top + picture.shape[0], left : left + picture.shape[1]] = picture
    return Image(whole)
