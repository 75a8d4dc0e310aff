"""Piano rolls: a few bars as a small picture of which pitch sounds at which step, and back.

A roll is uint8 (tracks, steps, pitches): the melody, and everything else, where all tracks are
taken. Where a pitch is struck again at once, a step of silence parts the two notes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from studio.core.media import Music, Track
from studio.data.music.preparation import MusicPreparation
from studio.data.music.timing import bars_of
from studio.data.music.voices import joined, melody_and_chords

Roll = npt.NDArray[np.uint8]

#: Name of the grid among the resources of a DataSpec.
RESOURCE = "roll"
_QUARTERS = {"4/4": 4, "3/4": 3}
_TICKS = 480
_LOUD = 90
_USUAL = 0.995  # share of the steps that say how many notes sound together


class Grid(NamedTuple):
    """What the cells of a roll mean.

    Attributes:
        quarters: Quarter notes in a bar.
        steps: Columns in a bar.
        lowest: Pitch of the first row.
        pitches: Rows.
        tracks: 2 for melody and chords, 1 for a single one.
        bars: Bars in a roll.
    """

    quarters: int
    steps: int
    lowest: int
    pitches: int
    tracks: int
    bars: int

    @property
    def shape(self) -> tuple[int, int, int]:
        """Shape of a roll: tracks, steps, pitches."""
        return (self.tracks, self.bars * self.steps, self.pitches)


def grid_of(preparation: MusicPreparation) -> Grid:
    """Return the grid of settled settings."""
    quarters = _QUARTERS.get(preparation.metre, 4)
    return Grid(
        quarters=quarters,
        steps=preparation.steps_per_bar or 4 * quarters,
        lowest=preparation.lowest,
        pitches=min(preparation.pitches, 128 - preparation.lowest),
        tracks=2 if preparation.tracks == "all" else 1,
        bars=preparation.roll_bars,
    )


def written(grid: Grid) -> str:
    """Return a grid as the text that `grid_in` reads."""
    return json.dumps(grid._asdict())


def grid_in(resources: Mapping[str, str]) -> Grid:
    """Return the grid of a dataset's rolls, from `DataSpec.resources`."""
    return Grid(**json.loads(resources[RESOURCE]))


def metre_of_rolls(metres: Sequence[tuple[int, int]]) -> str:
    """Return the metre of rolls that most pieces fit: `4/4` or `3/4`."""
    fitting = {
        name: sum(_fits(beats, value, quarters) for beats, value in metres)
        for name, quarters in _QUARTERS.items()
    }
    return max(fitting, key=lambda name: fitting[name])


def _fits(beats: int, value: int, quarters: int) -> bool:
    """Tell whether bars of a metre fill a roll's bars: 2/4 in pairs, 2/2 and 6/8 singly."""
    length = 4 * beats / value
    return length > 0 and quarters % length == 0


def rolls_of(
    music: Music,
    grid: Grid,
    *,
    span: tuple[float, float] = (0.0, 1.0),
    learned: bool = False,
) -> Roll:
    """Return the rolls (R, tracks, steps, pitches) of a piece, each beginning at a bar.

    Bars of metres that do not fit the grid are passed over. Rolls that are learned from overlap
    by half. What is left at the end of a piece becomes a roll when it fills half of one.

    Args:
        span: The part of the piece that is wanted, from 0 to 1; it is rounded to bars.
    """
    bars = bars_of(music)
    whole = grid.quarters * grid.bars * music.ticks
    begin, end = (round(len(bars.starts) * share) for share in span)
    parts = _parts(music, grid)
    least = whole / 2 + (1 if learned else 0)  # a half that the roll before has is no new one
    found: list[Roll] = []
    for first, last in _stretches(music, grid, begin, end):
        start, stop = int(bars.starts[first]), int(bars.starts[last - 1] + bars.lengths[last - 1])
        places = np.unique(bars.starts[first:last])
        at = start
        while at < stop and (not found or stop - at >= least):
            roll = _drawn(parts, grid, at, min(stop, at + whole), music.ticks)
            if roll.any():
                found.append(roll)
            nearest = places[places <= at + whole // (2 if learned else 1)]
            at = int(nearest[-1]) if nearest[-1] > at else stop
    return np.stack(found) if found else np.zeros((0, *grid.shape), np.uint8)


def _parts(music: Music, grid: Grid) -> list[npt.NDArray[np.int64]]:
    """Return the notes of each track of a roll, octaves brought into the grid's range."""
    melody, chords = melody_and_chords(music)
    if grid.tracks == 1:
        groups: list[Sequence[Track]] = [[*melody, *chords]]
    else:
        groups = [melody, chords]
    parts = []
    for tracks in groups:
        notes = joined(track.notes for track in tracks).astype(np.int64)
        top = grid.lowest + grid.pitches
        low = np.maximum(0, -((notes[:, 2] - grid.lowest) // 12))
        notes[:, 2] += 12 * low
        high = np.maximum(0, (notes[:, 2] - top) // 12 + 1)
        notes[:, 2] -= 12 * high
        parts.append(notes[notes[:, 2] >= grid.lowest])
    return parts


def _stretches(music: Music, grid: Grid, begin: int, end: int) -> list[tuple[int, int]]:
    """Return runs of bars whose metre fits the grid: the first, and the one behind the last."""
    bars = bars_of(music)
    fits = [
        begin <= number < end and _fits(int(beats), int(value), grid.quarters)
        for number, (beats, value) in enumerate(zip(bars.beats, bars.values, strict=True))
    ]
    edges = np.flatnonzero(np.diff([False, *fits, False]))
    return [(int(first), int(last)) for first, last in edges.reshape(-1, 2)]


def _drawn(
    parts: Sequence[npt.NDArray[np.int64]], grid: Grid, start: int, stop: int, ticks: int
) -> Roll:
    """Return the roll of what lies between two ticks."""
    roll = np.zeros(grid.shape, np.uint8)
    step = grid.quarters * ticks / grid.steps
    for track, notes in enumerate(parts):
        inside = notes[(notes[:, 0] >= start - step / 2) & (notes[:, 0] < stop - step / 2)]
        begins = np.rint((inside[:, 0] - start) / step).astype(np.int64)
        ends = np.rint((np.minimum(inside[:, 0] + inside[:, 1], stop) - start) / step)
        struck = {(int(b), int(p)) for b, p in zip(begins, inside[:, 2], strict=True)}
        for begin, end, pitch in zip(begins, ends.astype(np.int64), inside[:, 2], strict=True):
            last = max(int(end), int(begin) + 1)
            if (last, int(pitch)) in struck and last > begin + 1:
                last -= 1  # a silent step parts it from the next one
            roll[track, begin:last, pitch - grid.lowest] = 1
            if begin and roll[track, begin - 1, pitch - grid.lowest] and begin > 1:
                roll[track, begin - 1, pitch - grid.lowest] = 0
    return roll


def music_of(roll: npt.NDArray[np.bool_] | Roll, grid: Grid, tempo: float = 120.0) -> Music:
    """Return a roll (tracks, steps, pitches) as a piece; a cell sounds where it is not 0.

    A single silent step before the same pitch again is taken for the parting of two notes, where no
    other note of the track begins with it.
    """
    sounding = np.asarray(roll, np.bool_)
    step = grid.quarters * _TICKS / grid.steps
    tracks = []
    for track in sounding:
        edges = np.diff(np.pad(track.astype(np.int8), ((1, 1), (0, 0))), axis=0)
        pitches, begins = np.nonzero(edges.T == 1)
        _again, ends = np.nonzero(edges.T == -1)
        same = np.append((pitches[1:] == pitches[:-1]) & (begins[1:] - ends[:-1] == 1), False)
        free = ~(edges == 1).any(axis=1)  # of beginnings, by step
        ends = ends + (same[: len(ends)] & free[ends])
        rows = np.stack(
            [
                np.rint(begins * step),
                np.rint((ends - begins) * step),
                pitches + grid.lowest,
                np.full(len(begins), _LOUD),
            ],
            1,
        ).astype(np.int32)
        tracks.append(Track(joined([rows])))
    beats = (grid.quarters, 4)
    return Music(tuple(tracks), _TICKS, ((0, tempo),), ((0, *beats),))


def voices_in(rolls: Roll) -> list[int]:
    """Return how many notes sound together in each track of rolls (R, tracks, steps, pitches).

    Steps of silence do not count, nor does one in two hundred of the others.
    """
    together = np.count_nonzero(rolls, axis=3)  # (R, tracks, steps)
    return [
        round(float(np.quantile(track[track > 0], _USUAL))) if track.any() else 0
        for track in together.swapaxes(0, 1)
    ]


def sounding(shades: npt.NDArray[Any], most: Sequence[int]) -> npt.NDArray[np.bool_]:
    """Return what sounds in a roll (tracks, steps, pitches): what is above 0, the strongest of it.

    Args:
        most: How many notes may sound together in each track; 0 for any number.
    """
    found: npt.NDArray[np.bool_] = shades > 0
    for number, (shade, voices) in enumerate(zip(shades, most, strict=True)):
        if 0 < voices < shade.shape[1]:
            found[number] &= shade >= np.partition(shade, -voices, axis=1)[:, -voices, None]
    return found


def joined_rolls(pieces: Sequence[Music], grid: Grid) -> Music:
    """Return pieces of one roll each as one, one after the other."""
    length = grid.bars * grid.quarters * _TICKS
    tracks = []
    for number in range(grid.tracks):
        rows = []
        for place, piece in enumerate(pieces):
            notes = piece.tracks[number].notes.copy()
            notes[:, 0] += place * length
            rows.append(notes)
        tracks.append(Track(joined(rows)))
    return replace(pieces[0], tracks=tuple(tracks))
