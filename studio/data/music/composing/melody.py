"""Melody: a line of pitches drawn as a chain whose rules can not be broken.

The state of the line is its pitch and what it owes: after a leap it owes a way back, after a
tone foreign to the chord it owes a step.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from random import Random

import numpy as np

from studio.data.music.composing.chains import Weights, walk
from studio.data.music.composing.manner import OCTAVE, Manner
from studio.data.music.composing.theory import BANNED, SCALES, Chord, Key, duties

#: Intervals that a melody never takes: tritone, sevenths, more than an octave.
FORBIDDEN = frozenset({6, 10, 11})
#: From this many semitones on, a leap is answered: the other way, by at most a third.
LEAP, ANSWER = 7, 4

#: How common moves of so many semitones are in plain tunes, where the scale has them.
_USUAL = {
    0: 0.5, 1: 1.3, 2: 1.0, 3: 0.5, 4: 0.47, 5: 0.18, 7: 0.07, 8: 0.03, 9: 0.04, 12: 0.03,
}  # fmt: skip
#: In how many places of a scale of seven tones there is a move of so many semitones.
PLACES = np.array(
    [sum((tone + i) % 12 in SCALES["major"] for tone in SCALES["major"]) for i in range(-12, 13)]
)
#: States: free, owing a way down, owing a way up, owing a step.
_FREE, _DOWN, _UP, _STEP = range(4)


@dataclass(frozen=True, slots=True)
class Slot:
    """A note of the melody before it has a pitch.

    Attributes:
        start, length: In steps.
        chords: The chords that sound while it does.
        passing: Whether it may be foreign to its chord.
        move: Degrees of the scale that its motif goes to it; None for no motif.
        like: The pitch that it had when this music was heard before; 0 for none.
    """

    start: int
    length: int
    chords: tuple[Chord, ...]
    passing: bool
    move: int | None = None
    like: int = 0


class Melody:
    """Draws melodies in one key and range.

    Args:
        key: The key.
        low, high: Lowest and highest pitch.
        tones: Pitch classes outside the scale that chords may bring.
        strict: Whether leading tones and sevenths must resolve.
        manner: Whose intervals are imitated, by `strength` from 0 to 1.
        variety: 0 takes the usual moves, 2 any.
    """

    def __init__(
        self,
        key: Key,
        low: int,
        high: int,
        *,
        tones: Iterable[int],
        strict: bool,
        manner: Manner,
        strength: float,
        variety: float,
    ) -> None:
        self.key, self.strict = key, strict
        tones = key.scale | frozenset(tones)
        self.pitches = np.array([p for p in range(low, high + 1) if p % 12 in tones])
        self.size = len(self.pitches)
        self._interval = self.pitches[None] - self.pitches[:, None]  # (R, R), row to column
        self._steps = self._step_table()
        self._moves = self._interval_table(manner, strength, variety)
        # single precision: the tables of a line then stay in the processor's cache
        self._table = self._chain_table().astype(np.float32)
        self._plain = self._table.reshape(4 * self.size, 4 * self.size)
        self._scale = np.array([p % 12 in key.scale for p in self.pitches], float)
        self._degrees = np.cumsum(self._scale).astype(int)  # number of the scale's tone
        self._masks: dict[tuple[tuple[Chord, ...], bool], Weights] = {}
        self._pulls: dict[int, Weights] = {}
        self._bounds: dict[tuple[Chord, Chord, int, int, int | None], Weights] = {}

    # --------------------------------------------------------------------------------- tables

    def _step_table(self) -> Weights:
        rows = [
            [self.key.is_step(there - pitch, pitch) for there in self.pitches.tolist()]
            for pitch in self.pitches.tolist()
        ]
        return np.array(rows, float)

    def _interval_table(self, manner: Manner, strength: float, variety: float) -> Weights:
        """Return (R, R) weights of moves; those that are forbidden have none."""
        usual = move_weights(manner, strength)
        usual **= 1.0 / (0.4 + 0.6 * variety) if variety < 1 else 1.0 / variety
        interval = self._interval
        near = np.abs(interval) <= OCTAVE
        weights = np.where(near, usual[np.clip(interval, -OCTAVE, OCTAVE) + OCTAVE], 0.0)
        for relative, move in BANNED.get(self.key.mode, ()):
            rows = (self.pitches - self.key.tonic) % 12 == relative
            weights[rows[:, None] & (interval == move)] = 0.0
        return weights

    def _chain_table(self) -> Weights:
        """Return (4, R, 4, R): weights from (owed, pitch) to (owed, pitch)."""
        r = self.size
        interval = self._interval
        table = np.zeros((4, r, 4, r))
        free = self._moves
        table[_FREE, :, _FREE] = np.where(np.abs(interval) < LEAP, free, 0)
        table[_FREE, :, _DOWN] = np.where(interval >= LEAP, free, 0)
        table[_FREE, :, _UP] = np.where(interval <= -LEAP, free, 0)
        step = free * self._steps
        table[_FREE, :, _STEP] = step + np.where(interval == 0, 0.3 * free, 0)
        for owed, way in ((_DOWN, -1), (_UP, 1)):
            back = (way * interval > 0) & (np.abs(interval) <= ANSWER)
            table[owed, :, _FREE] = np.where(back, free, 0)
            table[owed, :, _STEP] = np.where(back, step, 0)
        table[_STEP, :, _FREE] = step
        table[_STEP, :, _STEP] = step
        return table

    def _mask(self, chords: tuple[Chord, ...], passing: bool) -> Weights:
        """Return (4, R): which states fit these chords."""
        known = self._masks.get((chords, passing))
        if known is None:
            tones = self.chord_tones(chords)
            foreign = self._scale * (1 - tones) if passing else np.zeros(self.size)
            known = np.stack([tones, tones, tones, foreign]).astype(np.float32)
            self._masks[chords, passing] = known
        return known

    def chord_tones(self, chords: Sequence[Chord]) -> Weights:
        """Return (R,): 1 for pitches that belong to all of the chords."""
        pcs = melody_tones(self.key, chords)
        return np.array([float(p % 12 in pcs) for p in self.pitches])

    def _move(self, before: Slot, after: Slot, basses: tuple[int, int]) -> Weights:
        """Return (4·R, 4·R): the chain's table for one place of the line."""
        first, second = before.chords[-1], after.chords[0]
        if first is second and after.move is None and basses[0] == basses[1]:
            return self._plain
        low, high = (basses[0] % 12, basses[1] % 12) if basses[0] != basses[1] else (-1, -1)
        asked = (first, second, low, high, after.move)
        known = self._bounds.get(asked)
        if known is None:
            table = np.ones((self.size, self.size))
            if first is not second:
                self._bound_by_duties(table, first, second)
            if low >= 0:
                self._bound_by_bass(table, low, high)
            if after.move is not None:
                # moves that its motif makes, in degrees of the scale, are likelier
                degrees = self._degrees[None] - self._degrees[:, None]
                table[degrees == after.move] *= 6.0
            states = 4 * self.size
            table = table.astype(np.float32)
            known = (self._table * table[None, :, None, :]).reshape(states, states)
            self._bounds[asked] = known
        return known

    def _bound_by_duties(self, table: Weights, first: Chord, second: Chord) -> None:
        for pc, moves in duties(first, second, self.strict).items():
            rows = self.pitches % 12 == pc
            due = np.logical_or.reduce([self._interval == move for move in moves])
            table[rows[:, None] & ~due] = 0.0

    def _bound_by_bass(self, table: Weights, low: int, high: int) -> None:
        """Leave out parallel octaves and fifths with a bass that goes between pitch classes."""
        for perfect in (0, 7):
            rows = (self.pitches - low) % 12 == perfect
            columns = (self.pitches - high) % 12 == perfect
            table[rows[:, None] & columns & (self._interval != 0)] = 0.0

    # ---------------------------------------------------------------------------------- lines

    def line(
        self,
        slots: Sequence[Slot],
        *,
        last: int,
        end: Weights | None,
        height: tuple[float, float],
        basses: Sequence[tuple[int, int]],
        draw: Random,
    ) -> list[int] | None:
        """Draw the pitches of a phrase.

        Args:
            slots: Its notes.
            last: The pitch before; 0 for none.
            end: (R,) weights of the last pitch; None leaves it to the rules.
            height: Where the line aims, in pitch: at its ends and at its summit.
            basses: For each note but the first, the bass (before, now) at a change of chord;
                zeros where it has no say.
            draw: Where chance comes from.

        Returns:
            A pitch for each note; None when the rules allow no line.
        """
        r = self.size
        masks = [self._mask(slot.chords, slot.passing) for slot in slots]
        moves = [
            self._move(before, after, pair)
            for before, after, pair in zip(slots, slots[1:], basses, strict=False)
        ]
        aimed = []
        for i, (slot, mask) in enumerate(zip(slots, masks, strict=True)):
            # an arch: from the ends up to the summit after about two thirds (Huron 1996)
            place = i / max(1, len(slots) - 1)
            aim = height[0] + (height[1] - height[0]) * math.sin(math.pi * place**1.4)
            pull = self._pull(round(2 * aim))
            if slot.like:
                pull = pull * np.where(self.pitches == slot.like, np.float32(60), np.float32(1))
            aimed.append((mask * pull).ravel())
        if end is not None:
            aimed[-1] = (aimed[-1].reshape(4, r) * end.astype(np.float32)).ravel()
        # a phrase ends on a chord tone that owes nothing
        aimed[-1][r:] = 0.0
        start = np.zeros((4, r), np.float32)
        start[_FREE] = self._start(last)
        states = walk(start.ravel(), moves, aimed, draw)
        return None if states is None else [int(self.pitches[state % r]) for state in states]

    def _pull(self, twice: int) -> Weights:
        """Return (R,): how near pitches are to half of this, a Gaussian of five semitones."""
        known = self._pulls.get(twice)
        if known is None:
            away = (self.pitches - twice / 2) / 5.0
            self._pulls[twice] = known = np.exp(-0.5 * away * away).astype(np.float32)
        return known

    def _start(self, last: int) -> Weights:
        if not last:
            return np.ones(self.size)
        row: Weights = self._moves[int(np.searchsorted(self.pitches, last))]
        return row

    def joins(self, last: int, pitch: int) -> bool:
        """Tell whether a phrase that begins with a pitch may follow another one's last."""
        there = int(np.searchsorted(self.pitches, pitch))
        return not last or bool(self._start(last)[there] > 0)


def move_weights(manner: Manner, strength: float) -> Weights:
    """Return (25,) weights of moves from −12 to 12 semitones, where the scale has them.

    A manner's counts are divided by how often the scale has such a move at all: seconds are
    small or large because of where they are, not because somebody chose them.
    """
    usual = np.array([_USUAL.get(abs(i), 0.0) for i in range(-OCTAVE, OCTAVE + 1)])
    usual /= usual.sum()
    if not manner.intervals.any():
        return usual
    own = manner.intervals / PLACES
    mixed = (1 - strength) * usual + strength * own / own.sum()
    return np.where(usual > 0, mixed + 1e-4, 0.0)


def melody_tones(key: Key, chords: Sequence[Chord]) -> frozenset[int]:
    """Return the pitch classes that a melody may dwell on over all of these chords."""
    pcs = frozenset.intersection(*(frozenset(chord.pcs) for chord in chords))
    if key.mode == "blues":
        # the blue third, the fifth and the seventh stand over every chord
        pcs |= {(key.tonic + blue) % 12 for blue in (0, 3, 7, 10)}
        return pcs & key.scale
    if "pentatonic" in key.mode:
        return pcs & key.scale
    return pcs
