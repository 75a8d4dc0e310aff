"""Accompaniment: chords in close position, their patterns, the bass's patterns, and drums."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from random import Random

from studio.data.music.composing.piece import RANGES, Harmony, Phrase
from studio.data.music.composing.rhythm import Metre, Pattern, euclidean
from studio.data.music.composing.theory import Chord

Note = tuple[int, int, int]

PATTERNS = ("block", "broken", "offbeat", "arpeggio", "pulse")
#: General MIDI drums.
KICK, SNARE, CLOSED_HAT, OPEN_HAT, CRASH, TOM, RIM = 36, 38, 42, 46, 49, 45, 37


# ---------------------------------------------------------------------------------- chords


@cache
def close_positions(chord: Chord) -> tuple[tuple[int, ...], ...]:
    """Return the three-note positions of a chord in the range; of four tones the fifth is left."""
    low, high = RANGES["chords"]
    pcs = chord.pcs if len(chord.pcs) == 3 else (chord.pcs[0], chord.pcs[1], chord.pcs[3])
    found = []
    for bottom in range(low, high + 1):
        if bottom % 12 not in pcs:
            continue
        above = sorted((pc - bottom) % 12 for pc in pcs)
        if bottom + above[-1] <= high:
            found.append(tuple(bottom + step for step in above))
    return tuple(found)


def has_parallels(before: Sequence[int], after: Sequence[int]) -> bool:
    """Tell whether two voices move from a perfect fifth or octave into the same again."""
    for i in range(len(before)):
        for j in range(i + 1, len(before)):
            first, second = (before[j] - before[i]) % 12, (after[j] - after[i]) % 12
            if first == second and first in (0, 7) and before[i] != after[i]:
                return True
    return False


def positions(chords: Sequence[Chord], strict: bool) -> list[tuple[int, ...]]:
    """Return a position for each chord, each as near as possible to the one before."""
    found: list[tuple[int, ...]] = []
    for chord in chords:
        several = close_positions(chord)
        if found:
            found.append(_nearest(found[-1], several, strict))
        else:
            found.append(several[len(several) // 2])
    return found


@cache
def _nearest(
    before: tuple[int, ...], several: tuple[tuple[int, ...], ...], strict: bool
) -> tuple[int, ...]:
    if strict:
        several = tuple(each for each in several if not has_parallels(before, each)) or several
    low, high = RANGES["chords"]
    middle = len(before) * (low + high) / 2

    def cost(each: tuple[int, ...]) -> float:
        moved = sum(abs(a - b) for a, b in zip(before, each, strict=True))
        return moved + 0.4 * abs(sum(each) - middle)  # what drifts away comes back

    return min(several, key=cost)


def chord_notes(
    pattern: str, harmony: Harmony, position: Sequence[int], metre: Metre, final: bool
) -> list[Note]:
    """Return the notes (start, length, pitch) of a chord in a pattern; the last one is held."""
    start, length = harmony.start, harmony.length
    if pattern == "block" or final:
        return [(start, length, pitch) for pitch in position]
    eighth = 2
    if pattern in {"broken", "arpeggio"}:
        order: tuple[int, ...] = (0, 2, 1, 2) if pattern == "broken" else (0, 1, 2, 1)
        if metre.beat == 6 or metre.steps == 12:
            order = (0, 1, 2) if pattern == "arpeggio" else (0, 2, 1)
        return [
            (start + step, min(eighth, length - step), position[order[number % len(order)]])
            for number, step in enumerate(range(0, length, eighth))
        ]
    beat = metre.beat
    if pattern == "offbeat" and length > beat:
        return [
            (start + step, min(beat, length - step), pitch)
            for step in range(beat, length, beat)
            for pitch in position
        ]
    return [
        (start + step, min(beat, length - step), pitch)
        for step in range(0, length, beat)
        for pitch in position
    ]


# ------------------------------------------------------------------------------------ bass


def bass_notes(pattern: str, harmony: Harmony, pitch: int, metre: Metre, final: bool) -> list[Note]:
    """Return the notes of the bass below a chord: held, in beats, or in a Euclidean pattern."""
    start, length = harmony.start, harmony.length
    if pattern == "held" or final or length <= metre.beat:
        return [(start, length, pitch)]
    if pattern == "beats":
        starts = tuple(range(0, length, metre.beat))
    else:  # three in eight is the tresillo
        starts = euclidean(max(2, length * 3 // 8 // 2), length)
    ends = (*starts[1:], length)
    return [(start + a, b - a, pitch) for a, b in zip(starts, ends, strict=True)]


# ----------------------------------------------------------------------------------- drums


def drum_patterns(
    letters: Sequence[str], metre: Metre, density: float, draw: Random
) -> dict[tuple[str, int], Pattern]:
    """Return a Euclidean pattern of a bar for each drum and each section."""
    found: dict[tuple[str, int], Pattern] = {}
    beats = metre.steps // metre.beat
    for letter in dict.fromkeys(letters):
        kicks = draw.choice((beats // 2 or 1, beats // 2 + 1, beats // 2 + 2))
        found[letter, KICK] = euclidean(kicks, metre.steps)
        # the back beat: half of the beats, turned to the second
        strokes = euclidean(max(1, beats // 2), metre.steps)
        turned = {(step + metre.beat) % metre.steps for step in strokes}
        found[letter, SNARE if letter != "B" else RIM] = tuple(sorted(turned))
        hats = metre.steps // 4 + round(density * metre.steps / 4)
        hats = draw.choice((metre.steps // 2, hats)) if metre.beat == 4 else metre.steps // 2
        found[letter, CLOSED_HAT] = euclidean(hats, metre.steps)
    return found


def drum_notes(
    phrases: Sequence[Phrase], patterns: dict[tuple[str, int], Pattern], metre: Metre
) -> list[Note]:
    """Return the drums of a piece: a crash where a section begins, a fill before it, a last hit."""
    notes: list[Note] = []
    by_letter: dict[str, list[tuple[int, Pattern]]] = {}
    for (letter, pitch), pattern in patterns.items():
        by_letter.setdefault(letter, []).append((pitch, pattern))
    for number, phrase in enumerate(phrases):
        last = number == len(phrases) - 1
        for bar in range(phrase.bar, phrase.bar + phrase.bars - last):
            at = bar * metre.steps
            for pitch, pattern in by_letter[phrase.letter]:
                notes += [(at + step, 1, pitch) for step in pattern]
        first = phrase.bar * metre.steps
        if phrase.part == 0:
            notes.append((first, 4, CRASH))
        end = (phrase.bar + phrase.bars) * metre.steps
        if last:
            final = end - metre.steps
            notes += [(final, 4, KICK), (final, 4, CRASH)]
        else:
            notes += [(end - metre.beat + step, 1, TOM) for step in (0, metre.beat // 2)]
    return list(dict.fromkeys(notes))
