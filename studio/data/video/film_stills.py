"""Pictures in place of films: what a model is to set in motion, or to go on from."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from studio.core.media import Film
from studio.data.entries import read_file, unreadable
from studio.data.image import picture
from studio.data.image.modality import ImageData
from studio.data.image.preparation import ImagePreparation
from studio.data.video.film_clips import Frames, Shape
from studio.data.video.film_files import SUFFIXES

#: Endings of pictures that no film has; others, such as `.gif`, tell by their frames.
STILLS = picture.SUFFIXES - SUFFIXES

_RATE = 240.0  # frames a second, more than any model's: at each of them it is one frame


def still_film(path: Path) -> Film | None:
    """Return a picture as a film of one frame, at its own size; None for a film.

    Raises:
        Rejected: It cannot be read.
    """
    raw = _picture_in(path)
    if raw is None:
        return None
    pixels: npt.NDArray[np.uint8] = np.asarray(picture.read_picture(raw).image.convert("RGB"))

    def frames() -> Iterator[npt.NDArray[np.uint8]]:
        yield pixels

    height, width = pixels.shape[:2]
    return Film(frames, width, height, _RATE, 1)


def still_clip(path: Path, shape: Shape) -> Frames | None:
    """Return a picture as a clip (T, size, size, C) in which nothing moves; None for a film.

    Raises:
        Rejected: It cannot be read.
    """
    raw = _picture_in(path)
    if raw is None:
        return None
    preparation = ImagePreparation.model_validate(
        {
            "size": shape.size,
            "fit": shape.fit,
            "colour": "grey" if shape.channels == 1 else "colour",
        }
    )
    (pixels,) = ImageData().prepare_item(raw, preparation, {})
    return np.repeat(pixels.transpose(1, 2, 0)[None], shape.frames, axis=0)


def _picture_in(path: Path) -> bytes | None:
    """Return the bytes of a file that holds one picture; None for one that holds a film."""
    suffix = path.suffix.lower()
    try:
        if suffix in STILLS or (suffix in picture.SUFFIXES and not _moves(path)):
            return read_file(path)
    except OSError as error:
        raise unreadable(error) from error
    return None


def _moves(path: Path) -> bool:
    try:
        with Image.open(path, formats=picture.FORMATS) as image:
            return getattr(image, "n_frames", 1) > 1
    except (OSError, ValueError, SyntaxError, EOFError):
        return True  # it is no picture: what reads films says what is wrong with it
