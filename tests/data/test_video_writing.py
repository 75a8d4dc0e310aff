"""Moving pictures on their way out: formats, recipes, sound, films of any length."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import pytest
from made_films import frames
from PIL import Image

from studio.core.errors import StopRequested
from studio.core.media import Clip, Film, Sound
from studio.core.thumbnails import strip_frames
from studio.data.video.clip_encoding import ENCODERS, encoder_for
from studio.data.video.clip_sound import RATE, samples_in
from studio.data.video.clips import FORMATS, open_film, read_recipe, save_clip
from studio.data.video.modality import MODALITY

RECIPE = {"studio": "1", "words": "ä…" * 300}


def tone(seconds: float, rate: int = 44_100) -> Sound:
    time = np.arange(round(seconds * rate)) / rate
    return Sound((0.5 * np.sin(2 * np.pi * 440 * time)).astype(np.float32)[:, None], rate)


@pytest.mark.parametrize("suffix", FORMATS)
def test_each_format_is_written_and_gives_its_recipe_back(suffix: str, tmp_path: Path) -> None:
    clip = Clip(frames(13, 61, 47), 12.0)  # odd sides, which most codecs refuse
    path = save_clip(clip, tmp_path / f"clip{suffix}", RECIPE)
    assert read_recipe(path) == RECIPE
    assert read_recipe(save_clip(clip, tmp_path / f"bare{suffix}")) is None
    if suffix == ".png":
        written = sorted(path.iterdir())
        assert len(written) == 13
        with Image.open(written[5]) as image:
            pixels = np.asarray(image)
        assert np.array_equal(pixels[::2, ::2], clip.frames[5])
        return
    if suffix == ".webp":
        with Image.open(path) as image:
            assert image.n_frames == 13  # type: ignore[attr-defined]
        return
    shown = list(open_film(path).frames())
    assert abs(len(shown) - 13) <= 1
    there = np.asarray(Image.fromarray(shown[5][:94, :122]).resize((61, 47), Image.Resampling.BOX))
    assert np.abs(there.astype(int) - clip.frames[5]).mean() < 12


def test_frame_rate_and_quality_are_chosen(tmp_path: Path) -> None:
    clip = Clip(frames(24, 128, 128), 12.0)
    small = save_clip(clip, tmp_path / "small.mp4", fps=24, quality=10)
    large = save_clip(clip, tmp_path / "large.mp4", quality=100)
    assert small.stat().st_size < 0.75 * large.stat().st_size
    film = open_film(small)
    assert (film.fps, len(list(film.frames()))) == (24.0, 48)


@pytest.mark.parametrize("suffix", [".mp4", ".webm"])
def test_sound_goes_along_and_stays_in_step(suffix: str, tmp_path: Path) -> None:
    pixels = frames(36, 128, 128)
    clip = Clip(pixels, 12.0, sound=tone(3.0))
    path = save_clip(clip, tmp_path / f"loud{suffix}")
    film = open_film(path)
    assert film.sound == path
    again = save_clip(film, tmp_path / f"again{suffix}")  # copied as it is
    other = save_clip(film, tmp_path / ("other.webm" if suffix == ".mp4" else "other.mp4"))
    for each in (path, again, other):
        heard = np.concatenate(list(samples_in(each)))
        assert len(heard) / RATE == pytest.approx(3.0, abs=0.05)
        assert np.abs(heard[RATE // 2 : 2 * RATE]).max() == pytest.approx(0.5, abs=0.1)
        with av.open(str(each)) as container:
            assert container.duration is not None
            assert container.duration / 1e6 == pytest.approx(3.0, abs=1 / 12)


def test_a_film_is_written_while_it_is_made_and_stops_between_frames(tmp_path: Path) -> None:
    made = 0

    def endless() -> Iterator[np.ndarray]:
        nonlocal made
        while True:
            made += 1
            yield np.zeros((32, 48, 3), np.uint8)

    def tick(count: int) -> None:
        if count == 40:
            raise StopRequested(save=False)

    film = Film(endless, 48, 32, 25.0)
    with pytest.raises(StopRequested):
        save_clip(film, tmp_path / "endless.mp4", tick=tick)
    assert made <= 42
    assert list(tmp_path.iterdir()) == []


def test_another_encoder_serves_where_one_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert encoder_for(".mp4") == "libx264"
    monkeypatch.setattr(av, "codecs_available", av.codecs_available - {"libx264", "libopenh264"})
    assert encoder_for(".mp4") == "libvpx-vp9"
    assert set(ENCODERS) == {".mp4", ".webm", ".av1.webm"}


def test_a_sheet_plays_clips_of_any_length_side_by_side(tmp_path: Path) -> None:
    clips = [Clip(frames(12, 48, 48), 12.0), Clip(frames(5, 24, 24), 12.0), Clip(frames(9, 32, 32))]
    path = MODALITY.write_sheet(clips, tmp_path / "sheet")
    film = open_film(path)
    assert len(list(film.frames())) == 12
    assert film.width == film.height == 98


def test_a_preview_shows_moments_of_clips_and_of_their_sheet(tmp_path: Path) -> None:
    levels = np.linspace(0, 240, 12).astype(np.uint8)
    clip = Clip(np.tile(levels[:, None, None, None], (1, 16, 16, 1)), 12.0)
    sheet = MODALITY.write_sheet([clip, clip], tmp_path / "sheet")
    for media in ([clip, clip], [MODALITY.whole(sheet)]):
        data = MODALITY.preview(media, columns=2)
        assert strip_frames(data) == 8
        pixels = np.asarray(Image.open(io.BytesIO(data)).convert("L")).astype(int)
        shown = pixels[8, 8 :: pixels.shape[1] // 8]
        assert abs(shown - np.linspace(0, 240, 8)).max() < 30
