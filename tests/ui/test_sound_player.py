"""The player with recordings: files and samples, a part over and over, from one to another."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from music_maker import Card, cards
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from sound_maker import steps, tone, write

from studio.core.media import Sound
from studio.ui.sound import player
from studio.ui.sound_thread import Piece

TOGETHER = 8000  # milliseconds of patience


@pytest.fixture
def sound(qapp: QApplication) -> Iterator[list[Card]]:
    """Return the cards that are opened."""
    with cards() as made:
        yield made


def heard(card: Card) -> np.ndarray:
    """Return what was heard at the left, from the first sound to the last."""
    samples = card.sound()[:, 0]
    loud = np.flatnonzero(np.abs(samples) > 0.001)
    return samples[loud[0] : loud[-1] + 1]


@pytest.mark.parametrize("kind", ["sound", "file", "bytes"])
def test_a_recording_is_heard_whole_and_as_loud_as_it_is(
    qtbot: QtBot, sound: list[Card], tmp_path: Path, kind: str
) -> None:
    made = tone(1.0)
    path = write(tmp_path / "tone.wav", made, subtype="FLOAT")
    piece = Piece({"sound": made, "file": path, "bytes": path.read_bytes()}[kind])
    with qtbot.waitSignal(player().ended, timeout=TOGETHER) as ended:
        player().play(piece)
    assert ended.args == [piece] and piece.position == 0.0
    samples = heard(sound[0])
    assert len(samples) == pytest.approx(44_100, abs=200)
    wanted = 0.5 * np.sin(2 * np.pi * 220 * np.arange(40_000) / 44_100)
    assert np.abs(samples[2000:40_000] - wanted[2000:]).max() < 0.02


def test_the_first_sound_of_a_long_file_comes_at_once(
    qtbot: QtBot, sound: list[Card], tmp_path: Path
) -> None:
    path = write(tmp_path / "long.flac", tone(900.0), "FLAC")
    waits = []
    for place in (0.0, 850.0, 430.0):
        piece = Piece(path)
        piece.position = place
        began = time.perf_counter()
        player().play(piece)
        qtbot.waitUntil(lambda: bool(sound and sound[-1].first_sound), timeout=TOGETHER)
        waits.append(sound[-1].first_sound - began)
        assert player().position(piece) == pytest.approx(place, abs=0.5)
        player().close()
        sound.clear()
    assert statistics.median(waits) < 0.150, waits


def test_a_part_is_played_over_and_over_to_the_sample(qtbot: QtBot, sound: list[Card]) -> None:
    piece = Piece(steps((0.1, 0.2, 0.3, 0.4), 0.25))
    player().set_span(piece, (0.25, 0.75))
    player().set_loop(True)
    player().play(piece)
    qtbot.waitUntil(lambda: len(sound) == 1 and len(sound[0].heard) > 320, timeout=TOGETHER)
    assert 0.25 <= player().position(piece) <= 0.76
    player().pause()
    samples = heard(sound[0])
    assert set(np.unique(samples.round(2))) == {np.float32(0.2), np.float32(0.3)}
    changes = np.flatnonzero(np.abs(np.diff(samples)) > 0.05)
    assert (np.abs(np.diff(changes) - 11_025) <= 1).all(), np.diff(changes)


def test_without_loop_the_part_ends_where_it_ends(qtbot: QtBot, sound: list[Card]) -> None:
    piece = Piece(steps((0.1, 0.2, 0.3, 0.4), 0.25))
    player().set_span(piece, (0.25, 0.5))
    piece.position = 0.9
    with qtbot.waitSignal(player().ended, timeout=TOGETHER):
        player().play(piece)
    assert len(heard(sound[0])) == pytest.approx(11_025, abs=2)
    assert piece.position == 0.25


def test_another_sound_goes_on_at_the_same_place_without_a_gap(
    qtbot: QtBot, sound: list[Card]
) -> None:
    """The levels rise with time in both, one negative: sign and level tell which and where."""
    levels = np.linspace(0.1, 0.9, 5 * 44_100, dtype=np.float32)[:, None]
    one, other = Piece(Sound(levels)), Piece(Sound(-levels))
    player().play(one)
    qtbot.waitUntil(lambda: player().position(one) > 0.3, timeout=TOGETHER)
    player().switch(one, other)
    assert player().plays(other) and not player().plays(one)
    qtbot.waitUntil(lambda: bool((sound[0].sound() < -0.1).any()), timeout=TOGETHER)
    player().switch(other, one)
    at = player().position(one)
    qtbot.waitUntil(lambda: player().position(one) > at + 0.3, timeout=TOGETHER)
    player().pause()
    assert len(sound) == 1, "the sound card stays open"
    samples = heard(sound[0])
    turns = np.flatnonzero(np.diff(np.sign(samples)) != 0)
    assert len(turns) >= 2
    away = np.ones(len(samples), bool)
    for turn in turns:
        away[max(0, turn - 500) : turn + 500] = False
    wanted = 0.1 + 0.8 * np.arange(len(samples)) / (5 * 44_100)
    assert np.abs(np.abs(samples) - wanted)[away].max() < 0.002, "no gap, no jump"


def test_a_switch_while_nothing_plays_moves_the_playhead(sound: list[Card]) -> None:
    one, other = Piece(tone()), Piece(tone())
    player().seek(one, 0.4)
    player().switch(one, other)
    assert player().position(other) == 0.4 and not player().plays()


def test_the_part_is_changed_while_it_plays(qtbot: QtBot, sound: list[Card]) -> None:
    piece = Piece(steps((0.1, 0.2, 0.3, 0.4), 2.0))
    player().play(piece)
    qtbot.waitUntil(lambda: player().position(piece) > 0.1, timeout=TOGETHER)
    player().set_span(piece, (6.0, 7.0))
    qtbot.waitUntil(lambda: player().position(piece) >= 6.0, timeout=TOGETHER)
    player().set_span(piece, None)
    player().seek(piece, 7.9)
    with qtbot.waitSignal(player().ended, timeout=TOGETHER):
        pass
    assert piece.position == 0.0


def test_what_holds_no_sound_is_said(
    qtbot: QtBot, sound: list[Card], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "notes.wav"
    path.write_bytes(b"RIFF nothing")
    with qtbot.waitSignal(player().ended, timeout=TOGETHER):
        player().play(Piece(path))
    assert "cannot be read as sound" in player().silence
    caplog.clear()


def test_a_file_that_was_played_can_be_deleted(
    qtbot: QtBot, sound: list[Card], tmp_path: Path
) -> None:
    piece = Piece(write(tmp_path / "tone.wav", tone()))
    player().play(piece)
    qtbot.waitUntil(lambda: player().position(piece) > 0.1, timeout=TOGETHER)
    player().close()
    assert piece.renderer is None, "an open file cannot be moved to the trash on Windows"
