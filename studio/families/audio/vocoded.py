"""What families share that make spectrograms: a vocoder that learns beside them, and its settings.

A run is one thing: at each step the family learns from a batch, and the vocoder from passages of
the same recordings.
"""

from __future__ import annotations

from typing import Any, Literal, TypeVar

import torch
from torch import Tensor

from studio.core.family_info import Metric, Paper
from studio.core.options import FamilyRecipe, SampleSettings, option
from studio.core.recipe import DataSpec
from studio.families.audio.mel import MelScale, griffin_lim
from studio.families.audio.vocoder import (
    Vocoder,
    resolutions,
    spectral_distance,
    stft_loss,
)
from studio.families.base import Family, Losses
from studio.families.batch import Batch

#: Columns of a passage that the vocoder learns from.
_PASSAGE = 32
#: Held-out recordings of each batch on which sound is compared: Griffin-Lim takes its time.
_COMPARED = 8
_CLIP = 1.0  # largest norm of the vocoder's gradient
_MEL_WEIGHT = 2.0  # of the difference in the spectrogram itself, as Kong et al. 2020 add it


class VocodedRecipe(FamilyRecipe):
    """Settings of the vocoder."""

    vocoder_width: int = option(
        128,
        title="Width of the vocoder",
        help="Channels of the part that turns spectrograms into sound. Wider sounds cleaner.",
        group="Size",
        term="channels of the neural vocoder",
        ge=16,
        le=1024,
    )
    vocoder_depth: int = option(
        4,
        title="Depth of the vocoder",
        help="Layers of the part that turns spectrograms into sound.",
        group="Size",
        term="ConvNeXt blocks of the neural vocoder",
        ge=1,
        le=16,
    )
    vocoder_batch: int = option(
        12,
        title="Passages for the vocoder",
        help="Short passages that the vocoder learns from in each step.",
        group="Learning",
        term="batch size of the neural vocoder",
        ge=1,
        le=512,
    )
    vocoder_rate: float = option(
        2e-3,
        title="Learning rate of the vocoder",
        help="How large each correction of the vocoder is at first; it falls over the run.",
        group="Learning",
        term="peak learning rate of AdamW, linear decay",
        gt=0,
        le=0.1,
    )

    def prepares(self) -> dict[str, Any]:
        """Hear one channel: a spectrogram does not tell left from right."""
        return {"channels": "mono"}


class SoundSettings(SampleSettings):
    """How a spectrogram becomes sound."""

    phase: Literal["vocoder", "griffin_lim"] = option(
        "vocoder",
        title="Sound by",
        help="The vocoder learned from your recordings; the rule (Griffin-Lim) knows none of them.",
        group="Sampling",
        term="phase reconstruction: neural vocoder or Griffin-Lim",
        choices={"vocoder": "The vocoder", "griffin_lim": "A rule"},
    )
    rounds: int = option(
        32,
        title="Rounds",
        help="How often the rule corrects the sound; more takes longer.",
        group="Sampling",
        term="iterations of Griffin-Lim",
        ge=1,
        le=500,
    )


R = TypeVar("R", bound=VocodedRecipe)


class VocodedFamily(Family[R]):
    """A family that makes spectrograms, and a vocoder that makes them heard.

    Attributes:
        scale: From sound to spectrograms; nothing in it is learned.
        vocoder: From spectrograms to sound.
        vocoder_optimiser: Corrects the vocoder alone.
    """

    scale: MelScale
    vocoder: Vocoder
    vocoder_optimiser: torch.optim.Optimizer

    def build_vocoder(self, spec: DataSpec) -> None:
        """Make the scale, the vocoder and its optimiser."""
        recipe = self.recipe
        self.scale = MelScale.of(spec)
        self.vocoder = Vocoder(self.scale, recipe.vocoder_width, recipe.vocoder_depth)
        self.vocoder_optimiser = torch.optim.AdamW(
            self.vocoder.parameters(), lr=recipe.vocoder_rate, betas=(0.8, 0.99), fused=True
        )

    # ------------------------------------------------------------------------------ learning

    def correct_vocoder(self, batch: Batch) -> Losses:
        """Correct the vocoder once, on passages of a batch."""
        warm = min(1.0, (self.step + 1) / 50)
        down = max(0.05, 1 - self.step / self.recipe.steps)
        for group in self.vocoder_optimiser.param_groups:
            group["lr"] = self.recipe.vocoder_rate * warm * down
        wave = mono(batch.items[: self.recipe.vocoder_batch])
        begin = torch.rand(len(wave), device=wave.device)
        passages = Batch(_passages(wave, begin, _PASSAGE * self.scale.grid.hop))
        return self.minimise(self.vocoder_optimiser, self._vocoder_loss, passages, clip=_CLIP)

    def _vocoder_loss(self, batch: Batch) -> tuple[Tensor, Losses]:
        mel = self.scale(batch.items)
        made = self.vocoder(mel)
        with self.compute.full_precision():
            apart = stft_loss(made, batch.items, resolutions(self.scale)).mean()
            colour = (self.scale(made) - mel).abs().mean()
        return apart + _MEL_WEIGHT * colour, {"vocoder_loss": apart}

    def heard(self, batch: Batch) -> Losses:
        """Measure the vocoder and Griffin-Lim on some recordings of a held-out batch."""
        wave = mono(batch.items[:_COMPARED])
        with self.compute.full_precision():
            mel = self.scale(wave)
            ours = spectral_distance(self.vocoder(mel), wave, self.scale)
            rule = spectral_distance(griffin_lim(self.scale, mel), wave, self.scale)
        return {"val_spectral_distance": ours.mean(), "val_griffin_lim_distance": rule.mean()}

    # -------------------------------------------------------------------------------- making

    def sound(self, mel: Tensor, settings: SampleSettings | None = None) -> Tensor:
        """Return sound (N, 1, frames · hop) in −1 … 1 from spectrograms (N, mels, frames)."""
        if isinstance(settings, SoundSettings) and settings.phase == "griffin_lim":
            wave = griffin_lim(self.scale, mel.float(), rounds=settings.rounds)
        else:
            wave = self.vocoder(mel)
        return wave.float().clamp(-1, 1)[:, None]


def mono(items: Tensor) -> Tensor:
    """Return sound (B, samples) from recordings (B, channels, samples)."""
    return items.float().mean(1)


def _passages(wave: Tensor, begin: Tensor, length: int) -> Tensor:
    """Return a passage (B, length) of each recording (B, samples), where it is not filled up.

    Args:
        begin: (B,) in 0 … 1, where each passage begins between the first place and the last.
    """
    samples = wave.shape[1]
    length = min(length, samples)
    place = torch.arange(1, samples + 1, device=wave.device)
    ends = (place * (wave != 0)).amax(1)  # what a recording is filled up with is exactly 0
    first = (begin * (ends - length).clamp_min(0)).long()
    return wave.gather(1, first[:, None] + torch.arange(length, device=wave.device))


#: Metrics of the vocoder, for every family that has one.
VOCODER_METRICS: dict[str, Metric] = {
    "vocoder_loss": Metric(
        title="Vocoder's mistakes",
        help="How far the vocoder's sound is from the recording through four windows, from short"
        " to long (multi-resolution STFT loss).",
        better="lower",
    ),
    "val_spectral_distance": Metric(
        title="Vocoder on unseen recordings",
        help="How far recordings kept for checking are from what the vocoder makes of their"
        " spectrograms, on average over frequencies and time (multi-resolution spectral"
        " distance).",
        unit="dB",
        better="lower",
    ),
    "val_griffin_lim_distance": Metric(
        title="A rule on the same",
        help="The same distance for the rule that learns nothing (Griffin-Lim). The vocoder should"
        " come closer.",
        unit="dB",
        better="lower",
    ),
}

#: What the vocoder and its rival follow.
VOCODER_PAPERS = (
    Paper(
        title="Vocos: Closing the gap between time-domain and Fourier-based neural vocoders",
        authors="Siuzdak",
        year=2023,
        url="https://arxiv.org/abs/2306.00814",
    ),
    Paper(
        title="iSTFTNet: Fast and Lightweight Mel-Spectrogram Vocoder Incorporating Inverse"
        " Short-Time Fourier Transform",
        authors="Kaneko et al.",
        year=2022,
        url="https://arxiv.org/abs/2203.02395",
    ),
    Paper(
        title="Parallel WaveGAN: A fast waveform generation model based on generative adversarial"
        " networks with multi-resolution spectrogram",
        authors="Yamamoto, Song, Kim",
        year=2020,
        url="https://arxiv.org/abs/1910.11480",
    ),
    Paper(
        title="A fast Griffin-Lim algorithm",
        authors="Perraudin, Balazs, Søndergaard",
        year=2013,
        url="https://doi.org/10.1109/WASPAA.2013.6701851",
    ),
)
