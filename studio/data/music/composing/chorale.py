"""Four voices from chords, bass and a wished soprano, and passing notes between them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from random import Random

from studio.data.music.composing.melody import Melody, Slot
from studio.data.music.composing.piece import RANGES, Harmony
from studio.data.music.composing.theory import BANNED, Key
from studio.data.music.composing.voices import PAIRS

Note = tuple[int, int, int]


def soprano_slots(harmonies: Sequence[Harmony], like: Sequence[int]) -> list[Slot]:
    """Return a slot for each chord, with the pitch that it had before, 0 for none."""
    remembered = [*like, *[0] * len(harmonies)]
    return [
        Slot(harmony.start, harmony.length, (harmony.chord,), False, None, pitch)
        for harmony, pitch in zip(harmonies, remembered, strict=False)
    ]


def soprano(
    melody: Melody, slots: Sequence[Slot], basses: Sequence[int], draw: Random
) -> list[int]:
    """Return what the soprano would like to sing over the chords; the middle where none fits."""
    pairs = list(pairwise(basses))
    height = (67 + draw.uniform(-2, 2), 72 + draw.uniform(-1, 2))
    line = melody.line(slots, last=0, end=None, height=height, basses=pairs, draw=draw)
    low, high = RANGES["soprano"]
    return line or [(low + high) // 2] * len(slots)


def ornamented(
    key: Key,
    harmonies: Sequence[Harmony],
    voicings: Sequence[Sequence[int]],
    share: float,
    draw: Random,
) -> list[list[Note]]:
    """Return the notes of four voices, with passing notes where a voice moves by a third.

    A passing note takes the second half of a chord. It is left out where it would be in parallel
    fifths or octaves with another voice, cross one, or be no step of the scale; of several
    voices one at a time has it.

    Args:
        key: The key.
        harmonies: The chords.
        voicings: Four pitches for each, from the soprano down.
        share: How many of the possible ones are taken, 0 … 1.
        draw: Where chance comes from.
    """
    tracks: list[list[Note]] = [[], [], [], []]
    for number, (harmony, here) in enumerate(zip(harmonies, voicings, strict=True)):
        there = voicings[number + 1] if number + 1 < len(voicings) else None
        chosen, passing = -1, 0
        if there is not None and harmony.length in (2, 4, 8) and draw.random() < share:
            for voice in draw.sample(range(4), 4):
                passing = _between(key, here[voice], there[voice])
                if passing and _fits(here, there, voice, passing):
                    chosen = voice
                    break
        for voice, pitch in enumerate(here):
            half = harmony.length // 2
            if voice == chosen:
                tracks[voice] += [
                    (harmony.start, half, pitch),
                    (harmony.start + half, half, passing),
                ]
            else:
                tracks[voice].append((harmony.start, harmony.length, pitch))
    return tracks


def _between(key: Key, first: int, second: int) -> int:
    """Return the tone of the scale that lies a step from both pitches; 0 for none."""
    if abs(second - first) not in (3, 4):
        return 0
    banned = BANNED.get(key.mode, frozenset())
    for pitch in range(min(first, second) + 1, max(first, second)):
        steps = (pitch - first, second - pitch)
        if pitch % 12 not in key.scale or max(map(abs, steps)) > 2:
            continue
        ways = ((first, steps[0]), (pitch, steps[1]))
        if all(((p - key.tonic) % 12, step) not in banned for p, step in ways):
            return pitch
    return 0


def _fits(here: Sequence[int], there: Sequence[int], voice: int, passing: int) -> bool:
    """Tell whether a passing note in one voice keeps order and makes no parallels."""
    middle = [*here]
    middle[voice] = passing
    if any(upper < lower for upper, lower in pairwise(middle)):
        return False
    for i, j in PAIRS:
        first, second = (middle[i] - middle[j]) % 12, (there[i] - there[j]) % 12
        if first == second and first in (0, 7) and middle[i] != there[i] and middle[j] != there[j]:
            return False
    return True
