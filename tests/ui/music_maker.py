"""Pieces, sounds and a sound card without a card, for tests of music in the window."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from studio.core.media import Music, Track
from studio.ui.sound import player
from studio.ui.sound_output import RATE
from studio.ui.sound_ring import Samples


def scale(bars: int = 4, ticks: int = 480) -> Music:
    """Return quarter notes up the C major scale, and a held C below them."""
    steps = (0, 2, 4, 5, 7, 9, 11, 12)
    count = bars * 4
    melody = [(i * ticks, ticks - 20, 60 + steps[i % 8], 120) for i in range(count)]
    bass = [(bar * 4 * ticks, 4 * ticks, 36, 110) for bar in range(bars)]
    return Music(
        (
            Track(np.array(melody, np.int32), 0, name="Tune"),
            Track(np.array(bass, np.int32), 32),
        ),
        ticks,
    )


def crowded(count: int, seconds: float = 180.0) -> Music:
    """Return a piece of many notes in four tracks at 120 quarters a minute."""
    rng = np.random.default_rng(0)
    tracks = []
    for program in (0, 24, 40, 56):
        start = np.sort(rng.integers(0, round(seconds * 960), count // 4))
        start[0] = 0
        rest = (rng.integers(60, 960, count // 4), rng.integers(30, 100, count // 4))
        loud = rng.integers(20, 127, count // 4)
        tracks.append(Track(np.stack([start, *rest, loud], 1).astype(np.int32), program))
    return Music(tuple(tracks))


class Tone:
    """Makes a sound whose samples say where in the piece they are."""

    def __init__(self, seconds: float = 1.0, level: float = 1.0) -> None:
        self.seconds, self._level = seconds, level

    def chunk(self, start: float, seconds: float) -> Samples:
        """Return a level that grows with time, so that a jump is seen."""
        count = max(0, round((min(start + seconds, self.seconds) - start) * RATE))
        times = start + np.arange(count) / RATE
        return np.repeat(((0.1 + times / 100) * self._level)[:, None], 2, 1).astype(np.float32)


class Card:
    """A sound card that keeps what it was given; a block each 5 ms, as cards take them."""

    latency = 0.0

    def __init__(self) -> None:
        self.heard: list[Samples] = []
        self.first_sound = 0.0
        self._end = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, fill: object) -> None:
        """Begin to ask for samples."""
        assert callable(fill)

        def work() -> None:
            while not self._end.wait(0.005):
                block = np.zeros((RATE // 200, 2), np.float32)
                fill(block)
                if not self.first_sound and np.abs(block).max() > 0:
                    self.first_sound = time.perf_counter()
                self.heard.append(block)

        self._thread = threading.Thread(target=work, name="card")
        self._thread.start()

    def stop(self) -> None:
        """End."""
        self._end.set()
        if self._thread is not None:
            self._thread.join()

    def sound(self) -> Samples:
        """Return all that was heard."""
        return np.concatenate([np.zeros((0, 2), np.float32), *self.heard])


@contextmanager
def cards(tone: Tone | None = None) -> Iterator[list[Card]]:
    """Give the window's player such cards, and a tone in the place of instruments."""
    made: list[Card] = []

    def new() -> Card:
        made.append(Card())
        return made[-1]

    one = player()
    before = (one.outputs, one.render)
    one.outputs = new
    if tone is not None:
        one.render = lambda _music: tone
    yield made
    one.close()
    one.set_loop(False)
    one.set_volume(1.0)
    one.silence = ""
    one.outputs, one.render = before
