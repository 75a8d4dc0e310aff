"""Forms of short texts: lines of one measure, and three lines of five, seven and five syllables."""

from __future__ import annotations

from itertools import pairwise

from studio.families.text.grammar_words import pieces, syllables

_HAIKU = (5, 7, 5)


def lines(text: str, measure: int) -> str:
    """Return a text broken into lines of about `measure` syllables; breaks of its own stay none."""
    made: list[str] = []
    line: list[str] = []
    count = 0
    for part in text.split():
        weight = sum(map(syllables, pieces(part)))
        if line and count + weight > measure + 1:
            made.append(" ".join(line))
            line, count = [], 0
        line.append(part)
        count += weight
        if count >= measure:
            made.append(" ".join(line))
            line, count = [], 0
    if line:
        made.append(" ".join(line))
    return "\n".join(made)


def haiku(text: str) -> str:
    """Return three lines of 5, 7 and 5 syllables that follow one another in a text.

    Where words nowhere add up to that, the lines come as near as the first words allow.
    """
    spoken = pieces(text)
    weights = [syllables(word) for word in spoken]
    for start in range(len(spoken)):
        if (found := _fitting(weights, start)) is not None:
            ends = [start, *found]
            rows = [spoken[a:b] for a, b in pairwise(ends)]
            return "\n".join(" ".join(row).casefold() for row in rows)
    rest = text
    made = []
    for measure in _HAIKU:
        line, _, rest = lines(rest, measure).partition("\n")
        made.append(line)
    return "\n".join(made)


def _fitting(weights: list[int], start: int) -> list[int] | None:
    """Return where three lines from a word on end, None where they do not come out even."""
    ends = []
    at = start
    for measure in _HAIKU:
        count = 0
        while count < measure and at < len(weights):
            count += weights[at]
            at += 1
        if count != measure:
            return None
        ends.append(at)
    return ends
