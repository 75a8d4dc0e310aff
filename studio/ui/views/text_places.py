"""Places in a text: Python counts characters, Qt counts UTF-16 units (an emoji is two of them)."""

from __future__ import annotations

import re
from bisect import bisect_left

_DOUBLE = re.compile("[\U00010000-\U0010ffff]")


class Places:
    """Turns the place of a character into Qt's position and back, for one text."""

    def __init__(self, text: str) -> None:
        self._double = [] if text.isascii() else [at.start() for at in _DOUBLE.finditer(text)]

    def unit(self, place: int) -> int:
        """Return the Qt position of a character's place."""
        return place + bisect_left(self._double, place)

    def place(self, unit: int) -> int:
        """Return the place of the character at a Qt position."""
        # the double ones before it, by their own Qt positions
        low, high = 0, len(self._double)
        while low < high:
            middle = (low + high) // 2
            if self._double[middle] + middle + 1 < unit:
                low = middle + 1
            else:
                high = middle
        return unit - low


def units(text: str) -> int:
    """Return how many UTF-16 units a text takes."""
    return Places(text).unit(len(text))
