"""What a user sets for the encoder–decoder and for its answers, and the presets."""

from __future__ import annotations

from studio.core.family_info import Preset
from studio.core.options import option
from studio.families.writing_settings import ChoiceSettings, TransformerRecipe


class Seq2seqRecipe(TransformerRecipe):
    """Settings of an encoder–decoder Transformer."""

    depth: int = option(
        2,
        title="Depth",
        help="Layers on each side: of those that read and of those that write.",
        group="Size",
        term="encoder and decoder blocks",
        main=True,
        ge=1,
        le=24,
    )
    smoothing: float = option(
        0.05,
        title="Doubt",
        help="Share of certainty that the model never claims. Helps on few pairs, and answers are"
        " a little less sure.",
        group="Stability",
        term="label smoothing",
        ge=0,
        le=0.5,
    )


class Seq2seqSettings(ChoiceSettings):
    """What the search for an answer can be told."""

    beams: int = option(
        4,
        title="Ways kept open",
        help="Looks for the likeliest answer along this many ways at once; several answers are"
        " the best of them. 1 draws by chance instead, as in a talk, with temperature and the"
        " settings below.",
        group="Sampling",
        term="beam search width",
        main=True,
        ge=1,
        le=32,
    )
    length_power: float = option(
        0.6,
        title="Favour long answers",
        help="0 takes the likeliest answer, which is often too short; 1 weighs by the token.",
        group="Sampling",
        term="length normalisation α",
        ge=0,
        le=2,
    )
    length: int = option(
        0,
        title="Length",
        help="Tokens of an answer at most; 0 takes the longest that was learned.",
        group="Sampling",
        term="new tokens",
        unit="tokens",
        choices={"0": "As learned"},
        ge=0,
        le=8192,
    )


PRESETS = (
    Preset(
        id="quick",
        title="Quick",
        summary="Short pairs, such as words, dates or simple sentences, within 3 minutes on a"
        " processor.",
        options={"steps": 1200, "minutes": 2.7},
        preparation={"size": 64},
    ),
    Preset(
        id="balanced",
        title="Balanced",
        summary="Sentences: minutes on a graphics card, an evening on a processor.",
        options={
            "steps": 15_000,
            "width": 256,
            "depth": 4,
            "heads": 8,
            "batch_size": 64,
            "dropout": 0.1,
            "smoothing": 0.1,
            "learning_rate": 1.5e-3,
        },
        preparation={"size": 128},
    ),
    Preset(
        id="best",
        title="Best",
        summary="For a hundred thousand pairs and a graphics card.",
        options={
            "steps": 60_000,
            "width": 512,
            "depth": 6,
            "heads": 8,
            "batch_size": 128,
            "dropout": 0.1,
            "smoothing": 0.1,
            "learning_rate": 1e-3,
        },
        preparation={"size": 256},
    ),
)
