"""Sample sets that ship with the program, so that a first model needs neither files nor network."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import numpy.typing as npt
from PIL import Image

from studio.core.errors import StudioError
from studio.core.media import Modality
from studio.core.paths import resource
from studio.core.project import Project
from studio.core.work import Work
from studio.data import sample_clips, sample_music, sample_sounds, sample_texts
from studio.data.audio import sound_kinds
from studio.data.entries import Entry
from studio.data.image import shapes
from studio.data.image.pattern_colours import PALETTES, orange_on_blue
from studio.data.image.pattern_rules import RULES
from studio.data.image.patterns import Pattern, drawn, pattern
from studio.data.image.picture import encode_png
from studio.data.importer import ImportResult, import_entries
from studio.data.text import questions, sentence_pairs, stories

_DIGIT_SIDE = 32  # pixels: the 8 × 8 scans are enlarged to what the small models work with
_PATTERNS = 720
_PATTERN_SIDE = 64
_STYLE_SIDE = 256
_MADE = "Made by rule by AIGC Studio"
#: Seed and palette of each style picture: bold ones that differ in stroke and colour.
_STYLES = {
    "waves": (5, "sunset"),
    "tiles": (9, "ocean"),
    "mosaic": (4, "primary"),
    "marble": (9, "neon"),
    "scales": (2, "ink"),
    "clouds": (6, "spice"),
}


@dataclass(frozen=True)
class Sample:
    """A sample set.

    Attributes:
        summary: One sentence on what is in it.
        count: How many items it has.
        entries: Returns its items.
        modality: What kind of items they are.
    """

    id: str
    title: str
    summary: str
    source: str
    licence: str
    count: int
    entries: Callable[[], Iterator[Entry]]
    modality: Modality = Modality.IMAGE


def import_sample(project: Project, sample_id: str, name: str, work: Work) -> ImportResult:
    """Make a sample set into a dataset; an empty `name` takes the set's title.

    Raises:
        StudioError: There is no such set.
    """
    sample = SAMPLES.get(sample_id)
    if sample is None:
        raise StudioError(
            "No such sample set", f"{sample_id!r} is not one of {', '.join(SAMPLES)}."
        )
    return import_entries(
        project,
        name or sample.title,
        sample.modality,
        sample.entries(),
        work,
        total=sample.count,
        source=sample.source,
        licence=sample.licence,
    )


def _digits() -> Iterator[Entry]:
    with np.load(resource("samples", "digits.npz"), allow_pickle=False) as arrays:
        images, labels = arrays["images"], arrays["labels"]
    for index, (pixels, label) in enumerate(zip(images, labels, strict=True)):
        yield Entry(
            name=f"digits/{index:04d}.png",
            root="sample:digits",
            place=f"{index:04d}.png",
            size=pixels.size,
            load=partial(_enlarged, pixels),
            label=str(label),
            caption=f"a handwritten {label}",
        )


def _blue_digits() -> Iterator[Entry]:
    for entry in _digits():
        yield replace(
            entry,
            name=entry.name.replace("digits/", "blue-digits/"),
            root="sample:blue-digits",
            load=partial(_recoloured, entry.load),
            caption=f"{entry.caption} in orange on blue",
        )


def _enlarged(pixels: npt.NDArray[np.uint8]) -> bytes:
    side = (_DIGIT_SIDE, _DIGIT_SIDE)
    framed = np.pad(pixels, 1)  # the scans fill their 8 × 8 pixels to the edge
    return encode_png(Image.fromarray(framed).resize(side, Image.Resampling.BICUBIC))


def _recoloured(load: Callable[[], bytes]) -> bytes:
    with Image.open(io.BytesIO(load())) as image:
        return encode_png(Image.fromarray(orange_on_blue(np.asarray(image))))


def _shapes() -> Iterator[Entry]:
    for index in range(shapes.COUNT):
        shape = shapes.shape(index)
        yield Entry(
            name=f"shapes/{index:04d}.png",
            root="sample:shapes",
            place=f"{index:04d}.png",
            size=shapes.SIDE**2,
            load=partial(shapes.drawn, shape),
            label=shape.kind,
            caption=shape.caption,
        )


def _outlines() -> Iterator[Entry]:
    for index in range(shapes.COUNT):
        shape = shapes.shape(index)
        yield Entry(
            name=f"outlines/{index:04d}.png",
            root="sample:outlines",
            place=f"{index:04d}.png",
            size=shapes.SIDE**2,
            load=partial(shapes.outlined, shape),
            label=shape.kind,
            caption=f"the outline of a {shape.size} {shape.kind}",
        )


def _patterns() -> Iterator[Entry]:
    rules, palettes = list(RULES), list(PALETTES)
    for index in range(_PATTERNS):
        rule = rules[index % len(rules)]
        palette = palettes[index // len(rules) % len(palettes)]
        yield Entry(
            name=f"patterns/{index:04d}.png",
            root="sample:patterns",
            place=f"{index:04d}.png",
            size=_PATTERN_SIDE**2,
            load=partial(_pattern, pattern(index, rules=(rule,)), palette, _PATTERN_SIDE),
            label=rule,
            caption=f"{RULES[rule].words} in {palette} colours",
        )


def _styles() -> Iterator[Entry]:
    for rule, (seed, palette) in _STYLES.items():
        wanted = pattern(seed, rules=(rule,), fold="none", scale=0.7)
        yield Entry(
            name=f"styles/{rule}.png",
            root="sample:styles",
            place=f"{rule}.png",
            size=_STYLE_SIDE**2,
            load=partial(_pattern, wanted, palette, _STYLE_SIDE),
            label=rule,
            caption=f"{RULES[rule].words} in {palette} colours",
        )


def _pattern(wanted: Pattern, palette: str, side: int) -> bytes:
    return encode_png(Image.fromarray(drawn(wanted, PALETTES[palette], side, side)))


SAMPLES: dict[str, Sample] = {
    sample.id: sample
    for sample in (
        Sample(
            id="digits",
            title="Handwritten digits",
            summary="1,797 small scans of the digits 0 to 9, by 13 people.",
            source="Optical Recognition of Handwritten Digits, E. Alpaydin and C. Kaynak, UCI 1998",
            licence="CC BY 4.0",
            count=1797,
            entries=_digits,
        ),
        Sample(
            id="blue-digits",
            title="Digits in orange on blue",
            summary="The same digits in other colours: to turn one kind into the other.",
            source="Optical Recognition of Handwritten Digits, E. Alpaydin and C. Kaynak, UCI 1998,"
            " coloured by AIGC Studio",
            licence="CC BY 4.0",
            count=1797,
            entries=_blue_digits,
        ),
        Sample(
            id="shapes",
            title="Coloured shapes",
            summary="2,000 circles, squares, triangles, stars and rings, with captions.",
            source="Drawn by AIGC Studio",
            licence="CC0 1.0",
            count=shapes.COUNT,
            entries=_shapes,
        ),
        Sample(
            id="outlines",
            title="Outlined shapes",
            summary="The outlines of the same 2,000 shapes, by the same names: to translate one"
            " into the other.",
            source="Drawn by AIGC Studio",
            licence="CC0 1.0",
            count=shapes.COUNT,
            entries=_outlines,
        ),
        Sample(
            id="patterns",
            title="Patterns",
            summary=f"{_PATTERNS} patterns of {len(RULES)} kinds, from stripes to marble, with"
            " captions.",
            source="Drawn by AIGC Studio",
            licence="CC0 1.0",
            count=_PATTERNS,
            entries=_patterns,
        ),
        Sample(
            id="styles",
            title="Style pictures",
            summary=f"{len(_STYLES)} bold patterns as styles to transfer to other pictures.",
            source="Drawn by AIGC Studio",
            licence="CC0 1.0",
            count=len(_STYLES),
            entries=_styles,
        ),
        Sample(
            id="fairy-tales",
            title="Fairy tales",
            summary=f"{stories.COUNT} small fairy tales in English, of {len(stories.THEMES)}"
            " themes.",
            source=_MADE,
            licence="CC0 1.0",
            count=stories.COUNT,
            entries=sample_texts.fairy_tales,
            modality=Modality.TEXT,
        ),
        Sample(
            id="english-german",
            title="English and German",
            summary=f"{sentence_pairs.COUNT:,} short sentences in both languages: to translate.",
            source=_MADE,
            licence="CC0 1.0",
            count=sentence_pairs.COUNT,
            entries=sample_texts.english_german,
            modality=Modality.TEXT,
        ),
        Sample(
            id="questions",
            title="Questions and answers",
            summary=f"{questions.COUNT:,} questions with answers: sums in words, opposites, small"
            " talk.",
            source=_MADE,
            licence="CC0 1.0",
            count=questions.COUNT,
            entries=sample_texts.questions_answers,
            modality=Modality.TEXT,
        ),
        Sample(
            id="tunes",
            title="Tunes with chords",
            summary=f"{sample_music.TUNES} folk-like tunes with chords, in several keys, metres"
            " and moods.",
            source=_MADE,
            licence="CC0 1.0",
            count=sample_music.TUNES,
            entries=sample_music.tunes,
            modality=Modality.MUSIC,
        ),
        Sample(
            id="chorales",
            title="Chorales",
            summary=f"{sample_music.CHORALES} chorales for four voices, in major and minor.",
            source=_MADE,
            licence="CC0 1.0",
            count=sample_music.CHORALES,
            entries=sample_music.chorales,
            modality=Modality.MUSIC,
        ),
        Sample(
            id="drums",
            title="Drum patterns",
            summary=f"{sample_music.DRUMS} drum patterns with Euclidean rhythms, from waltz to"
            " bossa nova.",
            source=_MADE,
            licence="CC0 1.0",
            count=sample_music.DRUMS,
            entries=sample_music.drums,
            modality=Modality.MUSIC,
        ),
        Sample(
            id="moving-shapes",
            title="Moving shapes",
            summary=f"{sample_clips.COUNT} clips of two seconds in which shapes bounce, circle,"
            " spin, swing, fly and pass by.",
            source="Drawn by AIGC Studio",
            licence="CC0 1.0",
            count=sample_clips.COUNT,
            entries=sample_clips.moving_shapes,
            modality=Modality.VIDEO,
        ),
        Sample(
            id="blue-moving-shapes",
            title="Moving shapes in orange on blue",
            summary="The same clips in other colours: to turn one kind into the other.",
            source="Drawn by AIGC Studio",
            licence="CC0 1.0",
            count=sample_clips.COUNT,
            entries=sample_clips.blue_moving_shapes,
            modality=Modality.VIDEO,
        ),
        Sample(
            id="game-sounds",
            title="Game sounds",
            summary=f"{sample_sounds.GAME_SOUNDS} short sounds of {len(sound_kinds.KINDS)} kinds:"
            " coins, lasers, explosions, drums, bells.",
            source=_MADE,
            licence="CC0 1.0",
            count=sample_sounds.GAME_SOUNDS,
            entries=sample_sounds.game_sounds,
            modality=Modality.AUDIO,
        ),
        Sample(
            id="syllables",
            title="Spoken syllables",
            summary=f"{sample_sounds.SYLLABLES} words of made-up syllables, spoken by rule in two"
            " voices, with what is said: for speech from text.",
            source=_MADE,
            licence="CC0 1.0",
            count=sample_sounds.SYLLABLES,
            entries=sample_sounds.syllables,
            modality=Modality.AUDIO,
        ),
    )
}
