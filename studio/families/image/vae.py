"""VAE: an encoder that sums a picture up in a short code, and a decoder that draws it again.

This file is how it learns and samples. Its settings are in `vae_recipe.py`, the terms of its loss
in `vae_losses.py`, its networks in `vae_networks.py`, and its texts in `vae_info.py`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

import torch
from torch import Tensor

from studio.core.recipe import DataSpec
from studio.families.base import Losses, noise
from studio.families.batch import Batch
from studio.families.image.vae_info import INFO
from studio.families.image.vae_losses import bernoulli_cost, gaussian_cost, kl_divergence
from studio.families.image.vae_networks import BACKBONES, PixelNoise
from studio.families.image.vae_recipe import PRESETS, VAERecipe
from studio.families.latent import LatentFamily
from studio.families.layers.mixture import GaussianMixture

#: A part of the code is in use when its mean varies this much over pictures (Burda et al. 2016).
ACTIVE_VARIANCE = 0.01

#: Codes that the mixture is fitted to, at most.
MIXTURE_CODES = 20_000


class VAE(LatentFamily[VAERecipe]):
    """Encoder and decoder trained on the evidence lower bound (ELBO)."""

    info = INFO
    recipe_type = VAERecipe
    presets = PRESETS
    averaged = ("encoder", "decoder", "mixture")

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
        # cosine decay to zero (Loshchilov & Hutter 2017)
        rate = 0.5 * (1 + math.cos(math.pi * min(self.step / self.recipe.steps, 1)))
        for group in self.optimiser.param_groups:
            group["lr"] = self.recipe.learning_rate * max(rate, 0.01)
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
        # Σⱼ max(λ, E[KLⱼ])   (Kingma et al. 2016, equation 15)
        counted = kl.mean(0).clamp_min(self.recipe.free_bits).sum()
        loss = reconstruction.mean() + self._beta() * counted
        active = mean.detach().var(0, correction=0) > ACTIVE_VARIANCE
        return loss, {
            "neg_elbo": reconstruction.mean() + kl.sum(1).mean(),
            "reconstruction": reconstruction.mean(),
            "kl": kl.sum(1).mean(),
            "active_units": active.float().mean(),
        }

    def _beta(self) -> float:
        ramp = self.recipe.warm_up * self.recipe.steps
        return self.recipe.beta * (min(1.0, (self.step + 1) / ramp) if ramp else 1.0)

    def _terms(self, seen: Tensor, batch: Batch) -> tuple[Tensor, Tensor, Tensor]:
        """Return −log p(x|z) (B,), KL (B, code) and the codes' means (B, code)."""
        mean, log_variance = self.encoder(seen, batch.labels)
        mean, log_variance = mean.float(), log_variance.float()
        # z = μ + σ ε   (Kingma & Welling 2014, the reparametrisation)
        code = mean + (0.5 * log_variance).exp() * batch.draws["code"]
        drawn = self.decoder(code, batch.labels).float()
        return self._cost(drawn, batch.items), kl_divergence(mean, log_variance), mean

    def _cost(self, drawn: Tensor, items: Tensor) -> Tensor:
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

    @torch.no_grad()
    def finish(self, batches: Iterator[Batch]) -> None:
        """Fit the mixture to the codes of the training pictures."""
        if self.recipe.sample_from == "prior":
            return
        coded = (self.encoder(batch.items, self.labels_of(batch)) for batch in batches)
        codes = drawn_codes(coded)
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
            drawn = self.decoder(mean, labels)
            kl = kl_divergence(mean.float(), log_variance.float()).sum(1)
            costs.append(self._cost(drawn.float(), items) + kl)
        return torch.stack(costs).argmin(0)

    def decode(self, codes: Tensor, labels: Tensor | None) -> Tensor:
        """Return pictures (N, C, H, W) in −1 … 1."""
        return 2 * torch.sigmoid(self.decoder(codes, labels).float()) - 1


def drawn_codes(coded: Iterator[tuple[Tensor, Tensor]]) -> Tensor | None:
    """Return codes (N, code) to fit a mixture to; None when there are none.

    Args:
        coded: Means and log variances of the codes of batches, each (B, code).
    """
    codes: list[Tensor] = []
    for mean, log_variance in coded:
        # draws, not means: the decoder learned from codes with their noise
        codes.append(mean + (0.5 * log_variance).exp() * torch.randn_like(mean))
        if sum(map(len, codes)) >= MIXTURE_CODES:
            break
    return torch.cat(codes).float() if codes else None
