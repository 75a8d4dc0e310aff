"""What a user sets for a WaveNet and for what it makes, and the presets."""

from __future__ import annotations

from typing import Any

from studio.core.family_info import Preset, Task
from studio.core.options import FamilyRecipe, SampleSettings, option


class WaveNetRecipe(FamilyRecipe):
    """Settings of a WaveNet."""

    steps: int = option(
        800,
        title="Steps",
        help="How many times the model is corrected. More steps, better results, more time.",
        group="Duration",
        term="optimiser steps",
        main=True,
        ge=1,
        le=10_000_000,
    )
    batch_size: int = option(
        4,
        title="Batch",
        help="Recordings that the model hears a part of in one step.",
        group="Learning",
        term="batch size",
        main=True,
        ge=1,
        le=65_536,
    )
    crop: int = option(
        2048,
        title="Part",
        help="Samples of each recording that are learned in a step; what came before them is heard"
        " as well.",
        group="Learning",
        term="crop length",
        unit="samples",
        ge=64,
        le=1_048_576,
    )
    width: int = option(
        32,
        title="Width",
        help="Numbers by which each layer thinks of a sample. Wider knows more and is slower.",
        group="Size",
        term="residual and gate channels",
        main=True,
        ge=4,
        le=512,
    )
    skip: int = option(
        64,
        title="Width of the end",
        help="Numbers that all layers together hand to the end, which chooses the next sample.",
        group="Size",
        term="skip channels",
        ge=4,
        le=1024,
    )
    layers: int = option(
        9,
        title="Layers",
        help="Each layer of a stack looks back twice as far as the one before it.",
        group="Size",
        term="dilated layers per stack (dilations 1, 2, 4 …)",
        main=True,
        ge=1,
        le=14,
    )
    stacks: int = option(
        2,
        title="Stacks",
        help="How many times all layers come, one stack upon the other.",
        group="Size",
        term="repeats of the dilation cycle",
        ge=1,
        le=8,
    )
    learning_rate: float = option(
        3e-3,
        title="Learning rate",
        help="How large each correction is. Too large shakes, too small crawls.",
        group="Learning",
        term="peak learning rate of AdamW; Muon's is a multiple of it",
        gt=0,
        le=0.1,
    )
    conditional: bool = option(
        True,
        title="Use labels",
        help="Learns each label on its own, so that you can ask for one. Needs labelled"
        " recordings.",
        group="Labels",
        term="class-conditional model (global conditioning)",
    )
    mel: bool = option(
        False,
        title="Follow spectrograms",
        help="Also learns to make the sound that belongs to a spectrogram, so that it can speak"
        " your own recordings again.",
        group="Labels",
        term="local conditioning on log-mel spectrograms (neural vocoder)",
    )

    def prepares(self) -> dict[str, Any]:
        """One channel: a sample is one of 256 steps."""
        return {"channels": "mono"}


class WaveNetSampling(SampleSettings):
    """What a WaveNet can be told."""

    seconds: float = option(
        0.0,
        title="Length",
        help="Seconds that are made; 0 makes as much as the model heard at once.",
        group="Sampling",
        term="duration",
        unit="s",
        main=True,
        choices={"0": "As learned"},
        tasks=(Task.GENERATE, Task.CONTINUE),
        ge=0,
        le=600,
    )
    temperature: float = option(
        1.0,
        title="Temperature",
        help="Lower keeps to what is likely and hisses less, higher dares more.",
        group="Sampling",
        term="softmax temperature",
        main=True,
        ge=0,
        le=3,
    )
    top_p: float = option(
        1.0,
        title="Share of chances",
        help="Only the likeliest steps that together reach this share come into question.",
        group="Sampling",
        term="top-p (nucleus)",
        gt=0,
        le=1,
    )


#: Recordings as loud as they are: what makes quiet ones loud makes their hiss loud, and hiss is
#: what nobody can foresee.
_AS_IT_IS = {"loudness": "off"}

PRESETS = (
    Preset(
        id="quick",
        title="Quick",
        summary="First sounds of your recordings' kind within 5 minutes on an ordinary processor.",
        options={"minutes": 4.2},
        preparation=_AS_IT_IS,
    ),
    Preset(
        id="balanced",
        title="Balanced",
        summary="Clear sounds: under an hour on a graphics card.",
        options={
            "steps": 30_000,
            "batch_size": 16,
            "crop": 4096,
            "width": 64,
            "skip": 256,
            "layers": 10,
            "learning_rate": 2e-3,
        },
        preparation=_AS_IT_IS,
    ),
    Preset(
        id="best",
        title="Best",
        summary="As far as this model goes; hours on a graphics card.",
        options={
            "steps": 150_000,
            "batch_size": 16,
            "crop": 8192,
            "width": 128,
            "skip": 256,
            "layers": 10,
            "stacks": 3,
            "learning_rate": 1e-3,
        },
        preparation=_AS_IT_IS,
    ),
)
