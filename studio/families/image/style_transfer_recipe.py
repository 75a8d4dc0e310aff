"""What a user sets for style transfer, as it learns and as it paints; the presets."""

from __future__ import annotations

from typing import Literal

from studio.core.family_info import Preset
from studio.core.options import FamilyRecipe, option
from studio.families.translation import TranslationSettings


class StyleTransferRecipe(FamilyRecipe):
    """Settings of a style-transfer model."""

    batch_size: int = option(
        4,
        title="Batch",
        help="Pictures in one step. Larger is steadier and needs more memory.",
        group="Learning",
        term="batch size",
        main=True,
        ge=1,
        le=256,
    )
    width: int = option(
        24,
        title="Width",
        help="Channels of the finest stage. Wider networks paint richer strokes and take longer.",
        group="Size",
        term="base channels",
        main=True,
        ge=4,
        le=256,
    )
    blocks: int = option(
        3,
        title="Blocks",
        help="How often the painter thinks a picture over. More bend shapes, not just colours.",
        group="Size",
        term="residual blocks",
        ge=1,
        le=18,
    )
    features: Literal["own", "vgg19"] = option(
        "own",
        title="Sees with",
        help="What tells one style from another. Texture mode learns to see from your own pictures:"
        " colours and strokes, no objects. VGG-19 was trained on a million photographs and sees"
        " better; the file (548 MB) is fetched once, and training takes several times as long.",
        group="Learning",
        term="perceptual features",
        main=True,
        choices={"own": "My pictures (texture mode)", "vgg19": "VGG-19"},
    )
    style: float = option(
        3.0,
        title="Style",
        help="How much the style counts beside what the picture shows. More paints bolder and keeps"
        " less of the picture.",
        group="Learning",
        term="style weight, content being 1",
        main=True,
        gt=0,
        le=1000,
    )
    smooth: float = option(
        0.3,
        title="Smoothness",
        help="How much rough, speckled colour is avoided.",
        group="Learning",
        term="total-variation weight",
        ge=0,
        le=100,
    )
    learning_rate: float = option(
        2e-3,
        title="Learning rate",
        help="How large each correction is; it sinks to nothing over the second half of the steps.",
        group="Learning",
        term="learning rate of Adam, linear decay",
        gt=0,
        le=0.1,
    )


class StyleTransferSettings(TranslationSettings):
    """How pictures are painted."""

    styles: str = option(
        "",
        title="Styles",
        help="Names or numbers of styles with their weights, such as waves or 1: 2 + 3. Empty mixes"
        " all of them alike.",
        group="Sampling",
        main=True,
    )
    strength: float = option(
        1.0,
        title="Strength",
        help="How far the picture goes towards the style: 0 leaves it as it is, 1 is as learned,"
        " more exaggerates.",
        group="Sampling",
        main=True,
        ge=0,
        le=1.5,
    )
    thorough: int = option(
        0,
        title="Rework",
        help="Corrections of each result by itself, pixel by pixel, after the quick painter. 100"
        " come closer to the style and take minutes in place of a moment.",
        group="Sampling",
        term="iterations of optimisation (Gatys et al.)",
        choices={"0": "None"},
        ge=0,
        le=5000,
    )


PRESETS = (
    Preset(
        id="quick",
        title="Quick",
        summary="Colours and textures of a few styles within 3 minutes on an ordinary processor.",
        options={"steps": 2000, "minutes": 2.8},
        preparation={"size": 64},
    ),
    Preset(
        id="balanced",
        title="Balanced",
        summary="Strokes at 128 pixels: an hour on a processor, minutes on a card.",
        options={"steps": 10_000, "width": 32, "blocks": 5, "batch_size": 8},
        preparation={"size": 128},
    ),
    Preset(
        id="best",
        title="Best",
        summary="The network of the papers at 256 pixels, seen with VGG-19; for a graphics card.",
        options={
            "steps": 40_000,
            "width": 32,
            "blocks": 5,
            "batch_size": 16,
            "learning_rate": 1e-3,
            "features": "vgg19",
        },
        preparation={"size": 256},
    ),
)
