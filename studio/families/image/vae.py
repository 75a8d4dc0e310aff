"""VAE: an encoder that sums a picture up in a short code, and a decoder that draws it again."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional

from studio.core.media import Modality
from studio.core.recipe import (
    DataSpec,
    FamilyInfo,
    FamilyRecipe,
    Metric,
    Paper,
    Preset,
    Task,
    option,
)
from studio.families.base import Batch, Losses, noise
from studio.families.image.sample_metrics import SAMPLE_METRICS
from studio.families.image.vae_networks import BACKBONES, PixelNoise
from studio.families.latent import LatentFamily
from studio.families.layers.mixture import GaussianMixture

#: A part of the code is in use when its mean varies this much over pictures (Burda et al. 2016).
ACTIVE_VARIANCE = 0.01

#: Codes that the mixture is fitted to, at most.
MIXTURE_CODES = 20_000


class VAERecipe(FamilyRecipe):
    """Settings of a VAE."""

    backbone: Literal["mlp", "conv"] = option(
        "conv",
        title="Network",
        help="Plain layers (small and fast) or convolutions (better on photos).",
        group="Size",
        term="backbone",
        main=True,
        choices={"mlp": "Plain layers", "conv": "Convolutions"},
    )
    width: int = option(
        32,
        title="Width",
        help="Channels of the finest stage. Wider networks keep finer detail and take longer.",
        group="Size",
        term="base channels",
        main=True,
        ge=4,
        le=256,
    )
    code: int = option(
        32,
        title="Code length",
        help="Numbers that sum a picture up. More keep more detail; too many stay unused.",
        group="Size",
        term="latent dimension",
        main=True,
        ge=2,
        le=1024,
    )
    learning_rate: float = option(
        1e-3,
        title="Learning rate",
        help="How large each correction is at first; it falls to zero over the run.",
        group="Learning",
        term="peak learning rate of Adam, cosine decay",
        gt=0,
        le=0.1,
    )
    likelihood: Literal["auto", "bernoulli", "gaussian"] = option(
        "auto",
        title="Pixel model",
        help="How a pixel may differ from the drawing: as a shade of grey, or with a noise level"
        " that is learned. Automatic takes the first for grey pictures, the second for colour.",
        group="Learning",
        term="likelihood p(x|z): Bernoulli or Gaussian with learned variance",
        choices={"auto": "Automatic", "bernoulli": "Shade of grey", "gaussian": "With noise level"},
    )
    beta: float = option(
        1.0,
        title="Order of the code",
        help="Larger values give a tidier code and better new pictures, but blurrier copies.",
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
    input_noise: float = option(
        0.1,
        title="Noise on what it sees",
        help="The encoder sees noisy pictures and must draw clean ones: it learns to remove noise"
        " and learns less by heart.",
        group="Stability",
        term="denoising criterion, standard deviation for pixels in 0 … 1",
        ge=0,
        le=1,
    )
    conditional: bool = option(
        False,
        title="Use labels",
        help="Learns each label on its own, so that you can ask for one. Needs labelled pictures.",
        group="Labels",
        term="conditional VAE",
    )
    sample_from: Literal["mixture", "prior"] = option(
        "mixture",
        title="New pictures from",
        help="Where codes for new pictures come from: the places where real pictures lie (better),"
        " or the plain bell curve of the theory.",
        group="Learning",
        term="Gaussian mixture fitted to the latents, or the prior N(0, I)",
        choices={"mixture": "Where pictures lie", "prior": "The bell curve"},
    )
    mixture_parts: int = option(
        20,
        title="Parts of the mixture",
        help="Bell curves that together cover where real pictures lie in the code.",
        group="Learning",
        term="mixture components",
        ge=1,
        le=200,
    )


# -------------------------------------------------------------------------------------- maths


def kl_divergence(mean: Tensor, log_variance: Tensor) -> Tensor:
    """Return KL(N(μ, σ²) ‖ N(0, 1)) of each part of each code, (B, code), in nats.

    ½ (μ² + σ² − 1 − log σ²)   (Kingma & Welling 2014, appendix B)
    """
    return 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance)


def bernoulli_cost(logits: Tensor, target: Tensor) -> Tensor:
    """Return −log p(x|z) of each item, (B,), in nats, for grey values x in 0 … 1.

    −Σ x log p + (1 − x) log(1 − p), p = σ(logits): the usual bound for grey MNIST.
    """
    cost = functional.binary_cross_entropy_with_logits(logits, target, reduction="none")
    return cost.flatten(1).sum(1)


def gaussian_cost(mean: Tensor, log_deviation: Tensor, target: Tensor) -> Tensor:
    """Return −log P(x|z) of each item, (B,), in nats, for pixels of 256 steps in 0 … 1.

    Σ ½ ((x − μ)/σ)² + log σ + ½ log 2π + log 255: the density at a pixel times the step's width.
    """
    error = ((target - mean) / log_deviation.exp()).square()
    constant = log_deviation + 0.5 * math.log(2 * math.pi) + math.log(255)
    return (0.5 * error + constant).flatten(1).sum(1)


# ------------------------------------------------------------------------------------- family


class VAE(LatentFamily[VAERecipe]):
    """Encoder and decoder trained on the evidence lower bound (ELBO)."""

    recipe_type = VAERecipe
    averaged = ("encoder", "decoder", "mixture")
    info = FamilyInfo(
        id="vae",
        title="VAE",
        modality=Modality.IMAGE,
        tasks=(Task.GENERATE, Task.INTERPOLATE, Task.RECONSTRUCT, Task.MORPH, Task.DENOISE),
        summary="Learns to sum a picture up in a few numbers and to draw it from them again. Steady"
        " to train; pictures are a little soft.",
        needs="Some hundred pictures at least; it also works on your own pictures afterwards.",
        caution="Lower is better for every curve here. The distance to unseen pictures is the"
        " honest one.",
        typical_time="Quick: 3 minutes on a processor. Best: half an hour on a graphics card.",
        papers=(
            Paper(
                title="Auto-Encoding Variational Bayes",
                authors="Kingma, Welling",
                year=2014,
                url="https://arxiv.org/abs/1312.6114",
            ),
            Paper(
                title="beta-VAE: Learning Basic Visual Concepts with a Constrained Variational"
                " Framework",
                authors="Higgins et al.",
                year=2017,
                url="https://openreview.net/forum?id=Sy2fzU9gl",
            ),
            Paper(
                title="Improved Variational Inference with Inverse Autoregressive Flow",
                authors="Kingma et al.",
                year=2016,
                url="https://arxiv.org/abs/1606.04934",
            ),
            Paper(
                title="Simple and Effective VAE Training with Calibrated Decoders",
                authors="Rybkin, Daniilidis, Levine",
                year=2021,
                url="https://arxiv.org/abs/2006.13202",
            ),
            Paper(
                title="From Variational to Deterministic Autoencoders",
                authors="Ghosh et al.",
                year=2020,
                url="https://arxiv.org/abs/1903.12436",
            ),
        ),
        explains="learn/vae.md",
        metrics={
            "neg_elbo": Metric(
                title="Cost of a picture",
                help="Information to describe a picture through the model: drawing plus code. The"
                " negative evidence lower bound (−ELBO).",
                unit="nats",
                better="lower",
            ),
            "reconstruction": Metric(
                title="Cost of the drawing",
                help="How far the drawn picture is from the real one.",
                unit="nats",
                better="lower",
            ),
            "kl": Metric(
                title="Information in the code",
                help="How much the code says about a picture (KL divergence to the prior). Near"
                " zero means that the code is ignored.",
                unit="nats",
            ),
            "active_units": Metric(
                title="Code in use",
                help="Share of the code's numbers that differ from picture to picture.",
                percent=True,
            ),
            "val_neg_elbo": Metric(
                title="Cost of an unseen picture",
                help="The same on pictures kept for checking. When it rises while the other falls,"
                " the model is learning its pictures by heart.",
                unit="nats",
                better="lower",
            ),
            "val_reconstruction": Metric(
                title="Cost of drawing unseen ones",
                help="How far drawn pictures are from real ones that were kept for checking.",
                unit="nats",
                better="lower",
            ),
            "val_kl": Metric(
                title="Information on unseen ones",
                help="How much the code says about a picture that was kept for checking.",
                unit="nats",
            ),
        }
        | SAMPLE_METRICS,
        best="val_neg_elbo",
        figures=("neg_elbo", "val_neg_elbo", "active_units"),
    )
    presets = (
        Preset(
            id="quick",
            title="Quick",
            summary="Recognisable pictures within 3 minutes on an ordinary processor.",
            options={"steps": 1800, "batch_size": 128, "minutes": 2.9},
            preparation={"size": 28},
        ),
        Preset(
            id="balanced",
            title="Balanced",
            summary="Pictures of 64 pixels: an hour on a processor, minutes on a card.",
            options={"steps": 20_000, "batch_size": 128, "code": 64},
            preparation={"size": 64},
        ),
        Preset(
            id="best",
            title="Best",
            summary="A wide network and a long code; meant for a graphics card.",
            options={"steps": 60_000, "batch_size": 128, "code": 128, "width": 64},
            preparation={"size": 64},
        ),
    )

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
        codes: list[Tensor] = []
        for batch in batches:
            mean, log_variance = self.encoder(batch.items, self.labels_of(batch))
            # draws, not means: the decoder learned from codes with their noise
            codes.append(mean + (0.5 * log_variance).exp() * torch.randn_like(mean))
            if sum(map(len, codes)) >= MIXTURE_CODES:
                break
        if codes:
            self.mixture.fit(torch.cat(codes).float())

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
