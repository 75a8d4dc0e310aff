"""Pictures carry their recipe, and sheets are tight."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

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
