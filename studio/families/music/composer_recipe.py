"""What a user sets for the composer, and the presets."""

from __future__ import annotations

from typing import Literal

from studio.core.family_info import Preset, Task
from studio.core.options import FamilyRecipe, SampleSettings, option
from studio.data.music.composing.piece import Wishes
from studio.data.music.composing.theory import NOTES
from studio.data.music.controls import DENSITIES

ANY = "any"
#: Tasks in which a wish for the whole piece counts; a given piece has its own key and metre.
_NEW = (Task.GENERATE,)


class ComposerRecipe(FamilyRecipe):
    """Settings of the composer."""

    steps: int = option(
        40,
        title="Steps",
        help="How many batches of your pieces are listened to.",
        group="Duration",
        term="mini-batch steps",
        main=True,
        ge=1,
        le=100_000,
    )
    batch_size: int = option(
        32,
        title="Batch",
        help="Stretches of music that are listened to in one step.",
        group="Learning",
        term="batch size",
        main=True,
        ge=1,
        le=65_536,
    )


class ComposerSettings(SampleSettings):
    """What the composer can be told beside the seed."""

    bars: int = option(
        16,
        title="Bars",
        help="How long the piece is.",
        group="Sampling",
        unit="bars",
        main=True,
        ge=1,
        le=256,
    )
    key: Literal[
        "any", "C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B"
    ] = option(
        ANY,
        title="Key",
        help="The note that the piece is at home on.",
        group="Sampling",
        term="tonic",
        main=True,
        choices={ANY: "Any"} | {name: name for name in NOTES},
        tasks=_NEW,
    )  # fmt: skip
    mode: Literal[
        "any", "major", "natural_minor", "harmonic_minor", "melodic_minor", "dorian", "phrygian",
        "lydian", "mixolydian", "pentatonic_major", "pentatonic_minor", "blues",
    ] = option(
        ANY,
        title="Mode",
        help="The scale: major sounds bright, minor darker, the old modes in between.",
        group="Sampling",
        term="scale or church mode",
        main=True,
        choices={
            ANY: "Any",
            "major": "Major",
            "natural_minor": "Natural minor",
            "harmonic_minor": "Harmonic minor",
            "melodic_minor": "Melodic minor",
            "dorian": "Dorian",
            "phrygian": "Phrygian",
            "lydian": "Lydian",
            "mixolydian": "Mixolydian",
            "pentatonic_major": "Pentatonic major",
            "pentatonic_minor": "Pentatonic minor",
            "blues": "Blues",
        },
        tasks=_NEW,
    )  # fmt: skip
    tempo: int = option(
        0,
        title="Tempo",
        help="Quarter notes per minute.",
        group="Sampling",
        term="beats per minute (BPM)",
        unit="per minute",
        main=True,
        choices={"0": "Any"},
        tasks=_NEW,
        ge=0,
        le=400,
    )
    density: Literal["any", "0", "1", "2", "3", "4"] = option(
        ANY,
        title="Density",
        help="How many notes the melody has in a bar.",
        group="Sampling",
        main=True,
        choices={ANY: "Any"}
        | {str(degree): word.capitalize() for degree, word in enumerate(DENSITIES)},
    )
    texture: Literal["any", "melody", "song", "chorale"] = option(
        ANY,
        title="Voices",
        help="A melody alone, with chords and bass, or four voices that move by strict rules.",
        group="Sampling",
        term="texture",
        main=True,
        choices={
            ANY: "Any",
            "melody": "Melody alone",
            "song": "Melody, chords, bass",
            "chorale": "Four voices",
        },
        tasks=_NEW,
    )
    form: Literal["any", "aaba", "aba", "rondo", "period", "verse", "free"] = option(
        ANY,
        title="Form",
        help="Which sections come again, varied.",
        group="Sampling",
        main=True,
        choices={
            ANY: "Any",
            "aaba": "Song (AABA)",
            "aba": "Three parts (ABA)",
            "rondo": "Rondo (ABACA)",
            "period": "Question and answer",
            "verse": "Verse and chorus",
            "free": "Ever new",
        },
        tasks=_NEW,
    )
    rules: Literal["any", "classical", "folk", "pop", "modal"] = option(
        ANY,
        title="Rules",
        help="Strict harmony and rich chords, plain chords, loops of pop, or loops of old modes.",
        group="Sampling",
        term="rule set",
        main=True,
        choices={
            ANY: "Any",
            "classical": "Classical",
            "folk": "Folk",
            "pop": "Pop",
            "modal": "Modal",
        },
    )
    ensemble: Literal[
        "any", "piano", "strings", "winds", "brass", "choir", "organ", "folk", "guitar", "harp",
        "band", "synth",
    ] = option(
        ANY,
        title="Instruments",
        help="Who plays.",
        group="Sampling",
        term="General MIDI programs",
        main=True,
        choices={
            ANY: "Any",
            "piano": "Piano",
            "strings": "Strings",
            "winds": "Winds",
            "brass": "Brass",
            "choir": "Choir",
            "organ": "Organ",
            "folk": "Fiddle and accordion",
            "guitar": "Guitar",
            "harp": "Flute and harp",
            "band": "Band",
            "synth": "Synthesisers",
        },
        tasks=_NEW,
    )  # fmt: skip
    drums: Literal["any", "on", "off"] = option(
        ANY,
        title="Drums",
        help="Whether drums play along.",
        group="Sampling",
        choices={ANY: "As it fits", "on": "On", "off": "Off"},
    )
    metre: Literal["any", "4/4", "3/4", "2/4", "6/8"] = option(
        ANY,
        title="Metre",
        help="How many beats a bar has.",
        group="Sampling",
        term="time signature",
        choices={ANY: "Any"},
        tasks=_NEW,
    )
    rhythm: Literal["any", "metric", "euclidean"] = option(
        ANY,
        title="Rhythm",
        help="Rhythms of common figures, or notes spread as evenly as the bar allows.",
        group="Sampling",
        term="metric or Euclidean rhythm",
        choices={ANY: "Any", "metric": "Figures", "euclidean": "Evenly spread"},
    )
    complexity: float = option(
        -1.0,
        title="Richness",
        help="From plain chords and rhythms, 0, to rich ones with ornaments, 1.",
        group="Sampling",
        term="complexity",
        choices={"-1": "Any"},
        ge=-1,
        le=1,
    )
    strength: float = option(
        0.8,
        title="Your manner",
        help="How closely your own pieces are imitated: 0 not at all, 1 as far as rules allow.",
        group="Sampling",
        term="weight of the learned statistics",
        main=True,
        ge=0,
        le=1,
    )

    def wishes(self, variety: float) -> Wishes:
        """Return the settings as composing takes them."""
        return Wishes(
            tonic=-1 if self.key == ANY else NOTES.index(self.key),
            mode=_open(self.mode),
            style=_open(self.rules),
            form=_open(self.form),
            texture=_open(self.texture),
            metre=_open(self.metre),
            rhythm=_open(self.rhythm),
            tempo=float(self.tempo),
            bars=self.bars,
            density=-1.0 if self.density == ANY else int(self.density) / 4,
            complexity=self.complexity,
            drums=None if self.drums == ANY else self.drums == "on",
            ensemble=_open(self.ensemble),
            strength=self.strength,
            variety=variety,
        )


def _open(value: str) -> str:
    return "" if value == ANY else value


#: Pieces are counted as they are, not in other keys, so that keys and tempos can be imitated.
_AS_THEY_ARE = {"transpose": 0, "tempo_spread": 0}

PRESETS = (
    Preset(
        id="quick",
        title="Quick",
        summary="Listens for some seconds.",
        options={"sample_every": 20},
        preparation=_AS_THEY_ARE,
    ),
    Preset(
        id="balanced",
        title="Balanced",
        summary="Listens to more of your pieces, still within a minute.",
        options={"steps": 200, "sample_every": 100},
        preparation=_AS_THEY_ARE,
    ),
    Preset(
        id="best",
        title="Best",
        summary="Listens until rare chords and rhythms are counted well.",
        options={"steps": 1000, "sample_every": 500},
        preparation=_AS_THEY_ARE,
    ),
)
