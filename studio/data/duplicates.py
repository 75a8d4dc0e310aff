"""Finding items that look alike among 100,000 in seconds, from 64-bit perceptual hashes.

Two hashes that differ in at most d bits agree wholly in at least one of d + 1 bands of bits, so
only items that share a band are compared (Norouzi, Punjani and Fleet 2012, multi-index hashing).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from studio.core.work import Work

#: Bits in which the hashes of look-alikes differ at most.
MAX_BITS = 4

#: An item is compared with at most this many that share a band: a bound on time for collections
#: in which almost everything has the same hash.
_NEIGHBOURS = 256

_CHUNK = 1024  # items or pairs between two gates

#: Returns vectors for items: two items are alike when the vectors' distance is at most 1.
Signatures = Callable[[list[int]], npt.NDArray[np.float32]]

Pairs = npt.NDArray[np.int64]


def candidates(hashes: npt.NDArray[np.int64], work: Work, first_new: int = 0) -> Pairs:
    """Return pairs (N, 2) of indices, smaller first, whose hashes differ in few bits.

    Args:
        hashes: One per item.
        work: Asked at every step whether to go on.
        first_new: Pairs of two items before this index are left out.
    """
    bits = hashes.view(np.uint64)
    edges = np.linspace(0, 64, MAX_BITS + 2).round().astype(int)
    found = [np.empty((0, 2), np.int64)]
    for low, high in pairwise(edges):
        band = (bits >> np.uint64(low)) & np.uint64((1 << (high - low)) - 1)
        # within a band, items of equal hash come together, so that the bound on neighbours
        # never hides an exact match behind others
        order = np.lexsort((bits, band))
        for pairs in _neighbours(band[order]):
            work.gate()
            left, right = order[pairs[0]], order[pairs[1]]
            near = np.bitwise_count(bits[left] ^ bits[right]) <= MAX_BITS
            left, right = left[near], right[near]
            pair = np.stack([np.minimum(left, right), np.maximum(left, right)], 1)
            found.append(pair[pair[:, 1] >= first_new])
    return np.unique(np.concatenate(found), axis=0)


def _neighbours(
    band: npt.NDArray[np.uint64],
) -> Iterator[tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]]:
    """Return pairs of positions in a sorted band that hold the same value, by distance."""
    positions = np.arange(len(band))
    for distance in range(1, min(_NEIGHBOURS, len(band))):
        left = positions[positions < len(band) - distance]
        left = left[band[left] == band[left + distance]]
        if not len(left):
            return
        # whoever has no equal at this distance has none further on either
        positions = left
        yield left, left + distance


def alike(pairs: Pairs, signatures: Signatures, work: Work) -> Pairs:
    """Return those pairs whose items really look alike, checked on their content."""
    if not len(pairs):
        return pairs
    items, place = np.unique(pairs, return_inverse=True)
    place = place.reshape(pairs.shape)
    vectors = []
    for start in range(0, len(items), _CHUNK):
        work.gate()
        vectors.append(signatures(items[start : start + _CHUNK].tolist()))
    table = np.concatenate(vectors)
    kept = []
    for start in range(0, len(pairs), _CHUNK):
        work.gate()
        part = place[start : start + _CHUNK]
        apart = ((table[part[:, 0]] - table[part[:, 1]]) ** 2).sum(1)
        kept.append(pairs[start : start + _CHUNK][apart <= 1.0])
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
