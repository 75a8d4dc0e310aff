"""Which words of a text were put into its blanks, and by which tokens."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from studio.core.media import BLANK, Token


class Part(NamedTuple):
    """Some words of a text.

    Attributes:
        own: Whether they are the user's, not the model's.
        token: Number of the model's token; -1 where that is not known.
    """

    words: str
    own: bool
    token: int = -1


class _Place(NamedTuple):
    """Where a token stands in a text."""

    start: int
    end: int
    token: int


#: How people write blanks, besides the usual mark.
_ALIKE = re.compile(r"\[\s*(?:…|\.\.\.)\s*\]|_{3,}")


def with_blanks(text: str) -> str:
    """Return a text with every blank written in the usual way."""
    return _ALIKE.sub(BLANK, text)


def filled_parts(
    asked: str, text: str, tokens: Sequence[Token], filled: Sequence[tuple[int, int]] = ()
) -> list[Part]:
    """Return a filled text in parts.

    Where it is not said what was filled, the words between the blanks are found again in the
    text; where a tokeniser changed them, all of it counts as the model's.

    Args:
        asked: The text with its blanks.
        text: The text without.
        tokens: Those of the whole text, or those of the blanks one after the other.
        filled: From and to which character of the text blanks were filled.
    """
    spans = list(filled) or _spans(asked.split(BLANK), text)
    if spans is None:
        spans = [(0, len(text))]
    places = _places(text, tokens, spans)
    parts: list[Part] = []
    before = 0
    for start, end in spans:
        parts.append(Part(text[before:start], own=True))
        inside = [each for each in places if each.start < end and each.end > start]
        parts.extend(
            Part(text[max(start, each.start) : min(end, each.end)], False, each.token)
            for each in inside or [_Place(start, end, -1)]
        )
        before = end
    parts.append(Part(text[before:], own=True))
    return [part for part in parts if part.words]


def _spans(kept: list[str], text: str) -> list[tuple[int, int]] | None:
    """Return from and to which character each blank was filled; None when that is not clear."""
    if not text.startswith(kept[0]) or not text.endswith(kept[-1]):
        return None
    spans = []
    place = len(kept[0])
    for number, between in enumerate(kept[1:], 1):
        last = number == len(kept) - 1
        end = len(text) - len(between) if last else text.find(between or " ", place)
        if end < place:
            return None
        spans.append((place, end))
        place = end + len(between)
    return spans


def _places(text: str, tokens: Sequence[Token], spans: list[tuple[int, int]]) -> list[_Place]:
    """Return where the tokens stand; none where they do not fit the text."""
    said = "".join(token.text for token in tokens)
    if said == text:
        spans = [(0, len(text))]
    elif said != "".join(text[start:end] for start, end in spans):
        return []
    found: list[_Place] = []
    number = 0
    for start, end in spans:
        place = start
        while number < len(tokens) and place < end:
            length = len(tokens[number].text)
            found.append(_Place(place, place + length, number))
            place, number = place + length, number + 1
    return found
