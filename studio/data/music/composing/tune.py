"""Tunes: the rhythm of a melody from motifs, phrase by phrase, and its notes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

import numpy as np

from studio.data.music.composing.chains import Weights
from studio.data.music.composing.manner import OCTAVE, Manner
from studio.data.music.composing.melody import PLACES, Melody, Slot, melody_tones, move_weights
from studio.data.music.composing.piece import RANGES, Harmony, Phrase, Wishes
from studio.data.music.composing.rhythm import (
    METRES,
    Pattern,
    accent,
    bar_of_cells,
    euclidean,
    fitted,
    notes_per_beat,
)
from studio.data.music.composing.theory import Chord, Key

#: A note: start and length in steps, and pitch.
Note = tuple[int, int, int]
#: How often a phrase that returns is the same note for note.
_EXACTLY = 0.4
#: Degrees of the scale that a move of so many semitones goes.
_DEGREES = (0, 1, 1, 2, 2, 3, 3, 4, 5, 5, 6, 6, 7)
#: How the bars of a phrase take turns between its two motifs.
_SCHEMES = ("mmnm", "mnmn", "mnnm", "mnmm")


@dataclass(frozen=True, slots=True)
class Motif:
    """A bar's rhythm, and how many degrees of the scale each note lies beyond the one before."""

    pattern: Pattern
    moves: tuple[int, ...]


@dataclass
class Tune:
    """Writes the melody of a piece.

    Attributes:
        known: The notes of each phrase so far, by its number.
    """

    key: Key
    wishes: Wishes
    manner: Manner
    strict: bool
    tones: frozenset[int]
    draw: Random
    known: dict[int, list[Note]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.metre = METRES[self.wishes.metre]
        self.melody = Melody(
            self.key,
            *RANGES["melody"],
            tones=self.tones,
            strict=self.strict,
            manner=self.manner,
            strength=self.wishes.strength,
            variety=self.wishes.variety,
        )
        beats = self.metre.steps / self.metre.beat
        self.per_bar = max(1.0, beats * notes_per_beat(self.wishes.density, self.metre))
        weights = move_weights(self.manner, self.wishes.strength) * PLACES
        weights[OCTAVE] /= 2  # staying is neither up nor down
        self._sizes = (weights[OCTAVE:] + weights[OCTAVE::-1]).tolist()
        self._motifs: dict[str, tuple[str, Motif, Motif]] = {}

    def phrase(
        self,
        number: int,
        phrase: Phrase,
        harmonies: Sequence[Harmony],
        basses: Sequence[int],
        last: int,
        *,
        same: bool,
        final: bool,
        hold: bool,
    ) -> list[Note] | None:
        """Write a phrase; None when its rules allow no line.

        Args:
            number, phrase: Which one.
            harmonies, basses: Its chords and the bass below each.
            last: The pitch before it; 0 for none.
            same: Whether it has the chords of the phrase that it returns to.
            final: Whether the piece ends with it.
            hold: Whether notes may be held while chords change; it leaves fewer ways.
        """
        if same and not final and self.draw.random() < _EXACTLY:
            notes = self.known[phrase.returns]
            if self.melody.joins(last, notes[0][2]):
                self.known[number] = notes
                return self._placed(phrase, notes)
        slots = self._slots(phrase, harmonies, final=final, hold=hold)
        if phrase.returns >= 0:
            slots = self._remembered(slots, phrase, self.known[phrase.returns])
        summit = 75.0 if phrase.letter == "A" else 77.0
        low = 69.0 + self.draw.uniform(-2, 2)
        pitches = self.melody.line(
            slots,
            last=last,
            end=self._end(harmonies, final=final),
            height=(low, summit + self.draw.uniform(-2, 2)),
            basses=_bass_changes(slots, harmonies, basses),
            draw=self.draw,
        )
        if pitches is None:
            return None
        begin = phrase.bar * self.metre.steps
        own = [(s.start - begin, s.length, p) for s, p in zip(slots, pitches, strict=True)]
        self.known[number] = own
        return self._placed(phrase, own)

    def _placed(self, phrase: Phrase, notes: Sequence[Note]) -> list[Note]:
        """Return a phrase's own notes at its place in the piece."""
        begin = phrase.bar * self.metre.steps
        return [(begin + start, length, pitch) for start, length, pitch in notes]

    # --------------------------------------------------------------------------------- rhythm

    def _slots(
        self, phrase: Phrase, harmonies: Sequence[Harmony], *, final: bool, hold: bool
    ) -> list[Slot]:
        """Lay motifs out over the bars, the last of which holds one note."""
        scheme, motif, other = self._motifs_of(phrase.letter)
        steps, begin = self.metre.steps, phrase.bar * self.metre.steps
        starts: list[int] = []
        moves: list[int | None] = []
        for bar in range(phrase.bars - 1):
            chosen = motif if scheme[bar % len(scheme)] == "m" else other
            starts += [begin + bar * steps + step for step in chosen.pattern]
            moves += [None, *chosen.moves]
        starts.append(begin + (phrase.bars - 1) * steps)
        moves.append(None)
        end = begin + phrase.bars * steps
        rest = 0 if final or steps <= 8 else self.metre.beat
        ends = [*starts[1:], end - rest]
        return self._cut(list(zip(starts, ends, moves, strict=True)), harmonies, hold)

    def _cut(
        self,
        notes: list[tuple[int, int, int | None]],
        harmonies: Sequence[Harmony],
        hold: bool,
    ) -> list[Slot]:
        """Give each note its chords; one that no tone holds over a change is cut there."""
        slots: list[Slot] = []
        place = 0
        for number, (start, end, wished) in enumerate(notes):
            while harmonies[place].start + harmonies[place].length <= start:
                place += 1
            over = place
            chords = [harmonies[place].chord]
            begin, move = start, wished
            while harmonies[over].start + harmonies[over].length < end:
                over += 1
                change = harmonies[over]
                both = melody_tones(self.key, [*chords, change.chord])
                known = change.chord in chords[:-1]  # gone and come again
                if hold and both and number < len(notes) - 1 and not known:
                    chords.append(change.chord)
                else:
                    slots.append(self._slot(begin, change.start, chords, harmonies[over - 1], move))
                    begin, chords, move = change.start, [change.chord], None
            slots.append(self._slot(begin, end, chords, harmonies[over], move))
        # the first and the last note stand firm
        for i in (0, -1):
            firm = slots[i]
            slots[i] = Slot(firm.start, firm.length, firm.chords, False, firm.move, firm.like)
        return slots

    def _slot(
        self, start: int, end: int, chords: list[Chord], harmony: Harmony, move: int | None
    ) -> Slot:
        weak = accent(self.metre, start) <= 2 and start > harmony.start
        passing = weak and len(chords) == 1 and end - start <= self.metre.beat
        return Slot(start, end - start, tuple(chords), passing, move)

    def _motifs_of(self, letter: str) -> tuple[str, Motif, Motif]:
        known = self._motifs.get(letter)
        if known is None:
            known = (self.draw.choice(_SCHEMES), self._motif(), self._motif())
            if "A" in self._motifs and letter != "A" and self.draw.random() < 0.5:
                # development: the first motif upside down
                first = self._motifs["A"][1]
                turned = Motif(first.pattern, tuple(-move for move in first.moves))
                known = (known[0], turned, known[2])
            self._motifs[letter] = known
        return known

    def _motif(self) -> Motif:
        wishes, metre = self.wishes, self.metre
        least, most = max(1, round(0.75 * self.per_bar)), max(1, round(1.25 * self.per_bar))
        if wishes.rhythm == "euclidean":
            count = min(self.draw.randint(least, most), metre.steps)
            pattern = euclidean(count, metre.steps)
            turn = self.draw.choice(pattern)
            pattern = tuple(sorted((step - turn) % metre.steps for step in pattern))
        else:
            per_beat = self.per_bar * metre.beat / metre.steps
            pattern = bar_of_cells(
                metre, per_beat, wishes.complexity, self.manner, wishes.strength, self.draw
            )
            pattern = fitted(pattern, metre, least, most)
        # two of three moves go the same way
        tendency = self.draw.choice((-1, 1))
        sizes = self.draw.choices(range(len(_DEGREES)), self._sizes, k=len(pattern) - 1)
        moves = tuple(
            _DEGREES[size] * (tendency if self.draw.random() < 0.67 else -tendency)
            for size in sizes
        )
        return Motif(pattern, moves)

    # --------------------------------------------------------------------------------- return

    def _remembered(self, slots: list[Slot], phrase: Phrase, notes: list[Note]) -> list[Slot]:
        """Tell slots which pitch they had; now and then a long note is divided as an ornament."""
        begin = phrase.bar * self.metre.steps
        pitches = {start: pitch for start, _, pitch in notes}
        found: list[Slot] = []
        ornate = self.wishes.rhythm == "metric" and self.draw.random() < self.wishes.complexity
        for slot in slots:
            like = pitches.get(slot.start - begin, 0)
            half = slot.length // 2
            room = slot.length in (4, 8) and slot is not slots[-1] and len(slot.chords) == 1
            if ornate and room and self.draw.random() < 0.15:
                weak = accent(self.metre, slot.start + half) <= 2
                found.append(Slot(slot.start, half, slot.chords, slot.passing, slot.move, like))
                found.append(Slot(slot.start + half, half, slot.chords, weak))
            else:
                found.append(
                    Slot(slot.start, slot.length, slot.chords, slot.passing, slot.move, like)
                )
        return found

    def _end(self, harmonies: Sequence[Harmony], *, final: bool) -> Weights:
        """Return the weights of the last pitch: the tonic at the end of the piece."""
        chord = harmonies[-1].chord
        pcs = self.melody.pitches % 12
        if final:
            return np.asarray(pcs == self.key.tonic, float)
        return 0.4 + 0.6 * np.asarray(pcs == chord.root, float)


def _bass_changes(
    slots: Sequence[Slot], harmonies: Sequence[Harmony], basses: Sequence[int]
) -> list[tuple[int, int]]:
    """Return for each note but the first the bass (before, now) when both come at a change."""
    at = {harmony.start: number for number, harmony in enumerate(harmonies)}
    found = []
    for slot in slots[1:]:
        number = at.get(slot.start, 0)
        found.append((basses[number - 1], basses[number]) if number else (0, 0))
    return found
