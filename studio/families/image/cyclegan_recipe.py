"""What a user sets for a CycleGAN, and the presets."""

from __future__ import annotations

from typing import Literal

from studio.core.family_info import Preset
from studio.core.options import FamilyRecipe, option
from studio.families.translation import TranslationSettings


class CycleGANRecipe(FamilyRecipe):
    """Settings of a CycleGAN."""

    batch_size: int = option(
        4,
        title="Batch",
        help="Pictures of each kind in one step. Small batches learn more from each picture.",
        group="Learning",
        term="batch size",
        main=True,
        ge=1,
        le=256,
    )
    width: int = option(
        24,
        title="Width",
        help="Channels of the finest stage. Wider networks paint richer detail and take longer.",
        group="Size",
        term="base channels (ngf, ndf)",
        main=True,
        ge=4,
        le=256,
    )
    blocks: int = option(
        3,
        title="Blocks",
        help="How often a generator thinks over what it draws. More change shapes, not just"
        " colours.",
        group="Size",
        term="residual blocks",
        main=True,
        ge=1,
        le=18,
    )
    learning_rate: float = option(
        5e-4,
        title="Learning rate",
        help="How large each correction is; it sinks to nothing over the second half of the steps.",
        group="Learning",
        term="learning rate of Adam, linear decay",
        gt=0,
        le=0.1,
    )
    critic_rate: float = option(
        1.0,
        title="Critics' rate",
        help="The critics' learning rate as a multiple of the generators'.",
        group="Learning",
        term="learning-rate ratio (two time-scale update rule)",
        gt=0,
        le=20,
    )
    cycle: float = option(
        10.0,
        title="Way back",
        help="How much it counts that everything survives the way there and back. More keeps the"
        " result closer to the original, less lets it change more.",
        group="Learning",
        term="cycle-consistency weight λ",
        main=True,
        gt=0,
        le=100,
    )
    identity: float = option(
        0.5,
        title="Leave alone",
        help="How much it counts that what is of the wanted kind already stays as it is;"
        " it keeps colours. 0 switches it off, for kinds that differ in colour.",
        group="Learning",
        term="identity weight, as a share of the cycle's",
        main=True,
        ge=0,
        le=10,
    )
    cycle_noise: float = option(
        0.0,
        title="Noise before the way back",
        help="Blurs secret notes: without it, a generator can hide the original in differences too"
        " small to see. 0 switches it off, 0.05 is usual.",
        group="Stability",
        term="noise on the translation, against steganography",
        ge=0,
        le=1,
    )
    pool: bool = option(
        True,
        title="Show older ones again",
        help="Half of what the critics see is one of the last 50 that were made, which calms the"
        " game.",
        group="Stability",
        term="image pool (history of generated images)",
    )


class CycleGANSettings(TranslationSettings):
    """How a CycleGAN translates."""

    direction: Literal["forward", "back"] = option(
        "forward",
        title="Direction",
        help="From the first dataset's kind to the second's, or the other way round.",
        group="Size",
        main=True,
        choices={"forward": "First to second", "back": "Second to first"},
    )


PRESETS = (
    Preset(
        id="quick",
        title="Quick",
        summary="New colours and simple changes within 3 minutes on an ordinary processor.",
        options={"steps": 1200, "minutes": 2.8},
        preparation={"size": 64},
    ),
    Preset(
        id="balanced",
        title="Balanced",
        summary="Textures at 128 pixels: a night on a processor, half an hour on a card.",
        options={
            "steps": 20_000,
            "width": 32,
            "blocks": 6,
            "learning_rate": 2e-4,
        },
        preparation={"size": 128},
    ),
    Preset(
        id="best",
        title="Best",
        summary="The networks of the paper at 256 pixels; hours on a graphics card.",
        options={
            "steps": 200_000,
            "batch_size": 1,
            "width": 64,
            "blocks": 9,
            "learning_rate": 2e-4,
        },
        preparation={"size": 256},
    ),
)
