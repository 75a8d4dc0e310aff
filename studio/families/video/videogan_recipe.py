"""What a user sets for a video GAN, as it learns and as it makes clips; the presets."""

from __future__ import annotations

from studio.core.family_info import Preset, Task
from studio.core.options import SampleSettings, option
from studio.families.adversarial import AdversarialRecipe


class VideoGANRecipe(AdversarialRecipe):
    """Settings of a video GAN."""

    batch_size: int = option(
        16,
        title="Batch",
        help="Clips that the model looks at in one step. Larger is steadier, needs more memory.",
        group="Learning",
        term="batch size",
        main=True,
        ge=2,
        le=1024,
    )
    code: int = option(
        48,
        title="What is shown",
        help="Random numbers from which follows what a clip shows, the same in all its frames.",
        group="Size",
        term="content code, latent dimension",
        ge=2,
        le=512,
    )
    motion: int = option(
        12,
        title="How it moves",
        help="Random numbers for each frame, from which follows how the clip moves.",
        group="Size",
        term="motion code, latent dimension",
        main=True,
        ge=2,
        le=256,
    )
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
    learning_rate: float = option(
        4e-4,
        title="Learning rate",
        help="How large each correction of the generator is. Too large shakes, too small crawls.",
        group="Learning",
        term="learning rate of Adam",
        gt=0,
        le=0.1,
    )
    clip_weight: float = option(
        1.0,
        title="Motion counts",
        help="How much the critic of whole clips counts beside the critic of single frames. More"
        " gives livelier motion when clips stand still.",
        group="Learning",
        term="weight of the video discriminator",
        main=True,
        gt=0,
        le=20,
    )
    faithful: float = option(
        4.0,
        title="Draws yours again",
        help="How much it counts that your own clips can be drawn again; needed to animate them"
        " anew. 0 leaves it out and learns faster.",
        group="Learning",
        term="reconstruction weight (encoder)",
        ge=0,
        le=100,
    )
    conditional: bool = option(
        True,
        title="Use labels",
        help="Learns each label on its own, so that you can ask for one. Needs labelled clips.",
        group="Labels",
        term="class-conditional model (projection critics)",
    )


class VideoGANSampling(SampleSettings):
    """What a video GAN can be told as it makes clips."""

    frames: int = option(
        0,
        title="Frames",
        help="How long the clips are; 0 is as long as what was learned. Much longer ones may stand"
        " still or repeat themselves.",
        group="Sampling",
        main=True,
        choices={"0": "As learned"},
        tasks=(Task.GENERATE, Task.VARY),
        ge=0,
        le=512,
    )


PRESETS = (
    Preset(
        id="quick",
        title="Quick",
        summary="Small clips that move after 5 minutes on an ordinary processor.",
        options={"steps": 2500, "minutes": 4.6, "learning_rate": 1e-3},
        preparation={"size": 32, "frames": 12},
    ),
    Preset(
        id="balanced",
        title="Balanced",
        summary="Clips of 64 pixels: a night on a processor, half an hour on a card.",
        options={"steps": 25_000, "batch_size": 32, "width": 32, "learning_rate": 2e-4},
        preparation={"size": 64, "frames": 16},
    ),
    Preset(
        id="best",
        title="Best",
        summary="Wide networks and a slow, fair game; hours on a graphics card.",
        options={
            "steps": 100_000,
            "batch_size": 32,
            "width": 64,
            "code": 96,
            "motion": 24,
            "learning_rate": 1e-4,
            "critic_rate": 2.0,
            "beta1": 0.0,
        },
        preparation={"size": 128, "frames": 24},
    ),
)
