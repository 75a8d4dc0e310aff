"""Counting without end in memory of a fixed size: a hash table as tensors, many keys at once."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

#: Places at which a key may lie; one that finds them all taken is left out.
_TRIES = 12
_FEW = 2048  # keys that are looked for at all places at once: for few, operations cost, not bytes
_FACTOR = -7_046_029_254_386_353_131  # 2⁶⁴ / golden ratio, odd, as a signed number
_FIRST = 7_809_847_782_465_536_322
_CHECKED_BITS = 31


def empty_hash(like: Tensor) -> Tensor:
    """Return the hash of a text without tokens, of the shape of `like`."""
    return torch.full_like(like, _FIRST, dtype=torch.int64)


def longer(hashed: Tensor, token: Tensor) -> Tensor:
    """Return the hash of a text and one more token; both int64 of shapes that go together.

    Multiplicative hashing (Knuth 1998, §6.4); products wrap around at 64 bits.
    """
    mixed = (hashed ^ (token + 1)) * _FACTOR
    return mixed ^ (mixed >> 29)


class Found(NamedTuple):
    """Where keys lie in a table.

    Attributes:
        place: (N,) places; 0 where there is none.
        there: (N,) bool, whether the key lies at its place.
    """

    place: Tensor
    there: Tensor


class Table(nn.Module):
    """A set of hashes with open addressing; numbers of its keys lie in arrays beside it.

    Of a hash, high bits say where it lies and 31 others are kept to know it by, so that two keys
    are taken for one about once in 2³¹ looks. Nothing waits for the device.

    Attributes:
        known: (slots,) int32 of each key that is in, 0 where there is none.
    """

    known: Tensor
    tries: Tensor

    def __init__(self, slots: int) -> None:
        """Make an empty table.

        Args:
            slots: Places, a power of two.
        """
        super().__init__()
        if slots & (slots - 1):
            raise ValueError(f"{slots} is not a power of two")
        self.slots = slots
        self.register_buffer("tries", torch.arange(_TRIES), persistent=False)
        self.register_buffer("known", torch.zeros(slots, dtype=torch.int32))

    def find(self, hashed: Tensor) -> Found:
        """Return where keys (N,) lie."""
        check, start = self._split(hashed)
        if len(hashed) <= _FEW:
            every = self._at(start[:, None], self.tries)  # (N, _TRIES)
            fits = self.known[every] == check[:, None]
            first = fits.to(torch.int8).argmax(1, keepdim=True)
            there = fits.any(1)
            return Found(torch.where(there, every.gather(1, first)[:, 0], 0), there)
        place = torch.zeros_like(start)
        there = torch.zeros_like(start, dtype=torch.bool)
        rest = torch.arange(len(hashed), device=hashed.device)
        for number in range(_TRIES):
            at = self._at(start[rest], number)
            known = self.known[at]
            fits = known == check[rest]
            place[rest[fits]] = at[fits]
            there[rest[fits]] = True
            rest = rest[~fits & (known != 0)]  # a key would have been put into the first free place
            if not len(rest):
                break
        return Found(place, there)

    def add(self, hashed: Tensor) -> Found:
        """Put keys (N,) in and return where they lie; equal keys get one place.

        The same keys in the same order lead to the same table.
        """
        check, start = self._split(hashed)
        place = torch.zeros_like(start)
        there = torch.zeros_like(start, dtype=torch.bool)
        rest = torch.arange(len(hashed), device=hashed.device)
        for number in range(_TRIES):
            at, wanted = self._at(start[rest], number), check[rest]
            free = self.known[at] == 0
            # of several keys that want one place the largest gets it, in whatever order they come
            self.known.scatter_reduce_(0, at[free], wanted[free], "amax")
            fits = self.known[at] == wanted
            place[rest[fits]] = at[fits]
            there[rest[fits]] = True
            rest = rest[~fits]
            if not len(rest):
                break
        return Found(place, there)

    def filled(self) -> Tensor:
        """Return the share of the places that is taken."""
        return (self.known != 0).float().mean()

    def _split(self, hashed: Tensor) -> tuple[Tensor, Tensor]:
        check = (hashed & (2**_CHECKED_BITS - 1)).clamp_min(1).to(torch.int32)
        return check, (hashed >> (_CHECKED_BITS + 1)) & (self.slots - 1)

    def _at(self, start: Tensor, number: int | Tensor) -> Tensor:
        # triangular steps reach every place of a power of two and leave no clusters
        return (start + number * (number + 1) // 2) & (self.slots - 1)
