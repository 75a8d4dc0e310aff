"""Form: how many bars fall into phrases and sections, and which of them return."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from studio.data.music.composing.piece import Phrase

_PHRASE = 4  # bars
_LONGEST = 4  # phrases of a section
_LETTERS = {
    "aaba": "AABA",
    "aba": "ABA",
    "rondo": "ABACA",
    "period": "A",
    "verse": "AB",
    "free": "ABCDEFGH",
}


def phrases_of(form: str, bars: int, style: str, draw: Random) -> tuple[Phrase, ...]:
    """Lay a form out over bars.

    Phrases are four bars long; bars that are left over lengthen the last one, or make a short
    close. Sections are one to four phrases long, so that the whole form fits, and the form is
    gone through again when there is more room.
    """
    lengths = [_PHRASE] * (bars // _PHRASE)
    over = bars % _PHRASE
    if over:
        if over == 1 and lengths:
            lengths[-1] += 1
        else:
            lengths.append(over)
    sections = _sections(form, len(lengths))
    found: list[Phrase] = []
    first: dict[tuple[str, int, int], int] = {}
    bar = 0
    for number, ((letter, part, last), length) in enumerate(zip(sections, lengths, strict=True)):
        final = number == len(lengths) - 1
        known = first.setdefault((letter, part, length), number)
        if known != number and not final:
            cadence = found[known].cadence
        else:
            cadence = _cadence(style, final, last, draw)
        found.append(Phrase(bar, length, letter, part, cadence, known if known < number else -1))
        bar += length
    return tuple(found)


def _sections(form: str, count: int) -> list[tuple[str, int, bool]]:
    """Return for each of `count` phrases its letter, its part, and whether its section ends."""
    letters = _LETTERS[form]
    if count < len(letters) and form in {"aaba", "rondo"}:
        letters = {1: "A", 2: "AA", 3: "ABA", 4: "ABAA"}[count]
    elif count == 2 and form == "aba":
        letters = "AA"
    sections = [(letter, size) for letter, size in _sizes(form, letters, count) if size]
    return [(letter, part, part == size - 1) for letter, size in sections for part in range(size)]


def _sizes(form: str, letters: str, count: int) -> Iterator[tuple[str, int]]:
    """Yield each section's letter and its phrases, until there are `count` phrases."""
    if form in {"period", "verse", "free"} or count > _LONGEST * len(letters):
        size = 2 if form == "period" or count < 16 else _LONGEST
        if form == "verse" and count < 4:
            size = 1
        for number, begin in enumerate(range(0, count, size)):
            yield letters[number % len(letters)], min(size, count - begin)
        return
    size, over = divmod(count, len(letters))
    for number, letter in enumerate(letters):
        yield letter, size + (number < over)


def _cadence(style: str, final: bool, section_ends: bool, draw: Random) -> str:
    """Return how a phrase ends: an antecedent is left open, a consequent closes."""
    if final:
        return "plagal" if style == "pop" and draw.random() < 0.3 else "authentic"
    if style in {"pop", "modal", "blues"}:
        return "open"
    if section_ends:
        return draw.choices(("authentic", "half", "plagal"), (8, 1, 1))[0]
    return draw.choices(("half", "authentic", "deceptive"), (7, 2, 1))[0]
