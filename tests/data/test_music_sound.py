"""Sound of a piece: chunks add up to the whole, and files of every kind can be read."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from made_tunes import band, tune

from studio.core.media import Music, Track
from studio.data.music.sound import RATE, Renderer, sound_font, write_sound
from studio.data.music.soundfont import playable
from studio.data.music.timing import seconds_of


def chunked(music: Music, seconds: float) -> np.ndarray:
    """Return the sound of a piece, chunk by chunk."""
    renderer, parts, at = Renderer(music), [], 0
    while len(part := renderer.chunk(at / RATE, seconds)):
        parts.append(part)
        at += len(part)
    return np.concatenate(parts)


@pytest.mark.parametrize("seconds", [0.06, 0.4, 1.7])
def test_chunks_are_the_whole(seconds: float) -> None:
    whole = Renderer(band()).chunk(0, 1e6)
    assert whole.dtype == np.float32
    assert whole.shape[1] == 2
    assert 0.05 < np.abs(whole).max() <= 1
    parts = chunked(band(), seconds)
    assert parts.shape == whole.shape
    assert np.abs(parts - whole).max() < 1e-5


def test_it_goes_on_from_wherever_it_is_asked() -> None:
    renderer = Renderer(band())
    whole = Renderer(band()).chunk(0, 1e6)
    for start in (7.31, 2.0, 11.111, 11.111):
        first = round(start * RATE)
        part = renderer.chunk(start, 0.5)
        assert np.abs(part - whole[first : first + len(part)]).max() < 1e-5
    assert len(renderer.chunk(renderer.seconds, 1)) == 0
    assert len(renderer.chunk(-3, 0)) == 0


def test_it_lasts_as_long_as_it_rings() -> None:
    music = tune()
    assert 0 < Renderer(music).seconds - seconds_of(music) < 0.2
    assert Renderer(Music(())).seconds == 0
    assert len(Renderer(Music(())).chunk(0, 1)) == 0
    hour = Music((Track(np.array([[0, 480 * 7200, 60, 90]], np.int32)),))
    assert Renderer(hour).seconds < 40  # nobody hears a string for an hour


def test_many_loud_notes_stay_within_bounds() -> None:
    notes = np.array([[0, 960, pitch, 127] for pitch in range(20, 108)], np.int32)
    sound = Renderer(Music((Track(notes), Track(notes, 30), Track(notes, 61)))).chunk(0, 2)
    assert 0.9 < np.abs(sound).max() <= 1.0


@pytest.mark.timeout(60)
def test_notes_that_an_instrument_cannot_play_do_not_hang() -> None:
    """The synthesiser goes round for ever where nothing is left of a sample's loop."""
    high = np.array([[0, 1920, pitch, 127] for pitch in range(100, 128)], np.int32)
    tracks = tuple(Track(high, program) for program in (7, 13, 29, 30, 40, 60, 70, 80, 81, 109))
    sound = Renderer(Music((*tracks, Track(high, 25, drums=True)))).chunk(0, 9)
    assert len(sound) > 2 * RATE
    table = playable(sound_font(), RATE)
    assert not table[29, 104]  # a hang that was seen
    assert table[:, :73].all()
    assert table[0].all()  # the piano plays every key
    with pytest.raises(ValueError, match="SoundFont"):
        playable(Path(__file__), RATE)


def test_the_first_sound_of_a_long_piece_comes_at_once() -> None:
    music = band(bars=90)
    assert seconds_of(music) > 180
    Renderer(tune(bars=1)).chunk(0, 0.1)  # the instruments are loaded
    begun = time.perf_counter()
    sound = Renderer(music).chunk(0, 0.25)
    assert time.perf_counter() - begun < 0.1
    assert np.abs(sound).max() > 0.01


def test_threads_render_at_the_same_time() -> None:
    whole = Renderer(band()).chunk(0, 1e6)
    found: list[np.ndarray] = []
    threads = [
        threading.Thread(target=lambda: found.append(chunked(band(), 0.3))) for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(np.abs(each - whole).max() < 1e-5 for each in found)


@pytest.mark.parametrize("suffix", [".wav", ".flac", ".ogg", ".mp3"])
def test_sound_files_hold_the_piece_and_its_recipe(tmp_path: Path, suffix: str) -> None:
    import soundfile

    path = tmp_path / f"a{suffix}"
    write_sound(tune(bars=4), path, {"family": "composer"})
    with soundfile.SoundFile(path) as file:
        assert (file.samplerate, file.channels) == (RATE, 2)
        assert json.loads(file.comment) == {"family": "composer"}
        sound = file.read(dtype="float32")
    whole = Renderer(tune(bars=4)).chunk(0, 1e6)
    assert abs(len(sound) - len(whole)) < 3000
    assert np.sqrt((sound**2).mean()) == pytest.approx(np.sqrt((whole**2).mean()), rel=0.1)
    assert [each.name for each in tmp_path.iterdir()] == [path.name]
