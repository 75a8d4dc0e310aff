"""What a user sets for a model that fills blanks, and the presets."""

from __future__ import annotations

from studio.core.family_info import Preset
from studio.core.options import option
from studio.families.writing_settings import TransformerRecipe


class InfillRecipe(TransformerRecipe):
    """Settings of a Transformer that guesses hidden tokens."""

    share: float = option(
        0.15,
        title="Hidden",
        help="Share of the tokens that are hidden and guessed. More is harder and teaches more at"
        " once; above a third there is too little left to guess from.",
        group="Learning",
        term="masking rate",
        gt=0,
        le=0.6,
    )
    span: int = option(
        0,
        title="Hidden in a row",
        help="How many tokens are hidden together on average. Automatic hides about a short"
        " word, now and then a long one, so that such blanks can be filled.",
        group="Learning",
        term="mean span length",
        unit="tokens",
        choices={"0": "Automatic"},
        ge=0,
        le=32,
    )
    disguise: bool = option(
        True,
        title="Disguise some",
        help="Of the tokens to be guessed, 1 in 10 is shown as another one and 1 in 10 as it is,"
        " so that the model doubts what it reads.",
        group="Learning",
        term="80/10/10 corruption",
    )


PRESETS = (
    Preset(
        id="quick",
        title="Quick",
        summary="Fills short blanks in the manner of your texts after 3 minutes on a processor.",
        options={"steps": 1000, "minutes": 2.7, "share": 0.2},
        preparation={"size": 128},
    ),
    Preset(
        id="balanced",
        title="Balanced",
        summary="Whole words that fit: minutes on a card, an evening on a processor.",
        options={
            "steps": 10_000,
            "width": 384,
            "depth": 6,
            "heads": 6,
            "batch_size": 64,
            "dropout": 0.1,
            "learning_rate": 1.5e-3,
        },
        preparation={"size": 256},
    ),
    Preset(
        id="best",
        title="Best",
        summary="For large collections of texts and a graphics card.",
        options={
            "steps": 60_000,
            "width": 768,
            "depth": 12,
            "heads": 12,
            "batch_size": 64,
            "dropout": 0.1,
            "learning_rate": 1e-3,
        },
        preparation={"size": 512},
    ),
)
