"""What a user sets for a GPT, and the presets."""

from __future__ import annotations

from typing import Literal

from studio.core.family_info import Preset
from studio.core.options import option
from studio.families.writing_settings import TransformerRecipe


class GPTRecipe(TransformerRecipe):
    """Settings of a GPT."""

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
