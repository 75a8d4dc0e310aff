"""What a user sets for a GPT, and the presets."""

from __future__ import annotations

from typing import Literal

from studio.core.family_info import Preset
from studio.core.options import option
from studio.families.writing import WriterRecipe


class GPTRecipe(WriterRecipe):
    """Settings of a GPT."""

    steps: int = option(
        600,
        title="Steps",
        help="How many times the model is corrected. More steps, better results, more time.",
        group="Duration",
        term="optimiser steps",
        main=True,
        ge=1,
        le=10_000_000,
    )
    width: int = option(
        128,
        title="Width",
        help="Numbers by which the model thinks of each token. Wider knows more and is slower.",
        group="Size",
        term="embedding dimension",
        main=True,
        ge=16,
        le=4096,
        multiple_of=16,
    )
    depth: int = option(
        4,
        title="Depth",
        help="Layers of attention. Deeper models connect more.",
        group="Size",
        term="Transformer blocks",
        main=True,
        ge=1,
        le=48,
    )
    heads: int = option(
        4,
        title="Heads",
        help="In how many ways each layer looks back; the width must be a multiple of twice this.",
        group="Size",
        term="attention heads",
        ge=1,
        le=64,
    )
    positions: Literal["rotary", "learned"] = option(
        "rotary",
        title="Places",
        help="Rotary sees how far tokens are apart, learned knows each place by itself.",
        group="Size",
        term="position embedding",
        choices={"rotary": "Rotary", "learned": "Learned"},
    )


PRESETS = (
    Preset(
        id="quick",
        title="Quick",
        summary="Words and lines in the manner of your texts within 3 minutes on a processor.",
        options={"steps": 600, "minutes": 2.7},
        preparation={"size": 128},
    ),
    Preset(
        id="balanced",
        title="Balanced",
        summary="Sentences that hold together: minutes on a card, an evening on a processor.",
        options={
            "steps": 2500,
            "width": 384,
            "depth": 6,
            "heads": 6,
            "batch_size": 64,
            "dropout": 0.2,
            "learning_rate": 1.5e-3,
        },
        preparation={"size": 256},
    ),
    Preset(
        id="best",
        title="Best",
        summary="For large collections of texts and a graphics card.",
        options={
            "steps": 20_000,
            "width": 768,
            "depth": 12,
            "heads": 12,
            "batch_size": 64,
            "dropout": 0.1,
            "learning_rate": 1e-3,
        },
        preparation={"size": 512},
    ),
)
