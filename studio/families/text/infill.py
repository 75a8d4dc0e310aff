"""Blank filler: guesses hidden tokens from both sides, and so fills the blanks of a text.

This file is how guessing is learned and blanks are asked for. Hiding is in `masking.py` and
`guessing.py`, filling in `filling.py`, the settings in `infill_recipe.py`, and the texts in
`infill_info.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import torch
from torch import Tensor

from studio.core.errors import StudioError
from studio.core.media import Media
from studio.core.recipe import DataSpec
from studio.data.text.tokenisers import SPECIALS, tokeniser_of
from studio.families.base import Family, Losses, SampleRequest, Tick
from studio.families.batch import Batch
from studio.families.layers.muon import set_rate, transformer_optimisers, warm_then_down
from studio.families.layers.transformer import Transformer
from studio.families.text.filling import Filler
from studio.families.text.filling_settings import FillSettings
from studio.families.text.guessing import Guessing, usual_span
from studio.families.text.infill_info import INFO
from studio.families.text.infill_recipe import PRESETS, InfillRecipe
from studio.families.text.masking import Frequencies


class Infill(Family[InfillRecipe]):
    """A Transformer that sees all of a text but what is hidden, trained on −log p(hidden)."""

    info = INFO
    recipe_type = InfillRecipe
    presets = PRESETS
    sampling_type = FillSettings
    averaged = ("network", "frequencies")

    def build(self, spec: DataSpec) -> None:
        """Make the network and its optimisers; raises StudioError for what does not fit."""
        recipe = self.recipe
        recipe.check_heads()
        self.tokeniser = tokeniser_of(spec.resources)
        if self.tokeniser.mask < 0:
            raise StudioError(
                "These tokens know no blank",
                "The checkpoint's tokeniser has no token that stands for a hidden one.",
                "Take another tokeniser in the preparation.",
            )
        self.context = spec.shape[0]
        self.span = recipe.span or usual_span(spec)
        self.network = Transformer(
            spec.vocabulary,
            recipe.width,
            recipe.depth,
            recipe.heads,
            self.context,
            dropout=recipe.dropout,
            causal=False,
        )
        self.frequencies = Frequencies(spec.vocabulary)
        self.muon, self.adamw = transformer_optimisers(
            [self.network], recipe.learning_rate, weight_decay=recipe.weight_decay
        )

    # ------------------------------------------------------------------------------ learning

    @property
    def _guessing(self) -> Guessing:
        recipe = self.recipe
        return Guessing(
            self.network,
            self.tokeniser,
            self.spec,
            recipe.share,
            self.span,
            recipe.disguise,
            SPECIALS,
        )

    def train_step(self, batch: Batch) -> Losses:
        """Hide other tokens than last time, and correct the network once."""
        guessing = self._guessing
        self.frequencies.count(batch.items, guessing.counting(batch.items))
        optimisers = (self.muon, self.adamw)
        share = warm_then_down(self.step, self.recipe.steps, warm_up=self.recipe.warm_up)
        set_rate(optimisers, share)
        drawn = replace(batch, draws=guessing.draws(batch.items))
        return self.minimise(optimisers, self._loss, drawn, clip=self.recipe.clip)

    def _loss(self, batch: Batch) -> tuple[Tensor, Losses]:
        loss = self._guessing.loss(batch.items, batch.draws)
        return loss, {"masked_nats": loss}

    @torch.no_grad()
    def validate(self, batch: Batch) -> Losses:
        """Measure how well hidden tokens of unseen text are guessed, beside who only counts."""
        return self._guessing.measured(batch.items, self.frequencies)

    # -------------------------------------------------------------------------------- making

    def _filler(self) -> Filler:
        return Filler(
            self.network,
            self.tokeniser,
            self.context,
            self.span,
            ((), ()),
            self.compute.device,
        )

    @torch.inference_mode()
    def sample(self, request: SampleRequest, tick: Tick) -> Iterator[Media]:
        """Fill the blanks of the prompt, once for each seed."""
        self.refuse_other_tasks(request)
        asked = request.settings
        settings = asked if isinstance(asked, FillSettings) else FillSettings()
        with self.compute.precision():
            yield from self._filler().fill(
                request.prompt, request.seeds, settings, tick, request.listen, request.variety
            )

    def show(self, batch: Batch) -> Iterator[Media]:
        """Show held-out texts with blanks, as they were filled, and as they were."""
        yield from self._guessing.sheet(batch.items)
