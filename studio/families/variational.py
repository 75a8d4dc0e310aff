"""Autoencoders with a random code (VAEs) of every modality: their codes, and what these cost.

A family adds its networks and what drawing an item costs. All costs are in nats.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Iterator, Sequence
from typing import ClassVar, Literal, TypeVar

import torch
from torch import Tensor, nn
from torch.nn import functional

from studio.core.options import FamilyRecipe, option
from studio.families.base import noise
from studio.families.batch import Batch
from studio.families.latent import LatentFamily
from studio.families.layers.mixture import GaussianMixture

#: A part of the code is in use when its mean varies this much over items (Burda et al. 2016).
ACTIVE_VARIANCE = 0.01

_MIXTURE_CODES = 20_000  # that the mixture is fitted to, at most


class VariationalRecipe(FamilyRecipe):
    """Settings of the code and of what it costs."""

    code: int = option(
        32,
        title="Code length",
        help="Numbers that sum an item up. More keep more detail; too many stay unused.",
        group="Size",
        term="latent dimension",
        main=True,
        ge=2,
        le=1024,
    )
    beta: float = option(
        1.0,
        title="Order of the code",
        help="Larger values give a tidier code and better new items, but less exact copies.",
        group="Learning",
        term="β of the β-VAE: weight of the KL divergence",
        main=True,
        ge=0,
        le=100,
    )
    warm_up: float = option(
        0.1,
        title="Gentle start",
        help="Share of the run over which that order is demanded more and more.",
        group="Stability",
        term="KL warm-up",
        ge=0,
        le=1,
    )
    free_bits: float = option(
        0.0,
        title="Free information",
        help="Information that each part of the code may carry at no cost, so that it gets used.",
        group="Stability",
        term="free bits λ (Kingma et al. 2016)",
        unit="nats",
        ge=0,
        le=10,
    )
    sample_from: Literal["mixture", "prior"] = option(
        "mixture",
        title="New items from",
        help="Where codes for new items come from: the places where real ones lie (better), or"
        " the plain bell curve of the theory.",
        group="Learning",
        term="Gaussian mixture fitted to the latents, or the prior N(0, I)",
        choices={"mixture": "Where real ones lie", "prior": "The bell curve"},
    )
    mixture_parts: int = option(
        20,
        title="Parts of the mixture",
        help="Bell curves that together cover where real items lie in the code.",
        group="Learning",
        term="mixture components",
        ge=1,
        le=200,
    )


R = TypeVar("R", bound=VariationalRecipe)


class VariationalFamily(LatentFamily[R]):
    """Encoder and decoder trained on the evidence lower bound (ELBO).

    Attributes:
        encoder: Items and labels (B,) or None become means and log variances, each (B, code).
        decoder: Codes (B, code) and labels become what `cost` and `decode` read.
        mixture: Where the codes of real items lie, fitted at the end of a run.
    """

    averaged: ClassVar[tuple[str, ...]] = ("encoder", "decoder", "mixture")
    encoder: nn.Module
    decoder: nn.Module
    mixture: GaussianMixture

    @abstractmethod
    def cost(self, drawn: Tensor, items: Tensor) -> Tensor:
        """Return −log p(x|z) of each item as the encoder sees it, (B,), from what was drawn."""

    def seen(self, items: Tensor) -> Tensor:
        """Return items as the encoder sees them: as they are, if a family does not say else."""
        return items

    # ------------------------------------------------------------------------------ learning

    def coded(self, seen: Tensor, batch: Batch) -> tuple[Tensor, Tensor, Tensor]:
        """Return codes drawn with `batch.draws["code"]`, KL and means, each (B, code)."""
        mean, log_variance = self.encoder(seen, batch.labels)
        mean, log_variance = mean.float(), log_variance.float()
        # z = μ + σ ε   (Kingma & Welling 2014, the reparametrisation)
        code = mean + (0.5 * log_variance).exp() * batch.draws["code"]
        return code, kl_divergence(mean, log_variance), mean

    def weighed(self, kl: Tensor) -> Tensor:
        """Return β · Σⱼ max(λ, E[KLⱼ]), from KL (B, code) (Kingma et al. 2016, equation 15)."""
        ramp = self.recipe.warm_up * self.recipe.steps
        beta = self.recipe.beta * (min(1.0, (self.step + 1) / ramp) if ramp else 1.0)
        return beta * kl.mean(0).clamp_min(self.recipe.free_bits).sum()

    def rate_share(self) -> float:
        """Return the share of the learning rate: cosine decay (Loshchilov & Hutter 2017)."""
        share = 0.5 * (1 + math.cos(math.pi * min(self.step / self.recipe.steps, 1)))
        return max(share, 0.01)

    @torch.no_grad()
    def finish(self, batches: Iterator[Batch]) -> None:
        """Fit the mixture to the codes of the training items."""
        if self.recipe.sample_from == "prior":
            return
        codes: list[Tensor] = []
        labels: list[Tensor] = []
        for batch in batches:
            seen, own = self.seen(batch.items), self.labels_of(batch)
            mean, log_variance = self.encoder(seen, own)
            # draws, not means: the decoder learned from codes with their noise
            codes.append(mean + (0.5 * log_variance).exp() * torch.randn_like(mean))
            labels += [own] if own is not None else []
            if sum(map(len, codes)) >= _MIXTURE_CODES:
                break
        if codes:
            self.fit_mixture(torch.cat(codes).float(), torch.cat(labels) if labels else None)

    def fit_mixture(self, codes: Tensor, labels: Tensor | None) -> None:
        """Fit the mixture to codes (N, code) with labels (N,), or without."""
        self.mixture.fit(codes)

    # ------------------------------------------------------------------------------- making

    def draw(self, seeds: Sequence[int], variety: float, labels: Tensor | None) -> Tensor:
        """Return codes (N, code) from the mixture when it is fitted, else from N(0, variety²)."""
        normal = noise(seeds, (1 + self.recipe.code,), self.compute.device)
        choice, code = normal[:, 0], normal[:, 1:] * variety
        return self.mixture.place(choice, code) if self.mixture.is_fitted else code

    def encode(self, items: Tensor, labels: Tensor | None) -> Tensor:
        """Return the codes' means (N, code)."""
        mean: Tensor = self.encoder(self.seen(items), labels)[0]
        return mean

    def guess_labels(self, items: Tensor) -> Tensor:
        """Return the label under which each item costs least, (N,)."""
        costs = []
        items = self.seen(items)
        for label in range(len(self.spec.labels)):
            labels = torch.full((len(items),), label, device=items.device)
            mean, log_variance = self.encoder(items, labels)
            drawn = self.decoder(mean, labels).float()
            kl = kl_divergence(mean.float(), log_variance.float()).sum(1)
            costs.append(self.cost(drawn, items) + kl)
        return torch.stack(costs).argmin(0)


def active_units(mean: Tensor) -> Tensor:
    """Return the share of the parts of codes, with means (B, code), that tell items apart."""
    return (mean.detach().var(0, correction=0) > ACTIVE_VARIANCE).float().mean()


def kl_divergence(mean: Tensor, log_variance: Tensor) -> Tensor:
    """Return KL(N(μ, σ²) ‖ N(0, 1)) of each part of each code, (B, code).

    ½ (μ² + σ² − 1 − log σ²)   (Kingma & Welling 2014, appendix B)
    """
    return 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance)


def bernoulli_cost(logits: Tensor, target: Tensor) -> Tensor:
    """Return −log p(x|z) of each item, (B,), for values x in 0 … 1.

    −Σ x log p + (1 − x) log(1 − p), p = σ(logits); for grey values the usual bound.
    """
    cost = functional.binary_cross_entropy_with_logits(logits, target, reduction="none")
    return cost.flatten(1).sum(1)
