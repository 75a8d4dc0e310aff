"""Batches for the trainer: which items a step sees is a function of (seed, step) alone."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import psutil
import torch

from studio.core.options import Preparation
from studio.data.modality import ModalityData, modality_data
from studio.data.split import random_part
from studio.data.store import PreparedData
from studio.families.batch import Batch

_PARTNER = 1  # the stream of numbers that orders the second dataset
_RESIDENT_SHARE = 0.4  # of the free memory that the data may take


def seed_of(*parts: int) -> int:
    """Return a 63-bit seed that is a hash of integers, so that streams never overlap."""
    digest = hashlib.blake2b(repr(parts).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little") >> 1


class Order:
    """The endless order of items: each epoch is a permutation of its own.

    Args:
        count: Items in an epoch.
        seed: The run's seed.
    """

    def __init__(self, count: int, seed: int) -> None:
        self._count = count
        self._seed = seed
        self._epochs: dict[int, npt.NDArray[np.int64]] = {}

    def positions(self, start: int, length: int) -> npt.NDArray[np.int64]:
        """Return the items at places `start` … `start + length` of the endless order."""
        first, last = start // self._count, (start + length - 1) // self._count
        places = np.concatenate([self._epoch(epoch) for epoch in range(first, last + 1)])
        self._epochs = {e: order for e, order in self._epochs.items() if e >= first}
        begin = start - first * self._count
        return places[begin : begin + length]

    def _epoch(self, epoch: int) -> npt.NDArray[np.int64]:
        if epoch not in self._epochs:
            generator = np.random.default_rng(seed_of(self._seed, epoch))
            self._epochs[epoch] = generator.permutation(self._count)
        return self._epochs[epoch]


@dataclass(frozen=True)
class _Places:
    """The rows that make a batch, and those of the second dataset, when there is one."""

    own: npt.NDArray[np.int64]
    partner: npt.NDArray[np.int64] | None


@dataclass(frozen=True)
class _Raw:
    """The rows of a batch as they are stored; `to` the device before use."""

    own: torch.Tensor
    partner: torch.Tensor | None


class _Rows:
    """Reads rows of prepared data: from the device when it lies there, else from the map."""

    def __init__(self, data: PreparedData, device: torch.device, *, resident: bool) -> None:
        self._mapped = data.items
        self._device = device
        self._lying = torch.from_numpy(np.array(data.items)).to(device) if resident else None

    def read(self, places: npt.NDArray[np.int64]) -> torch.Tensor:
        if self._lying is not None:
            index = torch.from_numpy(np.array(places)).to(self._device)
            return self._lying.index_select(0, index)
        raw = torch.from_numpy(self._mapped[places])
        return raw.pin_memory() if self._device.type == "cuda" else raw


class Feed:
    """Hands out batches on the device.

    The data lies on the device as raw numbers when it fits, and augmentation runs there;
    otherwise a thread reads the next batch from the memory map while the device works.

    Args:
        data: The prepared data, with its second dataset where a family learns from two.
        batch: Items per step in this process.
        rank, world: This process among all; each sees its own part of every step.
    """

    def __init__(
        self,
        data: PreparedData,
        batch: int,
        seed: int,
        device: torch.device,
        *,
        rank: int = 0,
        world: int = 1,
    ) -> None:
        self._data = data
        self._kind: ModalityData = modality_data(data.spec.modality)
        self._batch = batch
        self._order = Order(len(data.train), seed)
        self._device = device
        self._rank, self._world = rank, world
        other = data.partner
        if other is not None:
            self._partner_order = Order(len(other.train), seed_of(seed, _PARTNER))
        size = data.items.nbytes + (other.items.nbytes if other is not None else 0)
        self.resident = size < _RESIDENT_SHARE * free_memory(device)
        self._rows = _Rows(data, device, resident=self.resident)
        self._partner_rows = _Rows(other, device, resident=self.resident) if other else None
        self._reader = ThreadPoolExecutor(1, "feed") if not self.resident else None
        self._ahead: tuple[int, Future[_Raw]] | None = None

    def batch(self, step: int) -> Batch:
        """Return the batch of a step; draws augmentation from torch's global generator."""
        places = self._places(step)
        raw = self._read(places) if self._reader is None else self._read_ahead(step)
        return self._made(places, raw, augment=True)

    def held_out(self, size: int, limit: int) -> Iterator[Batch]:
        """Return up to `limit` items that are never learned from, in a fixed order."""
        return self._plain(lambda data: data.validation, size, limit)

    def learned(self, size: int, limit: int) -> Iterator[Batch]:
        """Return up to `limit` items that are learned from, in a fixed order, as they are."""
        return self._plain(lambda data: data.train, size, limit)

    def close(self) -> None:
        """End the reading thread."""
        if self._reader is not None:
            self._reader.shutdown(wait=True, cancel_futures=True)

    # -------------------------------------------------------------------------------- private

    def _plain(
        self, part: Callable[[PreparedData], npt.NDArray[np.int64]], size: int, limit: int
    ) -> Iterator[Batch]:
        data = self._data
        own = random_part(part(data), limit)
        partner = None
        if data.partner_of is not None:
            partner = data.partner_of[own]
        elif data.partner is not None:
            there = part(data.partner)
            partner = np.resize(there if len(there) else data.partner.train, len(own))
        for start in range(0, len(own), size):
            some = slice(start, start + size)
            places = _Places(own[some], partner[some] if partner is not None else None)
            yield self._made(places, self._read(places), augment=False)

    def _places(self, step: int) -> _Places:
        start = (step * self._world + self._rank) * self._batch
        data = self._data
        own: npt.NDArray[np.int64] = data.train[self._order.positions(start, self._batch)]
        if data.partner_of is not None:
            return _Places(own, data.partner_of[own])
        if data.partner is not None:
            there = self._partner_order.positions(start, self._batch)
            return _Places(own, data.partner.train[there])
        return _Places(own, None)

    def _read(self, places: _Places) -> _Raw:
        own = self._rows.read(places.own)
        if self._partner_rows is None or places.partner is None:
            return _Raw(own, None)
        return _Raw(own, self._partner_rows.read(places.partner))

    def _read_ahead(self, step: int) -> _Raw:
        if self._reader is None:
            raise RuntimeError("resident data is not read ahead")
        if self._ahead is not None and self._ahead[0] == step:
            raw = self._ahead[1].result()
        else:
            raw = self._read(self._places(step))
        self._ahead = (step + 1, self._reader.submit(self._read, self._places(step + 1)))
        return raw

    def _made(self, places: _Places, raw: _Raw, *, augment: bool) -> Batch:
        """Return a batch from its rows, augmented when asked."""
        data = self._data

        def tensors(rows: torch.Tensor, preparation: Preparation) -> torch.Tensor:
            there = rows.to(self._device, non_blocking=True)
            return self._kind.to_tensor(there, preparation, augment=augment)

        def numbers(of: npt.NDArray[Any]) -> torch.Tensor:
            return torch.from_numpy(of.astype(np.int64)).to(self._device)

        before = torch.get_rng_state()
        items = tensors(raw.own, data.preparation)
        partner = index = None
        if data.partner is not None and raw.partner is not None and places.partner is not None:
            if data.partner_of is not None:
                torch.set_rng_state(before)  # the two of a pair are mirrored and turned alike
            partner = tensors(raw.partner, data.partner.preparation)
            index = numbers(places.partner)
        return Batch(
            items,
            labels=numbers(data.labels[places.own]) if data.spec.labels else None,
            captions=numbers(data.captions[places.own]) if data.captions is not None else None,
            partner=partner,
            partner_index=index,
        )


def free_memory(device: torch.device) -> int:
    """Return the bytes that are free on a device."""
    if device.type == "cuda":
        free, _total = torch.cuda.mem_get_info(device)
        return int(free)
    available: Any = psutil.virtual_memory().available
    return int(available)
