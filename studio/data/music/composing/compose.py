"""Composing: from wishes and a seed to a piece that keeps every rule of `check`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

import numpy as np
import numpy.typing as npt

from studio.core.media import Music, Track
from studio.data.music.composing import accompaniment, chorale
from studio.data.music.composing.bass import bass_line
from studio.data.music.composing.choices import decided
from studio.data.music.composing.form import phrases_of
from studio.data.music.composing.harmony import Harmoniser, allowed_after, slots_of
from studio.data.music.composing.instruments import programs_of
from studio.data.music.composing.manner import Manner
from studio.data.music.composing.melody import Melody
from studio.data.music.composing.piece import (
    RANGES,
    STEP,
    TICKS,
    Harmony,
    Phrase,
    Piece,
    Plan,
    Wishes,
    is_strict,
)
from studio.data.music.composing.rhythm import METRES, accent
from studio.data.music.composing.theory import Key, chord
from studio.data.music.composing.tune import Tune
from studio.data.music.composing.voices import VOICES, Leading

Note = tuple[int, int, int]

#: How often a phrase that returns is the same note for note.
_EXACTLY = 0.4
#: How often a phrase is begun anew, with other chords, before the wishes are called impossible.
_ATTEMPTS = 60
#: From this attempt on, notes of the melody end where chords change.
_HOLDING = 4


@dataclass(frozen=True)
class _Frame:
    """What a phrase is written on.

    Attributes:
        harmonies: Its chords, with steps counted from its own beginning.
        basses: The bass below each.
        tops: The soprano that was above each before; empty for none.
        same: Whether all is as in the phrase that it returns to.
    """

    harmonies: list[Harmony]
    basses: list[int]
    tops: list[int]
    same: bool = False


@dataclass(frozen=True)
class _Written:
    """A phrase as it was written: chords, bass, and in a chorale soprano and voices."""

    harmonies: list[Harmony]
    basses: list[int]
    tops: list[int]
    voices: list[list[Note]]


def compose(wishes: Wishes, seed: int, manner: Manner | None = None) -> Piece:
    """Compose a piece.

    Args:
        wishes: What is wished; what is left open follows the seed and the manner.
        seed: The same one makes the same piece.
        manner: Whose manner is imitated, by `wishes.strength`.
    """
    return _Composer(wishes, seed, manner or Manner.blank()).piece()


class _Composer:
    def __init__(self, wishes: Wishes, seed: int, manner: Manner) -> None:
        self.draw = draw = Random(seed)  # noqa: S311 - music, no secret
        self.wishes = wishes = decided(wishes, manner, draw)
        self.key = Key(wishes.tonic, wishes.mode)
        self.metre = METRES[wishes.metre]
        self.strict = is_strict(wishes.style)
        self.chorale = wishes.texture == "chorale"
        self.phrases = phrases_of(wishes.form, wishes.bars, wishes.style, draw)
        self.per_bar = self._chords_per_bar()
        self.harmoniser = Harmoniser(
            self.key, wishes.style, wishes.complexity, manner, wishes.strength, draw
        )
        self.written: list[_Written] = []
        self.melody: list[Note] = []
        tones = self.harmoniser.tones()
        if self.chorale:
            self.singer = Melody(
                self.key,
                *RANGES["soprano"],
                tones=tones,
                strict=self.strict,
                manner=manner,
                strength=wishes.strength,
                variety=wishes.variety,
            )
            self.leading = Leading(self.key, self.strict, draw)
        else:
            self.tune = Tune(self.key, wishes, manner, self.strict, tones, draw)

    def _chords_per_bar(self) -> int:
        beats = self.metre.steps // self.metre.beat
        if self.chorale:
            return min(beats, 4 if self.wishes.density > 0.6 else 2)
        often = self.wishes.style == "classical" and self.wishes.rhythm == "metric"
        return 2 if often and beats >= 2 and self.draw.random() < self.wishes.complexity else 1

    # ------------------------------------------------------------------------------- phrases

    def piece(self) -> Piece:
        """Write phrase by phrase, then the accompaniment."""
        for number, phrase in enumerate(self.phrases):
            for attempt in range(_ATTEMPTS):
                if self._phrase(number, phrase, attempt):
                    break
            else:
                raise AssertionError(f"no phrase {number} in {self.wishes}")
        return self._finished()

    def _phrase(self, number: int, phrase: Phrase, attempt: int) -> bool:
        """Write a phrase; False when the rules left no way with these chords."""
        final = number == len(self.phrases) - 1
        frame = self._frame(phrase, attempt)
        if not frame.basses:
            return False
        if self.chorale:
            written = self._sung(phrase, frame, final)
            if written is None:
                return False
            self.written.append(written)
            return True
        last = self.melody[-1][2] if self.melody else 0
        begin = phrase.bar * self.metre.steps
        placed = _placed(frame.harmonies, begin)
        notes = self.tune.phrase(
            number,
            phrase,
            placed,
            frame.basses,
            last,
            same=frame.same,
            final=final,
            hold=attempt < _HOLDING,
        )
        if notes is None:
            return False
        self.melody += notes
        self.written.append(_Written(frame.harmonies, frame.basses, [], []))
        return True

    def _sung(self, phrase: Phrase, frame: _Frame, final: bool) -> _Written | None:
        """Write a phrase for four voices."""
        if frame.same and not final and self.draw.random() < _EXACTLY:
            return self.written[phrase.returns]
        slots = chorale.soprano_slots(frame.harmonies, frame.tops)
        wished = chorale.soprano(self.singer, slots, frame.basses, self.draw)
        chords = [harmony.chord for harmony in frame.harmonies]
        end = self.key.tonic if final else -1
        voicings = self.leading.voices(chords, frame.basses, wished, end)
        if voicings is None:
            return None
        share = 0.7 * self.wishes.complexity
        voices = chorale.ornamented(self.key, frame.harmonies, voicings, share, self.draw)
        tops = [voicing[0] for voicing in voicings]
        return _Written(frame.harmonies, frame.basses, tops, voices)

    def _frame(self, phrase: Phrase, attempt: int) -> _Frame:
        """Return what a phrase is written on: the same again for one that returns."""
        if phrase.returns >= 0 and attempt < _ATTEMPTS // 2:
            known = self.written[phrase.returns]
            same = self.phrases[phrase.returns].cadence == phrase.cadence
            if same and attempt < 3:
                return _Frame(known.harmonies, known.basses, known.tops, same=True)
            closing = known.harmonies if same else self._closed(known.harmonies, phrase)
            if closing:
                return _Frame(closing, self._bass(closing), known.tops[:-2])
        if attempt:
            self.harmoniser.loops.pop(phrase.letter, None)  # another loop
        slots = slots_of(phrase, self.metre, self.per_bar)
        harmonies = self.harmoniser.phrase(phrase, slots)
        own = _placed(harmonies, -phrase.bar * self.metre.steps)
        return _Frame(own, self._bass(own), [])

    def _closed(self, harmonies: list[Harmony], phrase: Phrase) -> list[Harmony]:
        """Return known chords with another end; empty when it does not fit behind them."""
        ending = self.harmoniser.phrase(phrase, [(h.start, h.length) for h in harmonies])[-2:]
        kept = harmonies[: len(harmonies) - len(ending)]
        if kept:
            behind = kept[-1].chord
            _, _, target = behind.name.partition("/")
            if target and chord(self.key, target).root != ending[0].chord.root:
                return []
            if not allowed_after(behind, ending[0].chord):
                return []
        return [*kept, *ending]

    def _bass(self, harmonies: Sequence[Harmony]) -> list[int]:
        firm = {0, len(harmonies) - 1, len(harmonies) - 2}
        role = "bass" if self.chorale else "low"
        style = self.wishes.style
        return bass_line(self.key, style, role, harmonies, frozenset(firm), self.draw) or []

    # ------------------------------------------------------------------------------ finishing

    def _finished(self) -> Piece:
        wishes, draw = self.wishes, self.draw
        harmonies: list[Harmony] = []
        basses: list[int] = []
        voices: list[list[Note]] = [[], [], [], []]
        for phrase, written in zip(self.phrases, self.written, strict=True):
            begin = phrase.bar * self.metre.steps
            harmonies += _placed(written.harmonies, begin)
            basses += written.basses
            for voice, notes in zip(voices, written.voices, strict=False):
                voice += [(begin + start, length, pitch) for start, length, pitch in notes]
        drums = {}
        roles: tuple[str, ...]
        parts: list[list[Note]]
        if self.chorale:
            roles, parts = VOICES, voices
        elif wishes.texture == "melody":
            roles, parts = ("melody",), [self.melody]
        else:
            roles = ("melody", "chords", "low")
            parts = [self.melody, *self._accompanied(harmonies, basses)]
        if wishes.drums:
            letters = [phrase.letter for phrase in self.phrases]
            drums = accompaniment.drum_patterns(letters, self.metre, wishes.density, draw)
            roles = (*roles, "drums")
            parts = [*parts, accompaniment.drum_notes(self.phrases, drums, self.metre)]
        plan = Plan(
            key=self.key,
            style=wishes.style,
            form=wishes.form,
            texture=wishes.texture,
            metre=self.metre,
            rhythm=wishes.rhythm,
            tempo=wishes.tempo,
            bars=wishes.bars,
            phrases=self.phrases,
            harmonies=tuple(harmonies),
            roles=roles,
            programs=programs_of(wishes.ensemble, roles),
            drums=drums,
            per_bar=0.0 if self.chorale else self.tune.per_bar,
        )
        return Piece(_music(plan, parts), plan)

    def _accompanied(
        self, harmonies: Sequence[Harmony], basses: Sequence[int]
    ) -> tuple[list[Note], list[Note]]:
        """Return the notes of chords and bass."""
        draw, metre = self.draw, self.metre
        pattern = draw.choice(accompaniment.PATTERNS)
        below = draw.choice(("held", "beats", "euclidean"))
        positions = accompaniment.positions([h.chord for h in harmonies], self.strict)
        chords: list[Note] = []
        low: list[Note] = []
        final = len(harmonies) - 1
        for number, (harmony, position, pitch) in enumerate(
            zip(harmonies, positions, basses, strict=True)
        ):
            last = number == final
            chords += accompaniment.chord_notes(pattern, harmony, position, metre, last)
            low += accompaniment.bass_notes(below, harmony, pitch, metre, last)
        return chords, low


def _placed(harmonies: Sequence[Harmony], begin: int) -> list[Harmony]:
    """Return chords, moved by so many steps."""
    return [Harmony(begin + each.start, each.length, each.chord) for each in harmonies]


#: Loudness of each role at its loudest and softest accent.
_LOUDNESS = {"melody": (84, 104), "chords": (54, 66), "low": (66, 82), "drums": (60, 96)}


def _music(plan: Plan, parts: Sequence[Sequence[Note]]) -> Music:
    """Return notes in steps as music in ticks, louder on heavy steps and in the middle."""
    heavy = np.array([accent(plan.metre, step) for step in range(plan.metre.steps)])
    tracks = []
    for role, program, part in zip(plan.roles, plan.programs, parts, strict=True):
        notes: npt.NDArray[np.int32] = np.zeros((len(part), 4), np.int32)
        steps = np.array(part, np.int64).reshape(-1, 3)
        steps = steps[np.lexsort((steps[:, 2], steps[:, 0]))]
        soft, loud = _LOUDNESS.get(role, (70, 84))
        arch = 6 * np.sin(np.pi * steps[:, 0] / plan.steps)
        notes[:, :2] = steps[:, :2] * STEP
        notes[:, 2] = steps[:, 2]
        notes[:, 3] = soft + (loud - soft) * heavy[steps[:, 0] % plan.metre.steps] / 4 + arch
        tracks.append(Track(notes, program, role == "drums", role.capitalize()))
    return Music(
        tuple(tracks),
        ticks=TICKS,
        tempos=((0, plan.tempo),),
        signatures=((0, plan.metre.beats, plan.metre.value),),
    )
