"""One class per kind of medium, as families make them and views show them."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:  # the window opens without waiting for numpy
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import numpy as np
    import numpy.typing as npt


class Modality(StrEnum):
    """The five kinds of media that the studio knows."""

    IMAGE = "image"
    TEXT = "text"
    MUSIC = "music"
    AUDIO = "audio"
    VIDEO = "video"


@dataclass(frozen=True)
class Nouns:
    """What people call a modality (`kind`, as on a filter), its items, and what is learned from.

    Models see `rows`: whole pictures, but passages of texts and of music.
    """

    kind: str
    one: str
    many: str
    rows: str


#: Whoever speaks of items takes the words from here, so that no page is about pictures alone.
NOUNS: dict[Modality, Nouns] = {
    Modality.IMAGE: Nouns("Pictures", "picture", "pictures", "pictures"),
    Modality.TEXT: Nouns("Text", "text", "texts", "passages"),
    Modality.MUSIC: Nouns("Music", "piece", "pieces", "passages"),
    Modality.AUDIO: Nouns("Sound", "recording", "recordings", "passages"),
    Modality.VIDEO: Nouns("Video", "clip", "clips", "clips"),
}


@dataclass(frozen=True)
class Media:
    """A generated or imported medium.

    Attributes:
        facts: What made it, as far as it differs from item to item: seed, label, place on a path.
    """

    facts: dict[str, Any] = field(default_factory=dict, kw_only=True)


@dataclass(frozen=True)
class Image(Media):
    """A picture: `pixels` is uint8 of shape (H, W, C) with C = 1 (grey) or 3 (sRGB)."""

    pixels: npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Sound(Media):
    """A recording.

    Attributes:
        samples: float32 (N, C) in -1 … 1 with C = 1 or 2.
        rate: Samples per second.
    """

    samples: npt.NDArray[np.float32]
    rate: int = 44_100


@dataclass(frozen=True)
class Clip(Media):
    """Moving pictures that fit into memory.

    Attributes:
        frames: uint8 (T, H, W, C) with C = 1 (grey) or 3 (sRGB).
        fps: Frames per second.
        sound: What is heard with them.
    """

    frames: npt.NDArray[np.uint8]
    fps: float = 12.0
    sound: Sound | None = None


@dataclass(frozen=True)
class Film(Media):
    """Moving pictures that are read, or made, frame by frame while they are written.

    A user's own file of any length, and what a model makes of one, is a film: memory holds a few
    frames of it at a time.

    Attributes:
        frames: Begins anew from the first frame each time it is called; uint8 (H, W, 3).
        width, height: Of every frame.
        fps: Frames per second.
        count: How many frames there are, as far as that is known before; 0 when it is not.
        sound: The file whose sound goes along; None for silence.
    """

    frames: Callable[[], Iterator[npt.NDArray[np.uint8]]]
    width: int
    height: int
    fps: float
    count: int = 0
    sound: Path | None = None


#: Stands in a text for words that a model is to find (the task FILL).
BLANK = "[…]"


class Token(NamedTuple):
    """A token as a model wrote it.

    Attributes:
        text: What it stands for; tokens of one text joined give the text.
        chance: How likely it was, 0 … 1, before temperature and other choices.
        others: What might have stood there instead, the likeliest first, with their chances.
    """

    text: str
    chance: float
    others: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class Text(Media):
    """A piece of writing, with the tokens that a model wrote when it was written by one."""

    text: str
    tokens: tuple[Token, ...] = ()


@dataclass(frozen=True)
class Track:
    """The notes of one instrument.

    Attributes:
        notes: int32 (N, 4): start and duration in ticks, pitch 0 … 127, velocity 1 … 127; in the
            order of their starts.
        program: General MIDI program, 0 … 127.
        drums: Whether pitches are the drums of the percussion channel.
    """

    notes: npt.NDArray[np.int32]
    program: int = 0
    drums: bool = False
    name: str = ""


@dataclass(frozen=True)
class Music(Media):
    """A piece of music as notes.

    Attributes:
        ticks: Ticks per quarter note.
        tempos: (tick, quarter notes per minute) where the tempo changes, the first at 0.
        signatures: (tick, beats per bar, note value of a beat) where the metre changes.
    """

    tracks: tuple[Track, ...]
    ticks: int = 480
    tempos: tuple[tuple[int, float], ...] = ((0, 120.0),)
    signatures: tuple[tuple[int, int, int], ...] = ((0, 4, 4),)
