"""What a user sets for sounds by rule, and the presets."""

from __future__ import annotations

from typing import Any, Literal

from studio.core.family_info import Preset
from studio.core.options import FamilyRecipe, SampleSettings, option


class SynthRecipe(FamilyRecipe):
    """Settings of sounds by rule."""

    steps: int = option(
        60,
        title="Steps",
        help="How many batches of your recordings are listened to; the means settle soon.",
        group="Duration",
        term="mini-batch steps",
        main=True,
        ge=1,
        le=100_000,
    )
    tries: int = option(
        8,
        title="Sounds of each kind",
        help="How many sounds of each kind are made to find the kinds that are most like yours.",
        group="Learning",
        main=True,
        ge=1,
        le=100,
    )
    nearest: int = option(
        3,
        title="Kinds for a label",
        help="How many of the nearest kinds new sounds of a label come from.",
        group="Learning",
        main=True,
        ge=1,
        le=15,
    )

    def prepares(self) -> dict[str, Any]:
        """Hear one channel: sounds by rule have no left and right."""
        return {"channels": "mono"}


class SynthSettings(SampleSettings):
    """What a sound can be told beside its seed and label."""

    kind: Literal[
        "learned", "mixed", "coin", "jump", "laser", "explosion", "hit", "powerup", "blip",
        "kick", "snare", "hat", "drum", "bell", "pluck", "beat", "pad",
    ] = option(
        "learned",
        title="Kind",
        help="What is heard. As learned takes the kinds that are most like your recordings; Mixed"
        " lets each seed choose among all.",
        group="Size",
        main=True,
        choices={
            "learned": "As learned",
            "mixed": "Mixed",
            "coin": "Coin",
            "jump": "Jump",
            "laser": "Laser",
            "explosion": "Explosion",
            "hit": "Blow",
            "powerup": "Power-up",
            "blip": "Blip",
            "kick": "Bass drum",
            "snare": "Snare drum",
            "hat": "Hi-hat",
            "drum": "Tom",
            "bell": "Bell",
            "pluck": "Plucked string",
            "beat": "Bar of drums",
            "pad": "Soft chord",
        },
    )  # fmt: skip
    seconds: float = option(
        0.0,
        title="Length",
        help="Seconds that the sound lasts; 0 is as long as its kind usually is.",
        group="Size",
        term="duration",
        unit="s",
        main=True,
        choices={"0": "As usual"},
        ge=0,
        le=30,
    )
    brightness: float = option(
        1.0,
        title="Brightness",
        help="Lower keeps the highs back, higher lets more of them through.",
        group="Size",
        term="cut-off of the low-pass filter",
        main=True,
        ge=0,
        le=2,
    )
    colour: float = option(
        0.5,
        title="Colour of yours",
        help="How much a sound is given the balance of highs and lows that your recordings have.",
        group="Size",
        term="matching equaliser",
        main=True,
        ge=0,
        le=1,
    )


PRESETS = (
    Preset(
        id="quick",
        title="Quick",
        summary="Listens for some seconds.",
        options={"sample_every": 60},
    ),
    Preset(
        id="balanced",
        title="Balanced",
        summary="Listens to more of your recordings, still within a minute.",
        options={"steps": 300, "tries": 16, "sample_every": 300},
    ),
    Preset(
        id="best",
        title="Best",
        summary="The most exact means, and more sounds of each kind to choose from.",
        options={"steps": 1500, "tries": 40, "batch_size": 128, "sample_every": 1500},
    ),
)
