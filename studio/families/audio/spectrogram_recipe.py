"""What a user sets for a spectrogram VAE, and the presets."""

from __future__ import annotations

from studio.core.family_info import Preset
from studio.core.options import option
from studio.families.audio.vocoded import SoundSettings, VocodedRecipe
from studio.families.variational import VariationalRecipe


class SpectrogramRecipe(VocodedRecipe, VariationalRecipe):
    """Settings of a spectrogram VAE."""

    width: int = option(
        128,
        title="Width",
        help="Channels of the networks. Wider networks keep finer detail and take longer.",
        group="Size",
        term="channels",
        main=True,
        ge=8,
        le=1024,
    )
    learning_rate: float = option(
        4e-3,
        title="Learning rate",
        help="How large each correction is at first; it falls to zero over the run.",
        group="Learning",
        term="peak learning rate of AdamW, cosine decay",
        gt=0,
        le=0.1,
    )
    conditional: bool = option(
        True,
        title="Use labels",
        help="Learns each label on its own, so that you can ask for one. Without labels it does"
        " nothing.",
        group="Labels",
        term="conditional VAE",
    )


class SpectrogramSettings(SoundSettings):
    """How new spectrograms become sound."""


PRESETS = (
    Preset(
        id="quick",
        title="Quick",
        summary="Sounds that can be told apart within 3 minutes on an ordinary processor.",
        options={"steps": 1500, "minutes": 2.8, "batch_size": 32, "beta": 0.5, "warm_up": 0.3},
    ),
    Preset(
        id="balanced",
        title="Balanced",
        summary="Cleaner sound and closer copies: an hour on a processor, minutes on a card.",
        options={
            "steps": 20_000,
            "width": 256,
            "code": 64,
            "beta": 0.5,
            "warm_up": 0.2,
            "vocoder_width": 192,
            "learning_rate": 2e-3,
            "vocoder_depth": 6,
            "vocoder_batch": 16,
        },
    ),
    Preset(
        id="best",
        title="Best",
        summary="As far as this model goes; meant for a graphics card.",
        options={
            "steps": 100_000,
            "batch_size": 128,
            "width": 384,
            "code": 128,
            "beta": 0.5,
            "warm_up": 0.2,
            "learning_rate": 1e-3,
            "vocoder_width": 384,
            "vocoder_depth": 8,
            "vocoder_batch": 32,
            "vocoder_rate": 1e-3,
        },
    ),
)
