"""Families that write one token after the other: what text and music models share.

Their settings are in `writing_settings.py`, the loop that writes in `writing_on.py`.
"""

from __future__ import annotations

import time
from abc import abstractmethod
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, ClassVar, Generic, TypeVar

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from studio.core.media import Media
from studio.core.recipe import DataSpec
from studio.families.base import Family, Losses, SampleRequest, Tick
from studio.families.batch import Batch
from studio.families.layers.choosing import uniform
from studio.families.layers.muon import set_rate, transformer_optimisers, warm_then_down
from studio.families.writing_on import Wish, Written, write_on
from studio.families.writing_settings import WriterRecipe

PAD = 0  # fills rows up in all our alphabets; never foreseen, never written
_AT_ONCE = 64  # rows that are written at once
_LISTEN_SECONDS = 0.06  # between two states of a text that somebody looks at


R = TypeVar("R", bound=WriterRecipe)


class Writer(Family[R], Generic[R]):
    """Learns −log p of each token given those before it, and writes by drawing from p.

    A subclass makes `writer`, a network as `writing_on.Network` says, and knows how its tokens
    become media.

    Attributes:
        writer: The network.
        pad: The token that fills rows up: never foreseen, never written.
    """

    averaged: ClassVar[tuple[str, ...]] = ("writer",)
    measured_samples = 16
    writer: nn.Module
    pad = PAD

    # -------------------------------------------------------------------------- what it is made of

    @abstractmethod
    def network(self, spec: DataSpec, context: int) -> nn.Module:
        """Return the network for an alphabet of `spec.vocabulary` and rows of `context` tokens."""

    def build(self, spec: DataSpec) -> None:
        """Make the network and its optimisers."""
        self.writer = self.network(spec, spec.shape[-1] - 1)
        self.add_optimisers()

    def add_optimisers(self) -> None:
        """Make Muon for the matrices inside and AdamW for the rest."""
        self.muon, self.adamw = transformer_optimisers(
            [self.writer], self.recipe.learning_rate, weight_decay=self.recipe.weight_decay
        )

    # -------------------------------------------------------------------------------- learning

    def train_step(self, batch: Batch) -> Losses:
        """Correct the network once."""
        optimisers = list(self.optimisers().values())
        share = warm_then_down(self.step, self.recipe.steps, warm_up=self.recipe.warm_up)
        set_rate(optimisers, share)
        return self.minimise(optimisers, self._loss, batch, clip=self.recipe.clip)

    def _loss(self, batch: Batch) -> tuple[Tensor, Losses]:
        rows = batch.items  # (B, T + 1)
        cost = self.cost(self.begun_anew(rows[:, :-1]), rows[:, 1:])
        return cost, {"nats": cost}

    def begun_anew(self, rows: Tensor) -> Tensor:
        """Return rows of which some begin as new media do, for families where few begin so."""
        return rows

    def cost(self, rows: Tensor, following: Tensor) -> Tensor:
        """Return −log p of the following tokens, the mean over those that count, in nats."""
        scores = self.writer(rows).float()  # (B, T, V)
        return functional.cross_entropy(
            scores.flatten(0, 1), following.flatten(), ignore_index=self.pad
        )

    @torch.no_grad()
    def validate(self, batch: Batch) -> Losses:
        """Measure how well unseen tokens are foreseen."""
        return {"val_nats_per_token": self.cost(batch.items[:, :-1], batch.items[:, 1:])}

    # --------------------------------------------------------------------------------- writing

    @abstractmethod
    def beginning(self, request: SampleRequest, index: int) -> Sequence[int]:
        """Return the tokens that item `index` of a request begins with, one at least."""

    @abstractmethod
    def wish(self, request: SampleRequest) -> Wish:
        """Return how the items of a request are written on."""

    @abstractmethod
    def medium(
        self, request: SampleRequest, begin: Sequence[int], written: Written, row: int
    ) -> Media:
        """Return one item: what it began with and row `row` of what was written."""

    def heard(self, request: SampleRequest, begin: Sequence[int], written: Sequence[int]) -> str:
        """Return what an item that is being written has become, for those who watch it."""
        return ""

    def sample(self, request: SampleRequest, tick: Tick) -> Iterator[Media]:
        """Write items; those that begin alike are written together."""
        self.refuse_other_tasks(request)
        total = len(request.seeds)
        begins = [tuple(self.beginning(request, index)) for index in range(total)]
        for begin, group in groupby(range(total), key=begins.__getitem__):
            places = list(group)
            for start in range(0, len(places), _AT_ONCE):
                some = places[start : start + _AT_ONCE]
                written = self._written(request, begin, some, total, tick)
                for row, place in enumerate(some):
                    media = self.medium(request, begin, written, row)
                    media.facts["seed"] = request.seeds[place]
                    yield media

    def _written(
        self,
        request: SampleRequest,
        begin: Sequence[int],
        places: Sequence[int],
        total: int,
        tick: Tick,
    ) -> Written:
        wish = self.wish(request)
        device = self.compute.device
        heard_last = 0.0

        def said(tokens: Tensor, done: int) -> None:
            nonlocal heard_last
            tick(places[0] + len(places) * done // wish.length, total)
            now = time.monotonic()
            if request.listen is not None and now - heard_last >= _LISTEN_SECONDS:
                heard_last = now
                row = tokens[0, :done].tolist()
                request.listen(places[0], self.heard(request, begin, row))

        draws = uniform([request.seeds[place] for place in places], wish.length, device)
        rows = torch.tensor([list(begin)] * len(places), dtype=torch.int64, device=device)
        with self.compute.precision():
            written = write_on(self.writer, rows, draws, wish, said)  # type: ignore[arg-type]
        tick(places[-1] + 1, total)
        return written


def as_ids(tokens: Any) -> list[int]:
    """Return tokens, in an array or tensor, as plain numbers."""
    return [int(token) for token in np.asarray(tokens).ravel()]
