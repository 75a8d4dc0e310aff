"""A manner: what is common in somebody's pieces, as shares that composing can follow."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np
import numpy.typing as npt

from studio.data.music.composing.theory import SCALES, Chord, Key

Shares = npt.NDArray[np.float64]

#: Largest interval of a melody that is told apart, in semitones.
OCTAVE = 12
_SLOWEST, _RANGE, _TEMPI = 40.0, 6.0, 24
_DENSITIES = 11
#: Chords are told apart by root above the tonic and by major, minor or diminished third and fifth.
CHORDS = 36
MODES = tuple(SCALES)
METRE_NAMES = ("4/4", "3/4", "2/4", "6/8")

#: Length of each share.
SIZES = {
    "tonics": 12,
    "modes": len(MODES),
    "chords": CHORDS * CHORDS,
    "simple": 16,
    "compound": 8,
    "intervals": 2 * OCTAVE + 1,
    "tempi": _TEMPI,
    "densities": _DENSITIES,
    "metres": len(METRE_NAMES),
    "programs": 128,
}


@dataclass(frozen=True)
class Manner:
    """Shares, or counts before they are shared out; every field is a vector of its `SIZES`.

    Attributes:
        tonics, modes: Of the pieces' keys.
        chords: Pairs of chords that follow each other, relative to the tonic.
        simple, compound: Rhythms of a beat of four sixteenths or three eighths, as bits.
        intervals: Moves of the melody from −12 to 12 semitones.
        tempi, densities, metres: Of pieces.
        programs: Instruments of the melody.
    """

    tonics: Shares
    modes: Shares
    chords: Shares
    simple: Shares
    compound: Shares
    intervals: Shares
    tempi: Shares
    densities: Shares
    metres: Shares
    programs: Shares

    @classmethod
    def blank(cls) -> Manner:
        """Return the manner of nobody: nothing to follow."""
        return cls(**{name: np.zeros(size) for name, size in SIZES.items()})

    def shared(self) -> Manner:
        """Return each field divided by its sum, where there is any."""
        return Manner(
            **{
                field.name: (counts := getattr(self, field.name)) / max(counts.sum(), 1e-12)
                for field in fields(self)
            }
        )

    def weighted(self, weight: float) -> Manner:
        """Return every field times a weight."""
        return Manner(**{field.name: weight * getattr(self, field.name) for field in fields(self)})

    def __add__(self, other: Manner) -> Manner:
        """Return the counts of both together."""
        return Manner(
            **{
                field.name: getattr(self, field.name) + getattr(other, field.name)
                for field in fields(self)
            }
        )

    def cells(self, beat: int) -> dict[tuple[int, ...], float]:
        """Return the share of each rhythm of a beat of 4 or 6 sixteenths."""
        return self._compound_cells if beat == 6 else self._simple_cells

    @cached_property
    def _simple_cells(self) -> dict[tuple[int, ...], float]:
        return {steps_of(bits, 4, 1): float(share) for bits, share in enumerate(self.simple)}

    @cached_property
    def _compound_cells(self) -> dict[tuple[int, ...], float]:
        return {steps_of(bits, 3, 2): float(share) for bits, share in enumerate(self.compound)}

    def follows(self, key: Key, first: Chord, second: Chord) -> float:
        """Return how common a chord is after another, as a share of what follows that one."""
        row = chord_number(key, first) * CHORDS
        after = self.chords[row : row + CHORDS]
        return float(after[chord_number(key, second)] / max(after.sum(), 1e-12))


def steps_of(bits: int, count: int, width: int) -> tuple[int, ...]:
    """Return the steps that bits stand for, the first step in the lowest bit."""
    return tuple(width * place for place in range(count) if bits >> place & 1)


def chord_number(key: Key, chord: Chord) -> int:
    """Return which of the `CHORDS` a chord is."""
    quality = {"min": 1, "min7": 1, "dim": 2, "ø7": 2}.get(chord.kind, 0)
    return (chord.root - key.tonic) % 12 * 3 + quality


def tempo_number(tempo: float) -> int:
    """Return the class of a tempo in quarter notes per minute."""
    place = math.log(max(tempo, 1.0) / _SLOWEST) / math.log(_RANGE) * _TEMPI
    return min(max(int(place), 0), _TEMPI - 1)


def tempo_of(number: int) -> float:
    """Return the tempo in the middle of a class."""
    return float(_SLOWEST * _RANGE ** ((number + 0.5) / _TEMPI))


def density_number(per_beat: float) -> int:
    """Return the class of a density in melody notes per quarter note; see `rhythm`."""
    place = math.log(max(per_beat, 1e-6) / 0.5) / math.log(6.0) * (_DENSITIES - 1)
    return min(max(round(place), 0), _DENSITIES - 1)


def density_of(number: int) -> float:
    """Return the density, 0 … 1, of a class."""
    return number / (_DENSITIES - 1)
