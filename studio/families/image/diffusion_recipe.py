"""What a user sets for a diffusion model, as it learns and as it makes pictures; the presets."""

from __future__ import annotations

from typing import Literal

from studio.core.family_info import Preset, Task
from studio.core.options import FamilyRecipe, SampleSettings, option


class DiffusionRecipe(FamilyRecipe):
    """Settings of a diffusion model."""

    objective: Literal["edm", "epsilon", "v", "flow"] = option(
        "edm",
        title="Task",
        help="What the network learns to say of a noisy picture. EDM suits nearly everything; the"
        " others are there to compare.",
        group="Learning",
        term="objective: EDM preconditioning, ε-, v-prediction or flow matching",
        main=True,
        choices={
            "edm": "EDM",
            "epsilon": "The noise (DDPM)",
            "v": "Noise and picture (v)",
            "flow": "The way (flow matching)",
        },
    )
    width: int = option(
        64,
        title="Width",
        help="Channels of the finest stage. Wider networks draw richer detail and take longer.",
        group="Size",
        term="base channels",
        main=True,
        ge=16,
        le=512,
        multiple_of=16,
    )
    blocks: int = option(
        1,
        title="Depth",
        help="Blocks in each stage of the network. More draw better and take longer.",
        group="Size",
        term="residual blocks per resolution",
        main=True,
        ge=1,
        le=4,
    )
    patch: int = option(
        2,
        title="Grain",
        help="Side of the squares of pixels that the network takes as one. Larger is several times"
        " as fast, and fine detail suffers a little.",
        group="Size",
        term="patch size (space to depth)",
        unit="px",
        ge=1,
        le=4,
    )
    text_layers: int = option(
        2,
        title="Reading depth",
        help="Blocks of the network that reads captions. More understand longer sentences.",
        group="Size",
        term="layers of the text encoder",
        ge=1,
        le=12,
    )
    learning_rate: float = option(
        1e-3,
        title="Learning rate",
        help="How large each correction is at most; it falls to zero over the run.",
        group="Learning",
        term="peak learning rate of Adam, warm-up and cosine decay",
        gt=0,
        le=0.1,
    )
    dropout: float = option(
        0.0,
        title="Forgetting",
        help="Share of what the network sees that is left out at random, so that it learns less by"
        " heart; 0.1 helps in long runs on few pictures.",
        group="Stability",
        term="dropout",
        ge=0,
        le=0.5,
    )
    conditional: bool = option(
        True,
        title="Use labels",
        help="Learns each label on its own, so that you can ask for one. Needs labelled pictures.",
        group="Labels",
        term="class-conditional model",
    )
    captioned: bool = option(
        True,
        title="Use captions",
        help="Learns what captions mean, so that you can ask in words. Needs pictures with"
        " captions.",
        group="Labels",
        term="text-conditional model",
    )
    left_out: float = option(
        0.1,
        title="Left unsaid",
        help="Share of the pictures whose label or caption is kept from the model, so that it also"
        " learns what is common to all. Guidance needs this.",
        group="Labels",
        term="condition dropout for classifier-free guidance",
        ge=0,
        le=0.5,
    )


SamplerName = Literal["dpmpp_2m", "heun", "euler", "euler_ancestral", "ddim", "ddpm"]
SAMPLERS = {
    "dpmpp_2m": "DPM++ 2M",
    "heun": "Heun",
    "euler": "Euler",
    "euler_ancestral": "Euler ancestral",
    "ddim": "DDIM",
    "ddpm": "DDPM",
}


class DiffusionSampling(SampleSettings):
    """What the sampler can be told."""

    sampler: SamplerName = option(
        "dpmpp_2m",
        title="Sampler",
        help="The way from noise to the result. DPM++ 2M needs the fewest steps; Euler ancestral"
        " and DDPM add fresh noise on the way.",
        group="Sampling",
        main=True,
        choices=SAMPLERS,
    )
    steps: int = option(
        20,
        title="Steps",
        help="Steps from noise to the result. More are cleaner and take longer; 20 are plenty for"
        " DPM++ 2M, DDPM wants hundreds.",
        group="Sampling",
        term="sampler steps",
        main=True,
        ge=1,
        le=1000,
    )
    guidance: float = option(
        2.0,
        title="Guidance",
        help="How closely it keeps to the label or the words. 1 takes them as learned; larger is"
        " clearer and less varied, and too large burns the colours.",
        group="Sampling",
        term="classifier-free guidance scale",
        main=True,
        ge=0,
        le=20,
    )
    strength: float = option(
        0.5,
        title="Change",
        help="How far variations may be from your picture. 1 starts from noise alone.",
        group="Sampling",
        term="strength of image-to-image (SDEdit)",
        main=True,
        tasks=(Task.VARY,),
        gt=0,
        le=1,
    )


PRESETS = (
    Preset(
        id="quick",
        title="Quick",
        summary="First recognisable pictures within 3 minutes on an ordinary processor.",
        options={"steps": 1200, "minutes": 2.8},
        preparation={"size": 28},
    ),
    Preset(
        id="balanced",
        title="Balanced",
        summary="Clearer pictures of 64 pixels: a night on a processor, minutes on a card.",
        options={
            "steps": 20_000,
            "width": 96,
            "blocks": 2,
            "batch_size": 128,
            "learning_rate": 5e-4,
            "dropout": 0.1,
        },
        preparation={"size": 64},
    ),
    Preset(
        id="best",
        title="Best",
        summary="Every pixel on its own and a deep network; meant for a graphics card.",
        options={
            "steps": 100_000,
            "width": 128,
            "blocks": 3,
            "patch": 1,
            "text_layers": 4,
            "batch_size": 256,
            "learning_rate": 3e-4,
            "dropout": 0.1,
        },
        preparation={"size": 64},
    ),
)
