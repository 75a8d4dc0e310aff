"""Finding items that look alike among 100,000 in seconds, from 64-bit perceptual hashes.

Two hashes that differ in at most d bits agree wholly in at least one of d + 1 bands of bits, so
only items that share a band are compared (Norouzi, Punjani and Fleet 2012, multi-index hashing).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise, product

import numpy as np
import numpy.typing as npt

from studio.core.work import Work

#: Bits in which the hashes of look-alikes differ at most.
MAX_BITS = 4

# Bounds on time for collections in which almost everything has the same hash: a hash is compared
# with this many that share a band, and of items with the same hash this many stand for all.
_NEIGHBOURS = 512
_COPIES = 8

# Between two gates; an item must be decoded, a pair is only compared.
_ITEMS = 16
_PAIRS = 4096

#: Returns vectors for items: two items are alike when the vectors' distance is at most 1.
Signatures = Callable[[list[int]], npt.NDArray[np.float32]]

Pairs = npt.NDArray[np.int64]
Indices = npt.NDArray[np.int64]


def candidates(hashes: npt.NDArray[np.int64], work: Work, first_new: int = 0) -> Pairs:
    """Return pairs (N, 2) of indices, smaller first, whose hashes differ in few bits.

    Args:
        hashes: One per item.
        work: Asked at every step whether to go on.
        first_new: Pairs of two items before this index are left out.
    """
    values, counts = np.unique(hashes.view(np.uint64), return_counts=True)
    members = np.argsort(hashes.view(np.uint64), kind="stable")
    groups = _Groups(members, np.cumsum(counts) - counts, counts)
    found = list(groups.within())
    for left, right in _near(values, work):
        found.extend(groups.between(left, right))
    pairs = np.concatenate(found) if found else np.empty((0, 2), np.int64)
    pairs.sort(axis=1)
    return pairs[pairs[:, 1] >= first_new]


def _near(values: npt.NDArray[np.uint64], work: Work) -> Iterator[tuple[Indices, Indices]]:
    """Yield pairs of positions of different hashes that differ in few bits, each pair once."""
    edges = np.linspace(0, 64, MAX_BITS + 2).round().astype(int)
    masks = [np.uint64(((1 << int(high - low)) - 1) << int(low)) for low, high in pairwise(edges)]
    for number, mask in enumerate(masks):
        order = np.argsort(values & mask, kind="stable")
        band = (values & mask)[order]
        for first, second in _equal(band):
            work.gate()
            left, right = order[first], order[second]
            differing = values[left] ^ values[right]
            near = np.bitwise_count(differing) <= MAX_BITS
            for earlier in masks[:number]:  # a pair that agrees there was found there
                near &= (differing & earlier) != 0
            yield left[near], right[near]


def _equal(band: npt.NDArray[np.uint64]) -> Iterator[tuple[Indices, Indices]]:
    """Yield pairs of positions in a sorted array that hold the same value, by their distance."""
    positions = np.arange(len(band))
    for distance in range(1, min(_NEIGHBOURS, len(band))):
        # whoever has no equal at a smaller distance has none further on either
        positions = positions[positions < len(band) - distance]
        positions = positions[band[positions] == band[positions + distance]]
        if not len(positions):
            return
        yield positions, positions + distance


@dataclass(frozen=True)
class _Groups:
    """Items with the same hash.

    Attributes:
        members: Items, group by group.
        starts, counts: Where each group begins in `members`, and how many items it has.
    """

    members: Indices
    starts: Indices
    counts: Indices

    def within(self) -> Iterator[Pairs]:
        """Yield pairs of items with the same hash, each with a few that follow it."""
        group = np.repeat(np.arange(len(self.counts)), self.counts)
        for distance in range(1, _COPIES):
            left = np.flatnonzero(group[:-distance] == group[distance:])
            if not len(left):
                return
            yield np.stack([self.members[left], self.members[left + distance]], 1)

    def between(self, left: Indices, right: Indices) -> Iterator[Pairs]:
        """Yield pairs of items of two groups, of each group the first few."""
        for i, j in product(range(_COPIES), repeat=2):
            both = (self.counts[left] > i) & (self.counts[right] > j)
            if both.any():
                first = self.members[self.starts[left[both]] + i]
                second = self.members[self.starts[right[both]] + j]
                yield np.stack([first, second], 1)


def alike(pairs: Pairs, signatures: Signatures, work: Work) -> Pairs:
    """Return those pairs whose items really look alike, checked on their content."""
    if not len(pairs):
        return pairs
    items, place = np.unique(pairs, return_inverse=True)
    place = place.reshape(pairs.shape)
    vectors = []
    for start in range(0, len(items), _ITEMS):
        work.gate()
        vectors.append(signatures(items[start : start + _ITEMS].tolist()))
    table = np.concatenate(vectors)
    kept = []
    for start in range(0, len(pairs), _PAIRS):
        work.gate()
        part = place[start : start + _PAIRS]
        apart = ((table[part[:, 0]] - table[part[:, 1]]) ** 2).sum(1)
        kept.append(pairs[start : start + _PAIRS][apart <= 1.0])
    return np.concatenate(kept)


def originals(pairs: Pairs, known: dict[int, int] | None = None) -> dict[int, int]:
    """Return for each look-alike the item it is a copy of.

    Items are taken in order: one that is itself a copy is nobody's original, so that a chain of
    small changes does not join two items that look different.
    """
    copies = dict(known or {})
    before = set(copies)
    for earlier, later in sorted(pairs.tolist(), key=lambda pair: (pair[1], pair[0])):
        if earlier not in copies and later not in copies:
            copies[later] = earlier
    return {item: original for item, original in copies.items() if item not in before}
