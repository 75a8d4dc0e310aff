"""Sample sheets as pictures, for those kinds of models whose sheets are pictures or clips."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from studio.core.errors import StudioError
from studio.data.video.clips import first_frame

CLIPS = (".mp4", ".webm")


def sheet_pixels(path: Path) -> npt.NDArray[np.uint8]:
    """Return a sheet's pixels, (H, W, 3); of a clip those of its first frame.

    Raises:
        StudioError: It is a text, a piece of music or a recording.
    """
    if path.suffix in CLIPS:
        return first_frame(path)
    if path.suffix != ".png":
        raise StudioError(
            "These samples are no pictures",
            f"{path.name} cannot become a part of a picture or clip.",
            "Look at the sheets on the Train page, or take the numbers alone.",
        )
    with Image.open(path) as sheet:
        return np.asarray(sheet.convert("RGB"))
