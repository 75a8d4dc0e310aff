"""What a user sets for motion by rule, and the presets."""

from __future__ import annotations

from typing import Literal

from studio.core.family_info import Preset
from studio.core.options import SampleSettings, option
from studio.families.palette import PaletteRecipe

#: The rules that each set draws from.
RULE_SETS: dict[str, tuple[str, ...]] = {
    "shapes": ("bounce", "orbit", "spin", "swing", "fountain"),
    "scenes": ("parallax", "waves", "rain", "fountain"),
    "patterns": ("pulse", "tunnel", "kaleidoscope", "waves"),
}
RULE_SETS["all"] = tuple(dict.fromkeys(rule for several in RULE_SETS.values() for rule in several))


class MotionRecipe(PaletteRecipe):
    """Settings of motion by rule."""

    rules: Literal["all", "shapes", "scenes", "patterns"] = option(
        "all",
        title="Rules",
        help="Which kinds of motion new clips are drawn from.",
        group="Size",
        term="rule set",
        main=True,
        choices={"all": "All", "shapes": "Shapes", "scenes": "Scenes", "patterns": "Patterns"},
    )
    batch_size: int = option(
        16,
        title="Batch",
        help="Clips that are looked at in one step.",
        group="Learning",
        term="batch size",
        main=True,
        ge=1,
        le=65_536,
    )


class MotionSettings(SampleSettings):
    """What a clip can be told beside its seed."""

    rule: Literal[
        "mixed", "bounce", "orbit", "spin", "swing", "fountain", "parallax", "waves", "rain",
        "pulse", "tunnel", "kaleidoscope",
    ] = option(
        "mixed",
        title="Motion",
        help="What moves. Mixed lets each seed choose.",
        group="Sampling",
        main=True,
        choices={
            "mixed": "Mixed",
            "bounce": "Bouncing shapes",
            "orbit": "Planets",
            "spin": "Spinning shape",
            "swing": "Pendulums",
            "fountain": "Fountain",
            "parallax": "Passing hills",
            "waves": "Rolling waves",
            "rain": "Rain or snow",
            "pulse": "Growing rings",
            "tunnel": "Tunnel",
            "kaleidoscope": "Kaleidoscope",
        },
    )  # fmt: skip
    palette: Literal[
        "learned", "ink", "sunset", "ocean", "forest", "candy", "earth", "pastel", "primary",
        "neon", "spice",
    ] = option(
        "learned",
        title="Colours",
        help="The colours of your clips, or a palette of the studio's own.",
        group="Sampling",
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
    length: int = option(
        0,
        title="Length",
        help="How many frames a clip has. As learned, as many as your clips.",
        group="Sampling",
        term="frames",
        unit="frames",
        main=True,
        choices={"0": "As learned"},
        ge=0,
        le=1000,
    )
    speed: float = option(
        1.0,
        title="Speed",
        help="How much faster than usual everything moves.",
        group="Sampling",
        main=True,
        ge=0.1,
        le=8,
    )
    loop: bool = option(
        True,
        title="Seamless loop",
        help="The last frame leads back to the first, so that the clip can run for ever.",
        group="Sampling",
        term="looping",
        main=True,
    )
    size: int = option(
        0,
        title="Clip size",
        help="Side of the clip; 0 is the size of the clips that the palette came from.",
        group="Sampling",
        term="resolution",
        unit="px",
        main=True,
        choices={"0": "As learned"},
        ge=0,
        le=1024,
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
        summary="The finest palette, and clips shown larger.",
        options={"steps": 4000, "colours": 48, "batch_size": 32, "sample_every": 1000},
        preparation={"size": 128},
    ),
)
