"""Words of any language and how they repeat: what measures of texts count."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import chain

# Scripts that put no spaces between words: each of their characters counts as one.
_ALONE = "\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
# Signs that belong to the letter before them, in scripts of which Python's \w leaves them out.
_MARKS = (
    "\u0300-\u036f\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed"
    "\u0900-\u0dff\u0e31-\u0e4e\u0eb1-\u0ece\u0f00-\u0fff\u1000-\u109f\u1780-\u17d3"
)
_WORD = rf"(?:[^\W{_ALONE}]|[{_MARKS}])+"
_PIECES = re.compile(rf"[{_ALONE}]|{_WORD}(?:['’-]{_WORD})*|[^\w\s]")
_LONGEST = 24  # characters of a word; longer ones have spaces that are not written


def words(text: str) -> list[str]:
    """Return the words and signs of a text, in small letters.

    Where a language writes no spaces, as Chinese or Thai, each character counts as a word.
    """
    found: list[str] = []
    for piece in _PIECES.findall(text.casefold()):
        if len(piece) > _LONGEST:
            found.extend(piece)
        else:
            found.append(piece)
    return found


def is_word(piece: str) -> bool:
    """Tell whether a piece of `words` is made of letters, not a sign or a number."""
    return any(character.isalpha() for character in piece)


def groups(pieces: Sequence[str], size: int) -> list[tuple[str, ...]]:
    """Return every `size` words that stand one after the other."""
    return list(zip(*(pieces[start:] for start in range(size)), strict=False))


def distinct(texts: Sequence[Sequence[str]], size: int) -> float:
    """Return the share of different ones among all groups of words (Li et al. 2016, distinct-n).

    It falls with the number of words alone, so it is compared between as many words.
    """
    found = list(chain.from_iterable(groups(pieces, size) for pieces in texts))
    return len(set(found)) / len(found) if found else 0.0


def loops(texts: Sequence[Sequence[str]]) -> float:
    """Return the share of four words in a row that stood in the same text before."""
    found = repeated = 0
    for pieces in texts:
        four = groups(pieces, 4)
        found += len(four)
        repeated += len(four) - len(set(four))
    return repeated / found if found else 0.0


def of_lengths(texts: Sequence[Sequence[str]], lengths: Sequence[int]) -> list[list[str]]:
    """Return texts of such lengths in words, cut from others that are laid end to end.

    There are fewer of them where the others do not suffice.
    """
    line = list(chain.from_iterable(texts))
    found, start = [], 0
    for length in lengths:
        if start + length > len(line):
            break
        found.append(line[start : start + length])
        start += length
    return found
