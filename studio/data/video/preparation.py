"""The settings by which clips are brought to training size and varied while a model learns."""

from __future__ import annotations

from typing import Literal

from studio.core.options import Preparation, option


class VideoPreparation(Preparation):
    """How films become short clips of one size, and how they vary while a model learns."""

    size: int = option(
        0,
        title="Size",
        help="Side of the square frames that the model sees.",
        group="Preparation",
        term="resolution",
        unit="px",
        main=True,
        choices={"0": "Automatic"},
        ge=0,
        le=512,
    )
    frames: int = option(
        0,
        title="Frames",
        help="Frames of one clip; longer films are cut into several.",
        group="Preparation",
        term="clip length",
        main=True,
        choices={"0": "Automatic"},
        ge=0,
        le=128,
    )
    fps: float = option(
        0.0,
        title="Frame rate",
        help="Frames a second; fewer show faster motion. Automatic is what most films have.",
        group="Preparation",
        term="frame rate",
        unit="fps",
        main=True,
        choices={"0": "Automatic"},
        ge=0,
        le=120,
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
    colour: Literal["colour", "grey"] = option(
        "colour",
        title="Colour",
        help="Grey learns faster where colour does not matter.",
        group="Preparation",
        term="channels",
        choices={"colour": "Colour", "grey": "Grey"},
    )
    cuts: bool = option(
        True,
        title="Split at cuts",
        help="Begins a new clip where the scene changes, so that no clip jumps.",
        group="Preparation",
        term="shot boundary detection",
    )
    overlap: int = option(
        50,
        title="Overlap",
        help="Share of a clip that the next one shows again; more makes more of little material.",
        group="Preparation",
        term="stride between windows",
        unit="%",
        ge=0,
        le=90,
    )
    still: bool = option(
        True,
        title="Leave out still clips",
        help="Leaves out clips in which nothing moves, which teach a model to stand still.",
        group="Preparation",
        term="static clip removal",
    )
    mirror: bool = option(
        False,
        title="Mirror",
        help="Shows half of the clips mirrored left to right.",
        group="Augmentation",
        term="horizontal flip",
        main=True,
    )
    backwards: bool = option(
        False,
        title="Backwards",
        help="Shows half of the clips from their end to their beginning.",
        group="Augmentation",
        term="time reversal",
    )
