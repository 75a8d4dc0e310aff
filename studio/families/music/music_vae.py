"""Music VAE: an encoder that sums bars up in a short code, and a decoder that plays them again.

This file is how it learns and samples. Its settings are in `music_vae_recipe.py`, its code and what
that costs in `families/variational.py`, what a roll costs in `music_vae_losses.py`, its networks in
`music_vae_networks.py`, and its texts in `music_vae_info.py`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from studio.core.family_info import Task
from studio.core.recipe import DataSpec
from studio.data.music.roll import grid_in
from studio.families.base import Losses, SampleRequest, Tick, noise
from studio.families.batch import Batch
from studio.families.layers.mixture import GaussianMixture
from studio.families.layers.muon import set_rate, transformer_optimisers
from studio.families.music.music_vae_info import INFO
from studio.families.music.music_vae_losses import (
    focal_cost,
    note_f1,
    notes_in,
    shift,
    weighted_cost,
)
from studio.families.music.music_vae_networks import NETWORKS
from studio.families.music.music_vae_recipe import PRESETS, MusicVAERecipe
from studio.families.variational import VariationalFamily, active_units, bernoulli_cost


class MusicVAE(VariationalFamily[MusicVAERecipe]):
    """Encoder and decoder of piano rolls, trained on the evidence lower bound (ELBO)."""

    info = INFO
    recipe_type = MusicVAERecipe
    presets = PRESETS

    def build(self, spec: DataSpec) -> None:
        """Make encoder, decoder, their optimiser and an unfitted mixture."""
        recipe = self.recipe
        labels = self.label_slots(recipe.conditional)
        bars = grid_in(spec.resources).bars
        encoder, decoder = NETWORKS[recipe.network]
        self.encoder = encoder(spec.shape, bars, recipe.width, recipe.code, labels)
        self.decoder = decoder(recipe.code, spec.shape, bars, recipe.width, labels)
        self.mixture = GaussianMixture(recipe.mixture_parts, recipe.code)
        # networks of matrices; with Adam the decoder first learns to do without the code
        self.muon, self.adamw = transformer_optimisers(
            [self.encoder, self.decoder], recipe.learning_rate, weight_decay=recipe.weight_decay
        )

    # ------------------------------------------------------------------------------ learning

    def train_step(self, batch: Batch) -> Losses:
        """Correct encoder and decoder once."""
        optimisers = [self.muon, self.adamw]
        set_rate(optimisers, self.rate_share())
        return self.minimise(optimisers, self._loss, self._with_draws(batch), clip=200.0)

    def _with_draws(self, batch: Batch) -> Batch:
        device = batch.items.device
        draws = {
            "code": torch.randn(len(batch), self.recipe.code, device=device),
            "kept": torch.rand_like(batch.items),
        }
        return replace(batch, labels=self.labels_of(batch), draws=draws)

    def _loss(self, batch: Batch) -> tuple[Tensor, Losses]:
        """Return cost of drawing + β · KL, the KL counted from `free_bits` per part of the code."""
        seen = batch.items
        if self.recipe.missing:
            # the encoder must tell a tune whose notes are partly missing: it learns less by heart
            kept = batch.draws["kept"] >= self.recipe.missing
            seen = torch.where(kept, seen, torch.full_like(seen, -1.0))
        code, kl, mean = self.coded(seen, batch)
        logits = self.decoder(code, batch.labels).float()
        target = _target(batch.items)
        exact = self.cost(logits, batch.items)
        if self.recipe.sparse == "weight":
            cost = weighted_cost(logits, target, self.recipe.weight)
        else:
            cost = focal_cost(logits, target) if self.recipe.sparse == "focal" else exact
        return cost.mean() + self.weighed(kl), {
            "neg_elbo": (exact + kl.sum(1)).mean() / self._steps,
            "reconstruction": exact.mean() / self._steps,
            "kl": kl.sum(1).mean(),
            "active_units": active_units(mean),
        }

    @property
    def _shift(self) -> float:
        return shift(self.recipe.sparse, self.recipe.weight)

    @property
    def _steps(self) -> int:
        return self.spec.shape[1]

    def cost(self, drawn: Tensor, items: Tensor) -> Tensor:
        """Return −log p(x|z) of each roll, (B,)."""
        return bernoulli_cost(drawn + self._shift, _target(items))

    @torch.no_grad()
    def validate(self, batch: Batch) -> Losses:
        """Measure −ELBO in nats per step and per note, and which notes of a copy are right."""
        drawn = self._with_draws(batch)
        target = _target(batch.items)
        with self.compute.full_precision():
            code, kl, mean = self.coded(batch.items, drawn)
            logits = self.decoder(code, drawn.labels).float()
            copied = self.decoder(mean, drawn.labels)
        cost, information = self.cost(logits, batch.items), kl.sum(1)
        total = (cost + information).mean()
        return {
            "val_neg_elbo": total / self._steps,
            "val_nats_per_note": total / notes_in(target > 0.5).float().mean(),
            "val_reconstruction": cost.mean() / self._steps,
            "val_kl": information.mean(),
            "val_note_f1": note_f1(copied > 0, target > 0.5),
        }

    # ------------------------------------------------------------------------------- making

    def decode(self, codes: Tensor, labels: Tensor | None) -> Tensor:
        """Return rolls (N, tracks, steps, pitches) in −1 … 1; above 0 a note sounds."""
        return torch.tanh(self.decoder(codes, labels).float() / 2)

    def _codes(
        self, request: SampleRequest, tick: Tick
    ) -> tuple[Tensor, Tensor | None, list[dict[str, Any]]]:
        """Return codes as other families do, and those beside the user's own for `Task.VARY`."""
        codes, labels, facts = super()._codes(request, tick)
        if request.task == Task.VARY:
            steps = noise(request.seeds, (self.recipe.code,), self.compute.device)
            codes = codes + _STRAY * request.variety * steps
        return codes, labels, facts


#: How far a variation strays from its piece, in standard deviations of the codes of all pieces.
_STRAY = 0.4


def _target(items: Tensor) -> Tensor:
    return (items.float() > 0).float()
