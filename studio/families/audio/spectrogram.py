"""Spectrogram VAE: sums a recording up in a short code, draws its picture, and makes it heard.

This file is how it learns and samples. Its settings are in `spectrogram_recipe.py`, its code and
what that costs in `families/variational.py`, its networks in `spectrogram_networks.py`, its vocoder
in `vocoded.py`, and its texts in `spectrogram_info.py`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from studio.core.family_info import Task
from studio.core.media import Media
from studio.core.options import SampleSettings
from studio.core.recipe import DataSpec
from studio.families.audio.mel import mean_power
from studio.families.audio.spectrogram_info import INFO
from studio.families.audio.spectrogram_networks import SpectrogramDecoder, SpectrogramEncoder
from studio.families.audio.spectrogram_recipe import (
    PRESETS,
    SpectrogramRecipe,
    SpectrogramSettings,
)
from studio.families.audio.vocoded import VocodedFamily, mono
from studio.families.base import Losses, SampleRequest, Tick, noise
from studio.families.batch import Batch
from studio.families.layers.mixture import GaussianMixture
from studio.families.variational import VariationalFamily, active_units

#: Decibels that the whole range −1 … 1 of a spectrogram's values spans, halved.
DECIBELS = 40.0
#: How far a variation strays from its recording, in standard deviations of all codes.
_STRAY = 0.4


class Spectrogram(VocodedFamily[SpectrogramRecipe], VariationalFamily[SpectrogramRecipe]):
    """Encoder and decoder of spectrograms, trained on the evidence lower bound, and a vocoder."""

    info = INFO
    recipe_type = SpectrogramRecipe
    presets = PRESETS
    sampling_type = SpectrogramSettings
    averaged = ("encoder", "decoder", "mixture", "vocoder")
    encoder: SpectrogramEncoder
    decoder: SpectrogramDecoder
    _settings: SampleSettings | None = None

    def build(self, spec: DataSpec) -> None:
        """Make encoder, decoder, vocoder, their optimisers and an unfitted mixture."""
        recipe = self.recipe
        self.build_vocoder(spec)
        labels = self.label_slots(recipe.conditional)
        grid = self.scale.grid
        shape = (grid.mels, grid.frames(spec.shape[1]), recipe.width, recipe.code, labels)
        self.encoder = SpectrogramEncoder(*shape)
        self.decoder = SpectrogramDecoder(*shape)
        self.mixture = GaussianMixture(labels or recipe.mixture_parts, recipe.code)
        parameters = [*self.encoder.parameters(), *self.decoder.parameters()]
        self.optimiser = torch.optim.AdamW(
            parameters, lr=recipe.learning_rate, betas=(0.9, 0.98), weight_decay=0.01, fused=True
        )

    # ------------------------------------------------------------------------------ learning

    def train_step(self, batch: Batch) -> Losses:
        """Correct encoder and decoder once, then the vocoder."""
        for group in self.optimiser.param_groups:
            group["lr"] = self.recipe.learning_rate * self.rate_share()
        shown = self.minimise(self.optimiser, self._loss, self._with_draws(batch), clip=500.0)
        return shown | self.correct_vocoder(batch)

    def _with_draws(self, batch: Batch) -> Batch:
        code = torch.randn(len(batch), self.recipe.code, device=batch.items.device)
        return replace(batch, labels=self.labels_of(batch), draws={"code": code})

    def _loss(self, batch: Batch) -> tuple[Tensor, Losses]:
        """Return −log p(x|z) + β · KL, and both per column of the spectrogram."""
        mel = self.seen(batch.items)
        code, kl, mean = self.coded(mel, batch)
        if batch.labels is not None and self.recipe.sample_from == "mixture":
            self.mixture.follow(code.detach(), batch.labels)  # labels are followed at any step
        drawn = self.decoder(code, batch.labels).float()
        cost = self.cost(drawn, mel)
        columns = mel.shape[2]
        return cost.mean() + self.weighed(kl), {
            "neg_elbo": (cost + kl.sum(1)).mean() / columns,
            "mel_error": DECIBELS * (drawn - mel).abs().mean(),
            "kl": kl.sum(1).mean(),
            "active_units": active_units(mean),
        }

    def cost(self, drawn: Tensor, items: Tensor) -> Tensor:
        """Return −log p(x|z) of each spectrogram, (B,): normal around what was drawn.

        Σ ½ ((x − μ) / σ)² + log σ + ½ log 2π, with a σ for each row that is learned too.
        """
        log_scale = self.decoder.log_scale
        cost = 0.5 * ((drawn - items) * (-log_scale).exp()).square() + log_scale
        return (cost + 0.5 * math.log(2 * math.pi)).flatten(1).sum(1)

    def seen(self, items: Tensor) -> Tensor:
        """Return the spectrograms (B, mels, frames) of recordings."""
        mel: Tensor = self.scale(mono(items))
        return mel

    @torch.no_grad()
    def validate(self, batch: Batch) -> Losses:
        """Measure −ELBO, how close copies come, and the vocoder beside Griffin-Lim."""
        drawn = self._with_draws(batch)
        with self.compute.full_precision():
            mel = self.seen(batch.items)
            code, kl, mean = self.coded(mel, drawn)
            cost = self.cost(self.decoder(code, drawn.labels).float(), mel)
            copied = self.decoder(mean, drawn.labels).float()
        return {
            "val_neg_elbo": (cost + kl.sum(1)).mean() / mel.shape[2],
            "val_mel_error": DECIBELS * (copied - mel).abs().mean(),
            "val_kl": kl.sum(1).mean(),
        } | self.heard(batch)

    # ------------------------------------------------------------------------------- making

    @torch.inference_mode()
    def sample(self, request: SampleRequest, tick: Tick) -> Iterator[Media]:
        """Make recordings from seeds, places or own recordings, as `LatentFamily` does."""
        self._settings = request.settings
        try:
            yield from super().sample(request, tick)
        finally:
            self._settings = None

    def decode(self, codes: Tensor, labels: Tensor | None) -> Tensor:
        """Return sound (N, 1, samples) in −1 … 1."""
        mel = mean_power(self.decoder(codes, labels).float(), self.decoder.log_scale)
        return self.sound(mel, self._settings)[:, :, : self.spec.shape[1]]

    def fit_mixture(self, codes: Tensor, labels: Tensor | None) -> None:
        """Fit the mixture to all codes or, where there are labels, a part to those of each.

        Much of what a label says is in the code too: where one is asked for, codes come from
        where its recordings lie.
        """
        if labels is None:
            super().fit_mixture(codes, labels)
        else:
            self.mixture.fit_labelled(codes, labels)

    def draw(self, seeds: Sequence[int], variety: float, labels: Tensor | None) -> Tensor:
        """Return codes (N, code), from where the recordings of each label lie."""
        if labels is None or not self.mixture.is_fitted:
            return super().draw(seeds, variety, labels)
        normal = noise(seeds, (self.recipe.code,), self.compute.device)
        return self.mixture.place_of(labels, variety * normal)

    def _codes(
        self, request: SampleRequest, tick: Tick
    ) -> tuple[Tensor, Tensor | None, list[dict[str, Any]]]:
        """Return codes as other families do, and those beside the user's own for `Task.VARY`."""
        codes, labels, facts = super()._codes(request, tick)
        if request.task == Task.VARY:
            steps = noise(request.seeds, (self.recipe.code,), self.compute.device)
            codes = codes + _STRAY * request.variety * steps
        return codes, labels, facts
