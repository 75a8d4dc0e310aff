"""What a user sets for a VAE, and the presets."""

from __future__ import annotations

from typing import Literal

from studio.core.family_info import Preset
from studio.core.options import FamilyRecipe, option


class VAERecipe(FamilyRecipe):
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
    code: int = option(
        32,
        title="Code length",
        help="Numbers that sum a picture up. More keep more detail; too many stay unused.",
        group="Size",
        term="latent dimension",
        main=True,
        ge=2,
        le=1024,
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
    beta: float = option(
        1.0,
        title="Order of the code",
        help="Larger values give a tidier code and better new pictures, but blurrier copies.",
        group="Learning",
        term="β of the β-VAE: weight of the KL divergence",
        main=True,
        ge=0,
        le=100,
    )
    warm_up: float = option(
        0.1,
        title="Gentle start",
        help="Share of the run over which that order is demanded more and more.",
        group="Stability",
        term="KL warm-up",
        ge=0,
        le=1,
    )
    free_bits: float = option(
        0.0,
        title="Free information",
        help="Information that each part of the code may carry at no cost, so that it gets used.",
        group="Stability",
        term="free bits λ (Kingma et al. 2016)",
        unit="nats",
        ge=0,
        le=10,
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
    sample_from: Literal["mixture", "prior"] = option(
        "mixture",
        title="New pictures from",
        help="Where codes for new pictures come from: the places where real pictures lie (better),"
        " or the plain bell curve of the theory.",
        group="Learning",
        term="Gaussian mixture fitted to the latents, or the prior N(0, I)",
        choices={"mixture": "Where pictures lie", "prior": "The bell curve"},
    )
    mixture_parts: int = option(
        20,
        title="Parts of the mixture",
        help="Bell curves that together cover where real pictures lie in the code.",
        group="Learning",
        term="mixture components",
        ge=1,
        le=200,
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
