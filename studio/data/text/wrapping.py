"""Lines that were broken at a fixed width: how they are told from verse, and joined again."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

_NARROWEST, _WIDEST = 30, 120  # characters of a line at which texts are broken
_SURE = 0.8  # share of line breaks that a width must explain
_FEW_BREAKS = 8
_LOOKED_AT = 200_000  # characters that show how a text is broken

# The beginning of a line that is one by itself: an indent, a bullet, a number, a heading.
_OWN_LINE = re.compile(r"^(?:\s{2,}|\t|[-*•–—#>|+]\s|\d{1,3}[.)]\s)")
_CUT_WORD = re.compile(r"[^\W\d_]-$")
_WIDE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uff00-\uffef\u3000-\u303f]")  # without spaces


def wrap_width(text: str) -> int:
    """Return the width at which a text's lines were broken; 0 when they were not.

    In a text that was broken at a width, a line ends where the next word would not fit into it;
    in verse, lists and code it ends earlier most of the time.
    """
    pairs = _breaks(text[:_LOOKED_AT].split("\n"))
    if len(pairs) < _FEW_BREAKS:
        return 0
    lengths = sorted(len(line) for line, _next in pairs)
    width = lengths[int(0.98 * (len(lengths) - 1))]
    if not _NARROWEST <= width <= _WIDEST:
        return 0
    full = sum(_is_full(line, after, width) for line, after in pairs)
    return width if full >= _SURE * len(pairs) else 0


def joined_lines(text: str) -> tuple[str, int]:
    """Return a text with its broken lines joined, and how many breaks were taken out."""
    width = wrap_width(text)
    if not width:
        return text, 0
    lines = text.split("\n")
    parts = [lines[0]]
    count = 0
    for line, after in pairwise(lines):
        if not _goes_on(line, after) or not _is_full(line, after, width):
            parts += ["\n", after]
            continue
        count += 1
        if _CUT_WORD.search(line) and after[:1].islower():
            parts[-1] = parts[-1].rstrip()[:-1]
            parts.append(after)
        else:
            joint = "" if _WIDE.match(line[-1:]) and _WIDE.match(after) else " "
            parts[-1] = parts[-1].rstrip()
            parts.append(joint + after.lstrip())
    return "".join(parts), count


def _breaks(lines: Sequence[str]) -> list[tuple[str, str]]:
    """Return lines inside of paragraphs, each with the one below it."""
    return [(line, after) for line, after in pairwise(lines) if _goes_on(line, after)]


def _goes_on(line: str, after: str) -> bool:
    return bool(line.strip() and after.strip()) and not _OWN_LINE.match(after)


def _is_full(line: str, after: str, width: int) -> bool:
    """Tell whether the next word would not have fitted into a line, give or take two letters."""
    word = after.lstrip()
    if _WIDE.match(word):
        return len(line) >= width - 4
    first = re.match(r"\S+", word)
    return len(line.rstrip()) + 1 + (first.end() if first else 0) > width - 2
