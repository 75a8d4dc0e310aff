"""The player: sound at once, one at a time, seek and loop, edits that are heard, and no device."""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Iterator

import numpy as np
import pytest
from music_maker import Card, Tone, cards, crowded, scale
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.core.media import Music
from studio.ui.sound import Player, player
from studio.ui.sound_output import MissingLibraryError, SoundCard
from studio.ui.sound_ring import Ring
from studio.ui.sound_thread import Piece

TOGETHER = 8000  # milliseconds of patience


@pytest.fixture
def sound(qapp: QApplication) -> Iterator[list[Card]]:
    """Return the cards that are opened; a tone of a second stands for every piece."""
    with cards(Tone(1.0)) as made:
        yield made


def test_first_sound_of_three_minutes_comes_at_once(qapp: QApplication, qtbot: QtBot) -> None:
    """From the press to the first sample that is not silent, with the real instruments."""
    with cards() as made:
        one = player()
        one.warm()
        one.close()  # waits until the instruments are loaded
        made.clear()
        waits = []
        for _ in range(3):
            piece = Piece(crowded(4000, 180.0))
            began = time.perf_counter()
            one.play(piece)
            qtbot.waitUntil(lambda: bool(made and made[-1].first_sound), timeout=TOGETHER)
            waits.append(made[-1].first_sound - began)
            one.pause()
            one.close()
            made.clear()
        assert statistics.median(waits) < 0.150, waits


def test_what_is_heard_is_the_piece_without_gaps(qtbot: QtBot, sound: list[Card]) -> None:
    piece = Piece(scale())
    with qtbot.waitSignal(player().ended, timeout=TOGETHER) as ended:
        player().play(piece)
    assert ended.args == [piece]
    assert piece.position == 0.0 and not player().plays()
    heard = sound[0].sound()[:, 0]
    heard = heard[heard > 0]
    assert heard == pytest.approx(Tone(1.0).chunk(0.0, 1.0)[:, 0], abs=1e-6)


def test_starting_one_holds_the_other(qtbot: QtBot, sound: list[Card]) -> None:
    first, second = Piece(scale()), Piece(scale())
    player().play(first)
    qtbot.waitUntil(lambda: player().position(first) > 0.1, timeout=TOGETHER)
    player().play(second)
    assert player().plays(second) and not player().plays(first)
    assert first.position == pytest.approx(0.1, abs=0.3)
    resting = first.position
    qtbot.waitUntil(lambda: player().position(second) > 0.1, timeout=TOGETHER)
    assert player().position(first) == resting
    player().toggle(second)
    assert not player().plays()


def test_seek_loop_and_volume(qtbot: QtBot, sound: list[Card]) -> None:
    piece = Piece(scale())
    player().set_volume(0.5)
    player().play(piece)
    player().seek(piece, 0.8)
    assert player().position(piece) == pytest.approx(0.8, abs=0.15)
    player().set_loop(True)
    qtbot.waitUntil(lambda: player().position(piece) < 0.5, timeout=TOGETHER)
    player().pause()
    heard = sound[0].sound()[:, 0]
    assert heard.max() <= 0.5 * 0.111, "half as loud"
    player().set_loop(False)
    player().seek(piece, 99.0)
    with qtbot.waitSignal(player().ended, timeout=TOGETHER):
        player().play(piece)


def test_edits_are_heard_while_it_plays(qtbot: QtBot, sound: list[Card]) -> None:
    loud = Music((), facts={"loud": True})
    player().render = lambda music: Tone(9.0, 5.0 if music is loud else 1.0)
    piece = Piece(scale())
    player().play(piece)
    qtbot.waitUntil(lambda: player().position(piece) > 0.1, timeout=TOGETHER)
    player().replace(piece, loud)
    qtbot.waitUntil(lambda: bool(sound[0].sound().max() > 0.4), timeout=TOGETHER)
    assert player().position(piece) < 5.0
    player().pause()


@pytest.mark.parametrize(
    ("error", "words"),
    [(MissingLibraryError("none"), "PortAudio"), (OSError("no device"), "No sound device")],
)
def test_without_sound_the_playhead_moves_and_why_is_said(
    qtbot: QtBot, sound: list[Card], error: OSError, words: str
) -> None:
    def none() -> Card:
        raise error

    player().outputs = none
    piece = Piece(scale())
    player().play(piece)
    qtbot.waitUntil(lambda: player().position(piece) > 0.2, timeout=TOGETHER)
    assert words in player().silence
    with qtbot.waitSignal(player().ended, timeout=TOGETHER):
        player().seek(piece, 0.9)
    player().outputs = Card
    player().play(piece)
    qtbot.waitUntil(lambda: not player().silence, timeout=TOGETHER)


def test_the_system_says_that_it_has_no_card() -> None:
    """On a machine with a card this opens it and gives it back."""
    try:
        card = SoundCard()
        card.start(lambda out: out.fill(0))
        card.stop()
    except OSError as error:
        assert str(error)


def test_a_piece_that_cannot_be_rendered_is_said(
    qtbot: QtBot, sound: list[Card], caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_music: Music) -> Tone:
        raise ValueError("odd notes")

    player().render = broken
    with qtbot.waitSignal(player().ended, timeout=TOGETHER):
        player().play(Piece(scale()))
    assert "odd notes" in player().silence
    assert "a piece cannot be played" in caplog.text


def test_nothing_runs_after_close(qtbot: QtBot, qapp: QApplication) -> None:
    before = set(threading.enumerate())
    own = Player()
    own.outputs, own.render = Card, lambda _music: Tone(60.0)
    own.warm()
    own.play(Piece(scale()))
    own.play(Piece(scale()))
    own.close()
    assert set(threading.enumerate()) <= before


def test_ring_hands_on_every_sample_in_order() -> None:
    ring = Ring(1000)
    ring.clear(5.0)
    counted = np.repeat(np.arange(1, 9001, dtype=np.float32)[:, None], 2, 1)
    rng = np.random.default_rng(0)
    written, read = 0, []
    while sum(map(len, read)) < len(counted):
        part = min(int(rng.integers(1, 900)), ring.room(), len(counted) - written)
        ring.write(counted[written : written + part], 5.0 + written / 1000)
        written += part
        out = np.zeros((min(int(rng.integers(1, 700)), ring.rest()), 2), np.float32)
        ring.read(out)
        read.append(out)
    assert (np.concatenate(read) == counted).all()
    assert ring.heard() == pytest.approx(14.0, abs=0.06)
    silent = np.ones((10, 2), np.float32)
    ring.read(silent)
    assert not silent.any(), "nothing waits: silence"
