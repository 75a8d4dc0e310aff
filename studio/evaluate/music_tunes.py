"""Tunes as sequences of steps and times, to find again what was learned, whatever its key."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain

import numpy as np
import numpy.typing as npt

from studio.core.media import Music
from studio.data.music.measures import NAMES
from studio.data.music.voices import melody_and_chords, skyline
from studio.evaluate.verbatim import Passage, Verbatim

#: Notes of a run that is looked for; shorter ones are common to all tunes.
SHORTEST = 8
_COPIED = 16  # notes of a run that counts as copied
_WIDEST = 36  # semitones of a step
_PARTS = 12  # of a quarter note, that times are told apart by
_LONGEST = 96  # parts: two bars of four; longer waits are alike
_FIRST = 0x1000  # code of the first kind of step, clear of surrogates (up to 0x2C49)


class Tunes:
    """Finds the steps and times of melodies again in those that were learned.

    A step of a melody is the interval to its next note and the time until then, so that the same
    tune in another key or tempo is the same.
    """

    def __init__(self, learned: Iterable[Music]) -> None:
        self._known = Verbatim(dict.fromkeys(map(as_steps, learned)), SHORTEST)

    def measured(self, pieces: Sequence[Music]) -> dict[str, float]:
        """Return `longest_copy` in notes and `copied`, the share of notes in long known runs."""
        steps = [as_steps(piece) for piece in pieces]
        runs = [self._known.passages(each) for each in steps]
        notes = sum(map(len, steps))
        if not notes:
            return {}
        longest = max((run.length + 1 for run in chain(*runs)), default=0)
        return {"longest_copy": float(longest), "copied": sum(map(_covered, runs)) / notes}

    def copies(self, pieces: Sequence[Music], count: int) -> list[str]:
        """Return the notes of the longest known runs, by name, those of `count` pieces."""
        found: list[tuple[int, str]] = []
        for piece in pieces:
            run = self._known.longest(as_steps(piece))
            if run is not None and run.length >= _COPIED:
                pitches = _melody(piece)[run.start : run.end + 1, 2].tolist()
                found.append((len(pitches), " ".join(map(_name, pitches))))
        return [names for _length, names in sorted(set(found), reverse=True)[:count]]


def as_steps(music: Music) -> str:
    """Return the steps of a piece's melody, one character each; empty for fewer than two notes."""
    line = _melody(music)
    if len(line) < 2:
        return ""
    interval = np.clip(np.diff(line[:, 2]), -_WIDEST, _WIDEST) + _WIDEST
    time = np.rint(np.diff(line[:, 0]) * _PARTS / music.ticks).clip(0, _LONGEST)
    codes = _FIRST + interval * (_LONGEST + 1) + time.astype(np.int64)
    return codes.astype("<u4").tobytes().decode("utf-32-le")


def _melody(music: Music) -> npt.NDArray[np.int64]:
    """Return the notes of the melody, (N, 4), in the order of their starts."""
    melody, _chords = melody_and_chords(music)
    if not melody:
        return np.zeros((0, 4), np.int64)
    line, _below = skyline(melody[0].notes)
    return line[np.argsort(line[:, 0], kind="stable")].astype(np.int64)


def _name(pitch: int) -> str:
    return f"{NAMES[pitch % 12]}{pitch // 12 - 1}"


def _covered(runs: Sequence[Passage]) -> int:
    """Return how many steps lie in long runs; they come in order."""
    covered = end = 0
    for run in runs:
        if run.length >= _COPIED:
            covered += max(0, run.end - max(end, run.start))
            end = max(end, run.end)
    return covered
