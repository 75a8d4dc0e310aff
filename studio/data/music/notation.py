"""Music as miditok's tokens and back: one kind of notation with the alphabet of a dataset.

Tokens here are numbered as miditok does; `tokens.py` puts special and control tokens before
them. Voices (see `voices.py`) stand in the place of General MIDI programs, so that a melody
and its chords on the same instrument stay apart. A voice is named when it changes and again
in every bar, so that each bar can be read without those before it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from threading import Lock
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from studio.core.media import Music, Track
from studio.data.music.alphabet import Alphabet, miditok_of
from studio.data.music.midi import notes_of as symusic_notes
from studio.data.music.timing import bars_of
from studio.data.music.voices import Voice, joined, voices_of

Ids = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

_TICKS = 480  # of a quarter, in what is read
_NOTES = ("Pitch", "PitchDrum", "NoteOn", "DrumOn")
_PITCHED = ("Pitch", "NoteOn", "NoteOff")  # what moves when a piece is transposed
_FIRST_OF_NOTE = (*_NOTES, "NoteOff", "DrumOff")
_TIMES = ("TimeShift", "Rest")
_MOVES = ("Position", *_TIMES)


class Bar(NamedTuple):
    """The tokens of a bar: miditok's numbers, notes that begin in it, and its metre."""

    ids: Ids
    notes: int
    metre: tuple[int, int]


class Notation:
    """Writes and reads music with an alphabet. Safe for several threads.

    Attributes:
        names: miditok's names of the tokens, such as `Pitch_60`, by number.
        types: The part of each name before the underscore.
        graph: Which types may follow each type.
    """

    def __init__(self, alphabet: Alphabet) -> None:
        self.alphabet = alphabet
        self._tokeniser: Any = miditok_of(alphabet)
        self._lock = Lock()  # miditok keeps what it works on in itself
        vocab: dict[str, int] = self._tokeniser.vocab
        self.names = tuple(sorted(vocab, key=vocab.__getitem__))
        self.types = tuple(name.split("_")[0] for name in self.names)
        self.graph: dict[str, set[str]] = self._tokeniser.tokens_types_graph
        self._program = {
            int(name.split("_")[1]): number
            for number, name in enumerate(self.names)
            if name.startswith("Program_")
        }
        self._shifts: dict[int, Ids] = {}
        self._number = {voice: place for place, voice in enumerate(alphabet.voices)}

    @property
    def metrical(self) -> bool:
        """Whether bars have tokens of their own."""
        return self.alphabet.tokens == "remi"

    # -------------------------------------------------------------------------- writing

    def encode(self, music: Music) -> list[Bar]:
        """Return a piece bar by bar, from the first bar that has a note."""
        prepared = self._score(music)
        if prepared is None:
            return []
        with self._lock:
            found = self._tokeniser.encode(prepared, encode_ids=False)
        sequence = found if hasattr(found, "ids") else (found[0] if found else None)
        if sequence is None or not len(sequence.ids):
            return []
        return self._bars(sequence)

    def _score(self, music: Music) -> Any | None:
        """Return a piece as miditok reads it, its first bar at 0; None without notes."""
        import symusic

        rows = self._rows(music)
        if not rows:
            return None
        bars = bars_of(music)
        first = int(bars.at(min(int(notes[0, 0]) for notes in rows.values())))
        begin = int(bars.starts[first])
        score: Any = symusic.Score(music.ticks)
        for number, notes in sorted(rows.items()):
            track = symusic.Track("", max(number, 0), number < 0)
            moved = notes.copy()
            moved[:, 0] -= begin
            track.notes = symusic_notes(moved)
            score.tracks.append(track)
        written: tuple[int, int] | None = None
        places = [first, *(np.flatnonzero(_changes(bars)) + 1)]
        for place in places:
            metre = self.metre_like((int(bars.beats[place]), int(bars.values[place])))
            if place >= first and metre != written:
                at = int(bars.starts[place]) - begin
                score.time_signatures.append(symusic.TimeSignature(at, *metre))
                written = metre
        return score

    def _rows(self, music: Music) -> dict[int, npt.NDArray[np.int32]]:
        """Return the notes of each voice by the number that miditok knows it by."""
        found: dict[int, list[npt.NDArray[np.int32]]] = {}
        for voice, track in voices_of(music).items():
            number = self._voice(voice)
            if number is not None:
                low, high = self.alphabet.drums if number < 0 else self.alphabet.pitches
                fits = (track.notes[:, 2] >= low) & (track.notes[:, 2] <= high)
                found.setdefault(number, []).append(track.notes[fits])
        rows = {number: joined(notes) for number, notes in found.items()}
        return {number: notes for number, notes in rows.items() if len(notes)}

    def _voice(self, voice: Voice) -> int | None:
        """Return the number of a voice or of the one most like it; -1 for drums."""
        if voice.drums:
            return -1 if any(each.drums for each in self.alphabet.voices) else None
        if voice in self._number:
            return self._number[voice]

        def unlike(other: Voice) -> tuple[bool, bool, int]:
            far = abs(other.program - voice.program)
            return other.program // 8 != voice.program // 8, other.order != voice.order, far

        pitched = [each for each in self.alphabet.voices if not each.drums]
        return self._number[min(pitched, key=unlike)] if pitched else None

    def metre_like(self, metre: tuple[int, int]) -> tuple[int, int]:
        """Return a metre of the alphabet: this one, or one with bars of a similar length."""
        if metre in self.alphabet.signatures:
            return metre
        length = metre[0] / metre[1]
        return min(self.alphabet.signatures, key=lambda each: abs(each[0] / each[1] - length))

    def _bars(self, sequence: Any) -> list[Bar]:
        """Return a sequence of miditok's cut into bars, each with its voices named anew."""
        ids = list(sequence.ids)
        if self.metrical:
            bar = self.names.index("Bar_None")
            cuts = [place for place, each in enumerate(ids) if each == bar]
        else:
            cuts = _time_cuts(sequence)
        metre, program = self.alphabet.signatures[0], -2
        found = []
        for begin, end in zip(cuts, [*cuts[1:], len(ids)], strict=True):
            bar_ids: list[int] = []
            named, notes = False, 0
            for each in ids[begin:end]:
                kind = self.types[each]
                if kind == "Program":
                    program, named = each, True
                elif kind == "TimeSig":
                    beats, value = self.names[each].split("_")[1].split("/")
                    metre = (int(beats), int(value))
                elif kind in _FIRST_OF_NOTE and not named and self.alphabet.apart:
                    bar_ids.append(program if program >= 0 else self._program[0])
                    named = True
                notes += kind in _NOTES
                bar_ids.append(each)
            found.append(Bar(np.array(bar_ids, np.int64), notes, metre))
        return found

    def signature(self, metre: tuple[int, int]) -> int:
        """Return the number of a metre's token."""
        return self.names.index(f"TimeSig_{metre[0]}/{metre[1]}")

    # -------------------------------------------------------------------------- reading

    def decode(self, ids: Sequence[int] | Ids, tempo: float = 120.0) -> Music:
        """Return the piece that tokens write; what makes no sense is passed over."""
        from miditok import TokSequence

        tokens = [self.names[each] for each in ids]
        if not self.alphabet.apart and not tokens:
            return Music((), tempos=((0, tempo),))
        sequence = TokSequence(tokens=tokens)
        asked = sequence if self.alphabet.apart else [sequence]
        with self._lock:
            score = self._tokeniser.decode(asked)
        # finer ticks than the grid's, so that notes can be moved by hand
        finer = _TICKS // score.ticks_per_quarter if _TICKS % score.ticks_per_quarter == 0 else 1
        found: dict[Voice, Track] = {}
        for track in score.tracks:
            voice = self._shown(track)
            notes = track.notes.numpy()
            rows = np.stack(
                [
                    notes["time"].astype(np.int32) * finer,
                    notes["duration"].astype(np.int32) * finer,
                    notes["pitch"].astype(np.int32),
                    notes["velocity"].astype(np.int32),
                ],
                1,
            ).reshape(-1, 4)
            if len(rows):
                found[voice] = Track(joined([rows]), voice.program, voice.drums, _name(voice))
        signatures = [
            (int(each.time) * finer, int(each.numerator), int(each.denominator))
            for each in score.time_signatures
        ]
        return Music(
            tuple(found[voice] for voice in self.alphabet.voices if voice in found),
            score.ticks_per_quarter * finer,
            ((0, tempo),),
            _first_at_zero(signatures, self.alphabet.signatures[0]),
        )

    def _shown(self, track: Any) -> Voice:
        voices = self.alphabet.voices
        if track.is_drum:
            return Voice(0, True)
        number = int(track.program) if self.alphabet.apart else 0
        return voices[number] if number < len(voices) else voices[0]

    # -------------------------------------------------------------------------- tables

    def errors(self, ids: Sequence[int] | Ids) -> int:
        """Return how many tokens break the notation's rules, as miditok counts them.

        Those are a type that may not follow, a place in the bar before the last one, a note that
        is already there, and the end of one that is not. A note that still sounds where tokens
        are cut off is none.
        """
        if not len(ids):
            return 0
        found: int = self._tokeniser._tokens_errors([self.names[each] for each in ids])
        return found - self.ended(ids)[1]

    @property
    def parts_ends(self) -> bool:
        """Whether a note's end is a token of its own, apart from its beginning."""
        return self.alphabet.tokens == "midi_like"

    def ended(self, ids: Sequence[int] | Ids) -> tuple[Mask, int]:
        """Return which tokens end a note that never began, and how many notes are never ended.

        Voices that are named for nothing but such ends are among the former.
        """
        strange = np.zeros(len(ids), np.bool_)
        if not self.parts_ends:
            return strange, 0
        sounding: Counter[tuple[int, int]] = Counter()
        voice, named = 0, -1  # `named` is where the voice is named that nothing has used yet
        for place, each in enumerate(ids):
            kind, value = self.types[each], self.names[each].split("_")[1]
            if kind == "Program":
                if named >= 0:
                    strange[named] = True
                voice, named = int(value), place
            elif kind in ("NoteOn", "DrumOn"):
                sounding[voice, int(value)] += 1
                named = -1
            elif kind in ("NoteOff", "DrumOff"):
                if sounding[voice, int(value)]:
                    sounding[voice, int(value)] -= 1
                    named = -1
                else:
                    strange[place] = True
        return strange, sounding.total()

    def note_counts(self) -> Ids:
        """Return how many notes each token begins, (V,): 0 or 1."""
        return np.array([kind in _NOTES for kind in self.types], np.int64)

    def places(self, ids: Ids) -> list[int]:
        """Return where tokens of a bar go on to another place in it."""
        return [at for at, each in enumerate(ids) if at and self.types[each] in _MOVES]

    def transposed(self, semitones: int) -> Ids:
        """Return the token that each one becomes in another key, (V,); -1 beyond the range."""
        if semitones not in self._shifts:
            self._shifts[semitones] = self._transposition(semitones)
        return self._shifts[semitones]

    def _transposition(self, semitones: int) -> Ids:
        numbers = {name: number for number, name in enumerate(self.names)}
        table = np.arange(len(self.names))
        for number, (name, kind) in enumerate(zip(self.names, self.types, strict=True)):
            if kind in _PITCHED:
                pitch = int(name.split("_")[1]) + semitones
                table[number] = numbers.get(f"{kind}_{pitch}", -1)
        return table


def _changes(bars: Any) -> npt.NDArray[np.bool_]:
    found: npt.NDArray[np.bool_] = (np.diff(bars.beats) != 0) | (np.diff(bars.values) != 0)
    return found


def _time_cuts(sequence: Any) -> list[int]:
    """Return where bars begin among tokens that count time: at the first event in each."""
    ticks = list(sequence._ticks_bars)
    cuts, bar = [0], 1
    for place, event in enumerate(sequence.events):
        if event.type_ in _TIMES or bar >= len(ticks) or event.time < ticks[bar]:
            continue
        while bar < len(ticks) and event.time >= ticks[bar]:
            bar += 1
        if place:
            cuts.append(place)
    return cuts


def _first_at_zero(
    signatures: Sequence[tuple[int, int, int]], usual: tuple[int, int]
) -> tuple[tuple[int, int, int], ...]:
    found = {tick: (tick, beats, value) for tick, beats, value in signatures if tick >= 0}
    if 0 not in found:
        found[0] = (0, *usual)
    return tuple(found[tick] for tick in sorted(found))


def _name(voice: Voice) -> str:
    return "Drums" if voice.drums else ""
