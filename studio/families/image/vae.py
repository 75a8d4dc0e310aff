"""VAE: an encoder that sums a picture up in a short code, and a decoder that draws it again.

This file is how it learns and samples. Its settings are in `vae_recipe.py`, its code and
what that costs in `families/variational.py`, its networks in `vae_networks.py`, and its texts in
`vae_info.py`.
"""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor

from studio.core.recipe import DataSpec
from studio.families.base import Losses
from studio.families.batch import Batch
from studio.families.image.vae_info import INFO
from studio.families.image.vae_networks import BACKBONES, PixelNoise, gaussian_cost
from studio.families.image.vae_recipe import PRESETS, VAERecipe
from studio.families.layers.mixture import GaussianMixture
from studio.families.variational import VariationalFamily, active_units, bernoulli_cost


class VAE(VariationalFamily[VAERecipe]):
    """Encoder and decoder trained on the evidence lower bound (ELBO)."""

    info = INFO
    recipe_type = VAERecipe
    presets = PRESETS

    def build(self, spec: DataSpec) -> None:
        """Make encoder, decoder, their optimiser and an unfitted mixture."""
        recipe = self.recipe
        labels = self.label_slots(recipe.conditional)
        grey = spec.shape[0] == 1
        bernoulli = recipe.likelihood == "bernoulli" or (recipe.likelihood == "auto" and grey)
        encoder, decoder = BACKBONES[recipe.backbone]
        self.encoder = encoder(spec.shape, recipe.width, recipe.code, labels)
        self.decoder = decoder(recipe.code, spec.shape, recipe.width, labels)
        self.mixture = GaussianMixture(recipe.mixture_parts, recipe.code)
        parameters = [*self.encoder.parameters(), *self.decoder.parameters()]
        self.pixel_noise = None if bernoulli else PixelNoise()
        if self.pixel_noise is not None:
            parameters += self.pixel_noise.parameters()
        self.optimiser = torch.optim.Adam(parameters, lr=recipe.learning_rate, fused=True)

    # ------------------------------------------------------------------------------ learning

    def train_step(self, batch: Batch) -> Losses:
        """Correct encoder and decoder once."""
        for group in self.optimiser.param_groups:
            group["lr"] = self.recipe.learning_rate * self.rate_share()
        return self.minimise(self.optimiser, self._loss, self._with_draws(batch), clip=200.0)

    def _with_draws(self, batch: Batch) -> Batch:
        device = batch.items.device
        draws = {"code": torch.randn(len(batch), self.recipe.code, device=device)}
        if self.recipe.input_noise:
            draws["input"] = torch.randn_like(batch.items)
        return replace(batch, labels=self.labels_of(batch), draws=draws)

    def _loss(self, batch: Batch) -> tuple[Tensor, Losses]:
        """Return reconstruction + β · KL, the KL counted from `free_bits` per part of the code."""
        seen = batch.items
        if "input" in batch.draws:
            # pixels reach from −1 to 1, twice as far as the noise's unit
            seen = seen + 2 * self.recipe.input_noise * batch.draws["input"]
        reconstruction, kl, mean = self._terms(seen, batch)
        return reconstruction.mean() + self.weighed(kl), {
            "neg_elbo": reconstruction.mean() + kl.sum(1).mean(),
            "reconstruction": reconstruction.mean(),
            "kl": kl.sum(1).mean(),
            "active_units": active_units(mean),
        }

    def _terms(self, seen: Tensor, batch: Batch) -> tuple[Tensor, Tensor, Tensor]:
        """Return −log p(x|z) (B,), KL (B, code) and the codes' means (B, code)."""
        code, kl, mean = self.coded(seen, batch)
        drawn = self.decoder(code, batch.labels).float()
        return self.cost(drawn, batch.items), kl, mean

    def cost(self, drawn: Tensor, items: Tensor) -> Tensor:
        """Return −log p(x|z) of each picture, (B,)."""
        target = (items.float() + 1) / 2
        if self.pixel_noise is None:
            return bernoulli_cost(drawn, target)
        return gaussian_cost(torch.sigmoid(drawn), self.pixel_noise(), target)

    @torch.no_grad()
    def validate(self, batch: Batch) -> Losses:
        """Measure −ELBO in nats per item, with one draw of the code per item."""
        with self.compute.full_precision():
            reconstruction, kl, _ = self._terms(batch.items, self._with_draws(batch))
        return {
            "val_neg_elbo": (reconstruction + kl.sum(1)).mean(),
            "val_reconstruction": reconstruction.mean(),
            "val_kl": kl.sum(1).mean(),
        }

    def decode(self, codes: Tensor, labels: Tensor | None) -> Tensor:
        """Return pictures (N, C, H, W) in −1 … 1."""
        return 2 * torch.sigmoid(self.decoder(codes, labels).float()) - 1
