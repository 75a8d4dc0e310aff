"""What a user sets for speech from text, and the presets."""

from __future__ import annotations

from typing import Any

from studio.core.family_info import Preset
from studio.core.options import option
from studio.families.audio.vocoded import SoundSettings, VocodedRecipe


class SpeechRecipe(VocodedRecipe):
    """Settings of speech from text."""

    width: int = option(
        128,
        title="Width",
        help="Channels of the networks. Wider networks speak clearer and take longer to learn.",
        group="Size",
        term="channels",
        main=True,
        ge=16,
        le=1024,
    )
    depth: int = option(
        3,
        title="Depth",
        help="Layers that read letters, and that draw what is heard. Deeper ones see further.",
        group="Size",
        term="ConvNeXt blocks",
        main=True,
        ge=1,
        le=16,
    )
    manner: int = option(
        4,
        title="Manner",
        help="Numbers that say how a text is spoken: fast or slow, high or low, by whom.",
        group="Size",
        term="latent dimension of the utterance",
        ge=1,
        le=256,
    )
    manner_cost: float = option(
        2.0,
        title="Order of the manner",
        help="Larger values make new manners safer and all alike; smaller ones more varied.",
        group="Learning",
        term="weight of the KL divergence",
        ge=0,
        le=100,
    )
    learning_rate: float = option(
        2e-3,
        title="Learning rate",
        help="How large each correction is at first; it falls to zero over the run.",
        group="Learning",
        term="peak learning rate of AdamW, cosine decay",
        gt=0,
        le=0.1,
    )
    speakers: bool = option(
        True,
        title="Labels are voices",
        help="Learns each label as a voice of its own, where recordings have captions and labels.",
        group="Labels",
        term="multi-speaker conditioning",
    )

    def prepares(self) -> dict[str, Any]:
        """Hear whole recordings, from their beginning: a text belongs to all of it."""
        return super().prepares() | {"whole": True}


class SpeechSettings(SoundSettings):
    """How a text is spoken."""

    speed: float = option(
        1.0,
        title="Speed",
        help="How fast it is spoken: 2 takes half the time.",
        group="Sampling",
        term="inverse of the factor on durations",
        main=True,
        ge=0.25,
        le=4,
    )


PRESETS = (
    Preset(
        id="quick",
        title="Quick",
        summary="Words that can be told apart within 3 minutes on an ordinary processor.",
        options={"steps": 1500, "minutes": 2.8, "batch_size": 24},
    ),
    Preset(
        id="balanced",
        title="Balanced",
        summary="Clearer speech: an hour on a processor, minutes on a card.",
        options={
            "steps": 20_000,
            "batch_size": 32,
            "width": 192,
            "depth": 5,
            "learning_rate": 1e-3,
            "vocoder_width": 192,
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
            "batch_size": 64,
            "width": 384,
            "depth": 8,
            "manner": 16,
            "learning_rate": 6e-4,
            "vocoder_width": 384,
            "vocoder_depth": 8,
            "vocoder_batch": 32,
            "vocoder_rate": 1e-3,
        },
    ),
)
