"""What a user sets for a music VAE, and the presets."""

from __future__ import annotations

from typing import Literal

from studio.core.family_info import Preset
from studio.core.options import option
from studio.families.variational import VariationalRecipe


class MusicVAERecipe(VariationalRecipe):
    """Settings of a music VAE."""

    network: Literal["conv", "gru"] = option(
        "conv",
        title="Network",
        help="Convolutions see all bars at once; the GRU reads bar after bar and has a conductor"
        " that tells each bar what to play.",
        group="Size",
        term="convolutional, or hierarchical recurrent encoder and decoder",
        main=True,
        choices={"conv": "Convolutions", "gru": "Bar by bar (GRU)"},
    )
    width: int = option(
        32,
        title="Width",
        help="Channels of the finest stage. Wider networks keep finer detail and take longer.",
        group="Size",
        term="base channels",
        main=True,
        ge=4,
        le=256,
    )
    learning_rate: float = option(
        5e-3,
        title="Learning rate",
        help="How large each correction is at first; it falls to zero over the run.",
        group="Learning",
        term="peak learning rate of AdamW, cosine decay; Muon's is a multiple of it",
        gt=0,
        le=0.1,
    )
    sparse: Literal["none", "weight", "focal"] = option(
        "weight",
        title="Sounding places",
        help="Nearly all of a roll is silent. Count notes more than silence, or count what is"
        " right already hardly at all, so that rare notes are not lost.",
        group="Learning",
        term="handling of sparse targets: positive weight, or focal loss",
        choices={"none": "Count as silence", "weight": "Count more", "focal": "Look at mistakes"},
    )
    weight: float = option(
        3.0,
        title="Weight of notes",
        help="How many times more a sounding place counts, where notes count more.",
        group="Learning",
        term="pos_weight of the Bernoulli likelihood",
        ge=1,
        le=100,
    )
    weight_decay: float = option(
        0.0,
        title="Pull to zero",
        help="How strongly large weights are pulled back, which keeps a model plain.",
        group="Stability",
        term="decoupled weight decay",
        ge=0,
        le=1,
    )
    missing: float = option(
        0.1,
        title="Missing notes",
        help="Share of the roll that is hidden from the encoder, so that it learns less by heart.",
        group="Stability",
        term="denoising criterion: dropout of the input",
        ge=0,
        le=0.9,
    )
    conditional: bool = option(
        False,
        title="Use labels",
        help="Learns each label on its own, so that you can ask for one. Needs labelled pieces.",
        group="Labels",
        term="conditional VAE",
    )


PRESETS = (
    Preset(
        id="quick",
        title="Quick",
        summary="Bars that can be copied and blended within 3 minutes on an ordinary processor.",
        options={"steps": 800, "minutes": 2.8, "code": 64, "beta": 0.5, "warm_up": 0.2},
        preparation={"roll_bars": 4},
    ),
    Preset(
        id="balanced",
        title="Balanced",
        summary="Closer copies and smoother ways: an hour on a processor, minutes on a card.",
        options={
            "steps": 15_000,
            "batch_size": 128,
            "width": 48,
            "code": 128,
            "beta": 0.5,
            "warm_up": 0.2,
            "learning_rate": 3e-3,
        },
        preparation={"roll_bars": 4},
    ),
    Preset(
        id="best",
        title="Best",
        summary="Eight bars with a conductor; meant for a graphics card.",
        options={
            "steps": 60_000,
            "batch_size": 128,
            "network": "gru",
            "width": 96,
            "code": 256,
            "beta": 0.5,
            "warm_up": 0.2,
            "learning_rate": 2e-3,
        },
        preparation={"roll_bars": 8},
    ),
)
