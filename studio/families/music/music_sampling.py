"""What models that write music token by token can be told."""

from __future__ import annotations

from typing import Literal

from studio.core.family_info import Task
from studio.core.options import option
from studio.data.music.controls import DENSITIES
from studio.data.music.measures import NAMES
from studio.data.music.voices import GROUPS, Group
from studio.families.writing_settings import ChoiceSettings

ANY = "any"
#: Tasks in which a wish for the whole piece counts; a given piece has its own key and metre.
_NEW = (Task.GENERATE,)
_INSTRUMENTS = {ANY: "Any"} | {group: group for group in GROUPS}

KeyName = Literal["any", "C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B"]
AnyGroup = Literal["any", Group]


class MusicSampling(ChoiceSettings):
    """How music is written, and what it is to be like."""

    bars: int = option(
        16,
        title="Bars",
        help="How many bars are written at most; a piece may end by itself before.",
        group="Sampling",
        main=True,
        unit="bars",
        tasks=(Task.GENERATE, Task.CONTINUE),
        ge=1,
        le=256,
    )
    key: KeyName = option(
        ANY,
        title="Key",
        help="The note that the piece is at home on.",
        group="Sampling",
        term="tonic",
        main=True,
        choices={ANY: "Any"} | {name: name for name in NAMES},
        tasks=_NEW,
    )
    mode: Literal["any", "major", "minor"] = option(
        ANY,
        title="Mode",
        help="Major sounds bright, minor darker.",
        group="Sampling",
        main=True,
        choices={ANY: "Any", "major": "Major", "minor": "Minor"},
        tasks=_NEW,
    )
    tempo: int = option(
        0,
        title="Tempo",
        help="Quarter notes per minute; models may play differently at different tempos.",
        group="Sampling",
        term="beats per minute (BPM)",
        unit="per minute",
        main=True,
        choices={"0": "Any"},
        tasks=_NEW,
        ge=0,
        le=400,
    )
    metre: Literal["any", "2/4", "3/4", "4/4", "6/8", "9/8", "12/8", "2/2", "3/2"] = option(
        ANY,
        title="Metre",
        help="How many beats a bar has, if your music has such bars.",
        group="Sampling",
        term="time signature",
        choices={ANY: "Any"},
        tasks=_NEW,
    )
    density: Literal["any", "0", "1", "2", "3", "4"] = option(
        ANY,
        title="Density",
        help="How many notes a bar has, beside your music: each degree is a fifth of it.",
        group="Sampling",
        main=True,
        choices={ANY: "Any"}
        | {str(degree): word.capitalize() for degree, word in enumerate(DENSITIES)},
        tasks=(Task.GENERATE, Task.CONTINUE),
    )
    instrument_1: AnyGroup = option(
        ANY,
        title="Instrument",
        help="An instrument that is to play, if your music has several.",
        group="Sampling",
        choices=_INSTRUMENTS,
        tasks=_NEW,
    )
    instrument_2: AnyGroup = option(
        ANY,
        title="Second instrument",
        help="Another instrument that is to play.",
        group="Sampling",
        choices=_INSTRUMENTS,
        tasks=_NEW,
    )
    instrument_3: AnyGroup = option(
        ANY,
        title="Third instrument",
        help="And one more.",
        group="Sampling",
        choices=_INSTRUMENTS,
        tasks=_NEW,
    )
    valid_only: bool = option(
        True,
        title="Only what makes sense",
        help="Leaves out tokens that may not follow, such as a length without a note.",
        group="Sampling",
        term="constrained decoding by the tokenizer's type graph",
    )

    @property
    def instruments(self) -> tuple[int, ...]:
        """The groups of instruments that are wished, as in `music_voices.GROUPS`."""
        wished = (self.instrument_1, self.instrument_2, self.instrument_3)
        return tuple(GROUPS.index(each) for each in dict.fromkeys(wished) if each != ANY)

    @property
    def tonic(self) -> int | None:
        """The pitch class of the wished key."""
        return None if self.key == ANY else NAMES.index(self.key)

    @property
    def wished_metre(self) -> tuple[int, int] | None:
        """The wished metre as (6, 8)."""
        if self.metre == ANY:
            return None
        beats, value = self.metre.split("/")
        return int(beats), int(value)

    @property
    def degree(self) -> int | None:
        """The wished degree of density."""
        return None if self.density == ANY else int(self.density)
