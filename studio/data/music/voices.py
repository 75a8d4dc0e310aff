"""Which tracks of a piece are taken, and how its voices are told apart.

A *voice* is what one player has: tracks of the same instrument are kept apart by how high they
lie, since a melody and its chords are often both written for the piano. The highest track of an
instrument is its first voice, all others together are its second.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Literal, NamedTuple, get_args

import numpy as np
import numpy.typing as npt

from studio.core.media import Music, Track

Which = Literal["all", "melody", "chords"]

#: General MIDI programs come in sixteen families of eight; drums are the last group.
Group = Literal[
    "Piano",
    "Bells",
    "Organ",
    "Guitar",
    "Bass",
    "Strings",
    "Ensemble",
    "Brass",
    "Reed",
    "Pipe",
    "Synth lead",
    "Synth pad",
    "Synth effects",
    "World",
    "Percussion",
    "Sounds",
    "Drums",
]
GROUPS: tuple[Group, ...] = get_args(Group)
DRUMS = len(GROUPS) - 1
_MOSTLY = 0.2  # share of notes of a melody that may sound together with others of its track


class Voice(NamedTuple):
    """What one player has.

    Attributes:
        program: General MIDI program, 0 … 127.
        drums: Whether it is the percussion.
        order: 0 for the highest track of its instrument, 1 for the rest.
    """

    program: int
    drums: bool = False
    order: int = 0


def group_of(track: Track | Voice) -> int:
    """Return the family of instruments in `GROUPS` that a track belongs to."""
    return DRUMS if track.drums else track.program // 8


def joined(notes: Iterable[npt.NDArray[np.int32]]) -> npt.NDArray[np.int32]:
    """Return notes of several tracks as one, each pitch once at a time, in order."""
    rows = np.concatenate([np.zeros((0, 4), np.int32), *notes])
    rows = rows[np.lexsort((-rows[:, 1], rows[:, 2], rows[:, 0]))]  # the longest comes first
    if len(rows):
        again = (np.diff(rows[:, 0]) == 0) & (np.diff(rows[:, 2]) == 0)
        rows = rows[np.concatenate([[True], ~again])]
    return rows


def overlapping(notes: npt.NDArray[np.int32]) -> float:
    """Return the share of notes that begin while an earlier one of the track still sounds."""
    if len(notes) < 2:
        return 0.0
    ends = np.maximum.accumulate(notes[:, 0].astype(np.int64) + notes[:, 1])[:-1]
    # a note held a little into the next one is played legato, not a chord
    slack = notes[:-1, 1] // 8
    return float(((ends - slack) > notes[1:, 0]).mean())


def voices_of(music: Music) -> dict[Voice, Track]:
    """Return the voices of a piece, the highest of each instrument first; drums are one voice."""
    groups: dict[tuple[int, bool], list[Track]] = {}
    for track in music.tracks:
        if len(track.notes):
            groups.setdefault((0 if track.drums else track.program, track.drums), []).append(track)
    found: dict[Voice, Track] = {}
    for (program, drums), tracks in groups.items():
        if drums or len(tracks) == 1:
            found[Voice(program, drums)] = Track(
                joined(each.notes for each in tracks), program, drums, tracks[0].name
            )
            continue
        ranked = sorted(tracks, key=_height, reverse=True)
        first, rest = ranked[0], ranked[1:]
        found[Voice(program)] = replace(first, notes=joined([first.notes]))
        found[Voice(program, order=1)] = Track(
            joined(each.notes for each in rest), program, name=rest[0].name
        )
    return dict(sorted(found.items(), key=lambda each: (each[0].drums, each[0].program, each[0])))


def chosen(music: Music, which: Which) -> Music:
    """Return a piece with its melody alone, without it, or whole.

    The melody is the highest track that mostly plays one note at a time; in a piece whose only
    track plays chords, it is the highest note of each.
    """
    if which == "all":
        return music
    melody, chords = melody_and_chords(music)
    return replace(music, tracks=tuple(melody if which == "melody" else chords))


def melody_and_chords(music: Music) -> tuple[list[Track], list[Track]]:
    """Return the track of the melody and those of everything else; drums are in neither."""
    tracks = [track for track in music.tracks if len(track.notes) and not track.drums]
    if not tracks:
        return [], []
    single = [track for track in tracks if overlapping(track.notes) <= _MOSTLY]
    if single:
        best = max(single, key=_height)
        return [best], [track for track in tracks if track is not best]
    best = max(tracks, key=_height)
    above, below = skyline(best.notes)
    rest = [replace(best, notes=below)] if len(below) else []
    return [replace(best, notes=above)], rest + [track for track in tracks if track is not best]


def skyline(
    notes: npt.NDArray[np.int32],
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """Return the highest note at each beginning, and all others."""
    if not len(notes):
        return notes, notes
    order = np.lexsort((-notes[:, 2], notes[:, 0]))
    first = np.ones(len(order), bool)
    first[1:] = np.diff(notes[order, 0]) != 0
    above = np.zeros(len(notes), bool)
    above[order[first]] = True
    return notes[above], notes[~above]


def _height(track: Track) -> float:
    return float(track.notes[:, 2].mean()) if len(track.notes) else -1.0


def instruments_of(tracks: Sequence[Track]) -> tuple[int, ...]:
    """Return the groups of instruments that play, those with most notes first."""
    counts: dict[int, int] = {}
    for track in tracks:
        counts[group_of(track)] = counts.get(group_of(track), 0) + len(track.notes)
    return tuple(sorted((g for g in counts if counts[g]), key=lambda g: (-counts[g], g)))
