"""Texts with blanks, before and after they are filled."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from studio.core.errors import StudioError
from studio.core.media import Text, Token
from studio.data.text.tokenisers import Tokeniser

_BLANK = re.compile(r"\[\s*(?:…|\.\.\.)\s*\]|_{3,}")
#: What stands for a blank that is not filled yet, for those who watch.
_OPEN = "…"


def blanks(prompt: str) -> list[str]:
    """Return the parts of a text between its blanks.

    Raises:
        StudioError: It has none.
    """
    parts = _BLANK.split(prompt)
    if len(parts) == 1:
        raise StudioError(
            "There is no blank to fill",
            "This model fills blanks, and the text has none.",
            "Write […] or ___ where words are missing.",
        )
    return parts


@dataclass(frozen=True)
class Filled:
    """Rows with their blanks filled.

    Attributes:
        tokens: (N, T).
        chances: (N, T) how likely each token was in its place, 1 where it was given.
        others: (N, T, OTHERS) what might have stood there, the likeliest first.
        other_chances: (N, T, OTHERS).
    """

    tokens: Tensor
    chances: Tensor
    others: Tensor
    other_chances: Tensor


@dataclass(frozen=True)
class Page:
    """A text with blanks.

    Attributes:
        parts: What stands before, between and after the blanks.
        places: Where each blank lies in the row of tokens, from and to.
    """

    tokeniser: Tokeniser
    parts: Sequence[str]
    places: Sequence[tuple[int, int]]

    def _inner(self, tokens: Sequence[int]) -> str:
        """Return what was filled into a blank as text."""
        text = self.tokeniser.decode(tokens)
        return text.removeprefix("##")

    def so_far(self, row: Sequence[int]) -> str:
        """Return the text as far as it is filled, for those who watch."""
        parts, places = self.parts, self.places
        text = parts[0]
        for (start, end), part in zip(places, parts[1:], strict=True):
            inner = [token for token in row[start:end] if token != self.tokeniser.mask]
            text += (self._inner(inner) or _OPEN) + part
        return text

    def text(self, filled: Filled, index: int, facts: dict[str, Any]) -> Text:
        """Return row `index` as a filled text.

        Its tokens are what was given, and each token that was filled in.
        `facts["filled"]` says where: pairs of the first character and the one after the last.
        """
        parts, places = self.parts, self.places
        row = filled.tokens[index].tolist()
        tokens = [Token(parts[0], 1.0)] if parts[0] else []
        text, where = parts[0], []
        for (start, end), part in zip(places, parts[1:], strict=True):
            inner = self._inner(row[start:end])
            pieces = self.tokeniser.pieces(row[start:end])
            if "".join(pieces) != inner:  # joined in the tokeniser's own way
                pieces = [inner] + [""] * (len(pieces) - 1)
            tokens += [
                Token(
                    piece,
                    float(filled.chances[index, place]),
                    tuple(
                        (self._inner([token]), chance)
                        for token, chance in zip(
                            filled.others[index, place].tolist(),
                            filled.other_chances[index, place].tolist(),
                            strict=True,
                        )
                    ),
                )
                for place, piece in enumerate(pieces, start)
            ]
            where.append([len(text), len(text) + len(inner)])
            text += inner + part
            tokens += [Token(part, 1.0)] if part else []
        return Text(text, tuple(tokens), facts=facts | {"filled": where})
