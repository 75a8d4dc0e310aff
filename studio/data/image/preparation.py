"""The settings by which pictures are brought to training size and varied while a model learns."""

from __future__ import annotations

from typing import Literal

from studio.core.options import Preparation, option


class ImagePreparation(Preparation):
    """How pictures are brought to training size, and how they vary while a model learns."""

    size: int = option(
        0,
        title="Size",
        help="Side of the square pictures that the model sees; 0 lets the model choose.",
        group="Preparation",
        term="resolution",
        unit="px",
        main=True,
        choices={"0": "Automatic"},
        ge=0,
        le=1024,
    )
    fit: Literal["crop", "pad", "stretch"] = option(
        "crop",
        title="Fit",
        help="Crop keeps the middle, pad adds a border in the edge's colour, stretch distorts.",
        group="Preparation",
        term="aspect handling",
        main=True,
        choices={"crop": "Crop to the middle", "pad": "Pad the edges", "stretch": "Stretch"},
    )
    colour: Literal["auto", "colour", "grey"] = option(
        "auto",
        title="Colour",
        help="Automatic is grey when every picture is grey, which learns faster.",
        group="Preparation",
        term="channels",
        main=True,
        choices={"auto": "Automatic", "colour": "Colour", "grey": "Grey"},
    )
    part: Literal["whole", "left", "right"] = option(
        "whole",
        title="Part",
        help="Takes one half of pictures that hold two side by side, such as sketch and photo.",
        group="Preparation",
        term="side-by-side pairs",
        choices={"whole": "Whole picture", "left": "Left half", "right": "Right half"},
    )
    mirror: bool = option(
        False,
        title="Mirror",
        help="Shows half of the pictures mirrored left to right; not for letters and digits.",
        group="Augmentation",
        term="horizontal flip",
        main=True,
    )
    upside_down: bool = option(
        False,
        title="Upside down",
        help="Shows half of the pictures upside down, for views from above or textures.",
        group="Augmentation",
        term="vertical flip",
    )
    rotate: int = option(
        0,
        title="Turn",
        help="Turns each picture by up to this angle to either side.",
        group="Augmentation",
        term="random rotation",
        unit="°",
        ge=0,
        le=180,
    )
    zoom: int = option(
        0,
        title="Zoom",
        help="Crops up to this share of each side at a random place.",
        group="Augmentation",
        term="random resized crop",
        unit="%",
        ge=0,
        le=50,
    )
    brightness: int = option(
        0,
        title="Brightness",
        help="Makes each picture brighter or darker by up to this much.",
        group="Augmentation",
        term="brightness jitter",
        unit="%",
        ge=0,
        le=80,
    )
    contrast: int = option(
        0,
        title="Contrast",
        help="Makes each picture harder or softer by up to this much.",
        group="Augmentation",
        term="contrast jitter",
        unit="%",
        ge=0,
        le=80,
    )
    saturation: int = option(
        0,
        title="Colourfulness",
        help="Makes each picture more or less colourful by up to this much.",
        group="Augmentation",
        term="saturation jitter",
        unit="%",
        ge=0,
        le=80,
    )
