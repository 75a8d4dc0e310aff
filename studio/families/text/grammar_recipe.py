"""What a user sets for the rule-based writer, and the presets."""

from __future__ import annotations

from typing import Literal

from studio.core.family_info import Preset
from studio.core.options import FamilyRecipe, option
from studio.families.text.text_writer import TextSampling

#: Rows of tokens that can be kept, by the word for it.
MEMORY = {"small": 1 << 18, "usual": 1 << 20, "large": 1 << 23}


class GrammarRecipe(FamilyRecipe):
    """Settings of the rule-based writer."""

    steps: int = option(
        150,
        title="Steps",
        help="How many batches are counted. A passage counts once, however often it comes, so more"
        " steps only help until all of the text was seen.",
        group="Duration",
        term="mini-batch steps",
        main=True,
        ge=1,
        le=1_000_000,
    )
    order: int = option(
        5,
        title="Looks back",
        help="Tokens that decide what follows. More copies longer passages, fewer makes less sense:"
        " 5 suits characters, 2 or 3 word parts.",
        group="Size",
        term="order of the Markov chain",
        main=True,
        ge=1,
        le=12,
    )
    memory: Literal["small", "usual", "large"] = option(
        "usual",
        title="Memory",
        help="How many different rows of tokens can be kept: 0.3, 1 or 8 million. Large suits"
        " texts of 5 MB or more.",
        group="Size",
        term="slots of the hash table",
        choices={"small": "Small", "usual": "Usual", "large": "Large"},
    )


class GrammarSettings(TextSampling):
    """What the rule-based writer can be told."""

    form: Literal["prose", "lines", "haiku", "rules"] = option(
        "prose",
        title="Form",
        help="As learned, in lines of one length, in three lines of 5, 7 and 5 syllables, or by"
        " your own rules.",
        group="Sampling",
        main=True,
        choices={"prose": "As learned", "lines": "Lines", "haiku": "Haiku", "rules": "Own rules"},
    )
    rules: str = option(
        "",
        title="Rules",
        help="Such as: start: The {mood} {word:4-7} {word:*ed}. ; mood: old | {word:*ful}. Slots"
        " name rules; {word}, {name}, {line} and {words:5} come from your texts. Empty, the page"
        " you write on holds the rules.",
        group="Sampling",
        term="context-free grammar",
        main=True,
    )
    measure: int = option(
        10,
        title="Syllables",
        help="How many syllables a line has where lines are asked for, about.",
        group="Sampling",
        ge=2,
        le=40,
    )
    looks_back: int = option(
        0,
        title="Looks back",
        help="Tokens that decide what follows, when it writes. Fewer is wilder; 0 takes all that"
        " were learned.",
        group="Sampling",
        term="order",
        choices={"0": "As learned"},
        ge=0,
        le=12,
    )


PRESETS = (
    Preset(
        id="quick",
        title="Quick",
        summary="Counts a text of a million characters in a quarter of a minute.",
        options={"steps": 150, "minutes": 2.0},
        preparation={"size": 256},
    ),
    Preset(
        id="balanced",
        title="Balanced",
        summary="Every passage of a text of some million characters.",
        options={"steps": 1000, "order": 6},
        preparation={"size": 256},
    ),
    Preset(
        id="best",
        title="Best",
        summary="For large texts: eight times the memory.",
        options={"steps": 5000, "order": 7, "memory": "large"},
        preparation={"size": 256},
    ),
)
