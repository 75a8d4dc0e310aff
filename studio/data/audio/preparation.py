"""How recordings are brought to what a model hears, and varied while it learns."""

from __future__ import annotations

from typing import Literal

from studio.core.options import Preparation, option

#: Every row has a multiple of this many samples, so that networks can halve it ten times.
MULTIPLE = 1024


class AudioPreparation(Preparation):
    """How recordings become rows of samples, and how they vary while a model learns."""

    rate: int = option(
        0,
        title="Sample rate",
        help="Samples a second; more holds brighter sound and takes more time to learn.",
        group="Preparation",
        term="sampling rate",
        unit="Hz",
        main=True,
        choices={"0": "Automatic"},
        ge=0,
        le=48_000,
    )
    seconds: float = option(
        0.0,
        title="Length",
        help="Seconds that the model hears at once; longer recordings are cut into slices.",
        group="Preparation",
        term="clip length",
        unit="s",
        main=True,
        choices={"0": "Automatic"},
        ge=0,
        le=60,
    )
    channels: Literal["mono", "stereo"] = option(
        "mono",
        title="Channels",
        help="Mono mixes left and right, and is learned in half the time.",
        group="Preparation",
        term="channels",
        choices={"mono": "Mono", "stereo": "Stereo"},
    )
    loudness: Literal["off", "peak", "rms"] = option(
        "peak",
        title="Loudness",
        help="Brings every recording to the same peak or the same average level, or leaves it.",
        group="Preparation",
        term="normalisation",
        main=True,
        choices={"off": "As it is", "peak": "Same peak", "rms": "Same level"},
    )
    trim: bool = option(
        True,
        title="Trim silence",
        help="Cuts silence off both ends, and leaves out slices in which nothing is heard.",
        group="Preparation",
        term="silence trimming",
        main=True,
    )
    overlap: int = option(
        0,
        title="Overlap",
        help="Share of a slice that the next one hears again; more makes more of little material.",
        group="Preparation",
        term="hop between windows",
        unit="%",
        ge=0,
        le=75,
    )
    whole: bool = option(
        False,
        title="Whole recordings",
        help="Takes only the beginning of each recording, as speech with its text must be.",
        group="Preparation",
    )
    gain: float = option(
        0.0,
        title="Louder and softer",
        help="Plays each slice up to this much louder or softer.",
        group="Augmentation",
        term="gain jitter",
        unit="dB",
        ge=0,
        le=24,
    )
    shift: int = option(
        0,
        title="Shift",
        help="Moves each slice by up to this share of its length, round its ends.",
        group="Augmentation",
        term="random shift",
        unit="%",
        ge=0,
        le=100,
    )
