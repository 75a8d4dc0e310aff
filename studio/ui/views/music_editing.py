"""Edits of notes: each takes a piece with what is chosen and gives another piece, changing nothing.

The chosen notes stay chosen in what comes out, wherever their order puts them.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from studio.core.media import Track
from studio.ui.views.music_notes import Chosen, NoteTable, with_tracks

_LATEST = (1 << 31) - 2  # the last tick that a note can lie at


class Edited(NamedTuple):
    """A piece after an edit, and which of its notes are chosen."""

    table: NoteTable
    chosen: Chosen


def move(table: NoteTable, chosen: Chosen, ticks: int, semitones: int) -> Edited:
    """Move notes in time and pitch, all by the same, as far as the first one can go."""
    if not chosen.any():
        return Edited(table, chosen)
    ticks = max(ticks, -int(table.start[chosen].min()))
    ticks = min(ticks, _LATEST - int(table.end[chosen].max()))
    pitches = table.pitch[chosen]
    semitones = max(-int(pitches.min()), min(127 - int(pitches.max()), semitones))
    start = np.where(chosen, table.start + ticks, table.start)
    pitch = np.where(chosen, table.pitch + semitones, table.pitch)
    return _rebuilt(table, chosen, start, table.end - table.start, pitch)


def quantise(table: NoteTable, chosen: Chosen, grid: float) -> Edited:
    """Move the beginnings of notes to the nearest line of a grid, in ticks."""
    line = np.rint(np.rint(table.start / grid) * grid).astype(np.int64)
    start = np.where(chosen, line, table.start)
    return _rebuilt(table, chosen, start, table.end - table.start, table.pitch)


def stretch(table: NoteTable, chosen: Chosen, ticks: int) -> Edited:
    """Make notes longer or shorter; each keeps at least a tick."""
    length = table.end - table.start
    most = np.maximum(1, _LATEST - table.start)
    length = np.where(chosen, np.clip(length + ticks, 1, most), length)
    return _rebuilt(table, chosen, table.start, length, table.pitch)


def delete(table: NoteTable, chosen: Chosen) -> Edited:
    """Take notes away."""
    length = table.end - table.start
    return _rebuilt(table, chosen, table.start, length, table.pitch, keep=~chosen)


def _rebuilt(
    table: NoteTable,
    chosen: Chosen,
    start: npt.NDArray[np.int64],
    length: npt.NDArray[np.int64],
    pitch: npt.NDArray[np.int32],
    keep: Chosen | None = None,
) -> Edited:
    """Put notes back into their tracks, each in the order of its starts."""
    rows = np.stack([start, length, pitch, table.velocity], 1).astype(np.int32)
    keep = np.ones(len(table), bool) if keep is None else keep
    tracks, marks = [], []
    for index, track in enumerate(table.music.tracks):
        own = np.flatnonzero(keep & (table.track == index))
        own = own[np.argsort(start[own], kind="stable")]
        tracks.append(Track(rows[own], track.program, track.drums, track.name))
        marks.append(chosen[own])
    after = NoteTable(with_tracks(table.music, tracks))
    return Edited(after, np.concatenate([*marks, np.zeros(0, bool)])[after.order])
