"""What a user sets for a music Transformer, and the presets."""

from __future__ import annotations

from typing import Literal

from studio.core.family_info import Preset
from studio.core.options import option
from studio.families.writing_settings import TransformerRecipe


class MusicTransformerRecipe(TransformerRecipe):
    """Settings of a music Transformer."""

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
