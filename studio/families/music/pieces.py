"""Pieces cut to their first bars and put behind one another, for models that write music on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from studio.core.media import Music, Track
from studio.data.music.timing import Bars, bars_of

Notes = npt.NDArray[np.int32]


def bar_start(bars: Bars, number: int) -> int:
    """Return the tick at which a bar begins, also of bars behind the last one."""
    if number < len(bars.starts):
        return int(bars.starts[number])
    beyond = number - len(bars.starts)
    return int(bars.starts[-1] + bars.lengths[-1] * (1 + beyond))


def first_bars(music: Music, count: int) -> Music:
    """Return a piece up to the end of its bar number `count`; longer notes end there."""
    end = bar_start(bars_of(music), count)
    tracks = []
    for track in music.tracks:
        notes = track.notes[track.notes[:, 0] < end].copy()
        notes[:, 1] = np.minimum(notes[:, 1], end - notes[:, 0])
        tracks.append(replace(track, notes=notes))
    return replace(music, tracks=tuple(tracks))


class Continued(NamedTuple):
    """A piece with something behind it, and the tick at which that begins."""

    music: Music
    begin: int


def continued(given: Music, written: Music, kept: int, bars: int | None = None) -> Continued:
    """Return a piece as it is, with what was written behind it from its next bar on.

    Args:
        written: Begins with the last `kept` bars of the given piece as the model read them, to
            know its tracks again; only what follows these is taken.
        bars: How many of the bars that follow are taken; None takes all.
    """
    if bars is not None:
        written = first_bars(written, kept + bars)
    own = bars_of(given)
    begin = bar_start(own, len(own.starts))
    start = bar_start(bars_of(written), kept)
    scale = given.ticks / written.ticks

    def moved(ticks: npt.NDArray[Any] | int) -> npt.NDArray[np.int32]:
        return np.rint((np.asarray(ticks) - start) * scale).astype(np.int32) + begin

    tracks = list(given.tracks)
    places = _places(given, written)
    for track, place in zip(written.tracks, places, strict=True):
        new = track.notes[track.notes[:, 0] >= start]
        rows: Notes = new.copy()
        rows[:, 0] = moved(new[:, 0])
        rows[:, 1] = np.maximum(1, moved(new[:, 0] + new[:, 1]) - rows[:, 0])
        if place is None:
            tracks.append(replace(track, notes=rows))
        else:
            old = tracks[place]
            tracks[place] = replace(old, notes=np.concatenate([old.notes, rows]))
    changes = {tick: (tick, beats, value) for tick, beats, value in given.signatures}
    before = [each for each in written.signatures if each[0] <= start]
    for tick, beats, value in [(start, *before[-1][1:]), *written.signatures]:
        if tick >= start:
            at = int(moved(tick))
            changes[at] = (at, beats, value)
    signatures = [changes[tick] for tick in sorted(changes)]
    changed = [next(same) for _kind, same in groupby(signatures, key=lambda each: each[1:])]
    return Continued(replace(given, tracks=tuple(tracks), signatures=tuple(changed)), begin)


def _places(given: Music, written: Music) -> list[int | None]:
    """Return for each track that was written which of the given ones it goes on with.

    Tracks of one instrument are told apart by how high they lie.
    """
    used: dict[tuple[int, bool], int] = {}
    found: list[int | None] = []
    for track in written.tracks:
        kind = (0 if track.drums else track.program, track.drums)
        same = _ranked(given.tracks, kind)
        number = used.get(kind, 0)
        used[kind] = number + 1
        found.append(same[min(number, len(same) - 1)] if same else None)
    return found


def _ranked(tracks: Sequence[Track], kind: tuple[int, bool]) -> list[int]:
    """Return the places of the tracks of an instrument, the highest first."""
    some = [
        place
        for place, track in enumerate(tracks)
        if len(track.notes) and (0 if track.drums else track.program, track.drums) == kind
    ]
    return sorted(some, key=lambda place: -float(tracks[place].notes[:, 2].mean()))
