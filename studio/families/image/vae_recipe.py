"""What a user sets for a VAE, and the presets."""

from __future__ import annotations

from typing import Literal

from studio.core.family_info import Preset
from studio.core.options import option
from studio.families.variational import VariationalRecipe


class VAERecipe(VariationalRecipe):
    """Settings of a VAE."""

    backbone: Literal["mlp", "conv"] = option(
        "conv",
        title="Network",
        help="Plain layers (small and fast) or convolutions (better on photos).",
        group="Size",
        term="backbone",
        main=True,
        choices={"mlp": "Plain layers", "conv": "Convolutions"},
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
        1e-3,
        title="Learning rate",
        help="How large each correction is at first; it falls to zero over the run.",
        group="Learning",
        term="peak learning rate of Adam, cosine decay",
        gt=0,
        le=0.1,
    )
    likelihood: Literal["auto", "bernoulli", "gaussian"] = option(
        "auto",
        title="Pixel model",
        help="How a pixel may differ from the drawing: as a shade of grey, or with a noise level"
        " that is learned. Automatic takes the first for grey pictures, the second for colour.",
        group="Learning",
        term="likelihood p(x|z): Bernoulli or Gaussian with learned variance",
        choices={"auto": "Automatic", "bernoulli": "Shade of grey", "gaussian": "With noise level"},
    )
    input_noise: float = option(
        0.1,
        title="Noise on what it sees",
        help="The encoder sees noisy pictures and must draw clean ones: it learns to remove noise"
        " and learns less by heart.",
        group="Stability",
        term="denoising criterion, standard deviation for pixels in 0 … 1",
        ge=0,
        le=1,
    )
    conditional: bool = option(
        False,
        title="Use labels",
        help="Learns each label on its own, so that you can ask for one. Needs labelled pictures.",
        group="Labels",
        term="conditional VAE",
    )


PRESETS = (
    Preset(
        id="quick",
        title="Quick",
        summary="Recognisable pictures within 3 minutes on an ordinary processor.",
        options={"steps": 1800, "batch_size": 128, "minutes": 2.8},
        preparation={"size": 28},
    ),
    Preset(
        id="balanced",
        title="Balanced",
        summary="Pictures of 64 pixels: an hour on a processor, minutes on a card.",
        options={"steps": 20_000, "batch_size": 128, "code": 64},
        preparation={"size": 64},
    ),
    Preset(
        id="best",
        title="Best",
        summary="A wide network and a long code; meant for a graphics card.",
        options={"steps": 60_000, "batch_size": 128, "code": 128, "width": 64},
        preparation={"size": 64},
    ),
)
