"""What a user sets for a VAE-GAN, and the presets."""

from __future__ import annotations

from studio.core.family_info import Preset
from studio.core.options import FamilyRecipe, option


class VAEGANRecipe(FamilyRecipe):
    """Settings of a VAE-GAN."""

    code: int = option(
        64,
        title="Code length",
        help="Numbers that sum a picture up. More keep more detail and are harder to fill.",
        group="Size",
        term="latent dimension",
        main=True,
        ge=2,
        le=1024,
    )
    width: int = option(
        16,
        title="Width",
        help="Channels of the finest stage. Wider networks draw richer detail and take longer.",
        group="Size",
        term="base channels",
        main=True,
        ge=4,
        le=256,
    )
    learning_rate: float = option(
        5e-3,
        title="Learning rate",
        help="How large each correction of decoder and critic is; the encoder's are smaller.",
        group="Learning",
        term="learning rate of Adam, for equalised layers",
        gt=0,
        le=0.1,
    )
    beta: float = option(
        0.1,
        title="Order in the codes",
        help="How much it counts that codes lie as they are drawn later. More gives better new"
        " pictures, less gives closer copies.",
        group="Learning",
        term="KL weight β",
        main=True,
        ge=0,
        le=100,
    )
    likeness: float = option(
        1.0,
        title="Likeness",
        help="How much it counts that a copy looks like its picture to the critic, beside new"
        " pictures passing for real. More is truer, less is sharper.",
        group="Learning",
        term="weight γ of the feature reconstruction",
        main=True,
        gt=0,
        le=100,
    )
    pixels: float = option(
        1.0,
        title="Pixels",
        help="How much each pixel counts beside what the critic sees. 0 leaves all to the critic.",
        group="Learning",
        term="weight of the pixel reconstruction",
        ge=0,
        le=100,
    )
    r1: float = option(
        5.0,
        title="Calm critic",
        help="How strongly the critic is kept from swinging. More is steadier and slower.",
        group="Stability",
        term="R1 penalty, at 256 pixels and 32 pictures a step",
        ge=0,
        le=100,
    )
    conditional: bool = option(
        True,
        title="Use labels",
        help="Learns each label apart, so that you can ask for one.",
        group="Labels",
        term="conditional VAE-GAN",
    )


PRESETS = (
    Preset(
        id="quick",
        title="Quick",
        summary="Recognisable copies and new pictures within 3 minutes on an ordinary processor.",
        options={"steps": 1500, "batch_size": 32, "minutes": 2.8},
        preparation={"size": 32},
    ),
    Preset(
        id="balanced",
        title="Balanced",
        summary="Wider networks at 64 pixels; an hour on a graphics card.",
        options={
            "steps": 40_000,
            "width": 32,
            "code": 128,
            "learning_rate": 2.5e-3,
            "r1": 2.0,
        },
        preparation={"size": 64},
    ),
    Preset(
        id="best",
        title="Best",
        summary="As far as this model goes; hours on a graphics card.",
        options={
            "steps": 200_000,
            "batch_size": 32,
            "width": 64,
            "code": 256,
            "learning_rate": 2.5e-3,
            "r1": 1.0,
        },
        preparation={"size": 128},
    ),
)
