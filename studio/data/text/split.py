"""Dividing one text into what is learned from and what is held out, without leaks."""

from __future__ import annotations

from studio.data.text.alike import words_of

_SLACK = 1000  # characters by which a cut moves to the end of a line
_SHINGLE = 5  # words that follow each other
_FEWEST_WORDS = 12  # a shorter paragraph may come again by chance, as greetings do
_LONGEST = 50_000  # characters of a paragraph that is looked at
_SHARED = 0.5  # share of a paragraph that may stand in the other part


def part_of(text: str, span: tuple[float, float]) -> str:
    """Return the part of a text from one share of it to another, cut at ends of lines."""
    start, end = (_cut(text, share) for share in span)
    return text[start:end]


def without_leaks(learned: str, kept: str) -> str:
    """Return what is learned from without the paragraphs that are nearly all in what is kept.

    Checking on what was learned by heart would say nothing.
    """
    known: set[int] = set()
    for paragraph in kept.split("\n\n"):
        known |= _shingles(paragraph)
    if not known:
        return learned
    left = "\n\n".join(part for part in learned.split("\n\n") if not _leaks(part, known))
    # a text that says one thing over and over has nothing else to learn
    return left if left.strip() else learned


def _leaks(paragraph: str, known: set[int]) -> bool:
    shingles = _shingles(paragraph)
    return bool(shingles) and len(shingles & known) > _SHARED * len(shingles)


def _shingles(paragraph: str) -> set[int]:
    """Return hashes of all groups of words in a paragraph that is long enough to be known again."""
    if not 2 * _FEWEST_WORDS <= len(paragraph) <= _LONGEST:
        return set()
    words = words_of(paragraph)
    if len(words) < _FEWEST_WORDS:
        return set()
    return {hash(tuple(words[at : at + _SHINGLE])) for at in range(len(words) - _SHINGLE + 1)}


def _cut(text: str, share: float) -> int:
    place = round(len(text) * share)
    if 0 < place < len(text):
        found = text.find("\n", place, place + min(_SLACK, len(text) // 100 + 1))
        return found + 1 if found >= 0 else place
    return place
