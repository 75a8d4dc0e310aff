"""What a user sets for a StyleGAN, and the presets."""

from __future__ import annotations

from typing import Literal

from studio.core.family_info import Preset
from studio.core.options import FamilyRecipe, option
from studio.families.layers.ada import Kinds

#: Left to the studio, pictures that are shown more often than this are changed for the critic; in
#: shorter runs the changes only slow it down, as those of the GAN do.
OFTEN = 100


class StyleGANRecipe(FamilyRecipe):
    """Settings of a StyleGAN."""

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
    code: int = option(
        128,
        title="Code length",
        help="Random numbers from which one picture is made, and numbers of a style.",
        group="Size",
        term="dimension of the latent spaces Z and W",
        ge=2,
        le=1024,
    )
    mapping_layers: int = option(
        2,
        title="Mapping layers",
        help="Layers that turn random numbers into a style. Deep ones sort styles more finely.",
        group="Size",
        term="depth of the mapping network",
        ge=1,
        le=16,
    )
    learning_rate: float = option(
        5e-3,
        title="Learning rate",
        help="How large each correction of the generator is. Too large shakes, too small crawls.",
        group="Learning",
        term="learning rate of Adam (β₁ = 0, β₂ = 0.99)",
        gt=0,
        le=0.1,
    )
    critic_rate: float = option(
        1.0,
        title="Critic's rate",
        help="The critic's learning rate as a multiple of the generator's.",
        group="Learning",
        term="learning-rate ratio (two time-scale update rule)",
        gt=0,
        le=20,
    )
    style_mixing: float = option(
        0.0,
        title="Mixed styles",
        help="Share of pictures made of two styles while it learns, so that coarse and fine can"
        " be mixed freely later. Slows short runs down.",
        group="Learning",
        term="style mixing regularisation",
        ge=0,
        le=1,
    )
    r1: float = option(
        5.0,
        title="R1 penalty",
        help="Keeps the critic flat around real pictures; 0 switches it off. More is calmer and"
        " suits short runs, 1 suits long ones. It takes the size of pictures and batch into"
        " account by itself.",
        group="Stability",
        term="R1 regularisation, weight γ = value · 0.0002 · size² / batch",
        ge=0,
        le=1000,
    )
    path_length: float = option(
        0.0,
        title="Smooth paths",
        help="Holds the generator to even changes along its styles; 0 switches it off, 2 is"
        " usual. For pictures of 128 pixels or more.",
        group="Stability",
        term="path length regularisation weight",
        ge=0,
        le=100,
    )
    augment: Literal["auto", "on", "off"] = option(
        "auto",
        title="Help for small sets",
        help="Shows the critic changed pictures, as often as it takes to keep it from learning"
        " them by heart. Automatic switches it on when each picture is shown more than"
        f" {OFTEN} times.",
        group="Stability",
        term="adaptive discriminator augmentation (ADA)",
        choices={"auto": "Automatic", "on": "On", "off": "Off"},
    )
    augment_kinds: Kinds = option(
        "all",
        title="Kinds of change",
        help="What may happen to pictures that the critic sees. Leave out what must never show up"
        " in samples, such as colours that are not in your pictures.",
        group="Stability",
        term="augmentation pipeline (blit, geometric, colour)",
        choices={
            "moves": "Mirror, turn, shift",
            "geometry": "And scale, rotate",
            "all": "And colours",
        },
    )
    augment_limit: float = option(
        0.85,
        title="Most help",
        help="Largest share of pictures that each change is made to.",
        group="Stability",
        term="largest augmentation probability p",
        gt=0,
        le=1,
    )
    augment_speed: float = option(
        50.0,
        title="Speed of help",
        help="Thousands of pictures in which the help may grow from nothing to its full.",
        group="Stability",
        term="ADA speed",
        unit="thousand",
        gt=0,
        le=10_000,
    )
    conditional: bool = option(
        True,
        title="Use labels",
        help="Learns each label on its own, so that you can ask for one. Needs labelled pictures.",
        group="Labels",
        term="class-conditional model (label in the mapping, projection critic)",
    )


PRESETS = (
    Preset(
        id="quick",
        title="Quick",
        summary="First recognisable pictures within 3 minutes on an ordinary processor.",
        options={"steps": 2000, "batch_size": 32, "minutes": 2.8},
        preparation={"size": 32},
    ),
    Preset(
        id="balanced",
        title="Balanced",
        summary="Clear pictures of 64 pixels; a night on a processor, minutes on a card.",
        options={
            "steps": 20_000,
            "width": 32,
            "code": 256,
            "learning_rate": 2.5e-3,
            "r1": 2.0,
            "style_mixing": 0.5,
            "augment_speed": 200.0,
        },
        preparation={"size": 64},
    ),
    Preset(
        id="best",
        title="Best",
        summary="Wide networks, free mixing and smooth paths; meant for a graphics card.",
        options={
            "steps": 150_000,
            "batch_size": 32,
            "width": 64,
            "code": 512,
            "mapping_layers": 8,
            "learning_rate": 2.5e-3,
            "r1": 1.0,
            "style_mixing": 0.9,
            "path_length": 2.0,
            "augment_speed": 500.0,
        },
        preparation={"size": 128},
    ),
)
