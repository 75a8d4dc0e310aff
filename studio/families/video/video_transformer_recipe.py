"""What a user sets for a video Transformer and for its sampler, and the presets."""

from __future__ import annotations

from studio.core.family_info import Preset
from studio.core.options import option
from studio.families.image.vqvae_recipe import VQVAERecipe, VQVAESampling
from studio.families.video.films import ContinueSettings


class VideoTransformerRecipe(VQVAERecipe):
    """Settings of a video Transformer."""

    vocabulary: int = option(
        256,
        title="Vocabulary",
        help="Different pieces that clips are put together from. More keep more detail and are"
        " harder to write with.",
        group="Size",
        term="codebook size K",
        main=True,
        ge=8,
        le=16_384,
    )
    halvings: int = option(
        2,
        title="Tile size",
        help="How often frames are halved: 1 makes tiles of 2 × 2 pixels, 2 of 4 × 4, 3 of 8 × 8."
        " Larger tiles make shorter texts, which are quicker to learn and keep less detail.",
        group="Size",
        term="spatial downsampling stages, factor 2ⁿ",
        main=True,
        ge=1,
        le=5,
    )
    time_halvings: int = option(
        2,
        title="Frames in a tile",
        help="How often time is halved: a tile lasts 2 frames with 1, 4 with 2, 8 with 3. Longer"
        " tiles make shorter texts and quick motion harder to draw.",
        group="Size",
        term="temporal downsampling stages, factor 2ⁿ",
        main=True,
        ge=0,
        le=4,
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
    captioned: bool = option(
        False,
        title="Use captions",
        help="Learns what words look like, so that you can say what to show. Needs captions.",
        group="Labels",
        term="text-to-video: text tokens, then video tokens",
    )


class VideoTransformerSampling(ContinueSettings, VQVAESampling):
    """What the writing of a clip can be told."""


PRESETS = (
    Preset(
        id="quick",
        title="Quick",
        summary="First shapes that move after 5 minutes on an ordinary processor; 4,000 steps, in"
        " half an hour, draw them clearly.",
        options={
            "steps": 900,
            "minutes": 4.3,
            "width": 48,
            "vocabulary": 512,
            "settle": 0.5,
        },
        preparation={"size": 32, "frames": 16},
    ),
    Preset(
        id="balanced",
        title="Balanced",
        summary="Clips of 64 pixels, written in 1,024 tiles; for an hour on a graphics card.",
        options={
            "steps": 20_000,
            "vocabulary": 512,
            "width": 96,
            "writer_width": 384,
            "writer_depth": 8,
            "learning_rate": 5e-4,
            "dropout": 0.1,
        },
        preparation={"size": 64, "frames": 16},
    ),
    Preset(
        id="best",
        title="Best",
        summary="A large vocabulary and a deep Transformer, for hours on a graphics card.",
        options={
            "steps": 80_000,
            "vocabulary": 1024,
            "width": 128,
            "blocks": 4,
            "writer_width": 512,
            "writer_depth": 12,
            "learning_rate": 3e-4,
            "dropout": 0.1,
        },
        preparation={"size": 64, "frames": 16},
    ),
)
