"""What a user sets for a VQ-VAE and for its sampler, and the presets."""

from __future__ import annotations

from studio.core.family_info import Preset
from studio.core.options import FamilyRecipe, SampleSettings, option

#: Numbers that each head of attention works with.
HEAD = 32


class VQVAERecipe(FamilyRecipe):
    """Settings of a VQ-VAE with a Transformer that writes its codes."""

    vocabulary: int = option(
        256,
        title="Vocabulary",
        help="Different tiles that pictures are put together from. More keep more detail and are"
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
        help="How often pictures are halved: 1 makes tiles of 2 × 2 pixels, 2 of 4 × 4, 3 of 8 × 8."
        " Larger tiles make shorter texts, which are quicker to learn and keep less detail.",
        group="Size",
        term="downsampling stages, factor 2ⁿ",
        main=True,
        ge=1,
        le=5,
    )
    width: int = option(
        64,
        title="Width",
        help="Channels of the network that cuts everything into tiles. Wider keeps finer detail.",
        group="Size",
        term="hidden channels",
        ge=4,
        le=512,
        multiple_of=2,
    )
    blocks: int = option(
        2,
        title="Blocks",
        help="Residual blocks on each side of that network.",
        group="Size",
        term="residual blocks",
        ge=0,
        le=16,
    )
    code: int = option(
        32,
        title="Code length",
        help="Numbers by which tiles are told apart.",
        group="Size",
        term="codebook dimension D",
        ge=2,
        le=512,
    )
    writer_width: int = option(
        128,
        title="Writer's width",
        help="Numbers with which the Transformer thinks of one tile. Wider writes better and takes"
        " longer.",
        group="Size",
        term="model width of the Transformer prior",
        main=True,
        ge=HEAD,
        le=2048,
        multiple_of=HEAD,
    )
    writer_depth: int = option(
        4,
        title="Writer's depth",
        help="Layers of the Transformer, one on the other.",
        group="Size",
        term="Transformer blocks",
        ge=1,
        le=48,
    )
    learning_rate: float = option(
        1e-3,
        title="Learning rate",
        help="How large each correction is at first; it falls over the run.",
        group="Learning",
        term="peak learning rate of Adam, cosine decay",
        gt=0,
        le=0.1,
    )
    settle: float = option(
        0.35,
        title="Tiles are settled after",
        help="Share of the run in which the tiles are learned. After it they stay as they are, and"
        " only the Transformer learns to write with them.",
        group="Learning",
        term="share of the auto-encoder's stage",
        ge=0.05,
        le=0.95,
    )
    commitment: float = option(
        0.25,
        title="Commitment",
        help="How strongly what is cut is pulled towards the tiles that are there.",
        group="Stability",
        term="commitment weight β",
        ge=0,
        le=10,
    )
    restart: bool = option(
        True,
        title="Renew unused tiles",
        help="A tile that is hardly ever used becomes one that is missing.",
        group="Stability",
        term="codebook restart of dead codes",
    )
    input_noise: float = option(
        0.05,
        title="Noise on what it reads",
        help="Share of the tiles that the Transformer reads wrong while learning: it gets used to"
        " its own mistakes and learns less by heart.",
        group="Stability",
        term="random replacement of input tokens",
        ge=0,
        le=1,
    )
    dropout: float = option(
        0.0,
        title="Dropout",
        help="Share of the Transformer's numbers that is left out at random while learning; helps"
        " in long runs on few items.",
        group="Stability",
        term="dropout",
        ge=0,
        le=0.9,
    )
    conditional: bool = option(
        True,
        title="Use labels",
        help="Learns what each label looks like, so that you can ask for one. Needs labels.",
        group="Labels",
        term="class-conditional prior",
    )
    captioned: bool = option(
        True,
        title="Use captions",
        help="Learns what words look like, so that you can say what to draw. Needs captions.",
        group="Labels",
        term="text-to-image: text tokens, then image tokens",
    )


class VQVAESampling(SampleSettings):
    """What the writing of a picture can be told."""

    temperature: float = option(
        1.0,
        title="Temperature",
        help="Below 1 it writes likely tiles, above 1 it dares more. Variety moves it as well.",
        group="Learning",
        term="softmax temperature",
        ge=0,
        le=2,
    )
    top_k: int = option(
        0,
        title="Only the best",
        help="Only so many of the likeliest tiles are drawn from at each place; 0 means all.",
        group="Learning",
        term="top-k",
        choices={"0": "All"},
        ge=0,
        le=16_384,
    )
    top_p: float = option(
        1.0,
        title="Only the likely",
        help="Only the likeliest tiles that together have this chance are drawn from.",
        group="Learning",
        term="top-p, nucleus sampling",
        gt=0,
        le=1,
    )
    guidance: float = option(
        2.0,
        title="Follow the words",
        help="How closely results keep to the label or the words. 1 is as learned; much higher"
        " makes them alike. Takes twice the time, but at 1.",
        group="Labels",
        term="classifier-free guidance scale, on logits",
        ge=0,
        le=20,
    )


PRESETS = (
    Preset(
        id="quick",
        title="Quick",
        summary="Recognisable pictures within 3 minutes on an ordinary processor.",
        options={"steps": 1200, "minutes": 2.8},
        preparation={"size": 32},
    ),
    Preset(
        id="balanced",
        title="Balanced",
        summary="Pictures of 64 pixels, written in 256 tiles: minutes on a graphics card.",
        options={
            "steps": 20_000,
            "vocabulary": 512,
            "width": 128,
            "writer_width": 384,
            "writer_depth": 8,
            "learning_rate": 5e-4,
            "dropout": 0.1,
        },
        preparation={"size": 64},
    ),
    Preset(
        id="best",
        title="Best",
        summary="A large vocabulary and a deep Transformer; for an hour or more on a graphics"
        " card.",
        options={
            "steps": 80_000,
            "vocabulary": 1024,
            "width": 256,
            "blocks": 4,
            "writer_width": 512,
            "writer_depth": 12,
            "learning_rate": 3e-4,
            "dropout": 0.1,
        },
        preparation={"size": 64},
    ),
)
