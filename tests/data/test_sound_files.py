"""Writing sound: every format with and without its recipe, sheets, and pictures of waveforms."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from made_sounds import melody, tone
from PIL import Image

from studio.core.errors import StudioError
from studio.core.media import Modality, Sound
from studio.data.audio import files as sound_files
from studio.data.audio.files import FORMATS, read_recipe, sheet_starts
from studio.data.modality import modality_data

DATA = modality_data(Modality.AUDIO)
RECIPE: dict[str, Any] = {"model": "WaveNet – größer", "seed": 7, "long": "x" * 30_000}


def sound(seed: int = 1, seconds: float = 1.0, rate: int = 16_000) -> Sound:
    """Return a recording of a few tones."""
    return Sound(melody(seed, seconds, rate)[:, None], rate)


def test_an_asset_gives_its_recipe_back(tmp_path: Path) -> None:
    path = tmp_path / "new" / "a.wav"
    DATA.save(sound(), path, RECIPE)
    assert DATA.read_recipe(path) == RECIPE
    samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    assert rate == 16_000 and soundfile.info(path).subtype == "PCM_16"
    assert np.abs(samples - sound().samples).max() < 4e-5
    DATA.save(sound(), path, None)
    assert DATA.read_recipe(path) is None
    assert [each.name for each in path.parent.iterdir()] == ["a.wav"]


@pytest.mark.parametrize("suffix", FORMATS)
def test_every_format_with_and_without_its_recipe(tmp_path: Path, suffix: str) -> None:
    source = tmp_path / "source.wav"
    both = Sound(np.stack([melody(1, 1, 16_000), melody(2, 1, 16_000)], 1), 16_000)
    DATA.save(both, source, RECIPE)
    for recipe in (RECIPE, None):
        target = tmp_path / f"a{suffix}"
        DATA.export(source, target, recipe)
        assert DATA.read_recipe(target) == recipe
        info = soundfile.info(target)
        assert (info.format, info.subtype) == FORMATS[suffix][:2]
        found, rate = soundfile.read(target, dtype="float32", always_2d=True)
        assert rate == 16_000 and found.shape[1] == 2
        exact = "wav" in suffix or "flac" in suffix
        if exact:
            assert np.abs(found - both.samples).max() < 4e-5
        else:
            assert len(found) == pytest.approx(16_000, abs=2500)
    assert DATA.whole(tmp_path / f"a{suffix}").rate == 16_000  # type: ignore[attr-defined]


def test_rates_that_a_format_does_not_have_are_raised(tmp_path: Path) -> None:
    source = tmp_path / "source.wav"
    DATA.save(Sound(tone(1, 10_000, 440)[:, None], 10_000), source, None)
    DATA.export(source, tmp_path / "a.mp3", None)
    found, rate = soundfile.read(tmp_path / "a.mp3", dtype="float32")
    assert rate == 11_025
    assert abs(int(np.abs(np.fft.rfft(found[1000 : 1000 + 8192])).argmax()) * rate / 8192 - 440) < 3
    DATA.save(Sound(tone(0.5, 96_001)[:, None], 96_001), source, None)
    DATA.export(source, tmp_path / "a.flac", None)
    assert soundfile.info(tmp_path / "a.flac").samplerate == 96_010


def test_other_endings_are_refused(tmp_path: Path) -> None:
    with pytest.raises(StudioError, match=r"\.xyz"):
        sound_files.write(tmp_path / "a.xyz", [], 8000, 1)
    assert read_recipe(tmp_path / "nothing.wav") is None
    (tmp_path / "a.wav").write_bytes(b"RIFF\xff\xff\xff\xffWAVELIST\xff\xff\xff\x7fINFO")
    assert read_recipe(tmp_path / "a.wav") is None
    assert sheet_starts(tmp_path / "a.wav") == []


def test_a_sheet_says_where_each_recording_begins(tmp_path: Path) -> None:
    sounds = [sound(seed, 0.5 + 0.25 * seed) for seed in range(4)]
    path = DATA.write_sheet(sounds, tmp_path / "step-1")
    assert path == tmp_path / "step-1.wav"
    starts = sheet_starts(path)
    assert starts == pytest.approx([0, 1.0, 2.25, 3.75])
    samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    for start, each in zip(starts, sounds, strict=True):
        at = round(start * rate)
        assert np.abs(samples[at : at + len(each.samples)] - each.samples).max() < 4e-5
        assert not samples[at - rate // 4 : at].any(), "a pause before each"
    assert DATA.read_recipe(path) is None, "a sheet is no asset"


def test_pictures_of_waveforms() -> None:
    half = Sound(np.concatenate([tone(0.5), np.zeros(4000, np.float32)])[:, None], 8000)
    picture = np.asarray(Image.open(io.BytesIO(DATA.thumbnail(half))))
    assert picture.shape == (64, 96, 4)
    height = (picture[:, :, 3] > 0).sum(0)
    assert (height[:46] > 40).all() and (height[50:] <= 2).all()
    assert (picture[picture[:, :, 3] > 0][:, :3] == (0x7C, 0x8C, 0xFF)).all()
    for samples in (np.zeros((0, 1)), np.zeros((5, 2)), np.ones((1, 1))):
        assert DATA.thumbnail(Sound(samples.astype(np.float32), 8000)).startswith(b"\x89PNG")
    sheet = Image.open(io.BytesIO(DATA.preview([sound(n) for n in range(5)], columns=3)))
    assert sheet.size == (3 * 164 - 4, 2 * 68 - 4)
    assert DATA.extent(sound()) == (1000, 16_000)
