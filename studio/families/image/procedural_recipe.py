"""What a user sets for rule-based pictures, and the presets."""

from __future__ import annotations

from typing import Literal

from studio.core.family_info import Preset
from studio.core.options import SampleSettings, option
from studio.families.palette import PaletteRecipe

#: The rules that each set draws from.
RULE_SETS: dict[str, tuple[str, ...]] = {
    "geometric": ("stripes", "checks", "dots", "scales", "tiles", "shapes", "automaton"),
    "organic": ("waves", "mosaic", "clouds", "marble"),
    "ornament": ("mandala", "tiles", "scales", "checks"),
}
RULE_SETS["all"] = tuple(dict.fromkeys(rule for several in RULE_SETS.values() for rule in several))


class ProceduralRecipe(PaletteRecipe):
    """Settings of rule-based pictures."""

    colours: int = option(
        12,
        title="Colours",
        help="Colours that are learned from your pictures. A pattern uses three to six of them.",
        group="Size",
        term="clusters of k-means",
        main=True,
        ge=2,
        le=64,
    )
    rules: Literal["all", "geometric", "organic", "ornament"] = option(
        "all",
        title="Rules",
        help="Which kinds of patterns new pictures are drawn from.",
        group="Size",
        term="rule set",
        main=True,
        choices={
            "all": "All",
            "geometric": "Geometric",
            "organic": "Organic",
            "ornament": "Ornaments",
        },
    )


class ProceduralSettings(SampleSettings):
    """What a pattern can be told beside its seed."""

    rule: Literal[
        "mixed", "stripes", "checks", "dots", "waves", "scales", "tiles", "mosaic", "mandala",
        "automaton", "shapes", "clouds", "marble",
    ] = option(
        "mixed",
        title="Rule",
        help="What is drawn. Mixed lets each seed choose.",
        group="Size",
        main=True,
        choices={
            "mixed": "Mixed",
            "stripes": "Stripes",
            "checks": "Checks",
            "dots": "Dots",
            "waves": "Waves",
            "scales": "Scales",
            "tiles": "Tiles",
            "mosaic": "Mosaic",
            "mandala": "Mandala",
            "automaton": "Automaton",
            "shapes": "Shapes",
            "clouds": "Clouds",
            "marble": "Marble",
        },
    )  # fmt: skip
    palette: Literal[
        "learned", "ink", "sunset", "ocean", "forest", "candy", "earth", "pastel", "primary",
        "neon", "spice",
    ] = option(
        "learned",
        title="Colours",
        help="The colours of your pictures, or a palette of the studio's own.",
        group="Size",
        term="palette",
        main=True,
        choices={
            "learned": "As learned",
            "ink": "Ink",
            "sunset": "Sunset",
            "ocean": "Ocean",
            "forest": "Forest",
            "candy": "Candy",
            "earth": "Earth",
            "pastel": "Pastel",
            "primary": "Primary",
            "neon": "Neon",
            "spice": "Spice",
        },
    )  # fmt: skip
    symmetry: Literal["auto", "none", "mirror", "quarters", "kaleidoscope"] = option(
        "auto",
        title="Symmetry",
        help="Whether the picture is mirrored. Automatic lets each seed choose.",
        group="Size",
        main=True,
        choices={
            "auto": "Automatic",
            "none": "None",
            "mirror": "Left and right",
            "quarters": "Four quarters",
            "kaleidoscope": "Kaleidoscope",
        },
    )
    scale: float = option(
        1.0,
        title="Scale",
        help="How large the elements of a pattern are.",
        group="Size",
        main=True,
        ge=0.2,
        le=5,
    )
    size: int = option(
        0,
        title="Picture size",
        help="Side of the picture; 0 is the size of the pictures that the palette came from.",
        group="Size",
        term="resolution",
        unit="px",
        main=True,
        choices={"0": "As learned"},
        ge=0,
        le=2048,
    )


PRESETS = (
    Preset(
        id="quick",
        title="Quick",
        summary="Learns the palette within seconds.",
        options={"sample_every": 100},
    ),
    Preset(
        id="balanced",
        title="Balanced",
        summary="A finer palette from more of the pixels, still within a minute.",
        options={"steps": 1000, "colours": 24, "sample_every": 500},
    ),
    Preset(
        id="best",
        title="Best",
        summary="The finest palette, and patterns shown larger.",
        options={"steps": 4000, "colours": 48, "batch_size": 128, "sample_every": 1000},
        preparation={"size": 128},
    ),
)
