"""Passages of a text that stand word for word in other texts, such as those a model learned from.

Windows of a fixed length are known by a 64-bit number each (Karp & Rabin 1987). Of the learned
texts only every few windows are kept: a passage that is long enough holds one of them in whole,
wherever it begins. What the numbers find is then compared letter by letter.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

#: Shorter passages that are alike are chance, or a manner of speaking.
SHORTEST = 50  # characters

_BASE = 0x9E3779B97F4A7C15  # odd, so that it can be divided by modulo 2⁶⁴
_EDGE = 0xFFFFFFFF  # between two texts: no character
_PLACES = 32  # of one window that stands in the texts very often
_BLOCK = 32  # characters that are compared at once
_PART = 1 << 20  # characters whose windows are numbered at once

_Places = npt.NDArray[np.int64]


class Passage(NamedTuple):
    """A part of a text, in characters from `start` to before `end`, and where else it stands.

    Attributes:
        place: Where it begins in the learned texts, counted over all of them.
    """

    start: int
    end: int
    place: int

    @property
    def length(self) -> int:
        """Its characters."""
        return self.end - self.start


class Verbatim:
    """Finds what stands word for word in some texts.

    Args:
        texts: The texts that are known; kept in memory, about six bytes a character.
        shortest: Characters of a passage that counts.
    """

    def __init__(self, texts: Iterable[str], shortest: int = SHORTEST) -> None:
        if shortest < 2:
            raise ValueError(f"passages of {shortest} characters are everywhere")
        self.shortest = shortest
        # of any `shortest` characters in a row, one window begins at a multiple of the stride
        self._stride = max(1, shortest // 6)
        self._window = shortest - self._stride + 1
        parts = [np.zeros(0, np.uint32)]
        for text in texts:
            parts += [_characters(text), np.array([_EDGE], np.uint32)]
        self._known = np.concatenate(parts)
        numbers = self._kept_numbers()
        order = np.argsort(numbers, kind="stable")
        self._numbers = numbers[order]
        self._places = order.astype(np.int64) * self._stride

    def passages(self, text: str) -> list[Passage]:
        """Return the passages of a text, none inside another, in order; they may overlap."""
        found = _characters(text)
        numbers = _numbers(found, self._window)
        first = np.searchsorted(self._numbers, numbers, "left")
        count = np.searchsorted(self._numbers, numbers, "right") - first
        count = np.minimum(count, _PLACES)
        here = np.repeat(np.arange(len(numbers)), count)
        if not len(here):
            return []
        within = np.arange(len(here)) - np.repeat(np.cumsum(count) - count, count)
        there = self._places[np.repeat(first, count) + within]
        here, there = self._first_of_runs(here, there)
        before = _alike(found, self._known, here - 1, there - 1, -1)
        after = _alike(found, self._known, here, there, 1)
        long = before + after >= self.shortest
        start, end, place = ((here - before)[long], (here + after)[long], (there - before)[long])
        return _outermost(start, end, place)

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Return the parts of a text that known passages cover, in order, none overlapping."""
        merged: list[tuple[int, int]] = []
        for passage in self.passages(text):
            if merged and passage.start <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(merged[-1][1], passage.end))
            else:
                merged.append((passage.start, passage.end))
        return merged

    def longest(self, text: str) -> Passage | None:
        """Return the longest passage; None when there is none of the shortest length."""
        return max(self.passages(text), key=lambda each: each.length, default=None)

    def _kept_numbers(self) -> npt.NDArray[np.uint64]:
        """Return the numbers of the windows that begin at a multiple of the stride."""
        step = _PART - _PART % self._stride
        ends = self._window - 1
        parts = [
            _numbers(self._known[start : start + step + ends], self._window)[:: self._stride]
            for start in range(0, len(self._known), step)
        ]
        return np.concatenate([np.zeros(0, np.uint64), *parts])

    def _first_of_runs(self, here: _Places, there: _Places) -> tuple[_Places, _Places]:
        """Leave out a window that goes on from the one before: both find the same passage."""
        order = np.lexsort((here, there - here))
        here, there = here[order], there[order]
        same = np.diff(there - here, prepend=np.int64(-(1 << 60))) == 0
        near = np.diff(here, prepend=np.int64(-(1 << 60))) <= self._stride
        first = ~(same & near)
        return here[first], there[first]


def _characters(text: str) -> npt.NDArray[np.uint32]:
    """Return a text as numbers, one per character; halves of pairs, which are none, as they are."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


def _numbers(characters: npt.NDArray[np.uint32], window: int) -> npt.NDArray[np.uint64]:
    """Return a number for each window of so many characters, modulo 2⁶⁴.

    With H(i) = Σ_{j<i} c_j Bʲ, the window at i is (H(i + w) − H(i)) B⁻ⁱ, the same wherever it
    stands.
    """
    count = len(characters) - window + 1
    if count <= 0:
        return np.zeros(0, np.uint64)
    terms = np.full(len(characters), _BASE, np.uint64)
    terms[0] = 1
    np.multiply.accumulate(terms, out=terms)
    terms *= characters
    sums = np.zeros(len(characters) + 1, np.uint64)
    np.add.accumulate(terms, out=sums[1:])
    back = terms[:count]
    back[:] = pow(_BASE, -1, 1 << 64)
    back[0] = 1
    np.multiply.accumulate(back, out=back)
    found: npt.NDArray[np.uint64] = (sums[window:] - sums[:count]) * back
    return found


def _alike(
    text: npt.NDArray[np.uint32],
    known: npt.NDArray[np.uint32],
    here: _Places,
    there: _Places,
    way: int,
) -> _Places:
    """Return how many characters are alike from each place on, forwards (1) or backwards (−1)."""
    alike = np.zeros(len(here), np.int64)
    going = np.arange(len(here))
    ahead = way * np.arange(_BLOCK)
    while len(going):
        left = here[going, None] + way * alike[going, None] + ahead  # (N, block)
        right = there[going, None] + way * alike[going, None] + ahead
        inside = (left >= 0) & (left < len(text)) & (right >= 0) & (right < len(known))
        same = inside & (text.take(left, mode="clip") == known.take(right, mode="clip"))
        whole = same.all(1)
        alike[going] += np.where(whole, _BLOCK, same.argmin(1))
        going = going[whole]
    return alike


def _outermost(start: _Places, end: _Places, place: _Places) -> list[Passage]:
    """Return the passages that lie in no other."""
    kept: list[Passage] = []
    for index in np.lexsort((place, -end, start)):
        if not kept or end[index] > kept[-1].end:
            kept.append(Passage(int(start[index]), int(end[index]), int(place[index])))
    return kept
