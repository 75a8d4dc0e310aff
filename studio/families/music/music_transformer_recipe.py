"""What a user sets for a music Transformer, and the presets."""

from __future__ import annotations

from typing import Literal

from studio.core.family_info import Preset
from studio.core.options import option
from studio.families.writing import WriterRecipe


class MusicTransformerRecipe(WriterRecipe):
    """Settings of a music Transformer."""

    steps: int = option(
        450,
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
    positions: Literal["rotary", "relative"] = option(
        "rotary",
        title="Distances",
        help="How the model sees how long ago a note was: as angles, which is fast, or with a"
        " learned answer for each distance, as in the Music Transformer.",
        group="Size",
        term="rotary position embedding, or learned relative attention",
        main=True,
        choices={"rotary": "Rotary", "relative": "Relative (learned)"},
    )


PRESETS = (
    Preset(
        id="quick",
        title="Quick",
        summary="Tunes with a key and a metre within 3 minutes on a processor.",
        options={"steps": 450, "minutes": 2.8},
        preparation={"size": 256},
    ),
    Preset(
        id="balanced",
        title="Balanced",
        summary="Phrases that answer each other: minutes on a card, an evening on a processor.",
        options={
            "steps": 5000,
            "width": 256,
            "depth": 6,
            "heads": 8,
            "batch_size": 64,
            "dropout": 0.1,
            "learning_rate": 2e-3,
        },
        preparation={"size": 512},
    ),
    Preset(
        id="best",
        title="Best",
        summary="Whole pieces at a glance; for large collections and a graphics card.",
        options={
            "steps": 20_000,
            "width": 512,
            "depth": 8,
            "heads": 8,
            "batch_size": 64,
            "dropout": 0.2,
            "learning_rate": 1e-3,
            "positions": "relative",
        },
        preparation={"size": 1024},
    ),
)
