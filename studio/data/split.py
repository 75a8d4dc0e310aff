"""Which items are held out for checking, and the numbers of labels."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from studio.core.items import Item

_NUMBER = re.compile(r"(\d+)")


def natural_key(label: str) -> tuple[tuple[int, int, str], ...]:
    """Return a sort key that puts `2` before `10`."""
    parts = _NUMBER.split(label)
    return tuple((0, int(p), p) if p.isdecimal() else (1, 0, p.casefold()) for p in parts if p)


def label_numbers(items: Sequence[Item], labels: Sequence[str]) -> npt.NDArray[np.int64]:
    """Return (N,) the number of each item's label; -1 for items without one."""
    number = {label: index for index, label in enumerate(labels)}
    return np.array([number.get(item.label, -1) for item in items], np.int64)


def random_part(places: npt.NDArray[np.int64], limit: int) -> npt.NDArray[np.int64]:
    """Return up to `limit` of the places, always the same ones, in order.

    Datasets often come sorted by label, so the first ones would show the first labels alone.
    """
    if len(places) <= limit:
        return places
    chosen = np.random.default_rng(0).choice(len(places), limit, replace=False)
    return places[np.sort(chosen)]


def validation_part(
    items: Sequence[Item], contents: Mapping[int, bytes], percent: int
) -> npt.NDArray[np.bool_]:
    """Return (N,) whether each item is held out.

    An item's place follows from its content alone, so that the same item is held out whatever
    else is added before or after it, as far as the share allows. Look-alikes go together: a copy
    of what was learned would check nothing.

    Args:
        items: The included items.
        contents: SHA-256 of every item of the dataset, by id.
        percent: Share to hold out.
    """
    groups: dict[int, list[int]] = {}
    for index, item in enumerate(items):
        groups.setdefault(item.duplicate_of or item.id, []).append(index)

    def place(members: list[int]) -> bytes:
        # hashed once more, so that the order tells nothing of the contents' own hashes
        return min(
            hashlib.sha256(b"split" + contents[items[index].id]).digest() for index in members
        )

    held_out = np.zeros(len(items), bool)
    wanted = round(len(items) * percent / 100)
    for members in sorted(groups.values(), key=place):
        if wanted >= len(members):
            held_out[members] = True
            wanted -= len(members)
        if not wanted:
            break
    return held_out
