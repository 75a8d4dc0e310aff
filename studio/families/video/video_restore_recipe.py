"""What a user sets for the restoration of films, and the presets."""

from __future__ import annotations

from typing import Literal

from studio.core.family_info import Preset
from studio.core.options import option
from studio.families.image.restore_recipe import RestoreRecipe, RestoreSettings


class VideoRestoreRecipe(RestoreRecipe):
    """Settings of restoration, of films."""

    damage: Literal["noise", "blur", "jpeg", "upscale2", "upscale4"] = option(
        "upscale2",
        title="Repairs",
        help="What it learns to undo. It spoils your clean clips in this way itself, all frames of"
        " a clip alike, so any sharp and clean clips will do.",
        group="Preparation",
        term="degradation model: denoising, deblurring, compression artefact removal,"
        " super-resolution",
        main=True,
        choices={
            "upscale2": "Twice as large",
            "upscale4": "Four times as large",
            "noise": "Noise",
            "blur": "Blur",
            "jpeg": "Compression blocks",
        },
    )
    window: Literal[1, 3, 5] = option(
        3,
        title="Frames seen at once",
        help="It repairs a frame from this many: itself and as many before as after it. What one"
        " lost another may still show.",
        group="Size",
        term="temporal window",
        unit="frames",
        main=True,
        choices={"1": "1", "3": "3", "5": "5"},
    )


class VideoRestoreSettings(RestoreSettings):
    """How films are restored."""

    tile: int = option(
        320,
        title="Piece size",
        help="Large frames are worked on in overlapping pieces of this size, without seams."
        " Smaller takes less memory and more time.",
        group="Machine",
        term="tile size",
        unit="px",
        ge=32,
        le=4096,
    )


PRESETS = (
    Preset(
        id="quick",
        title="Quick",
        summary="A visible repair within 5 minutes on an ordinary processor.",
        options={"steps": 1500, "batch_size": 16, "minutes": 4.8, "crop": 48, "blocks": 4},
        preparation={"size": 64},
    ),
    Preset(
        id="balanced",
        title="Balanced",
        summary="Finer repairs from clips of 128 pixels: hours on a processor, minutes on a card.",
        options={"steps": 20_000, "batch_size": 16, "width": 48, "blocks": 12},
        preparation={"size": 128},
    ),
    Preset(
        id="best",
        title="Best",
        summary="Five frames at once and a deep network on clips of 256 pixels; meant for a"
        " graphics card.",
        options={
            "steps": 100_000,
            "batch_size": 16,
            "crop": 96,
            "width": 64,
            "blocks": 16,
            "window": 5,
            "learning_rate": 4e-4,
        },
        preparation={"size": 256},
    ),
)
