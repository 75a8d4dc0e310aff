"""What a user sets for a GAN, and the presets."""

from __future__ import annotations

from typing import Literal

from studio.core.family_info import Preset
from studio.core.options import option
from studio.families.adversarial import AdversarialRecipe

#: Left to the studio, sets with fewer pictures than this are augmented for the critic …
SMALL_SET = 5000
#: … when it sees each of them so often that it could learn them by heart; in shorter runs the
#: changes only slow it down (shapes, 71 times each: distance to real pictures 16 instead of 12).
OFTEN = 100


class GANRecipe(AdversarialRecipe):
    """Settings of a GAN."""

    backbone: Literal["mlp", "dcgan", "resnet"] = option(
        "dcgan",
        title="Network",
        help="Plain layers (small and fast), convolutions (the classic), or residual blocks"
        " (slower, steadier, better on photos).",
        group="Size",
        term="backbone",
        main=True,
        choices={"mlp": "Plain layers", "dcgan": "DCGAN", "resnet": "ResNet"},
    )
    width: int = option(
        48,
        title="Width",
        help="Channels of the finest stage. Wider networks draw richer detail and take longer.",
        group="Size",
        term="base channels",
        main=True,
        ge=4,
        le=256,
    )
    loss: Literal["non-saturating", "least-squares", "wasserstein", "hinge"] = option(
        "non-saturating",
        title="Game",
        help="How critic and generator keep score. Wasserstein and hinge are steadier.",
        group="Learning",
        term="adversarial loss",
        main=True,
        choices={
            "non-saturating": "Classic",
            "least-squares": "Least squares",
            "wasserstein": "Wasserstein",
            "hinge": "Hinge",
        },
    )
    critic_norm: Literal["spectral", "batch", "none"] = option(
        "none",
        title="Critic's brake",
        help="Spectral keeps the critic from growing too sharp; batch is the classic of 2016.",
        group="Stability",
        term="spectral normalisation or batch normalisation of the critic",
        choices={"spectral": "Spectral", "batch": "Batch", "none": "None"},
    )
    r1: float = option(
        0.5,
        title="R1 penalty",
        help="Keeps the critic flat around real pictures; 0 switches it off, 0.1 to 10 is usual.",
        group="Stability",
        term="R1 regularisation weight γ",
        ge=0,
        le=1000,
    )
    gradient_penalty: float = option(
        10.0,
        title="Slope penalty",
        help="Weight of the Wasserstein game's own penalty; other games do not use it.",
        group="Stability",
        term="gradient penalty weight λ of WGAN-GP",
        ge=0,
        le=1000,
    )
    augment: Literal["auto", "on", "off"] = option(
        "auto",
        title="Help for small sets",
        help="Shows the critic shifted, recoloured and cut pictures so that it cannot learn a"
        f" small set by heart. Automatic switches it on below {SMALL_SET:,} pictures that are shown"
        f" more than {OFTEN} times each.",
        group="Stability",
        term="differentiable augmentation (DiffAugment)",
        choices={"auto": "Automatic", "on": "On", "off": "Off"},
    )
    conditional: bool = option(
        True,
        title="Use labels",
        help="Learns each label on its own, so that you can ask for one. Needs labelled pictures.",
        group="Labels",
        term="class-conditional model (projection critic, conditional batch norm)",
    )


PRESETS = (
    Preset(
        id="quick",
        title="Quick",
        summary="First recognisable pictures within 3 minutes on an ordinary processor.",
        options={"steps": 2000, "minutes": 2.8},
        preparation={"size": 32},
    ),
    Preset(
        id="balanced",
        title="Balanced",
        summary="Clearer pictures of 64 pixels: an evening on a processor, minutes on a card.",
        options={"steps": 20_000, "width": 64, "learning_rate": 2e-4, "r1": 1.0},
        preparation={"size": 64},
    ),
    Preset(
        id="best",
        title="Best",
        summary="Residual networks and a steady game; meant for a graphics card.",
        options={
            "steps": 60_000,
            "backbone": "resnet",
            "width": 64,
            "loss": "hinge",
            "learning_rate": 2e-4,
            "critic_steps": 2,
            "beta1": 0.0,
            "critic_norm": "spectral",
            "r1": 0.0,
        },
        preparation={"size": 64},
    ),
)
