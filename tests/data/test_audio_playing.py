"""Recordings for the ear: as they are, from any place, whatever they are written in."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from studio.core.media import Sound
from studio.data.audio.playing import RATE, Renderer, Samples, brought_to
from studio.data.modality import Rejected


def noise(seconds: float, rate: int, channels: int = 1) -> Sound:
    """Return noise without its highest part, which tells every place from every other."""
    values = np.random.default_rng(0).standard_normal((round(seconds * rate), channels))
    smooth = np.stack([np.convolve(each, np.ones(8) / 8, "same") for each in values.T], 1)
    return Sound(smooth.astype(np.float32) * 0.3, rate)


def write(path: Path, sound: Sound, form: str, subtype: str | None) -> Path:
    """Write a file a second at a time, as Vorbis must be."""
    channels = sound.samples.shape[1]
    with soundfile.SoundFile(path, "w", sound.rate, channels, subtype, format=form) as file:
        for first in range(0, len(sound.samples), sound.rate):
            file.write(sound.samples[first : first + sound.rate])
    return path


def whole(renderer: Renderer) -> Samples:
    """Return all of it, in chunks as the player asks for them."""
    parts, at = [], 0
    while len(part := renderer.chunk(at / RATE, 0.37)):
        parts.append(part)
        at += len(part)
    return np.concatenate(parts)


@pytest.mark.parametrize(
    ("name", "form", "subtype"),
    [
        ("a.wav", "WAV", "PCM_16"),
        ("a.flac", "FLAC", None),
        ("a.ogg", "OGG", "VORBIS"),
        ("a.mp3", "MP3", "MPEG_LAYER_III"),
    ],
)
def test_any_place_sounds_as_it_does_on_the_way(
    tmp_path: Path, name: str, form: str, subtype: str | None
) -> None:
    path = write(tmp_path / name, noise(20.0, RATE, 2), form, subtype)
    renderer = Renderer(path)
    assert renderer.seconds == pytest.approx(20.0, abs=0.1)
    samples = whole(renderer)
    assert renderer.seconds == pytest.approx(len(samples) / RATE)
    for seconds in (0.05, 1.0, 13.7, 19.9):
        first = round(seconds * RATE)
        part = Renderer(path).chunk(seconds, 0.05)
        assert len(part) == round(0.05 * RATE)
        assert np.abs(samples[first : first + len(part)] - part).max() < 1e-3


@pytest.mark.parametrize(("rate", "channels"), [(8000, 1), (22_050, 2), (96_000, 1)])
def test_rates_and_channels_are_brought_to_those_of_the_card(rate: int, channels: int) -> None:
    times = np.arange(2 * rate) / rate
    tone = 0.5 * np.sin(2 * np.pi * 330 * times[:, None]) * np.array([1.0, 0.5])[:channels]
    renderer = Renderer(Sound(tone.astype(np.float32), rate))
    samples = whole(renderer)
    assert len(samples) == pytest.approx(2 * RATE, abs=2)
    wanted = 0.5 * np.sin(2 * np.pi * 330 * np.arange(len(samples)) / RATE)
    inside = slice(2000, -2000)
    assert np.abs(samples[inside, 0] - wanted[inside]).max() < 1e-3
    right = 1.0 if channels == 1 else 0.5
    assert np.abs(samples[inside, 1] - right * wanted[inside]).max() < 1e-3


def test_odd_samples_do_no_harm_to_ears(tmp_path: Path) -> None:
    odd = np.array([[np.nan], [np.inf], [-np.inf], [7.0], [0.25]], np.float32).repeat(50, 0)
    path = write(tmp_path / "odd.wav", Sound(odd, RATE), "WAV", "FLOAT")
    for source in (path, Sound(odd, RATE)):
        samples = whole(Renderer(source))
        assert np.isfinite(samples).all() and np.abs(samples).max() <= 1.0


def test_what_holds_no_sound_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Rejected, match="cannot be read"):
        Renderer(b"nothing that sounds")
    with pytest.raises(Rejected):
        Renderer(tmp_path / "gone.wav")


def test_a_recording_of_nothing_ends_at_once() -> None:
    assert not len(Renderer(Sound(np.zeros((0, 1), np.float32), 8000)).chunk(0.0, 1.0))


@pytest.mark.parametrize(("channels", "wanted"), [(1, 1), (2, 1), (1, 2)])
def test_a_recording_is_brought_to_what_a_model_hears(channels: int, wanted: int) -> None:
    times = np.arange(22_050) / 22_050
    tone = 0.5 * np.sin(2 * np.pi * 200 * times)[:, None].repeat(channels, 1)
    made = brought_to(Sound(tone.astype(np.float32), 22_050), 8000, wanted)
    assert made.rate == 8000 and made.samples.shape[1] == wanted
    assert len(made.samples) == pytest.approx(8000, abs=2)
    assert np.abs(made.samples).max() > 0.3
