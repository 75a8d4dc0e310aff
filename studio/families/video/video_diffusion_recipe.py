"""What a user sets for video diffusion, as it learns and as it makes clips; the presets."""

from __future__ import annotations

from typing import Literal

from studio.core.family_info import Preset, Task
from studio.core.options import option
from studio.families.image.diffusion_recipe import (
    SAMPLERS,
    DiffusionRecipe,
    DiffusionSampling,
    SamplerName,
)
from studio.families.video.films import ContinueSettings


class VideoDiffusionRecipe(DiffusionRecipe):
    """Settings of video diffusion."""

    objective: Literal["edm", "epsilon", "v", "flow"] = option(
        "edm",
        title="Task",
        help="What the network learns to say of a noisy clip. EDM suits nearly everything; the"
        " others are there to compare.",
        group="Learning",
        term="objective: EDM preconditioning, ε-, v-prediction or flow matching",
        choices={
            "edm": "EDM",
            "epsilon": "The noise (DDPM)",
            "v": "Noise and clip (v)",
            "flow": "The way (flow matching)",
        },
    )
    batch_size: int = option(
        16,
        title="Batch",
        help="Clips that the model looks at in one step. Larger is steadier and needs more memory.",
        group="Learning",
        term="batch size",
        main=True,
        ge=1,
        le=65_536,
    )
    width: int = option(
        32,
        title="Width",
        help="Channels of the finest stage. Wider networks draw richer detail and take longer.",
        group="Size",
        term="base channels",
        main=True,
        ge=16,
        le=512,
        multiple_of=16,
    )
    dropout: float = option(
        0.0,
        title="Forgetting",
        help="Share of what the network sees that is left out at random, so that it learns less by"
        " heart; 0.1 helps in long runs on few clips.",
        group="Stability",
        term="dropout",
        ge=0,
        le=0.5,
    )
    given: float = option(
        0.4,
        title="Shown beginnings",
        help="Share of the clips whose first half the model may see while it learns, to foresee the"
        " rest. Continuing films needs this; 0 leaves it out.",
        group="Learning",
        term="share of clips with unnoised context frames",
        ge=0,
        le=0.9,
    )
    conditional: bool = option(
        True,
        title="Use labels",
        help="Learns each label on its own, so that you can ask for one. Needs labelled clips.",
        group="Labels",
        term="class-conditional model",
    )
    captioned: bool = option(
        True,
        title="Use captions",
        help="Learns what captions mean, so that you can ask in words. Needs clips with captions.",
        group="Labels",
        term="text-conditional model",
    )
    left_out: float = option(
        0.1,
        title="Left unsaid",
        help="Share of the clips whose label or caption is kept from the model, so that it also"
        " learns what is common to all. Guidance needs this.",
        group="Labels",
        term="condition dropout for classifier-free guidance",
        ge=0,
        le=0.5,
    )


class VideoDiffusionSampling(ContinueSettings, DiffusionSampling):
    """What the sampler of clips can be told.

    After a short training the slope alone leaves grain, which fresh noise on the way takes along:
    after 5,000 steps on moving shapes the distance of samples was 50 with DPM++ 2M and 20 with
    Euler ancestral in 20 steps, and 15 in 12.
    """

    sampler: SamplerName = option(
        "euler_ancestral",
        title="Sampler",
        help="How noise is taken away. Ancestral and DDPM add fresh noise on the way, which leaves"
        " no grain; the others need a well trained model, and DPM++ 2M the fewest steps.",
        group="Sampling",
        main=True,
        choices=SAMPLERS,
    )
    steps: int = option(
        12,
        title="Steps",
        help="Steps from noise to the clip. More are sharper, show more of what a short training"
        " left undone, and take longer. DDPM wants hundreds.",
        group="Sampling",
        term="sampler steps",
        main=True,
        ge=1,
        le=1000,
    )
    guidance: float = option(
        1.5,
        title="Guidance",
        help="How closely it keeps to the label or the words. 1 takes them as learned, in half the"
        " time; larger is clearer and less varied, and too large burns the colours.",
        group="Sampling",
        term="classifier-free guidance scale",
        main=True,
        ge=0,
        le=20,
    )
    strength: float = option(
        0.5,
        title="Change",
        help="How far variations may be from your clip. 1 starts from noise alone.",
        group="Sampling",
        term="strength of video-to-video (SDEdit)",
        main=True,
        tasks=(Task.VARY,),
        gt=0,
        le=1,
    )


PRESETS = (
    Preset(
        id="quick",
        title="Quick",
        summary="First shapes that move after 5 minutes on an ordinary processor; 5,000 steps, in"
        " half an hour, draw them clearly.",
        options={"steps": 1100, "minutes": 4.3, "batch_size": 8, "learning_rate": 2e-3},
        preparation={"size": 32, "frames": 10},
    ),
    Preset(
        id="balanced",
        title="Balanced",
        summary="Clips of 64 pixels: a night on a processor, an hour on a card.",
        options={
            "steps": 20_000,
            "width": 64,
            "batch_size": 32,
            "learning_rate": 5e-4,
            "dropout": 0.1,
        },
        preparation={"size": 64, "frames": 16},
    ),
    Preset(
        id="best",
        title="Best",
        summary="A wide and deep network; many hours on a graphics card.",
        options={
            "steps": 100_000,
            "width": 128,
            "blocks": 2,
            "text_layers": 4,
            "batch_size": 64,
            "learning_rate": 3e-4,
            "dropout": 0.1,
        },
        preparation={"size": 64, "frames": 16},
    ),
)
