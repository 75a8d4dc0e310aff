"""A piece as rules see it: its notes in steps, voice by voice."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from studio.data.music.composing.piece import STEP, Harmony, Piece

Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Violation:
    """A rule that a piece breaks.

    Attributes:
        rule: Its name in `check.RULES`.
        bar: Where, counted from 1.
        words: What is wrong there.
    """

    rule: str
    bar: int
    words: str


@dataclass(frozen=True)
class Voice:
    """The notes of one track.

    Attributes:
        role: What the track is in the plan.
        starts, ends, pitches: (N,) of its notes, in steps and in the order of starts.
    """

    role: str
    starts: Numbers
    ends: Numbers
    pitches: Numbers


class Reading:
    """A piece's notes and plan, read from its music alone.

    Attributes:
        piece, plan: What is read.
        voices: Each track, drums too.
        exact: Whether every note begins and ends on a step.
    """

    def __init__(self, piece: Piece) -> None:
        self.piece, self.plan = piece, piece.plan
        self.voices: list[Voice] = []
        self.exact = True
        for role, track in zip(piece.plan.roles, piece.music.tracks, strict=True):
            notes = track.notes.astype(np.int64)
            self.exact &= not (notes[:, :2] % STEP).any()
            starts = notes[:, 0] // STEP
            self.voices.append(Voice(role, starts, starts + notes[:, 1] // STEP, notes[:, 2]))

    @cached_property
    def pitched(self) -> list[Voice]:
        """Every voice but the drums."""
        return [voice for voice in self.voices if voice.role != "drums"]

    @cached_property
    def single(self) -> list[Voice]:
        """Voices that sound one note at a time."""
        return [voice for voice in self.pitched if voice.role != "chords"]

    @cached_property
    def lead(self) -> Voice:
        """The highest voice: the melody or the soprano."""
        return self.voices[0]

    @cached_property
    def lowest(self) -> Voice | None:
        """The bass; None for a melody alone."""
        return next((voice for voice in self.voices if voice.role in {"bass", "low"}), None)

    @cached_property
    def breaks(self) -> frozenset[int]:
        """Steps at which phrases begin."""
        return frozenset(phrase.bar * self.plan.metre.steps for phrase in self.plan.phrases)

    @cached_property
    def numbers(self) -> Numbers:
        """(steps,): which of the plan's harmonies each step belongs to; −1 for none."""
        found = np.full(self.plan.steps, -1, np.int64)
        for number, harmony in enumerate(self.plan.harmonies):
            found[harmony.start : harmony.start + harmony.length] = number
        return found

    def harmony(self, step: int) -> Harmony:
        """Return the chord at a step, the last one beyond the end."""
        return self.plan.harmonies[int(self.numbers[min(step, self.plan.steps - 1)])]

    def chords(self, start: int, end: int) -> list[Harmony]:
        """Return the chords that sound between two steps."""
        numbers = sorted(set(self.numbers[start:end].tolist()) - {-1})
        return [self.plan.harmonies[number] for number in numbers]

    def sounding(self, voice: Voice) -> Numbers:
        """Return (steps,): the pitch that a single voice has at each step, 0 in rests."""
        found = np.zeros(self.plan.steps, np.int64)
        for start, end, pitch in zip(
            voice.starts.tolist(), voice.ends.tolist(), voice.pitches.tolist(), strict=True
        ):
            found[start:end] = pitch
        return found

    def bar(self, step: int) -> int:
        """Return the number of the bar of a step, counted from 1."""
        return step // self.plan.metre.steps + 1

    def broken(self, rule: str, step: int, words: str) -> Violation:
        """Return a violation at a step."""
        return Violation(rule, self.bar(step), words)
