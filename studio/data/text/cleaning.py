"""Cleaning texts: broken lines, licences, page numbers, headings on every page, repetitions."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple

from studio.data.text.alike import words_of
from studio.data.text.files import PAIR
from studio.data.text.preparation import TextPreparation
from studio.data.text.wrapping import joined_lines

_PAGE = "\f"
_SEEN_HEADINGS = 3  # pages on which a line must stand at the same end to be a heading
_HEADING_SHARE = 0.25  # of the pages, as well
_FEW_NUMBERS = 4  # lines of numbers from which on they may be page numbers
_PAGE_SIZE = 200  # characters that stand on a page at least, on average
_LONG_PARAGRAPH = 80  # characters from which on repeating a paragraph is no style
_NOTED = 500  # characters of what is removed that are shown

_ANYWHERE = re.MULTILINE | re.IGNORECASE
_LICENCE_STARTS = (
    re.compile(r"^[ \t]*\*\*\*[ \t]*START OF (?:THE|THIS) PROJECT GUTENBERG[^\n]*\n", _ANYWHERE),
    re.compile(r"^\*END[^\n]{0,20}SMALL PRINT[^\n]*\n", _ANYWHERE),
)
_LICENCE_END = re.compile(
    r"^[ \t]*(?:\*\*\*[ \t]*)?END OF (?:THE |THIS )?PROJECT GUTENBERG[^\n]*", _ANYWHERE
)
_CREDITS = re.compile(
    r"\s*(?:Produced|Prepared|Transcribed) by [^\n]*(?:\n[^\n]+)*\n\s*\n", re.IGNORECASE
)
_LICENCE_SHARE = 0.4  # of a text that may come before the end of its licence
_LICENCE_SIZE = 40_000  # characters that may in any case

_PAGE_NUMBER = re.compile(
    r"^[ \t]*[-–—\[({*]*[ \t]*(?:page|seite|p\.|pg\.?|第)?[ \t]*(\d{1,4})[ \t]*"
    r"(?:页|頁|ページ)?"
    r"(?:[ \t]*(?:/|of|von|de)[ \t]*\d{1,4})?[ \t]*[-–—\])}*]*[ \t]*$",
    re.IGNORECASE,
)
_PAGE_MARK = re.compile(r"[\[{](?:Pg|page)\.?[ \t]*\d{1,4}[\]}][ \t]?", re.IGNORECASE)


class Removed(NamedTuple):
    """Something that cleaning takes out.

    Attributes:
        kind: `licence`, `page-number`, `heading`, `repeated` or `line-break`.
        text: What it says, the beginning of a long one; for line breaks how many there are.
    """

    kind: str
    text: str


def cleaned(text: str, preparation: TextPreparation) -> str:
    """Return a text as a preparation wants it."""
    return _clean(text, preparation)[0]


def removed(text: str, preparation: TextPreparation) -> list[Removed]:
    """Return what `cleaned` takes out, in the order of its steps."""
    return _clean(text, preparation)[1]


def has_licence(text: str) -> bool:
    """Tell whether a text has the licence of Project Gutenberg around it."""
    return any(start.search(text) for start in _LICENCE_STARTS)


def _clean(text: str, preparation: TextPreparation) -> tuple[str, list[Removed]]:
    found: list[Removed] = []
    steps: list[tuple[bool, Callable[[str, list[Removed]], str]]] = [
        (preparation.boilerplate, _without_licence),
        (preparation.boilerplate, _without_pages),
        (preparation.join_lines, _joined),
        (preparation.repeated, _without_repetitions),
    ]
    if PAIR not in text:  # sides of pairs are short, and nothing stands around them
        for wanted, step in steps:
            if wanted:
                text = step(text, found)
    if preparation.normalise:
        text = unicodedata.normalize("NFC", text)
    return (text.lower() if preparation.lower else text), found


def _note(found: list[Removed], kind: str, text: str) -> None:
    if text.strip():
        found.append(Removed(kind, text.strip()[:_NOTED]))


def _without_licence(text: str, found: list[Removed]) -> str:
    """Cut away what stands before and after a book of Project Gutenberg."""
    head = text[: int(len(text) * _LICENCE_SHARE) + _LICENCE_SIZE]
    start = next((at for each in _LICENCE_STARTS if (at := each.search(head))), None)
    if start is None:
        return text
    _note(found, "licence", text[: start.end()])
    text = text[start.end() :].lstrip("\n")
    if credits_line := _CREDITS.match(text[:2000]):
        _note(found, "licence", credits_line.group())
        text = text[credits_line.end() :].lstrip("\n")
    ends = [each.start() for each in _LICENCE_END.finditer(text)]
    if ends:
        _note(found, "licence", text[ends[0] :])
        text = text[: ends[0]].rstrip() + "\n"
    return text


def _without_pages(text: str, found: list[Removed]) -> str:
    """Take out page numbers and what stands at the top or bottom of many pages."""
    if _PAGE in text:
        pages = [page.strip("\n").split("\n") for page in text.split(_PAGE)]
        for end in (0, -1):
            _without_headings(pages, end, found)
        # a paragraph may go on over the end of a page
        return "\n".join("\n".join(lines) for lines in pages)
    if _PAGE_MARK.search(text):
        for mark in _PAGE_MARK.findall(text):
            _note(found, "page-number", mark)
        text = _PAGE_MARK.sub("", text)
    lines = text.split("\n")
    numbers = [
        (place, int(match.group(1)))
        for place, line in enumerate(lines)
        if len(line) < 40 and (match := _PAGE_NUMBER.match(line)) and _stands_alone(lines, place)
    ]
    rising = all(a[1] < b[1] for a, b in pairwise(numbers))
    if len(numbers) < _FEW_NUMBERS or not rising or len(text) < _PAGE_SIZE * len(numbers):
        return text
    away = {place for place, _number in numbers}
    for place in sorted(away):
        _note(found, "page-number", lines[place])
    kept = [line for place, line in enumerate(lines) if place not in away]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(kept))


def _stands_alone(lines: Sequence[str], place: int) -> bool:
    """Tell whether a line has blank lines around it, or the end of the text."""
    before = lines[place - 1] if place else ""
    after = lines[place + 1] if place + 1 < len(lines) else ""
    return not before.strip() and not after.strip()


def _without_headings(pages: list[list[str]], end: int, found: list[Removed]) -> None:
    """Take lines out of pages, at their first (0) or last (-1) place, as long as there are some."""
    for _times in range(2):  # a heading and a page number
        lines = [page[end].strip() if page else "" for page in pages]
        alike = Counter(re.sub(r"\d+", "#", line) for line in lines if line)
        enough = max(_SEEN_HEADINGS, _HEADING_SHARE * len(pages))
        for page, line in zip(pages, lines, strict=True):
            number = bool(line) and _PAGE_NUMBER.match(line) is not None
            if number or (line and alike[re.sub(r"\d+", "#", line)] >= enough):
                _note(found, "page-number" if number else "heading", line)
                del page[end]
                while page and not page[end].strip():
                    del page[end]


def _joined(text: str, found: list[Removed]) -> str:
    joined, count = joined_lines(text)
    if count:
        found.append(Removed("line-break", f"{count:,}"))
    return joined


def _without_repetitions(text: str, found: list[Removed]) -> str:
    """Keep the first of long paragraphs that occur several times, whatever signs they have."""
    seen: set[str] = set()
    kept = []
    for paragraph in text.split("\n\n"):
        if len(paragraph) >= _LONG_PARAGRAPH:
            words = " ".join(words_of(paragraph))
            if words in seen:
                _note(found, "repeated", paragraph)
                continue
            seen.add(words)
        kept.append(paragraph)
    return "\n\n".join(kept)
