"""Form: how many bars fall into phrases and sections, and which of them return."""

from __future__ import annotations

from random import Random

from studio.data.composing.piece import Phrase

_PHRASE = 4  # bars
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
    close. Sections are one, two or four phrases long, so that the whole form fits, and the form
    is gone through again when there is more room.
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
    if form == "period":
        size = 2
    elif form == "verse":
        size = 4 if count >= 16 else 2 if count >= 4 else 1
    else:
        size = next((each for each in (4, 2) if count >= each * len(letters)), 1)
    if count < len(letters) and form in {"aaba", "rondo"}:
        letters = {1: "A", 2: "AA", 3: "ABA", 4: "ABAA"}[count]
    elif count == 2 and form == "aba":
        letters = "AA"
    found = []
    for number in range(count):
        section, part = divmod(number, size)
        ends = part == size - 1 or number == count - 1
        found.append((letters[section % len(letters)], part, ends))
    return found


def _cadence(style: str, final: bool, section_ends: bool, draw: Random) -> str:
    """Return how a phrase ends: an antecedent is left open, a consequent closes."""
    if final:
        return "plagal" if style == "pop" and draw.random() < 0.3 else "authentic"
    if style in {"pop", "modal", "blues"}:
        return "open"
    if section_ends:
        return draw.choices(("authentic", "half", "plagal"), (8, 1, 1))[0]
    return draw.choices(("half", "authentic", "deceptive"), (7, 2, 1))[0]
