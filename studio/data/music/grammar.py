"""Which tokens may come next while a model writes music, so that every one makes sense.

`Types` looks at the last token alone. A `Grammar` remembers the bar as well: places go forward
and stay within it, no note is struck twice at a place, and none ends that does not sound.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from studio.data.text.tokenisers import END, SPECIALS

if TYPE_CHECKING:
    from studio.data.music.tokens import MusicTokeniser

Mask = npt.NDArray[np.bool_]

_BEGINS = {"Pitch": "Pitch", "NoteOn": "NoteOn", "PitchDrum": "PitchDrum", "DrumOn": "DrumOn"}
_ENDS = ("NoteOff", "DrumOff")
_TIMES = ("TimeShift", "Rest")
_END = "END"  # among miditok's types


class Types:
    """Which tokens may follow each: controls in their order, END, then miditok's types."""

    def __init__(self, tokeniser: MusicTokeniser) -> None:
        self._vocabulary = tokeniser.vocabulary
        self._starts = tokeniser.controls_of.starts
        self._first = self._vocabulary - len(tokeniser.parts)
        types = tokeniser.notation.types
        begins = np.array([types[part[0]] for part in tokeniser.parts])
        self._ends = [types[part[-1]] for part in tokeniser.parts]
        opening = "Bar" if tokeniser.notation.metrical else "TimeSig"
        # a piece ends with what completes a note
        closing = ("NoteOff", "DrumOff") if tokeniser.notation.parts_ends else ("Duration",)
        self._following: dict[str, Mask] = {}
        for kind, following in (tokeniser.notation.graph | {_END: {opening}}).items():
            mask = np.zeros(self._vocabulary, np.bool_)
            mask[self._first :] = np.isin(begins, sorted(following))
            mask[END] = kind in closing
            self._following[kind] = mask

    def allowed_after(self, token: int | None) -> Mask:
        """Return which tokens may follow one, (V,); None stands for the beginning of a row."""
        mask = np.zeros(self._vocabulary, np.bool_)
        starts = self._starts
        if token == END:
            mask |= self._following[_END]
        elif token is None or token < SPECIALS:
            mask[starts[0] : starts[1]] = True
        elif token >= self._first:
            mask |= self._following[self._ends[token - self._first]]
        else:
            place = int(np.searchsorted(starts, token, side="right"))  # of the next control
            if place < len(starts) - 1:
                mask[starts[place] : starts[place + 1]] = True
            else:
                mask[END] = True
                mask |= self._following[_END]
        return mask


class Grammar:
    """Follows the tokens of one row, from its first control token on.

    Where frequent tokens are joined, a joined one is judged by its first part.
    """

    def __init__(self, tokeniser: MusicTokeniser) -> None:
        self._tokeniser = tokeniser
        notation = tokeniser.notation
        self._first = tokeniser.vocabulary - len(tokeniser.parts)
        names = [notation.names[part[0]].split("_") for part in tokeniser.parts]
        self._kinds = np.array([kind for kind, _value in names])
        # values of places and pitches; −1 for tokens that have neither
        self._values = np.array(
            [int(value) if value.lstrip("-").isdigit() else -1 for _kind, value in names]
        )
        self._of_kind = {kind: self._kinds == kind for kind in set(notation.types)}
        self._last: int | None = None
        self._begin()

    def _begin(self) -> None:
        """Forget the bar: a piece begins, or its controls."""
        beats, _value = self._tokeniser.notation.alphabet.signatures[0]
        self._places = beats * self._tokeniser.notation.alphabet.grid
        self._place = -1
        self._voice = 0
        self._struck: set[tuple[int, int]] = set()
        self._sounding: Counter[tuple[int, int]] = Counter()

    def extend(self, tokens: Iterable[int]) -> None:
        """Follow several tokens."""
        for token in tokens:
            self.add(token)

    def add(self, token: int) -> None:
        """Follow a token, whatever it is."""
        self._last = int(token)
        if token == END:
            self._begin()
        notation = self._tokeniser.notation
        for part in self._tokeniser.plain(int(token)):
            kind, value = notation.names[part].split("_")
            if kind == "Bar":
                self._place = -1
                self._struck.clear()
            elif kind in _TIMES:
                self._struck.clear()
            elif kind == "TimeSig":
                self._places = int(value.split("/")[0]) * notation.alphabet.grid
            elif kind == "Position":
                self._place = int(value)
                self._struck.clear()
            elif kind == "Program":
                self._voice = int(value)
            elif kind in _BEGINS:
                self._struck.add((self._voice, int(value)))
                self._sounding[self._voice, int(value)] += 1
            elif kind in _ENDS:
                self._sounding[self._voice, int(value)] -= 1

    def allowed(self) -> Mask:
        """Return which tokens may come next, (V,); at least one always may."""
        mask = self._tokeniser.allowed_after(self._last)
        music = mask[self._first :]  # a view: what is changed here changes the mask
        if "Position" in self._of_kind:
            places = self._of_kind["Position"]
            music &= ~places | ((self._values > self._place) & (self._values < self._places))
        struck = [pitch for voice, pitch in self._struck if voice == self._voice]
        for kind in _BEGINS:
            if kind in self._of_kind and struck:
                music &= ~(self._of_kind[kind] & np.isin(self._values, struck))
        sounding = [
            pitch
            for (voice, pitch), count in self._sounding.items()
            if voice == self._voice and count > 0
        ]
        for kind in _ENDS:
            if kind in self._of_kind:
                music &= ~self._of_kind[kind] | np.isin(self._values, sounding)
        if not mask.any():  # everything that could be struck here is
            mask[:] = self._tokeniser.allowed_after(self._last)
        return mask
