"""Every rule of composing as a predicate: what does a piece break?

Rules read the finished notes and the plan; they share no table with the search that made them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from studio.data.music.composing import check_harmony, check_melody, check_voices
from studio.data.music.composing.piece import RANGES, Piece
from studio.data.music.composing.reading import Reading, Violation
from studio.data.music.composing.rhythm import is_euclidean

Test = Callable[[Reading], Iterator[Violation]]


@dataclass(frozen=True)
class Rule:
    """A rule.

    Attributes:
        words: What it asks for.
        test: Yields where a piece breaks it.
    """

    words: str
    test: Test


def violations(piece: Piece) -> list[Violation]:
    """Return every violation of every rule."""
    reading = Reading(piece)
    return [found for rule in RULES.values() for found in rule.test(reading)]


# -------------------------------------------------------------------------- notes and bars


def _grid(reading: Reading) -> Iterator[Violation]:
    if not reading.exact:
        yield reading.broken("grid", 0, "A note begins or ends between two sixteenths.")
    for voice in reading.voices:
        for start in voice.starts[voice.ends <= voice.starts].tolist():
            yield reading.broken("grid", start, f"A note of the {voice.role} has no length.")


def _length(reading: Reading) -> Iterator[Violation]:
    end = reading.plan.steps
    for voice in reading.voices:
        for start in voice.starts[voice.ends > end].tolist():
            yield reading.broken("length", start, f"The {voice.role} goes on after the last bar.")
    if max((int(v.ends.max(initial=0)) for v in reading.pitched), default=0) != end:
        yield reading.broken("length", end - 1, "The music ends before the last bar does.")


def _bars(reading: Reading) -> Iterator[Violation]:
    steps = reading.plan.metre.steps
    for bar in range(reading.plan.bars):
        lead = reading.lead
        if not ((lead.starts < (bar + 1) * steps) & (lead.ends > bar * steps)).any():
            yield reading.broken("bars", bar * steps, f"The {lead.role} is silent.")


def _range(reading: Reading) -> Iterator[Violation]:
    for voice in reading.pitched:
        low, high = RANGES[voice.role]
        outside = (voice.pitches < low) | (voice.pitches > high)
        for start in voice.starts[outside].tolist():
            yield reading.broken("range", start, f"The {voice.role} leaves its range.")


def _single(reading: Reading) -> Iterator[Violation]:
    for voice in reading.single:
        over = voice.starts[1:] < voice.ends[:-1]
        for start in voice.starts[1:][over].tolist():
            yield reading.broken("single", start, f"Two notes of the {voice.role} overlap.")


def _scale(reading: Reading) -> Iterator[Violation]:
    scale = reading.plan.key.scale
    for voice in reading.pitched:
        for start, pitch in zip(voice.starts.tolist(), voice.pitches.tolist(), strict=True):
            if pitch % 12 not in scale and pitch % 12 not in reading.harmony(start).chord.pcs:
                yield reading.broken("scale", start, f"The {voice.role} leaves the scale.")


def _programs(reading: Reading) -> Iterator[Violation]:
    tracks = reading.piece.music.tracks
    for role, program, track in zip(reading.plan.roles, reading.plan.programs, tracks, strict=True):
        if track.program != program or track.drums != (role == "drums"):
            yield reading.broken("programs", 0, f"The {role} has another instrument.")


# ------------------------------------------------------------------------------- rhythm


def _density(reading: Reading) -> Iterator[Violation]:
    plan = reading.plan
    inner = [phrase.bar + bar for phrase in plan.phrases for bar in range(phrase.bars - 1)]
    if not plan.per_bar or not inner:
        return
    bars = np.bincount(reading.lead.starts // plan.metre.steps, minlength=plan.bars)
    mean = float(bars[inner].mean())
    # chords that change under a note may divide it, ornaments too
    if not 0.6 * plan.per_bar - 0.5 <= mean <= 1.4 * plan.per_bar + 1.5:
        words = f"{mean:.1f} notes a bar where {plan.per_bar:.1f} were asked for."
        yield reading.broken("density", 0, words)


def _euclidean(reading: Reading) -> Iterator[Violation]:
    plan = reading.plan
    if plan.rhythm != "euclidean":
        return
    steps = plan.metre.steps
    for phrase in plan.phrases:
        for bar in range(phrase.bar, phrase.bar + phrase.bars - 1):
            starts = reading.lead.starts
            own = starts[(starts >= bar * steps) & (starts < (bar + 1) * steps)] % steps
            if not is_euclidean(tuple(own.tolist()), steps):
                yield reading.broken("euclidean", bar * steps, "The rhythm is not even.")


def _drums(reading: Reading) -> Iterator[Violation]:
    plan = reading.plan
    drums = next((voice for voice in reading.voices if voice.role == "drums"), None)
    if drums is None:
        return
    steps = plan.metre.steps
    for (letter, pitch), pattern in plan.drums.items():
        if not is_euclidean(pattern, steps):
            yield reading.broken("drums", 0, f"The pattern of drum {pitch} is not Euclidean.")
        for number, phrase in enumerate(plan.phrases):
            if phrase.letter != letter:
                continue
            last = number == len(plan.phrases) - 1
            for bar in range(phrase.bar, phrase.bar + phrase.bars - last):
                at = (drums.starts // steps == bar) & (drums.pitches == pitch)
                if tuple((drums.starts[at] % steps).tolist()) != pattern:
                    yield reading.broken("drums", bar * steps, f"Drum {pitch} loses its pattern.")


RULES: dict[str, Rule] = {
    "grid": Rule("Every note begins and ends on a sixteenth.", _grid),
    "length": Rule("The music lasts exactly the bars that were asked for.", _length),
    "bars": Rule("No bar is without melody.", _bars),
    "range": Rule("Every voice keeps to its range.", _range),
    "single": Rule("A voice sounds one note at a time.", _single),
    "scale": Rule("Every note belongs to the scale or to its chord.", _scale),
    "programs": Rule("Every part is played by its instrument.", _programs),
    "density": Rule("The melody has about as many notes as were asked for.", _density),
    "euclidean": Rule("Euclidean melodies begin notes as evenly as possible.", _euclidean),
    "drums": Rule("Each drum keeps its Euclidean pattern.", _drums),
    "leaps": Rule(
        "The highest voice takes no tritone, no seventh and nothing beyond an octave.",
        check_melody.leaps,
    ),
    "answers": Rule(
        "After a fifth or more the highest voice goes the other way by at most a third.",
        check_melody.answers,
    ),
    "strong": Rule(
        "On the heavy beats of a bar the melody has tones of the chord.", check_melody.strong
    ),
    "foreign": Rule(
        "Tones foreign to the chord are short and come and go by step.", check_melody.foreign
    ),
    "augmented": Rule(
        "No voice takes an augmented second; melodic minor rises raised and falls natural.",
        check_melody.augmented,
    ),
    "ending": Rule("The highest voice ends on the tonic.", check_melody.ending),
    "returns": Rule("A phrase that returns keeps most of its rhythm.", check_melody.returns),
    "chords": Rule(
        "Chords follow each other without gaps, and change on beats.", check_harmony.chords
    ),
    "progression": Rule(
        "A dominant does not fall back to a subdominant; the dominant of another degree goes"
        " there.",
        check_harmony.progression,
    ),
    "opening": Rule("In tonal music the first chord is the tonic.", check_harmony.opening),
    "cadence": Rule(
        "Every phrase ends in its cadence, the piece on the tonic.", check_harmony.cadence
    ),
    "tones": Rule(
        "Chords have root, third and (but for sevenths) fifth; bass and chords play chord tones.",
        check_harmony.tones,
    ),
    "inversion": Rule(
        "No chord stands in second inversion, diminished triads in the first alone; cadences end"
        " on the root.",
        check_harmony.inversion,
    ),
    "doubling": Rule("Leading tone and seventh come once in a chord.", check_harmony.doubling),
    "leading": Rule(
        "The leading tone rises to the tonic in the outer and all other single voices.",
        check_voices.leading,
    ),
    "sevenths": Rule("Sevenths fall by a step, or stay.", check_voices.sevenths),
    "parallels": Rule("No two voices move in parallel fifths or octaves.", check_voices.parallels),
    "hidden": Rule(
        "The outer voices of a chorale do not leap the same way into a fifth or octave.",
        check_voices.hidden,
    ),
    "crossing": Rule("No voice goes above one that is higher.", check_voices.crossing),
    "overlap": Rule(
        "No voice of a chorale goes beyond where its neighbour just was.", check_voices.overlap
    ),
    "spacing": Rule(
        "Neighbours among the three upper voices are at most an octave apart.",
        check_voices.spacing,
    ),
    "reach": Rule(
        "Inner voices and bass of a chorale take no tritone, no seventh and no large leap.",
        check_voices.reach,
    ),
}
