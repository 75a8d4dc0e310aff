"""Rows of tokens: windows of a piece that begin at bars, in several keys where it is learned."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from studio.core.media import Music
from studio.data.music_controls import Traits
from studio.data.music_notation import Bar
from studio.data.music_preparation import MusicPreparation
from studio.data.music_statistics import Key
from studio.data.music_tokens import END, PAD, MusicTokeniser

Ids = npt.NDArray[np.int64]

#: Share of rows whose controls are all `any`, and of single controls that are in the others.
UNASKED = 0.1
LEFT_OPEN = 0.15


class _Unit(NamedTuple):
    """A bar, or a part of one that is longer than a row, as tokens: windows begin at these."""

    bar: int
    ids: Ids
    notes: int


def rows_of(
    music: Music,
    tokeniser: MusicTokeniser,
    preparation: MusicPreparation,
    *,
    size: int,
    span: tuple[float, float] = (0.0, 1.0),
    learned: bool = False,
) -> npt.NDArray[np.uint16]:
    """Return the rows (R, size + 1) of a piece.

    Rows that are learned from overlap by half and come in other keys and tempos too; those that
    are held out do neither, and none of their controls is left open.

    Args:
        span: The part of the piece that is wanted, from 0 to 1; it is rounded to bars.
    """
    bars = tokeniser.notation.encode(music)
    begin, end = (round(len(bars) * share) for share in span)
    part = bars[begin:end]
    if not part or not sum(bar.notes for bar in part):
        return np.zeros((0, size + 1), np.uint16)
    whole = tokeniser.traits(music, bars)
    seed = zlib.crc32(b"".join(bar.ids.tobytes() for bar in part))
    rows: list[Ids] = []
    for shift, factor in _copies(preparation, seed) if learned else [(0, 1.0)]:
        moved = _transposed(part, tokeniser, shift)
        if moved is None:
            continue
        traits = whole._replace(key=_in_key(whole.key, shift), tempo=(whole.tempo or 120) * factor)
        units = _units(moved, tokeniser, _room(tokeniser, size))
        draw = np.random.default_rng([seed, shift + 64, round(1000 * factor)])
        for first, last in _windows(units, _room(tokeniser, size), 2 if learned else 1):
            head = _head(moved, units[first:last], tokeniser, traits, len(bars) - begin)
            if learned:
                _leave_open(head, tokeniser, draw)
            opening = [END] if first == 0 and begin == 0 else []
            opening += tokeniser.opening(moved[units[first].bar], units[first].ids)
            over = last == len(units) and end == len(bars)
            # what comes next fills the row, so that every place of it is learned from
            ids = [unit.ids for unit in units[first : last + 1]]
            row = np.concatenate([head, opening, *ids, [END] if over else []])
            rows.append(row.astype(np.int64)[: size + 1])
    table = np.full((len(rows), size + 1), PAD, np.uint16)
    for number, row in enumerate(rows):
        table[number, : len(row)] = row
    return table


def _copies(preparation: MusicPreparation, seed: int) -> Iterator[tuple[int, float]]:
    """Yield transpositions in semitones and factors of the tempo, the piece as it is first."""
    draw = np.random.default_rng(seed)
    spread = preparation.tempo_spread / 100
    yield 0, 1.0
    shifts = [n for n in range(-preparation.transpose, preparation.transpose + 1) if n]
    for shift in shifts or ([0, 0] if spread else []):
        yield shift, float((1 + spread) ** draw.uniform(-1, 1))


def _in_key(key: Key | None, shift: int) -> Key | None:
    if key is None or not key.certainty:
        return None
    return key._replace(tonic=(key.tonic + shift) % 12)


def _transposed(bars: Sequence[Bar], tokeniser: MusicTokeniser, shift: int) -> list[Bar] | None:
    """Return bars in another key; None where a note would leave the range."""
    if not shift:
        return list(bars)
    table = tokeniser.notation.transposed(shift)
    moved = [bar._replace(ids=table[bar.ids]) for bar in bars]
    return None if any(bar.ids.min(initial=0) < 0 for bar in moved) else moved


def _room(tokeniser: MusicTokeniser, size: int) -> int:
    """Return how many tokens of bars fit into a row beside what stands around them."""
    around = tokeniser.controls_of.length + (1 if tokeniser.notation.metrical else 2)
    return max(1, size + 1 - around)


def _units(bars: Sequence[Bar], tokeniser: MusicTokeniser, room: int) -> list[_Unit]:
    """Return bars as tokens; longer ones than a row in parts that begin at a place in the bar."""
    units = []
    for number, bar in enumerate(bars):
        ids = tokeniser.bar(bar.ids)
        parts = [ids]
        if len(ids) > room:
            places = tokeniser.notation.places(bar.ids)
            parts = [tokeniser.bar(part) for part in np.split(bar.ids, places)]
        units += [_Unit(number, part, tokeniser.notes_in(part)) for part in parts if len(part)]
    return units


def _windows(units: Sequence[_Unit], room: int, overlap: int) -> Iterator[tuple[int, int]]:
    """Yield the first unit of each row and the one behind its last: as many as fit.

    The next row begins a room's share of `overlap` further on.
    """
    ends = np.cumsum([len(unit.ids) for unit in units])
    starts = ends - [len(unit.ids) for unit in units]
    first = 0
    while first < len(units):
        last = int(np.searchsorted(ends, starts[first] + room, side="right"))
        last = max(last, first + 1)
        if any(unit.notes for unit in units[first:last]):
            yield first, last
        if last >= len(units):
            return
        middle = int(np.searchsorted(starts, starts[first] + room / overlap, side="left"))
        first = min(max(middle, first + 1), last)


def _head(
    bars: Sequence[Bar],
    units: Sequence[_Unit],
    tokeniser: MusicTokeniser,
    traits: Traits,
    left: int,
) -> Ids:
    """Return the controls of a row; `left` bars are left in the piece from its first one."""
    numbers = sorted({unit.bar for unit in units})
    metres = [bars[number].metre for number in numbers]
    density = sum(unit.notes for unit in units) / len(numbers)
    return tokeniser.controls_of.ids(
        traits._replace(
            density=tokeniser.controls_of.degree(density),
            bars=left - numbers[0],
            metre=max(metres, key=metres.count),
        )
    )


def _leave_open(head: Ids, tokeniser: MusicTokeniser, draw: np.random.Generator) -> None:
    """Put `any` in the place of all controls of some rows, and of some controls of the others."""
    controls = tokeniser.controls_of
    left_open = draw.random(controls.length) < (1.0 if draw.random() < UNASKED else LEFT_OPEN)
    head[left_open] = np.array(controls.starts[:-1])[left_open]
