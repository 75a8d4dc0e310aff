"""What a user sets for a CycleGAN of films, and the presets."""

from __future__ import annotations

from typing import Literal

from studio.core.family_info import Preset
from studio.core.options import option
from studio.families.image.cyclegan_recipe import CycleGANRecipe


class VideoCycleGANRecipe(CycleGANRecipe):
    """Settings of a CycleGAN, of films."""

    batch_size: int = option(
        2,
        title="Batch",
        help="Clips of each kind in one step. Small batches learn more from each clip.",
        group="Learning",
        term="batch size",
        main=True,
        ge=1,
        le=256,
    )
    compared: Literal[2, 3, 4] = option(
        2,
        title="Frames compared",
        help="Frames in a row that it sees of a clip in one step. More follow motion for longer,"
        " and take as much longer.",
        group="Size",
        term="temporal window",
        unit="frames",
        choices={"2": "2", "3": "3", "4": "4"},
    )
    temporal: float = option(
        10.0,
        title="Keep frames together",
        help="How much it counts that what stands still in a clip does not tremble in the result."
        " 0 switches it off.",
        group="Learning",
        term="weight of the temporal consistency loss",
        main=True,
        ge=0,
        le=100,
    )
    motion_critic: bool = option(
        False,
        title="Judge motion too",
        help="Two more critics see the frames in a row at once, and say whether they follow on"
        " each other as those of real clips do. Takes longer.",
        group="Stability",
        term="temporal discriminator",
    )


PRESETS = (
    Preset(
        id="quick",
        title="Quick",
        summary="New colours and simple changes within 3 minutes on an ordinary processor.",
        options={"steps": 1200, "minutes": 2.8},
        preparation={"size": 64},
    ),
    Preset(
        id="balanced",
        title="Balanced",
        summary="Textures at 128 pixels: a night on a processor, half an hour on a card.",
        options={
            "steps": 20_000,
            "width": 32,
            "blocks": 6,
            "learning_rate": 2e-4,
        },
        preparation={"size": 128},
    ),
    Preset(
        id="best",
        title="Best",
        summary="The networks of the paper at 256 pixels, with critics of motion; many hours on a"
        " graphics card.",
        options={
            "steps": 200_000,
            "batch_size": 1,
            "compared": 3,
            "motion_critic": True,
            "width": 64,
            "blocks": 9,
            "learning_rate": 2e-4,
        },
        preparation={"size": 256},
    ),
)
