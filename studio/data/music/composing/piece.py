"""What is wished of a piece, its plan, and the finished piece."""

from __future__ import annotations

from dataclasses import dataclass

from studio.core.media import Music
from studio.data.music.composing.rhythm import METRES, Metre, Pattern
from studio.data.music.composing.theory import Chord, Key

#: Ticks per quarter note, and of a step (a sixteenth).
TICKS, STEP = 480, 120

STYLES = ("classical", "folk", "pop", "modal", "blues")
FORMS = ("aaba", "aba", "rondo", "period", "verse", "free")
TEXTURES = ("melody", "song", "chorale")
LONGEST = 256  # bars

#: Lowest and highest pitch of each voice.
RANGES: dict[str, tuple[int, int]] = {
    "melody": (62, 84),
    "soprano": (60, 79),
    "alto": (55, 74),
    "tenor": (48, 67),
    "bass": (40, 60),
    "low": (31, 47),  # the bass of a song
    "chords": (47, 62),
}


@dataclass(frozen=True)
class Wishes:
    """What is wished of a piece; empty or 0 leaves a choice to the seed and the manner.

    Attributes:
        tonic: Pitch class of the key; −1 for any.
        mode: One of `SCALES`.
        style: One of `STYLES`, which rules it follows.
        form: One of `FORMS`.
        texture: One of `TEXTURES`.
        metre: One of `METRES`.
        rhythm: `metric` or `euclidean`.
        tempo: Quarter notes per minute.
        bars: 1 … 256.
        density: Notes of the melody, 0 sparse … 1 dense; −1 for any.
        complexity: 0 plain … 1 rich chords, rhythms and ornaments; −1 for any.
        drums: Whether drums play; None for any.
        ensemble: One of `instruments.ENSEMBLES`.
        strength: How closely a manner is followed, 0 … 1.
        variety: 0 safe … 1 usual … 2 surprising.
    """

    tonic: int = -1
    mode: str = ""
    style: str = ""
    form: str = ""
    texture: str = ""
    metre: str = ""
    rhythm: str = ""
    tempo: float = 0.0
    bars: int = 16
    density: float = -1.0
    complexity: float = -1.0
    drums: bool | None = None
    ensemble: str = ""
    strength: float = 0.0
    variety: float = 1.0


@dataclass(frozen=True, slots=True)
class Harmony:
    """A chord from a step on, for so many steps."""

    start: int
    length: int
    chord: Chord


@dataclass(frozen=True, slots=True)
class Phrase:
    """A few bars that end in a cadence.

    Attributes:
        bar, bars: Where it begins, counted from 0, and how long it is.
        letter: Its section's letter; sections of one letter are the same music, varied.
        part: Which phrase of its section it is.
        cadence: `authentic`, `half`, `plagal`, `deceptive` or `open`.
        returns: The phrase, by number, whose music it takes up again; −1 for none.
    """

    bar: int
    bars: int
    letter: str
    part: int
    cadence: str
    returns: int = -1


@dataclass(frozen=True)
class Plan:
    """What a piece is to be, decided before its notes; rules are checked against it.

    Attributes:
        roles: What each track of the music is, in order: a voice of `RANGES`, or `drums`.
        drums: The pattern of a bar for each drum that keeps one, by section letter and pitch.
        per_bar: Melody notes of a bar that were asked for; 0 where chords set the pace.
    """

    key: Key
    style: str
    form: str
    texture: str
    metre: Metre
    rhythm: str
    tempo: float
    bars: int
    phrases: tuple[Phrase, ...]
    harmonies: tuple[Harmony, ...]
    roles: tuple[str, ...]
    programs: tuple[int, ...]
    drums: dict[tuple[str, int], Pattern]
    per_bar: float

    @property
    def strict(self) -> bool:
        """Whether leading tones and sevenths must resolve."""
        return is_strict(self.style)

    @property
    def steps(self) -> int:
        """Steps of the whole piece."""
        return self.bars * self.metre.steps


@dataclass(frozen=True)
class Piece:
    """A finished piece and its plan."""

    music: Music
    plan: Plan


def is_strict(style: str) -> bool:
    """Tell whether leading tones and sevenths must resolve in a style."""
    return style in {"classical", "folk"}


__all__ = [
    "FORMS", "LONGEST", "METRES", "RANGES", "STEP", "STYLES", "TEXTURES", "TICKS", "Harmony",
    "Phrase", "Piece", "Plan", "Wishes", "is_strict",
]  # fmt: skip
