"""When things happen in a piece: ticks as seconds, where bars begin, how long it is."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from studio.core.media import Music

Floats = npt.NDArray[np.float64]


class Bars(NamedTuple):
    """The bars of a piece, from its beginning to the end of its last note.

    Attributes:
        starts: (B,) tick at which each begins.
        lengths: (B,) ticks.
        beats, values: (B,) the metre of each, as 6 and 8.
    """

    starts: npt.NDArray[np.int64]
    lengths: npt.NDArray[np.int64]
    beats: npt.NDArray[np.int64]
    values: npt.NDArray[np.int64]

    def at(self, ticks: npt.ArrayLike) -> npt.NDArray[np.int64]:
        """Return the number of the bar at each tick; ticks beyond the end are in the last one."""
        found = np.searchsorted(self.starts, ticks, side="right") - 1
        return np.clip(found, 0, max(0, len(self.starts) - 1))


def end_of(music: Music) -> int:
    """Return the tick at which the last note ends; 0 without notes."""
    notes = [track.notes.astype(np.int64) for track in music.tracks if len(track.notes)]
    return max((int((rows[:, 0] + rows[:, 1]).max()) for rows in notes), default=0)


def seconds_at(music: Music, ticks: npt.ArrayLike) -> Floats:
    """Return ticks as seconds from the beginning, whatever tempos stand between."""
    changes = np.array([tick for tick, _tempo in music.tempos], np.float64)
    pace = np.array([60 / (tempo * music.ticks) for _tick, tempo in music.tempos])  # s per tick
    reached = np.concatenate([[0.0], np.cumsum(np.diff(changes) * pace[:-1])])
    wanted = np.asarray(ticks, np.float64)
    part = np.clip(np.searchsorted(changes, wanted, side="right") - 1, 0, None)
    found: Floats = reached[part] + (wanted - changes[part]) * pace[part]
    return found


def ticks_at(music: Music, seconds: npt.ArrayLike) -> Floats:
    """Return seconds as ticks: the inverse of `seconds_at`."""
    changes = np.array([tick for tick, _tempo in music.tempos], np.float64)
    pace = np.array([60 / (tempo * music.ticks) for _tick, tempo in music.tempos])
    reached = np.concatenate([[0.0], np.cumsum(np.diff(changes) * pace[:-1])])
    wanted = np.asarray(seconds, np.float64)
    part = np.clip(np.searchsorted(reached, wanted, side="right") - 1, 0, None)
    found: Floats = changes[part] + (wanted - reached[part]) / pace[part]
    return found


def seconds_of(music: Music) -> float:
    """Return how long a piece lasts, in seconds."""
    return float(seconds_at(music, end_of(music)))


def bars_of(music: Music) -> Bars:
    """Return the bars of a piece; a change of metre begins a new one."""
    end = max(1, end_of(music))
    starts, lengths, beats, values = [], [], [], []
    changes = [each for each in music.signatures if each[0] < end]
    for number, (tick, count, value) in enumerate(changes):
        until = changes[number + 1][0] if number + 1 < len(changes) else end
        length = max(1, 4 * music.ticks * count // value)
        found = np.arange(tick, until, length, dtype=np.int64)
        starts.append(found)
        lengths.append(np.full(len(found), length, np.int64))
        if number + 1 < len(changes):
            lengths[-1][-1] = until - found[-1]
        beats.append(np.full(len(found), count, np.int64))
        values.append(np.full(len(found), value, np.int64))
    return Bars(*(np.concatenate(part) for part in (starts, lengths, beats, values)))
