"""Music of the sample sets: tunes with chords, chorales and drum patterns, all composed here."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from random import Random
from typing import NamedTuple

import numpy as np

from studio.core.media import Music, Track
from studio.data.entries import Entry
from studio.data.music import midi
from studio.data.music.composing.compose import compose
from studio.data.music.composing.piece import STEP, Piece, Wishes
from studio.data.music.composing.rhythm import euclidean

TUNES, CHORALES, DRUMS = 240, 120, 96

#: What each mood wishes of a tune, in turns.
_MOODS: dict[str, tuple[Wishes, ...]] = {
    "merry": (
        Wishes(mode="major", metre="6/8", tempo=96, density=0.7, complexity=0.3, form="aaba"),
        Wishes(mode="major", metre="2/4", tempo=112, density=0.7, complexity=0.4, form="verse"),
        Wishes(mode="mixolydian", metre="4/4", tempo=120, density=0.6, complexity=0.3),
    ),
    "calm": (
        Wishes(mode="major", metre="3/4", tempo=84, density=0.35, complexity=0.2, form="aaba"),
        Wishes(mode="pentatonic_major", metre="4/4", tempo=76, density=0.35, complexity=0.2),
        Wishes(mode="lydian", metre="4/4", tempo=80, density=0.35, complexity=0.2),
    ),
    "sad": (
        Wishes(mode="harmonic_minor", metre="3/4", tempo=72, density=0.35, complexity=0.3),
        Wishes(mode="natural_minor", metre="4/4", tempo=69, density=0.4, complexity=0.2),
        Wishes(mode="phrygian", metre="4/4", tempo=72, density=0.35, complexity=0.2),
    ),
    "dance": (
        Wishes(mode="dorian", metre="6/8", tempo=108, density=0.75, complexity=0.4, form="aaba"),
        Wishes(mode="natural_minor", metre="2/4", tempo=120, density=0.75, complexity=0.4),
        Wishes(mode="major", metre="3/4", tempo=132, density=0.6, complexity=0.3, form="aba"),
    ),
}
_KEYS = (0, 2, 4, 5, 7, 9, 10)


class _Groove(NamedTuple):
    """A rhythm of the kick: so many strokes in so many steps."""

    steps: int
    kicks: int


#: Traditional rhythms as Euclidean ones (Toussaint 2005, section 4).
_GROOVES = {
    "four on the floor": _Groove(16, 4),
    "tresillo": _Groove(8, 3),
    "cinquillo": _Groove(8, 5),
    "bossa nova": _Groove(16, 5),
    "waltz": _Groove(12, 1),
    "bell": _Groove(12, 7),
}
_BEAT = 4  # steps
_KICK, _SNARE, _RIM, _CLAP, _CLOSED_HAT, _OPEN_HAT, _RIDE = 36, 38, 37, 39, 42, 46, 51
_LOW_TOM, _HIGH_TOM, _COWBELL, _CONGA = 45, 50, 56, 63


def tunes() -> Iterator[Entry]:
    """Yield folk-like tunes with chords and bass, their moods as labels."""
    for number in range(TUNES):
        mood = list(_MOODS)[number % len(_MOODS)]
        yield _entry("tunes", number, partial(_tune, number, mood), mood)


def _tune(number: int, mood: str) -> bytes:
    return midi.write(tune(number, mood).music)


def tune(number: int, mood: str) -> Piece:
    """Return the tune of a number: 16 bars in one of seven keys."""
    several = _MOODS[mood]
    turn = number // len(_MOODS)
    wished = several[turn % len(several)]
    return compose(
        Wishes(
            tonic=_KEYS[turn // len(several) % len(_KEYS)],
            mode=wished.mode,
            style="folk",
            form=wished.form,
            texture="song",
            metre=wished.metre,
            rhythm="metric",
            tempo=wished.tempo,
            bars=16,
            density=wished.density,
            complexity=wished.complexity,
            drums=False,
            ensemble="piano",
        ),
        number,
    )


def chorales() -> Iterator[Entry]:
    """Yield chorales for four voices, major or minor as their labels."""
    for number in range(CHORALES):
        kind = ("major", "minor")[number % 2]
        yield _entry("chorales", number, partial(_chorale, number, kind), kind)


def _chorale(number: int, kind: str) -> bytes:
    return midi.write(chorale(number, kind).music)


def chorale(number: int, kind: str) -> Piece:
    """Return the chorale of a number: 8 or 12 bars for a choir."""
    turn = number // 2
    return compose(
        Wishes(
            tonic=_KEYS[turn % len(_KEYS)],
            mode="major" if kind == "major" else ("harmonic_minor", "melodic_minor")[turn % 2],
            style="classical",
            form="period" if turn % 3 else "aba",
            texture="chorale",
            metre="3/4" if turn % 4 == 3 else "4/4",
            tempo=72,
            bars=8 if turn % 3 else 12,
            density=0.3,
            complexity=0.6,
            drums=False,
            ensemble="choir",
        ),
        1000 + number,
    )


def drums() -> Iterator[Entry]:
    """Yield drum patterns of eight bars, the rhythm of the kick as the label."""
    for number in range(DRUMS):
        kind = list(_GROOVES)[number % len(_GROOVES)]
        yield _entry("drums", number, partial(_groove, number, kind), kind)


def _groove(number: int, kind: str) -> bytes:
    return midi.write(groove(number, kind))


def groove(number: int, kind: str) -> Music:
    """Return the drum pattern of a number: eight bars, every fourth with a fill."""
    draw = Random(f"groove {number}")  # noqa: S311 - music, no secret
    wanted = _GROOVES[kind]
    bar = 12 if wanted.steps == 12 else 16
    kick = {begin + step for begin in range(0, bar, wanted.steps) for step in _pattern(wanted)}
    patterns = {
        _KICK: (kick, 88),
        _SNARE: (set(range(_BEAT, bar, _BEAT if bar == 12 else 2 * _BEAT)), 92),
        draw.choice((_CLOSED_HAT, _RIDE)): (_turned(draw, draw.randint(4, bar), bar), 56),
    }
    for drum in draw.sample((_CLAP, _RIM, _OPEN_HAT, _CONGA, _COWBELL), 2):
        patterns[drum] = (_turned(draw, draw.randint(1, 7), bar), 60)
    fill = draw.choice(((_SNARE,), (_HIGH_TOM, _LOW_TOM), (_SNARE, _LOW_TOM)))
    notes: list[tuple[int, int, int, int]] = []
    for place in range(8 * bar):
        step, fills = place % bar, place // bar % 4 == 3
        if fills and step >= bar - _BEAT:
            drum = fill[(step - bar + _BEAT) * len(fill) // _BEAT]
            notes.append((place * STEP, STEP, drum, 76 + 8 * (step - bar + _BEAT)))
            continue
        loud = 12 * (step % _BEAT == 0)
        for drum, (steps, velocity) in patterns.items():
            if step in steps:
                notes.append((place * STEP, STEP, drum, velocity + loud))
    notes.sort()
    track = Track(np.array(notes, np.int32), 0, drums=True, name="Drums")
    tempo = float(draw.randint(84, 132))
    return Music((track,), tempos=((0, tempo),), signatures=((0, bar // 4, 4),))


def _pattern(groove: _Groove) -> tuple[int, ...]:
    return euclidean(groove.kicks, groove.steps)


def _turned(draw: Random, strokes: int, bar: int) -> set[int]:
    """Return a Euclidean pattern that begins at any step."""
    turn = draw.randrange(bar)
    return {(step + turn) % bar for step in euclidean(strokes, bar)}


def _entry(name: str, number: int, load: partial[bytes], label: str) -> Entry:
    return Entry(
        name=f"{name}/{number:03d}.mid",
        root=f"sample:{name}",
        place=f"{number:03d}.mid",
        size=0,
        load=load,
        label=label,
    )
