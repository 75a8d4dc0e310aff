"""Pictures in place of films: what a model is to set in motion, or to go on from."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from made_films import film, frames
from PIL import Image

from studio.core.media import Film, Modality
from studio.core.recipe import DataSpec
from studio.data.modality import Rejected
from studio.data.video.modality import MODALITY
from studio.data.video.preparation import VideoPreparation
from studio.families.video.films import at_models, count_at


def spec(fps: float, channels: int = 3) -> DataSpec:
    return DataSpec(
        modality=Modality.VIDEO,
        shape=(channels, 6, 16, 16),
        labels=[],
        count=1,
        stats={},
        resources={"fps": f"{fps:g}"},
    )


def picture(path: Path, kind: str = "", *, moves: bool = False) -> Path:
    """Write a picture whose left half is red, and of which more frames follow where it moves."""
    pixels = np.zeros((20, 32, 3), np.uint8)
    pixels[:, :16] = (200, 30, 10)
    more = [Image.fromarray(pixels[:, ::-1])] if moves else []
    options = {"save_all": True, "append_images": more} if moves else {}
    Image.fromarray(pixels).save(path, kind or None, **options)
    return path


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp", ".gif", ".bmp"])
def test_a_picture_is_a_film_of_one_frame_at_any_rate(suffix: str, tmp_path: Path) -> None:
    whole = MODALITY.whole(picture(tmp_path / f"a{suffix}"))
    assert isinstance(whole, Film)
    assert (whole.width, whole.height, whole.count, whole.sound) == (32, 20, 1, None)
    for rate in (1.0, 8.0, 120.0):
        (frame,) = at_models(whole, spec(rate))
        assert frame.shape == (16, 16, 3)
        assert count_at(whole, rate) == 1
        assert frame[8, 2, 0] > 150 > 60 > frame[8, 13, 0]


@pytest.mark.parametrize("suffix", [".gif", ".webp"])
def test_what_moves_stays_a_film(suffix: str, tmp_path: Path) -> None:
    whole = MODALITY.whole(picture(tmp_path / f"a{suffix}", moves=True))
    assert isinstance(whole, Film)
    assert len(list(whole.frames())) >= 2


def test_a_film_stays_a_film_whatever_it_is_called(tmp_path: Path) -> None:
    path = tmp_path / "a.gif"
    path.write_bytes(film(frames(8)))
    assert len(list(MODALITY.whole(path).frames())) == 8  # type: ignore[attr-defined]


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("fit", ["crop", "pad", "stretch"])
def test_a_picture_fills_a_clip_in_which_nothing_moves(
    channels: int, fit: str, tmp_path: Path
) -> None:
    preparation = VideoPreparation.model_validate({"fit": fit})
    clip = MODALITY.from_file(picture(tmp_path / "a.png"), spec(8, channels), preparation)
    assert clip.shape == (6, 16, 16, channels) and clip.dtype == np.uint8
    assert (clip == clip[:1]).all()
    assert clip[0, 8, 2].max() > 2 * clip[0, 8, 13].max()


def test_a_damaged_picture_says_so(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    Image.fromarray(frames(1)[0]).save(buffer, "PNG")
    (tmp_path / "a.png").write_bytes(buffer.getvalue()[:60])
    (tmp_path / "b.png").write_text("no picture")
    for name in ("a.png", "b.png"):
        for read in (MODALITY.whole, lambda path: MODALITY.from_file(path, spec(8), _USUAL)):
            with pytest.raises(Rejected):
                read(tmp_path / name)


_USUAL = VideoPreparation()
