"""Batches for the trainer: which items a step sees is a function of (seed, step) alone."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import numpy as np
import numpy.typing as npt
import psutil
import torch

from studio.core.options import Preparation
from studio.data.modality import ModalityData, modality_data
from studio.data.split import random_part
from studio.data.store import PreparedData
from studio.families.base import Batch

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


class Feed:
    """Hands out batches on the device.

    The data lies on the device as raw numbers when it fits, and augmentation runs there;
    otherwise a thread reads the next batch from the memory map while the device works.

    Args:
        data: The prepared data.
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
        self._preparation: Preparation = data.preparation
        self._batch = batch
        self._order = Order(len(data.train), seed)
        self._device = device
        self._rank, self._world = rank, world
        self._labelled = bool(data.spec.labels)
        self._labels = torch.from_numpy(np.array(data.labels))
        self.resident = data.items.nbytes < _RESIDENT_SHARE * free_memory(device)
        if self.resident:
            self._items = torch.from_numpy(np.array(data.items)).to(device)
            self._labels = self._labels.to(device)
        self._reader = ThreadPoolExecutor(1, "feed") if not self.resident else None
        self._ahead: tuple[int, Future[torch.Tensor]] | None = None

    def batch(self, step: int) -> Batch:
        """Return the batch of a step; draws augmentation from torch's global generator."""
        places = self._places(step)
        if self.resident:
            index = torch.from_numpy(places).to(self._device)
            raw, labels = self._items.index_select(0, index), self._labels.index_select(0, index)
        else:
            raw = self._read_ahead(step)
            labels = self._labels[torch.from_numpy(places)].to(self._device)
        items = self._kind.to_tensor(raw, self._preparation, augment=True)
        return Batch(items, labels if self._labelled else None)

    def held_out(self, size: int, limit: int) -> Iterator[Batch]:
        """Return up to `limit` items that are never learned from, in a fixed order."""
        return self._plain(random_part(self._data.validation, limit), size)

    def learned(self, size: int, limit: int) -> Iterator[Batch]:
        """Return up to `limit` items that are learned from, in a fixed order, as they are."""
        return self._plain(random_part(self._data.train, limit), size)

    def close(self) -> None:
        """End the reading thread."""
        if self._reader is not None:
            self._reader.shutdown(wait=True, cancel_futures=True)

    def _plain(self, places: npt.NDArray[np.int64], size: int) -> Iterator[Batch]:
        for start in range(0, len(places), size):
            part = places[start : start + size]
            raw = torch.from_numpy(self._data.items[part]).to(self._device)
            labels = torch.from_numpy(np.array(self._data.labels[part])).to(self._device)
            items = self._kind.to_tensor(raw, self._preparation, augment=False)
            yield Batch(items, labels if self._labelled else None)

    def _places(self, step: int) -> npt.NDArray[np.int64]:
        start = (step * self._world + self._rank) * self._batch
        places: npt.NDArray[np.int64] = self._data.train[self._order.positions(start, self._batch)]
        return places

    def _read(self, places: npt.NDArray[np.int64]) -> torch.Tensor:
        raw = torch.from_numpy(self._data.items[places])
        return raw.pin_memory() if self._device.type == "cuda" else raw

    def _read_ahead(self, step: int) -> torch.Tensor:
        if self._reader is None:
            raise RuntimeError("resident data is not read ahead")
        if self._ahead is not None and self._ahead[0] == step:
            raw = self._ahead[1].result()
        else:
            raw = self._read(self._places(step))
        self._ahead = (step + 1, self._reader.submit(self._read, self._places(step + 1)))
        return raw.to(self._device, non_blocking=True)


def free_memory(device: torch.device) -> int:
    """Return the bytes that are free on a device."""
    if device.type == "cuda":
        free, _total = torch.cuda.mem_get_info(device)
        return int(free)
    available: Any = psutil.virtual_memory().available
    return int(available)
