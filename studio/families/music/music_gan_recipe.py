"""What a user sets for a music GAN, and the presets."""

from __future__ import annotations

from typing import Literal

from studio.core.family_info import Preset
from studio.core.options import option
from studio.families.adversarial import AdversarialRecipe


class MusicGANRecipe(AdversarialRecipe):
    """Settings of a music GAN."""

    network: Literal["conv", "lstm"] = option(
        "conv",
        title="Network",
        help="Convolutions see all bars at once and learn fast; the LSTM plays step after step.",
        group="Size",
        term="generator and critic: convolutional, or recurrent (LSTM)",
        main=True,
        choices={"conv": "Convolutions", "lstm": "LSTM"},
    )
    width: int = option(
        24,
        title="Width",
        help="Channels of the finest stage. Wider networks play richer music and take longer.",
        group="Size",
        term="base channels",
        main=True,
        ge=4,
        le=256,
    )
    notes: Literal["soft", "deterministic", "stochastic"] = option(
        "soft",
        title="How notes are set",
        help="While it learns, the critic hears shades of a note (and notes are cut at the middle"
        " afterwards), or whole notes as in real music: cut at once, or drawn by lot.",
        group="Learning",
        term="binarisation: threshold, or deterministic or stochastic binary neurons with a"
        " straight-through gradient",
        main=True,
        choices={
            "soft": "Shades, cut afterwards",
            "deterministic": "Whole notes",
            "stochastic": "Whole notes by lot",
        },
    )
    gradient_penalty: float = option(
        10.0,
        title="Slope penalty",
        help="Keeps the critic from growing too steep. The game needs it; 10 suits nearly always.",
        group="Stability",
        term="gradient penalty weight λ of WGAN-GP",
        gt=0,
        le=1000,
    )
    conditional: bool = option(
        True,
        title="Use labels",
        help="Learns each label on its own, so that you can ask for one. Needs labelled pieces.",
        group="Labels",
        term="class-conditional model (projection critic)",
    )


PRESETS = (
    Preset(
        id="quick",
        title="Quick",
        summary="First bars that hold together within 3 minutes on an ordinary processor.",
        options={
            "steps": 600,
            "minutes": 2.8,
            "code": 64,
            "learning_rate": 2e-3,
            "critic_steps": 2,
        },
        # in all keys at once the game is too hard for minutes: folk tunes had 76 % of their notes
        # in the key after 600 steps, and 95 % after 300 when they stayed in their own
        preparation={"transpose": 0},
    ),
    Preset(
        id="balanced",
        title="Balanced",
        summary="Steadier harmony: an hour on a processor, minutes on a card.",
        options={
            "steps": 15_000,
            "width": 48,
            "code": 64,
            "critic_steps": 5,
            "learning_rate": 1e-3,
        },
    ),
    Preset(
        id="best",
        title="Best",
        summary="A wide network and a slow, fair game; meant for a graphics card.",
        options={
            "steps": 60_000,
            "width": 96,
            "code": 128,
            "critic_steps": 5,
            "learning_rate": 2e-4,
            "beta1": 0.0,
        },
    ),
)
