"""The tokeniser of music: special tokens, control tokens, and miditok's, as one alphabet.

A row is `controls · [END] · bars · [END]`: END before the bars says that a piece begins there,
END behind them that it is over. With byte pair encoding, frequent tokens of a bar are joined;
what is joined never reaches over a bar line.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from studio.core.media import Music
from studio.data.music.alphabet import Alphabet
from studio.data.music.controls import KEY, Controls, Traits
from studio.data.music.measures import Key, Mode, key_of, metre_of, tempo_of
from studio.data.music.notation import Bar, Notation
from studio.data.music.voices import Voice, Which, chosen, instruments_of
from studio.data.text.tokenisers import ANSWER, END, MASK, PAD, RESOURCE, SPECIALS

if TYPE_CHECKING:
    from studio.data.music.grammar import Grammar, Types

__all__ = ["ANSWER", "END", "MASK", "PAD", "RESOURCE", "MusicTokeniser", "tokeniser_of"]

Ids = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

_FIRST_LETTER = 0x4E00  # tokens are written as letters for byte pair encoding, none of them spaces


class MusicTokeniser:
    """Turns pieces into numbers and numbers into pieces.

    Attributes:
        controls_of: The control tokens, with what can be asked for.
        notation: miditok's part.
        tracks: Which tracks of a piece it takes.
        parts: The numbers of miditok's that each token behind the controls stands for.
        vocabulary: How many tokens there are.
        note_counts: (V,) how many notes each token begins.
        counted: (V,) whether a token is music (or END), so that foreseeing it counts; padding and
            control tokens do not.
    """

    def __init__(
        self, notation: Notation, controls: Controls, merges: str = "", tracks: Which = "all"
    ) -> None:
        self.tracks = tracks
        self.notation = notation
        self.controls_of = controls
        self._first = controls.first + controls.count
        self._shifts: dict[int, Ids] = {}
        self._merged: Any = None
        self.parts: list[tuple[int, ...]] = [(number,) for number in range(len(notation.names))]
        if merges:
            from tokenizers import Tokenizer

            self._merged = Tokenizer.from_str(merges)
            words = self._merged.get_vocab()
            self.parts = [tuple(map(_number, word)) for word in sorted(words, key=words.get)]
        self.vocabulary = self._first + len(self.parts)
        counts = notation.note_counts()
        self.note_counts: Ids = np.zeros(self.vocabulary, np.int64)
        self.note_counts[self._first :] = [counts[list(part)].sum() for part in self.parts]
        self.counted: Mask = np.zeros(self.vocabulary, np.bool_)
        self.counted[END] = True
        self.counted[self._first :] = True
        bar = notation.names.index("Bar_None") if notation.metrical else -1
        self._bars: Mask = np.zeros(self.vocabulary, np.bool_)
        self._bars[self._first :] = [bar in part for part in self.parts]

    # -------------------------------------------------------------------------- writing

    def encode(self, music: Music) -> Ids:
        """Return a whole piece: its controls, END, its bars, END."""
        bars = self.bars(music)
        traits = self.traits(music, bars)
        return np.concatenate([self.controls_of.ids(traits), [END], self.joined(bars), [END]])

    def beginning(self, traits: Traits, music: Music | None = None) -> Ids:
        """Return what a model goes on from: wished controls, END, and the bars of a piece."""
        bars = self.bars(music) if music is not None else []
        return np.concatenate([self.controls_of.ids(traits), [END], self.joined(bars)])

    def controls(
        self,
        *,
        tonic: int | None = None,
        mode: Mode | None = None,
        metre: tuple[int, int] | None = None,
        tempo: float | None = None,
        density: int | None = None,
        bars: int | None = None,
        instruments: Sequence[int] = (),
        draw: int = 0,
    ) -> Ids:
        """Return the head of a row for what is wished; what is left out becomes `any`.

        Args:
            tonic, mode: Of the key; one alone leaves the other open.
            metre: As (6, 8).
            tempo: Quarter notes per minute.
            density: Degree, 0 … 4, from few to many notes in a bar.
            bars: Until the piece ends.
            instruments: Groups, as in `music_voices.GROUPS`.
            draw: Any number; chooses among the keys where tonic or mode is open.
        """
        key: Key | None = None
        if tonic is not None or mode is not None:
            keys = self.controls_of.keys(tonic, mode)
            key = keys[draw % len(keys)] if keys else None
        wished = Traits(key, metre, tempo, density, bars, tuple(instruments))
        return self.controls_of.ids(wished)

    def bars(self, music: Music) -> list[Bar]:
        """Return a piece bar by bar, those tracks of it that are taken."""
        return self.notation.encode(chosen(music, self.tracks))

    def traits(self, music: Music, bars: Sequence[Bar]) -> Traits:
        """Return what a piece is like."""
        notes = sum(bar.notes for bar in bars)
        return Traits(
            key=key if (key := key_of(music)).certainty else None,
            metre=self.notation.metre_like(metre_of(music)),
            tempo=tempo_of(music),
            density=self.controls_of.degree(notes / len(bars)) if bars else None,
            bars=len(bars) or None,
            instruments=instruments_of(music.tracks),
        )

    def joined(self, bars: Sequence[Bar]) -> Ids:
        """Return bars as tokens (T,), without anything else."""
        return np.concatenate([np.zeros(0, np.int64), *(self.bar(bar.ids) for bar in bars)])

    def bar(self, ids: Ids) -> Ids:
        """Return the tokens of a bar from miditok's numbers."""
        if self._merged is None:
            return ids + self._first
        word = "".join(chr(_FIRST_LETTER + each) for each in ids)
        return np.array(self._merged.encode(word).ids, np.int64) + self._first

    def opening(self, bar: Bar, ids: Ids) -> list[int]:
        """Return what stands before a bar where its metre is not said: a token or none."""
        first = self.notation.types[self.plain(int(ids[0]))[0]]
        if self.notation.metrical or first == "TimeSig":
            return []
        return [int(each) for each in self.bar(np.array([self.notation.signature(bar.metre)]))]

    def plain(self, token: int) -> tuple[int, ...]:
        """Return the numbers of miditok's that a token stands for; none for other tokens."""
        return self.parts[token - self._first] if token >= self._first else ()

    @property
    def joins(self) -> bool:
        """Whether frequent tokens are joined (byte pair encoding)."""
        return self._merged is not None

    def transposed(self, semitones: int) -> Ids:
        """Return the token that each becomes in another key, (V,), without joined ones.

        Keys among the controls move too; a note beyond the range becomes −1.
        """
        if semitones not in self._shifts:
            self._shifts[semitones] = self._transposition(semitones)
        return self._shifts[semitones]

    def _transposition(self, semitones: int) -> Ids:
        table = np.arange(self.vocabulary)
        moved = self.notation.transposed(semitones)
        table[self._first :] = np.where(moved < 0, -1, moved + self._first)
        start = self.controls_of.starts[list(self.controls_of.values).index(KEY)]
        for number, key in enumerate(self.controls_of.keys()):
            other = key._replace(tonic=(key.tonic + semitones) % 12)
            table[start + 1 + number] = self.controls_of.ids(Traits(key=other))[0]
        return table

    # -------------------------------------------------------------------------- reading

    def decode(self, ids: Sequence[int] | Ids, *, tempo: float | None = None) -> Music:
        """Return the piece that tokens write; never fails, whatever they are.

        Args:
            ids: Of one piece; END behind its bars ends it, what follows is left out.
            tempo: Quarter notes per minute; None takes that of the controls, else 120.
        """
        written = np.asarray(ids, np.int64).reshape(-1)
        asked = self.controls_of.traits(written).tempo
        pieces = self._pieces(written)
        return self.notation.decode(pieces[0] if pieces else [], tempo or asked or 120.0)

    def _pieces(self, ids: Ids) -> list[list[int]]:
        """Return miditok's numbers of each piece; END parts them, other tokens are left out."""
        pieces: list[list[int]] = [[]]
        for each in ids:
            if self._first <= each < self.vocabulary:
                pieces[-1].extend(self.parts[each - self._first])
            elif each == END and pieces[-1]:
                pieces.append([])
        return [piece for piece in pieces if piece]

    def is_bar(self, token: int) -> bool:
        """Tell whether a token begins a bar; none does where notation counts time."""
        return 0 <= token < self.vocabulary and bool(self._bars[token])

    def bars_in(self, ids: Sequence[int] | Ids) -> int:
        """Return how many bars tokens write."""
        written = np.asarray(ids, np.int64)
        if self.notation.metrical:
            return int(self._bars[written].sum())
        from studio.data.music.timing import bars_of

        music = self.decode(written)
        return len(bars_of(music).starts) if music.tracks else 0

    def notes_in(self, ids: Sequence[int] | npt.NDArray[Any]) -> int:
        """Return how many notes tokens of any shape write."""
        return int(self.note_counts[np.asarray(ids, np.int64)].sum())

    def errors(self, ids: Sequence[int] | Ids) -> float:
        """Return the share of tokens that break the rules, 0 … 1; 0 for none at all.

        Counted as miditok does (`tokens_errors`): types that may not follow each other, places
        that do not go forward, notes that are there already; and special or control tokens
        anywhere but in their places. The controls at the head and padding at the end count as
        nothing.
        """
        written = np.asarray(ids, np.int64).reshape(-1)
        while len(written) and written[-1] == PAD:
            written = written[:-1]
        low, high = self.controls_of.first, self._first
        head = 0
        while head < len(written) and low <= written[head] < high:
            head += 1
        body = written[head:]
        if not len(body):
            return 0.0
        strange = int((((body < high) & (body != END)) | (body >= self.vocabulary)).sum())
        wrong = sum(self.notation.errors(piece) for piece in self._pieces(body))
        return min(1.0, (strange + wrong) / len(body))

    # -------------------------------------------------------------------------- grammar

    def allowed_after(self, token: int | None) -> Mask:
        """Return which tokens may follow one by their types, (V,): see `grammar.py`.

        Args:
            token: None for the beginning of a row.
        """
        return self._types.allowed_after(token)

    @cached_property
    def _types(self) -> Types:
        from studio.data.music.grammar import Types

        return Types(self)

    def grammar(self) -> Grammar:
        """Return what follows tokens as they are written and says which may come next."""
        from studio.data.music.grammar import Grammar

        return Grammar(self)

    def name(self, token: int) -> str:
        """Return what a token says, for people who look into a model: `Bar · TimeSig 6/8`."""
        if token < SPECIALS:
            return ("PAD", "END", "ANSWER", "MASK")[token]
        if token < self._first:
            starts = self.controls_of.starts
            place = int(np.searchsorted(starts, token, side="right")) - 1
            control = list(self.controls_of.values)[place]
            return f"{control}: {self.controls_of.values[control][token - starts[place]]}"
        names = (self.notation.names[each] for each in self.parts[token - self._first])
        return " · ".join(name.replace("_None", "").replace("_", " ") for name in names)


def tokeniser_of(resources: Mapping[str, str]) -> MusicTokeniser:
    """Return the tokeniser that a dataset was written with, from `DataSpec.resources`.

    Raises:
        KeyError: There is none.
    """
    return _read(resources[RESOURCE])


@lru_cache(maxsize=8)
def _read(text: str) -> MusicTokeniser:
    values = json.loads(text)
    alphabet = Alphabet(
        tokens=values["tokens"],
        grid=values["grid"],
        velocities=values["velocities"],
        voices=tuple(Voice(*each) for each in values["voices"]),
        signatures=tuple((beats, value) for beats, value in values["signatures"]),
        pitches=tuple(values["pitches"]),
        drums=tuple(values["drums"]),
    )
    controls = Controls(
        {name: tuple(words) for name, words in values["controls"].items()},
        tuple(values["edges"]),
        SPECIALS,
    )
    return MusicTokeniser(Notation(alphabet), controls, values["merges"], values["tracks"])


def written(alphabet: Alphabet, controls: Controls, merges: str = "", tracks: Which = "all") -> str:
    """Return a tokeniser as the text that `tokeniser_of` reads."""
    return json.dumps(
        {
            "tokens": alphabet.tokens,
            "grid": alphabet.grid,
            "velocities": alphabet.velocities,
            "voices": alphabet.voices,
            "signatures": alphabet.signatures,
            "pitches": alphabet.pitches,
            "drums": alphabet.drums,
            "controls": controls.values,
            "edges": controls.edges,
            "merges": merges,
            "tracks": tracks,
        }
    )


def _number(letter: str) -> int:
    """Return the number of miditok's that a letter stands for."""
    return ord(letter) - _FIRST_LETTER
