"""Music VAE: an encoder that sums bars up in a short code, and a decoder that plays them again.

This file is how it learns and samples. Its settings are in `music_vae_recipe.py`, what a roll costs
in `music_vae_losses.py`, its networks in `music_vae_networks.py`, and its texts in
`music_vae_info.py`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from studio.core.family_info import Task
from studio.core.recipe import DataSpec
from studio.data.music_roll import grid_in
from studio.families.base import Losses, SampleRequest, Tick, noise
from studio.families.batch import Batch
from studio.families.image.vae import ACTIVE_VARIANCE, drawn_codes
from studio.families.image.vae_losses import kl_divergence
from studio.families.latent import LatentFamily
from studio.families.layers.mixture import GaussianMixture
from studio.families.layers.muon import set_rate, transformer_optimisers
from studio.families.music.music_vae_info import INFO
from studio.families.music.music_vae_losses import (
    bernoulli_cost,
    focal_cost,
    note_f1,
    notes_in,
    shift,
    weighted_cost,
)
from studio.families.music.music_vae_networks import NETWORKS
from studio.families.music.music_vae_recipe import PRESETS, MusicVAERecipe


class MusicVAE(LatentFamily[MusicVAERecipe]):
    """Encoder and decoder of piano rolls, trained on the evidence lower bound (ELBO)."""

    info = INFO
    recipe_type = MusicVAERecipe
    presets = PRESETS
    averaged = ("encoder", "decoder", "mixture")

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
        # cosine decay to zero (Loshchilov & Hutter 2017)
        rate = 0.5 * (1 + math.cos(math.pi * min(self.step / self.recipe.steps, 1)))
        optimisers = [self.muon, self.adamw]
        set_rate(optimisers, max(rate, 0.01))
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
        logits, kl, mean = self._coded(seen, batch)
        target = _target(batch.items)
        exact = bernoulli_cost(logits + self._shift, target)
        if self.recipe.sparse == "weight":
            cost = weighted_cost(logits, target, self.recipe.weight)
        else:
            cost = focal_cost(logits, target) if self.recipe.sparse == "focal" else exact
        # Σⱼ max(λ, E[KLⱼ])   (Kingma et al. 2016, equation 15)
        counted = kl.mean(0).clamp_min(self.recipe.free_bits).sum()
        loss = cost.mean() + self._beta() * counted
        active = mean.detach().var(0, correction=0) > ACTIVE_VARIANCE
        return loss, {
            "neg_elbo": (exact + kl.sum(1)).mean() / self._steps,
            "reconstruction": exact.mean() / self._steps,
            "kl": kl.sum(1).mean(),
            "active_units": active.float().mean(),
        }

    @property
    def _shift(self) -> float:
        return shift(self.recipe.sparse, self.recipe.weight)

    @property
    def _steps(self) -> int:
        return self.spec.shape[1]

    def _beta(self) -> float:
        ramp = self.recipe.warm_up * self.recipe.steps
        return self.recipe.beta * (min(1.0, (self.step + 1) / ramp) if ramp else 1.0)

    def _coded(self, seen: Tensor, batch: Batch) -> tuple[Tensor, Tensor, Tensor]:
        """Return logits of what is drawn, KL (B, code) and the codes' means (B, code)."""
        mean, log_variance = self.encoder(seen, batch.labels)
        mean, log_variance = mean.float(), log_variance.float()
        # z = μ + σ ε   (Kingma & Welling 2014, the reparametrisation)
        code = mean + (0.5 * log_variance).exp() * batch.draws["code"]
        logits = self.decoder(code, batch.labels).float()
        return logits, kl_divergence(mean, log_variance), mean

    @torch.no_grad()
    def validate(self, batch: Batch) -> Losses:
        """Measure −ELBO in nats per step and per note, and which notes of a copy are right."""
        drawn = self._with_draws(batch)
        target = _target(batch.items)
        with self.compute.full_precision():
            logits, kl, mean = self._coded(batch.items, drawn)
            copied = self.decoder(mean, drawn.labels)
        cost, information = bernoulli_cost(logits + self._shift, target), kl.sum(1)
        total = (cost + information).mean()
        return {
            "val_neg_elbo": total / self._steps,
            "val_nats_per_note": total / notes_in(target > 0.5).float().mean(),
            "val_reconstruction": cost.mean() / self._steps,
            "val_kl": information.mean(),
            "val_note_f1": note_f1(copied > 0, target > 0.5),
        }

    @torch.no_grad()
    def finish(self, batches: Iterator[Batch]) -> None:
        """Fit the mixture to the codes of the music that was learned."""
        if self.recipe.sample_from == "prior":
            return
        codes = drawn_codes(self.encoder(batch.items, self.labels_of(batch)) for batch in batches)
        if codes is not None:
            self.mixture.fit(codes)

    # ------------------------------------------------------------------------------- making

    def draw(self, seeds: Sequence[int], variety: float, labels: Tensor | None) -> Tensor:
        """Return codes (N, code) from the mixture when it is fitted, else from N(0, variety²)."""
        normal = noise(seeds, (1 + self.recipe.code,), self.compute.device)
        choice, code = normal[:, 0], normal[:, 1:] * variety
        return self.mixture.place(choice, code) if self.mixture.is_fitted else code

    def encode(self, items: Tensor, labels: Tensor | None) -> Tensor:
        """Return the codes' means (N, code)."""
        mean: Tensor = self.encoder(items, labels)[0]
        return mean

    def guess_labels(self, items: Tensor) -> Tensor:
        """Return the label under which each item costs least, (N,)."""
        costs = []
        for label in range(len(self.spec.labels)):
            labels = torch.full((len(items),), label, device=items.device)
            mean, log_variance = self.encoder(items, labels)
            logits = self.decoder(mean, labels).float() + self._shift
            kl = kl_divergence(mean.float(), log_variance.float()).sum(1)
            costs.append(bernoulli_cost(logits, _target(items)) + kl)
        return torch.stack(costs).argmin(0)

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
