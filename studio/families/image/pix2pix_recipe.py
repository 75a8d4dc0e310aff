"""What a user sets for a pix2pix model, and the presets."""

from __future__ import annotations

from studio.core.family_info import Preset
from studio.core.options import FamilyRecipe, option


class Pix2PixRecipe(FamilyRecipe):
    """Settings of a pix2pix model."""

    batch_size: int = option(
        8,
        title="Batch",
        help="Pairs in one step. Small batches learn more from each pair.",
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
    learning_rate: float = option(
        4e-4,
        title="Learning rate",
        help="How large each correction is; it sinks to nothing over the second half of the steps.",
        group="Learning",
        term="learning rate of Adam, linear decay",
        gt=0,
        le=0.1,
    )
    closeness: float = option(
        100.0,
        title="Closeness",
        help="How much it counts to be close to the wanted picture, beside looking real. Less is"
        " sharper and freer, more is safer and softer.",
        group="Learning",
        term="L1 weight λ",
        main=True,
        gt=0,
        le=1000,
    )
    critic: bool = option(
        True,
        title="Critic",
        help="A second network that asks for results that look real. Without it they are softer"
        " and training takes half the time.",
        group="Learning",
        term="conditional PatchGAN discriminator",
        main=True,
    )


PRESETS = (
    Preset(
        id="quick",
        title="Quick",
        summary="Simple changes within 3 minutes on an ordinary processor.",
        options={"steps": 1500, "minutes": 2.8},
        preparation={"size": 64},
    ),
    Preset(
        id="balanced",
        title="Balanced",
        summary="Pictures of 128 pixels; an hour on a graphics card.",
        options={"steps": 20_000, "width": 48, "learning_rate": 2e-4},
        preparation={"size": 128},
    ),
    Preset(
        id="best",
        title="Best",
        summary="The networks of the paper at 256 pixels; hours on a graphics card.",
        options={"steps": 100_000, "batch_size": 4, "width": 64, "learning_rate": 2e-4},
        preparation={"size": 256},
    ),
)
