"""The notes of a piece as sorted arrays: what is in sight, what sounds now, where bars lie."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from studio.core.media import Music, Track

Indices = npt.NDArray[np.intp]
Chosen = npt.NDArray[np.bool_]

_NAMES = ("C", "C♯", "D", "D♯", "E", "F", "F♯", "G", "G♯", "A", "A♯", "B")
_BLACK = frozenset({1, 3, 6, 8, 10})
_MOST_LINES = 4000  # bar lines handed out at once, however far a piece is zoomed out


def pitch_name(pitch: int) -> str:
    """Return a pitch as musicians write it: 60 is C4."""
    return f"{_NAMES[pitch % 12]}{pitch // 12 - 1}"


def is_black(pitch: int) -> bool:
    """Tell whether a pitch is a black key."""
    return pitch % 12 in _BLACK


class Place(NamedTuple):
    """Where a tick lies, counted from 1; `beat` with its fraction."""

    bar: int
    beat: float


class _Metre(NamedTuple):
    """A stretch of one metre: its first tick, bars before it, ticks of a bar and of a beat."""

    tick: int
    bars: int
    bar: float
    beat: float


class NoteTable:
    """All notes of a piece in the order of their starts, whatever track they are in.

    Attributes:
        music: The piece.
        start, end: int64 (N,) in ticks; a note takes at least a tick.
        pitch, velocity, track: int32 (N,); `track` counts the piece's tracks from 0.
        length: Ticks to the end of the last note, at least one bar.
        seconds: How long the piece takes.
    """

    def __init__(self, music: Music) -> None:
        self.music = music
        rows = [np.asarray(track.notes, np.int64).reshape(-1, 4) for track in music.tracks]
        notes = np.concatenate([*rows, np.zeros((0, 4), np.int64)])
        tracks = np.repeat(np.arange(len(rows)), [len(each) for each in rows])
        self.order: Indices = np.argsort(notes[:, 0], kind="stable")
        notes = notes[self.order]
        self.start = notes[:, 0]
        self.end = notes[:, 0] + np.maximum(1, notes[:, 1])
        self.pitch = notes[:, 2].astype(np.int32)
        self.velocity = notes[:, 3].astype(np.int32)
        self.track = tracks[self.order].astype(np.int32)
        # ends as they grow: everything before the first that reaches a tick is over by then
        self._reach = np.maximum.accumulate(self.end) if len(self.end) else self.end
        self._metres = _metres(music)
        self._knots = _tempo_knots(music)
        last = int(self._reach[-1]) if len(self._reach) else 0
        self.length = max(last, round(self._metres[0].bar))
        self.seconds = self.seconds_at(self.length)

    def __len__(self) -> int:
        return len(self.start)

    # ----------------------------------------------------------------------------- searching

    def between(self, left: float, right: float) -> Indices:
        """Return the notes that sound somewhere from tick `left` to tick `right`."""
        first = int(np.searchsorted(self._reach, left, "right"))
        last = int(np.searchsorted(self.start, right, "left"))
        if first >= last:
            return np.zeros(0, np.intp)
        return first + np.flatnonzero(self.end[first:last] > left)

    def inside(self, left: float, right: float, low: int, high: int) -> Indices:
        """Return the notes between two ticks whose pitch is from `low` to `high`."""
        found = self.between(left, right)
        pitches = self.pitch[found]
        return found[(pitches >= low) & (pitches <= high)]

    def at(self, tick: float, pitch: int) -> int:
        """Return the note that lies at a place, the last one begun where several do; -1: none."""
        found = self.inside(tick, np.nextafter(tick, np.inf), pitch, pitch)
        return int(found[-1]) if len(found) else -1

    def pitches(self) -> tuple[int, int]:
        """Return the lowest and the highest pitch; around middle C for a piece without notes."""
        if not len(self):
            return 60, 60
        return int(self.pitch.min()), int(self.pitch.max())

    # ---------------------------------------------------------------------------------- time

    def seconds_at(self, tick: float) -> float:
        """Return when a tick comes, in seconds from the beginning."""
        ticks, seconds, pace = self._knots
        knot = max(0, int(np.searchsorted(ticks, tick, "right")) - 1)
        return float(seconds[knot] + (tick - ticks[knot]) * pace[knot])

    def tick_at(self, seconds: float) -> float:
        """Return the tick that comes after so many seconds."""
        ticks, starts, pace = self._knots
        knot = max(0, int(np.searchsorted(starts, seconds, "right")) - 1)
        return float(ticks[knot] + (seconds - starts[knot]) / pace[knot])

    def bars_between(self, left: float, right: float) -> list[tuple[int, float]]:
        """Return (number from 1, tick) of the bars that begin from `left` to `right`."""
        found: list[tuple[int, float]] = []
        for metre, until in self._stretches(right):
            first = max(0, int(np.ceil((left - metre.tick) / metre.bar)))
            last = int(np.ceil((until - metre.tick) / metre.bar))
            found += [
                (metre.bars + bar + 1, metre.tick + bar * metre.bar)
                for bar in range(first, min(last, first + _MOST_LINES))
            ]
        return found[:_MOST_LINES]

    def beats_between(self, left: float, right: float) -> list[float]:
        """Return the ticks of the beats from `left` to `right`."""
        found: list[float] = []
        for metre, until in self._stretches(right):
            first = max(0, int(np.ceil((left - metre.tick) / metre.beat)))
            last = int(np.ceil((until - metre.tick) / metre.beat))
            beats = range(first, min(last, first + _MOST_LINES))
            found += [metre.tick + beat * metre.beat for beat in beats]
        return found[:_MOST_LINES]

    def place(self, tick: float) -> Place:
        """Return the bar and the beat of a tick."""
        metre = self._metre(tick)
        bars, rest = divmod(tick - metre.tick, metre.bar)
        return Place(metre.bars + int(bars) + 1, rest / metre.beat + 1)

    def bar_ticks(self, tick: float = 0) -> float:
        """Return how long the bar at a tick is, in ticks."""
        return self._metre(tick).bar

    def beat_ticks(self, tick: float = 0) -> float:
        """Return how long the beat at a tick is, in ticks."""
        return self._metre(tick).beat

    def bars(self) -> int:
        """Return how many bars the piece has, the last one rounded up."""
        metre = self._metres[-1]
        rest = max(0, self.length - metre.tick)
        # a last note that rings a moment into the next bar does not make one
        return max(1, metre.bars + int(np.ceil(rest / metre.bar - 0.02)))

    def _metre(self, tick: float) -> _Metre:
        begun = (each for each in reversed(self._metres) if each.tick <= tick)
        return next(begun, self._metres[0])

    def _stretches(self, right: float) -> list[tuple[_Metre, float]]:
        """Return each stretch of one metre that begins before a tick, with where it ends."""
        ends = [float(after.tick) for after in self._metres[1:]] + [np.inf]
        return [
            (metre, min(end, right))
            for metre, end in zip(self._metres, ends, strict=True)
            if metre.tick < right
        ]


def beats_per_minute(music: Music) -> float:
    """Return the tempo that a piece begins with, in quarter notes per minute."""
    return max(1.0, float(music.tempos[0][1])) if music.tempos else 120.0


def with_tracks(music: Music, tracks: Sequence[Track]) -> Music:
    """Return a piece with other tracks and the same time."""
    return Music(
        tuple(tracks), music.ticks, music.tempos, music.signatures, facts=dict(music.facts)
    )


def _metres(music: Music) -> list[_Metre]:
    found: list[_Metre] = []
    quarter = max(1, music.ticks)
    signatures = sorted(music.signatures) or [(0, 4, 4)]
    if signatures[0][0] > 0:
        signatures.insert(0, (0, 4, 4))
    for tick, beats, value in signatures:
        beat = quarter * 4 / max(1, value)
        bar = beat * max(1, beats)
        before = found[-1] if found else _Metre(0, 0, bar, beat)
        if tick <= before.tick:  # two at one place: the last one counts
            found[-1:] = [_Metre(before.tick, before.bars, bar, beat)]
        else:
            bars = before.bars + int(np.ceil((tick - before.tick) / before.bar - 1e-6))
            found.append(_Metre(tick, bars, bar, beat))
    return found


_Knots = tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], npt.NDArray[np.float64]]


def _tempo_knots(music: Music) -> _Knots:
    """Return ticks where the tempo changes, their seconds, and the seconds of a tick from there."""
    tempos = dict(sorted(music.tempos)) or {0: 120.0}
    tempos.setdefault(0, 120.0)
    ticks = np.array(sorted(tempos), np.float64)
    rates = np.array([max(1e-3, tempos[int(tick)]) for tick in ticks])
    pace = 60.0 / (rates * max(1, music.ticks))
    seconds = np.concatenate([[0.0], np.cumsum(np.diff(ticks) * pace[:-1])])
    return ticks, seconds, pace
