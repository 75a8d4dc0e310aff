"""Waveforms of recordings of any length."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest
import soundfile
from made_sounds import encoded_by_ffmpeg, melody, noise, write

from studio.data.audio import peaks as audio_peaks
from studio.data.audio.peaks import BASE, FACTOR, Peaks
from studio.data.modality import Rejected


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "cache"
    monkeypatch.setattr(audio_peaks, "cache_dir", lambda: folder)
    return folder


def stereo(seconds: float) -> np.ndarray:
    """Return two sides that differ, (N, 2)."""
    return np.stack([melody(1, seconds), 0.5 * noise(2, seconds)], 1)


def test_extremes_of_few_samples_are_exact(tmp_path: Path) -> None:
    samples = stereo(3)
    with Peaks(write(tmp_path / "a.wav", samples, subtype="FLOAT")) as peaks:
        assert (peaks.rate, peaks.frames, peaks.channels) == (8000, len(samples), 2)
        found = peaks.peaks(1000, 5000, 100)
        parts = samples[1000:5000].reshape(100, 40, 2)
        np.testing.assert_array_equal(found[:, :, 0], parts.min(1))
        np.testing.assert_array_equal(found[:, :, 1], parts.max(1))
        one = peaks.peaks(10, 15, 50)  # larger than the samples: each is seen ten times
        np.testing.assert_array_equal(one[:, 0, 0], samples[10:15, 0].repeat(10))


@pytest.mark.parametrize("level", [0, 1, 2])
def test_extremes_of_many_samples_come_from_the_pyramid(tmp_path: Path, level: int) -> None:
    samples = stereo(60)
    block = BASE * FACTOR**level
    width = 8 * block
    columns = len(samples) // width
    with Peaks(write(tmp_path / "a.wav", samples)) as peaks:
        found = peaks.peaks(0, columns * width, columns)
    parts = samples[: columns * width].reshape(columns, width, 2)
    np.testing.assert_allclose(found[:, :, 0], parts.min(1), atol=1e-4)
    np.testing.assert_allclose(found[:, :, 1], parts.max(1), atol=1e-4)


@pytest.mark.parametrize("subtype", ["PCM_U8", "PCM_16", "PCM_24", "FLOAT", "ULAW"])
def test_samples_of_any_size_make_the_same_pyramid(tmp_path: Path, subtype: str) -> None:
    samples = stereo(20)
    samples[1000] = -1, 1
    width = BASE * FACTOR
    columns = len(samples) // width
    with Peaks(write(tmp_path / "a.wav", samples, subtype=subtype)) as peaks:
        found = peaks.peaks(0, columns * width, columns)
    parts = samples[: columns * width].reshape(columns, width, 2)
    coarse = 0.02 if subtype in ("PCM_U8", "ULAW") else 1e-4
    np.testing.assert_allclose(found[:, :, 0], parts.min(1), atol=coarse)
    np.testing.assert_allclose(found[:, :, 1], parts.max(1), atol=coarse)
    assert np.abs(found).max() <= 1


def test_every_sample_is_seen_once_at_any_zoom(tmp_path: Path) -> None:
    samples = np.zeros(100_000, np.float32)
    place = np.random.default_rng(0).integers(0, len(samples), 40)
    samples[place] = 0.9
    with Peaks(write(tmp_path / "a.wav", samples)) as peaks:
        for columns in (7, 33, 97, 150, 400, 1000):
            found = peaks.peaks(0, len(samples), columns)[:, 0, 1] > 0.5
            seen = np.unique(place * columns // len(samples))
            nearby = np.zeros(columns + 2, bool)
            nearby[seen], nearby[seen + 1], nearby[seen + 2] = True, True, True
            assert not (found & ~nearby[1:-1]).any()
            assert found.sum() >= len(seen) * 0.7


def test_there_is_silence_beyond_both_ends(tmp_path: Path) -> None:
    samples = np.full(10_000, 0.5, np.float32)
    with Peaks(write(tmp_path / "a.wav", samples)) as peaks:
        for width, columns in ((40_000, 40), (40_000, 400)):
            found = peaks.peaks(-10_000, -10_000 + width, columns)
            heard = found[:, 0, 1] > 0.4
            assert heard[columns // 4 : columns // 2 - 1].all()
            assert not heard[: columns // 4 - 1].any() and not heard[columns // 2 + 1 :].any()
        assert not peaks.peaks(20_000, 30_000, 10).any()
        assert len(peaks.samples(9_990, 50)) == 10 and len(peaks.samples(-5, 3)) == 3


def test_long_ones_are_kept_and_opened_again(tmp_path: Path, _own_cache: Path) -> None:
    samples = stereo(200)
    path = write(tmp_path / "a.wav", samples)
    heard: list[float] = []
    with Peaks(path, heard.append) as peaks:
        first = peaks.peaks(0, peaks.frames, 500)
    assert heard and heard == sorted(heard) and heard[-1] == 1
    (kept,) = _own_cache.rglob("*.peaks")
    heard.clear()
    with Peaks(path, heard.append) as peaks:
        np.testing.assert_array_equal(peaks.peaks(0, peaks.frames, 500), first)
        at_bytes = Peaks(path.read_bytes())
        np.testing.assert_array_equal(at_bytes.peaks(0, peaks.frames, 500), first)
        at_bytes.close()
    assert not heard, "nothing was read again"
    kept.write_bytes(kept.read_bytes()[:5000])  # a cache that was damaged is made again
    with Peaks(path, heard.append) as peaks:
        np.testing.assert_array_equal(peaks.peaks(0, peaks.frames, 500), first)
    assert heard
    write(path, stereo(150))
    with Peaks(path) as peaks:
        assert peaks.frames == 150 * 8000, "another content is another pyramid"


def test_making_one_can_be_ended(tmp_path: Path, _own_cache: Path) -> None:
    class EndedError(Exception):
        pass

    def end(_share: float) -> None:
        raise EndedError

    path = write(tmp_path / "a.wav", stereo(200))
    with pytest.raises(EndedError):
        Peaks(path, end)
    assert not list(_own_cache.rglob("*.peaks"))


def test_what_only_ffmpeg_reads_is_seen_too(tmp_path: Path, _own_cache: Path) -> None:
    path = tmp_path / "a.m4a"
    path.write_bytes(encoded_by_ffmpeg(melody(1, 2, 16_000), 16_000, "mp4", "aac"))
    with Peaks(path) as peaks:
        assert peaks.seconds == pytest.approx(2, abs=0.15)
        assert 0.4 < peaks.peaks(0, peaks.frames, 10)[:, 0, 1].max() <= 1
    assert len(list(_own_cache.rglob("*.flac"))) == 1
    nothing = tmp_path / "a.wav"
    nothing.write_bytes(b"no sound")
    with pytest.raises(Rejected):
        Peaks(nothing)


def test_the_cache_stays_within_its_bounds(
    tmp_path: Path, _own_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Peaks(write(tmp_path / "a.wav", stereo(200))).close()
    (old,) = _own_cache.rglob("*.peaks")
    monkeypatch.setattr(audio_peaks, "_CACHED", old.stat().st_size * 3 // 2)
    time.sleep(0.02)
    Peaks(write(tmp_path / "b.wav", stereo(201))).close()
    assert not old.exists() and len(list(_own_cache.rglob("*.peaks"))) == 1


def test_long_recordings_open_at_once_when_made_before(tmp_path: Path) -> None:
    path = tmp_path / "long.flac"
    block = (np.stack([melody(1, 60, 44_100), noise(1, 60, 44_100, 0.01)], 1) * 8000).astype(
        "int16"
    )
    with soundfile.SoundFile(path, "w", 44_100, 2, "PCM_16", format="FLAC") as file:
        for _minute in range(5):
            file.write(block)
    Peaks(path).close()
    begun = time.perf_counter()
    with Peaks(path) as peaks:
        peaks.peaks(0, peaks.frames, 2000)
    assert time.perf_counter() - begun < 1
