"""What a user can say of how blanks are filled."""

from __future__ import annotations

from studio.core.options import option
from studio.families.writing_settings import ChoiceSettings


class FillSettings(ChoiceSettings):
    """How blanks are filled."""

    temperature: float = option(
        0.7,
        title="Temperature",
        help="Lower keeps to what is likely, higher dares more; 0 always takes the likeliest.",
        group="Sampling",
        term="softmax temperature",
        main=True,
        ge=0,
        le=3,
    )
    length: int = option(
        0,
        title="Length",
        help="Tokens in each blank; Automatic tries several lengths and takes the one that fits"
        " best.",
        group="Sampling",
        term="masked tokens per blank",
        unit="tokens",
        main=True,
        choices={"0": "Automatic"},
        ge=0,
        le=256,
    )
    longest: int = option(
        10,
        title="Longest",
        help="Tokens that Automatic tries at most.",
        group="Sampling",
        unit="tokens",
        ge=1,
        le=32,
    )
    rounds: int = option(
        2,
        title="Second thoughts",
        help="How often the least certain tokens are taken out again and guessed anew.",
        group="Sampling",
        term="mask-predict iterations",
        ge=0,
        le=16,
    )
