"""Rows of tokens: windows of a piece that begin at bars, in several keys where it is learned."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from studio.core.media import Music
from studio.data.music.controls import TEMPO, Traits
from studio.data.music.notation import Bar
from studio.data.music.preparation import MusicPreparation
from studio.data.music.tokens import END, PAD, MusicTokeniser

Ids = npt.NDArray[np.int64]

#: Share of rows whose controls are all `any`, and of single controls that are in the others.
UNASKED = 0.1
LEFT_OPEN = 0.15


class _Unit(NamedTuple):
    """A bar, or a part of one that is longer than a row, as tokens: windows begin at these."""

    bar: int
    ids: Ids
    notes: int
    plain: Ids  # as miditok numbers them


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
    bars = tokeniser.bars(music)
    begin, end = (round(len(bars) * share) for share in span)
    nothing = np.zeros((0, size + 1), np.uint16)
    if not sum(bar.notes for bar in bars[begin:end]):
        return nothing
    piece = _Piece(tuple(bars), begin, end, tokeniser.traits(music, bars))
    if not learned:
        return _written(piece, tokeniser, size, 1)
    seed = zlib.crc32(b"".join(bar.ids.tobytes() for bar in bars[begin:end]))
    plain = _written(piece, tokeniser, size, 2)
    found = []
    for shift, factor in _copies(preparation, seed):
        rows = _in_key(plain, piece, tokeniser, shift)
        if rows is not None:
            draw = np.random.default_rng([seed, shift + 64, round(1000 * factor)])
            _set_tempo(rows, tokeniser, (piece.traits.tempo or 120.0) * factor)
            _leave_open(rows, tokeniser, draw)
            found.append(rows)
    return np.concatenate([nothing, *found])


class _Piece(NamedTuple):
    """The bars of a piece, of which those from `begin` up to `end` are wanted."""

    bars: tuple[Bar, ...]
    begin: int
    end: int
    traits: Traits


def _written(
    piece: _Piece, tokeniser: MusicTokeniser, size: int, overlap: int
) -> npt.NDArray[np.uint16]:
    """Return the rows of a piece in its own key and tempo, all controls said."""
    room = _room(tokeniser, size)
    units = _units(piece, tokeniser, room)
    windows = list(_windows(units, room, overlap))
    table = np.full((len(windows), size + 1), PAD, np.uint16)
    for number, (first, last) in enumerate(windows):
        head = _head(piece, units[first:last], tokeniser)
        opening = [END] if first == 0 and piece.begin == 0 else []
        opening += tokeniser.opening(piece.bars[units[first].bar], units[first].ids)
        over = last == len(units) and piece.end == len(piece.bars)
        # what comes next fills the row, so that every place of it is learned from
        ids = _shown(units[first : last + 1], tokeniser)
        row = np.concatenate([head, opening, *ids, [END] if over else []])[: size + 1]
        table[number, : len(row)] = row
    return table


def _in_key(
    rows: npt.NDArray[np.uint16], piece: _Piece, tokeniser: MusicTokeniser, shift: int
) -> npt.NDArray[np.uint16] | None:
    """Return rows in another key; None where a note would leave the range."""
    if not shift:
        return rows.copy()
    if not tokeniser.joins:
        moved = tokeniser.transposed(shift)[rows]
        return None if moved.min(initial=0) < 0 else moved.astype(np.uint16)
    # other keys join other tokens, so that bars have other lengths and windows other ends
    table = tokeniser.notation.transposed(shift)
    bars = tuple(bar._replace(ids=table[bar.ids]) for bar in piece.bars)
    if any(bar.ids.min(initial=0) < 0 for bar in bars):
        return None
    key = piece.traits.key
    if key is not None:
        key = key._replace(tonic=(key.tonic + shift) % 12)
    other = piece._replace(bars=bars, traits=piece.traits._replace(key=key))
    return _written(other, tokeniser, rows.shape[1] - 1, 2)


def _copies(preparation: MusicPreparation, seed: int) -> Iterator[tuple[int, float]]:
    """Yield transpositions in semitones and factors of the tempo, the piece as it is first."""
    draw = np.random.default_rng(seed)
    spread = preparation.tempo_spread / 100
    yield 0, 1.0
    shifts = [n for n in range(-preparation.transpose, preparation.transpose + 1) if n]
    for shift in shifts or ([0, 0] if spread else []):
        yield shift, float((1 + spread) ** draw.uniform(-1, 1))


def _room(tokeniser: MusicTokeniser, size: int) -> int:
    """Return how many tokens of bars fit into a row beside what stands around them."""
    around = tokeniser.controls_of.length + (1 if tokeniser.notation.metrical else 2)
    return max(1, size + 1 - around)


def _units(piece: _Piece, tokeniser: MusicTokeniser, room: int) -> list[_Unit]:
    """Return bars as tokens; longer ones than a row in parts that begin at a place in the bar."""
    units = []
    for number in range(piece.begin, piece.end):
        bar = piece.bars[number]
        ids = tokeniser.bar(bar.ids)
        parts = [bar.ids]
        if len(ids) > room:
            parts = np.split(bar.ids, tokeniser.notation.places(bar.ids))
        for part in parts:
            ids = tokeniser.bar(part)
            units.append(_Unit(number, ids, tokeniser.notes_in(ids), part))
    return units


def _shown(units: Sequence[_Unit], tokeniser: MusicTokeniser) -> list[Ids]:
    """Return the tokens of a window's bars, without the ends of notes that began before it."""
    if not tokeniser.notation.parts_ends:
        return [unit.ids for unit in units]
    plain = np.concatenate([unit.plain for unit in units])
    strange, _open = tokeniser.notation.ended(plain)
    ends = np.cumsum([len(unit.plain) for unit in units])[:-1]
    kept = np.split(~strange, ends)
    return [tokeniser.bar(unit.plain[keep]) for unit, keep in zip(units, kept, strict=True)]


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


def _head(piece: _Piece, units: Sequence[_Unit], tokeniser: MusicTokeniser) -> Ids:
    """Return the controls of a row that begins with these units."""
    numbers = sorted({unit.bar for unit in units})
    metres = [piece.bars[number].metre for number in numbers]
    density = sum(unit.notes for unit in units) / len(numbers)
    return tokeniser.controls_of.ids(
        piece.traits._replace(
            density=tokeniser.controls_of.degree(density),
            bars=len(piece.bars) - numbers[0],
            metre=max(metres, key=metres.count),
        )
    )


def _set_tempo(rows: npt.NDArray[np.uint16], tokeniser: MusicTokeniser, tempo: float) -> None:
    place = list(tokeniser.controls_of.values).index(TEMPO)
    rows[:, place] = tokeniser.controls_of.ids(Traits(tempo=tempo))[place]


def _leave_open(
    rows: npt.NDArray[np.uint16], tokeniser: MusicTokeniser, draw: np.random.Generator
) -> None:
    """Put `any` in the place of all controls of some rows, and of some controls of the others."""
    controls = tokeniser.controls_of
    heads = rows[:, : controls.length]
    all_of_them = draw.random((len(rows), 1)) < UNASKED
    left_open = all_of_them | (draw.random(heads.shape) < LEFT_OPEN)
    heads[left_open] = np.broadcast_to(controls.starts[:-1], heads.shape)[left_open]
