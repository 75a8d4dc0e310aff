"""The bass: a line through the chords that also decides their inversions."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from random import Random

import numpy as np

from studio.data.music.composing.chains import Weights, walk
from studio.data.music.composing.piece import RANGES, Harmony, is_strict
from studio.data.music.composing.theory import BANNED, Chord, Key, duties

#: How common moves of so many semitones are in a bass; tritones and sevenths are not taken.
_USUAL = {
    0: 0.25, 1: 1.0, 2: 1.2, 3: 0.7, 4: 0.6, 5: 1.0, 7: 0.8, 8: 0.2, 9: 0.2, 12: 0.15,
}  # fmt: skip
#: Tones of a chord that may be its lowest, by their place in it.
ROOT, THIRD, SEVENTH = 0, 1, 3


@cache
def lowest_tones(chord: Chord, style: str) -> tuple[int, ...]:
    """Return the places in a chord of tones that may be its bass in a style.

    Diminished triads stand in first inversion; second inversions are not used.
    """
    if not is_strict(style):
        return (ROOT,)
    if chord.kind == "dim":
        return (THIRD,)
    if style == "classical":
        return (ROOT, THIRD, SEVENTH) if chord.kind == "7" else (ROOT, THIRD)
    return (ROOT,)


def bass_line(
    key: Key,
    style: str,
    role: str,
    harmonies: Sequence[Harmony],
    firm: frozenset[int],
    draw: Random,
) -> list[int] | None:
    """Draw a bass pitch for each chord.

    Args:
        key: The key.
        style: One of `STYLES`.
        role: Whose range it keeps to, `bass` or `low`.
        harmonies: The chords.
        firm: Numbers of the chords that stand on their root: cadences and beginnings.
        draw: Where chance comes from.

    Returns:
        A pitch for each chord; None when the rules allow no line.
    """
    low, _ = RANGES[role]
    chords = [harmony.chord for harmony in harmonies]
    masks = [_mask(chord, style, role, number in firm) for number, chord in enumerate(chords)]
    strict = is_strict(style)
    moves = [_table(key, role, strict, first, second) for first, second in pairwise(chords)]
    states = walk(np.ones(len(masks[0])), moves, masks, draw)
    return None if states is None else [low + state for state in states]


@cache
def _mask(chord: Chord, style: str, role: str, firm: bool) -> Weights:
    """Return (R,) weights of the pitches that may be below a chord; the middle has most."""
    low, high = RANGES[role]
    pitches = np.arange(low, high + 1)
    weights = np.zeros(len(pitches))
    for place in lowest_tones(chord, style):
        if not firm or place == ROOT or chord.kind == "dim":
            weights[pitches % 12 == chord.pcs[place]] = (1.0, 0.6, 0.0, 0.3)[place]
    pulled: Weights = weights * np.exp(-0.5 * ((pitches - (low + high) / 2 + 1) / 6.0) ** 2)
    return pulled


@cache
def _moves(key: Key, role: str) -> Weights:
    low, high = RANGES[role]
    pitches = np.arange(low, high + 1)
    interval = pitches[None] - pitches[:, None]
    table = np.vectorize(lambda size: _USUAL.get(size, 0.0), otypes=[float])(np.abs(interval))
    for relative, move in BANNED.get(key.mode, ()):
        rows = (pitches - key.tonic) % 12 == relative
        table[rows[:, None] & (interval == move)] = 0.0
    weights: Weights = table
    return weights


@cache
def _table(key: Key, role: str, strict: bool, first: Chord, second: Chord) -> Weights:
    table = _moves(key, role)
    due = duties(first, second, strict)
    low, high = RANGES[role]
    if due:
        table = table.copy()
        for pc, allowed in due.items():
            for pitch in range(low, high + 1):
                if pitch % 12 != pc:
                    continue
                for target in range(low, high + 1):
                    if target - pitch not in allowed:
                        table[pitch - low, target - low] = 0.0
    return table
