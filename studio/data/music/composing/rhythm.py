"""Rhythm: Euclidean patterns, and metric ones made of a few cells per beat.

Time is counted in steps of a sixteenth note. A pattern is a tuple of steps at which notes begin.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from random import Random

import numpy as np

from studio.data.music.composing.manner import Manner

Pattern = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Metre:
    """A kind of bar.

    Attributes:
        name: Such as `3/4`.
        beats, value: The two numbers of its signature.
        steps: Sixteenths in a bar.
        beat: Sixteenths in a felt beat: 4, or 6 in compound time.
        middle: The step of its second accent; 0 for none.
    """

    name: str
    beats: int
    value: int
    steps: int
    beat: int
    middle: int


METRES = {
    metre.name: metre
    for metre in (
        Metre("4/4", 4, 4, 16, 4, 8),
        Metre("3/4", 3, 4, 12, 4, 0),
        Metre("2/4", 2, 4, 8, 4, 0),
        Metre("6/8", 6, 8, 12, 6, 6),
    )
}


@cache
def euclidean(notes: int, steps: int) -> Pattern:
    """Return `notes` begun as evenly as possible among `steps`.

    Bjorklund's sequence in the closed form of Toussaint (2005), "The Euclidean Algorithm
    Generates Traditional Musical Rhythms": a step begins a note where ⌊i·k/n⌋ rises.
    """
    notes = min(max(notes, 0), steps)
    return tuple(i for i in range(steps) if i * notes % steps < notes)


def is_euclidean(pattern: Pattern, steps: int) -> bool:
    """Tell whether a pattern is a Euclidean one, from whatever step it starts."""
    if len(pattern) < 2:
        return True
    shape = set(euclidean(len(pattern), steps))
    return any({(i - turn) % steps for i in pattern} == shape for turn in range(steps))


# --------------------------------------------------------------------------- metric patterns

#: Cells of a beat of four sixteenths, and of six counted in eighths: which begin a note, with
#: how common that is in plain tunes.
SIMPLE_CELLS: dict[Pattern, float] = {
    (0,): 10, (0, 2): 9, (0, 1, 2, 3): 2, (0, 3): 2, (0, 2, 3): 2.5, (0, 1, 2): 1.5,
    (2,): 1.2, (): 3, (0, 1): 0.3, (1, 2, 3): 0.2, (2, 3): 0.5, (1,): 0.05, (3,): 0.2,
    (1, 2): 0.05, (1, 3): 0.05, (0, 1, 3): 0.3,
}  # fmt: skip
COMPOUND_CELLS: dict[Pattern, float] = {
    (0,): 6, (0, 4): 8, (0, 2, 4): 9, (0, 2): 1, (): 1, (2, 4): 0.3, (4,): 0.5, (2,): 0.05,
}  # fmt: skip


def cells_of(metre: Metre) -> dict[Pattern, float]:
    """Return the cells that a beat of this metre is made of."""
    return COMPOUND_CELLS if metre.beat == 6 else SIMPLE_CELLS


@cache
def _tilt(beat: int, wanted: float, weights: tuple[float, ...]) -> tuple[float, ...]:
    """Return the weights, bent by exp(λ·notes) so that a beat has `wanted` notes on average.

    That is the distribution nearest to the given one with this mean (Kullback 1959).
    """
    cells = COMPOUND_CELLS if beat == 6 else SIMPLE_CELLS
    counts = np.array([len(cell) for cell in cells], float)
    plain = np.array(weights)
    low, high = -8.0, 8.0
    for _ in range(24):
        middle = (low + high) / 2
        bent = plain * np.exp(middle * counts)
        if bent @ counts / bent.sum() < wanted:
            low = middle
        else:
            high = middle
    return tuple((bent / bent.sum()).tolist())


def bar_of_cells(
    metre: Metre, per_beat: float, complexity: float, manner: Manner, strength: float, draw: Random
) -> Pattern:
    """Draw a bar: a cell for each beat, the first one on the beat.

    Args:
        metre: What a bar is.
        per_beat: Notes per beat on average.
        complexity: From 0, the common cells alone, to 1, the rare ones too.
        manner: Whose cells are imitated, by `strength` from 0 to 1.
        draw: Where chance comes from.
    """
    cells = cells_of(metre)
    own = manner.cells(metre.beat)
    power = 1.6 - complexity  # above 1 the common cells win
    weights = []
    for cell, usual in cells.items():
        learned = own.get(cell, 0.0)
        weights.append((1 - strength) * (usual / 35) ** power + strength * learned + 1e-9)
    bent = _tilt(metre.beat, round(per_beat, 2), tuple(round(w, 6) + 1e-7 for w in weights))
    starts: list[int] = []
    several = list(cells)
    for beat in range(metre.steps // metre.beat):
        (cell,) = draw.choices(several, bent)
        starts.extend(beat * metre.beat + step for step in cell)
    return tuple(starts) if starts[:1] == [0] else (0, *starts)


def fitted(pattern: Pattern, metre: Metre, least: int, most: int) -> Pattern:
    """Return a pattern with between `least` and `most` notes: light steps come and go first."""
    starts = set(pattern)
    by_weight = sorted(range(metre.steps), key=lambda step: (-accent(metre, step), step))
    for step in by_weight:
        if len(starts) >= least:
            break
        starts.add(step)
    for step in reversed(by_weight):
        if len(starts) <= most:
            break
        starts.discard(step)
    return tuple(sorted(starts))


@cache
def accent(metre: Metre, step: int) -> int:
    """Return how heavy a step of a bar is: 4 at its beginning down to 0 for odd sixteenths."""
    step %= metre.steps
    if step == 0:
        return 4
    if metre.middle and step == metre.middle:
        return 3
    if step % metre.beat == 0:
        return 2
    return 1 if step % 2 == 0 else 0


def notes_per_beat(density: float, metre: Metre) -> float:
    """Return how many melody notes a beat has at a density from 0, sparse, to 1, dense."""
    return 0.5 * math.pow(6.0, density) * (1.4 if metre.beat == 6 else 1.0)
