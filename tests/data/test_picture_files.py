"""Pictures carry their recipe, and sheets are tight."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow

from studio.core.errors import StudioError
from studio.core.media import Image
from studio.data.modality import modality_data

DATA = modality_data("image")
RECIPE = {"model": "Überblick", "seed": 7, "options": {"variety": 0.5}}


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp", ".tiff"])
@pytest.mark.parametrize("channels", [1, 3])
def test_the_recipe_is_inside(tmp_path: Path, suffix: str, channels: int) -> None:
    pixels = np.full((20, 30, channels), 90, np.uint8)
    path = tmp_path / f"a{suffix}"
    DATA.save(Image(pixels), path, RECIPE)
    assert DATA.read_recipe(path) == RECIPE
    DATA.save(Image(pixels), path, None)
    assert DATA.read_recipe(path) is None
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


def test_what_holds_no_recipe_is_no_error(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(b"no picture")
    assert DATA.read_recipe(path) is None
    assert DATA.read_recipe(tmp_path / "missing.png") is None
    with pytest.raises(StudioError, match="jpeg"):
        DATA.save(Image(np.zeros((8, 8, 3), np.uint8)), tmp_path / "a.xyz", None)


def test_sheet_is_a_grid_with_narrow_gaps() -> None:
    media = [Image(np.full((10, 12, 1), 10 * n, np.uint8)) for n in range(7)]
    sheet = DATA.sheet(media)
    assert sheet.pixels.shape == (3 * 12 - 2, 3 * 14 - 2, 1)
    assert sheet.pixels[12, 14, 0] == 40  # the fifth, in the middle
    assert DATA.sheet(media, columns=7).pixels.shape == (10, 7 * 14 - 2, 1)
    assert DATA.thumbnail(media[0])[:2] == b"\xff\xd8"


def test_a_strip_is_folded_into_rows_on_its_thumbnail() -> None:
    """A path of 36 frames would be a hairline; in rows it is a square that can be seen."""
    frames = np.zeros((16, 36 * 16, 1), np.uint8)
    frames[:, -16:] = 255  # the last frame is white
    strip = Image(frames, facts={"frames": 36})
    with Pillow.open(io.BytesIO(DATA.thumbnail(strip))) as picture:
        assert picture.width == picture.height
        corner = picture.width - 3
        assert picture.convert("L").getpixel((corner, corner)) > 200
