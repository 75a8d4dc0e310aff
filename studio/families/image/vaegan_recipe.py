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
        32,
        title="Width",
        help="Channels of the finest stage. Wider networks draw richer detail and take longer.",
        group="Size",
        term="base channels",
        main=True,
        ge=4,
        le=256,
    )
    learning_rate: float = option(
        4e-4,
        title="Learning rate",
        help="How large each correction is.",
        group="Learning",
        term="learning rate of Adam",
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
        help="How much it counts for the decoder that a copy looks like its picture, beside"
        " passing for real. More is truer, less is sharper.",
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
    equilibrium: float = option(
        0.68,
        title="Balance",
        help="Where the critic's score should lie; who is too far ahead waits for the other.",
        group="Stability",
        term="equilibrium of the gates",
        ge=0.1,
        le=2,
    )
    margin: float = option(
        0.35,
        title="Room around it",
        help="How far the score may leave the balance before one of the two waits.",
        group="Stability",
        term="margin of the gates",
        ge=0,
        le=2,
    )
    conditional: bool = option(
        True,
        title="Use labels",
        help="Learns each label apart, so that you can ask for one.",
        group="Labels",
        term="conditional VAE-GAN",
    )
    mixture_parts: int = option(
        20,
        title="Clusters of codes",
        help="After training, codes are drawn from where your pictures' codes lie. 0 draws from"
        " the plain bell curve.",
        group="Stability",
        term="Gaussian mixture over the codes",
        ge=0,
        le=200,
    )


PRESETS = (
    Preset(
        id="quick",
        title="Quick",
        summary="Recognisable copies and new pictures within 3 minutes on an ordinary processor.",
        options={"steps": 2000, "minutes": 2.8},
        preparation={"size": 32},
    ),
    Preset(
        id="balanced",
        title="Balanced",
        summary="Wider networks at 64 pixels; an hour on a graphics card.",
        options={"steps": 40_000, "width": 64, "code": 128, "learning_rate": 2e-4},
        preparation={"size": 64},
    ),
    Preset(
        id="best",
        title="Best",
        summary="As far as this model goes; hours on a graphics card.",
        options={"steps": 200_000, "width": 96, "code": 256, "learning_rate": 1e-4},
        preparation={"size": 128},
    ),
)
