"""Rules between voices; `check.RULES` says each in words."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from studio.data.music.composing.reading import Numbers, Reading, Violation, Voice

#: Largest moves in a chorale, and largest distances of neighbours from the top down.
_REACH = {"alto": 7, "tenor": 7, "bass": 12}
_SPACING = (12, 12, 19)


def _changes(reading: Reading) -> Iterator[tuple[Voice, int, int, int]]:
    """Yield (voice, number of the chord, last pitch before, first pitch in it) at each change.

    New phrases begin anew, so changes from phrase to phrase are left out.
    """
    harmonies = reading.plan.harmonies
    for voice in reading.single:
        sounding = reading.sounding(voice)
        for number in range(1, len(harmonies)):
            step = harmonies[number].start
            before, after = int(sounding[step - 1]), int(sounding[step])
            if step not in reading.breaks and before and after:
                yield voice, number, before, after


def leading(reading: Reading) -> Iterator[Violation]:
    """Yield leading tones that do not rise."""
    if not reading.plan.strict:
        return
    for voice, number, before, after in _changes(reading):
        first, second = (reading.plan.harmonies[i].chord for i in (number - 1, number))
        if before % 12 != first.leading or first.root == second.root:
            continue
        if (first.leading + 1) % 12 not in second.pcs or after - before == 1:
            continue
        if not (after == before and first.leading in second.pcs):
            step = reading.plan.harmonies[number].start
            yield reading.broken("leading", step, f"The {voice.role}'s leading tone does not rise.")


def sevenths(reading: Reading) -> Iterator[Violation]:
    """Yield sevenths that neither fall by step nor stay."""
    if not reading.plan.strict:
        return
    for voice, number, before, after in _changes(reading):
        first, second = (reading.plan.harmonies[i].chord for i in (number - 1, number))
        seventh = first.seventh
        if seventh < 0 or before % 12 != seventh or first.root == second.root:
            continue
        ways = {seventh, (seventh - 1) % 12, (seventh - 2) % 12} & set(second.pcs)
        if ways and after - before not in (0, -1, -2):
            step = reading.plan.harmonies[number].start
            yield reading.broken("sevenths", step, f"The {voice.role}'s seventh does not fall.")


def _together(reading: Reading) -> tuple[Numbers, Numbers]:
    """Return what the single voices sound (V, C) whenever one moves, and the steps (C,)."""
    sounding = np.stack([reading.sounding(voice) for voice in reading.single])
    moved = (sounding[:, 1:] != sounding[:, :-1]).any(0)
    steps = np.concatenate([[0], np.flatnonzero(moved) + 1])
    return sounding[:, steps], steps


def parallels(reading: Reading) -> Iterator[Violation]:
    """Yield perfect fifths and octaves that two voices move into from the same.

    In a song the bass counts at changes of chord, where it moves with the harmony.
    """
    if len(reading.single) < 2:
        return
    voices, steps = _together(reading)
    for i in range(len(voices)):
        for j in range(i + 1, len(voices)):
            both = (voices[i] > 0) & (voices[j] > 0)
            interval = (voices[i] - voices[j]) % 12
            perfect = (interval == 0) | (interval == 7)
            same = perfect[1:] & (interval[1:] == interval[:-1]) & both[1:] & both[:-1]
            moves = (voices[i][1:] != voices[i][:-1]) & (voices[j][1:] != voices[j][:-1])
            for step in steps[1:][same & moves].tolist():
                if step not in reading.breaks:
                    yield reading.broken("parallels", step, "Two voices move in parallels.")


def hidden(reading: Reading) -> Iterator[Violation]:
    """Yield hidden fifths and octaves of the outer voices."""
    if reading.plan.texture != "chorale":
        return
    voices, steps = _together(reading)
    top, low = voices[0], voices[-1]
    for place, (i, step) in enumerate(pairwise(range(len(steps))), 1):
        rise, lift = top[step] - top[i], low[step] - low[i]
        perfect = (top[step] - low[step]) % 12 in (0, 7)
        if (
            perfect
            and rise * lift > 0
            and abs(rise) > 2
            and int(steps[place]) not in reading.breaks
        ):
            yield reading.broken("hidden", int(steps[place]), "The outer voices leap together.")


def crossing(reading: Reading) -> Iterator[Violation]:
    """Yield voices above a higher one; in a song the chords between bass and melody."""
    voices = [reading.sounding(voice) for voice in reading.single]
    for upper, lower in pairwise(voices):
        for step in np.flatnonzero((upper > 0) & (lower > upper)).tolist():
            yield reading.broken("crossing", step, "Two voices cross.")
    for voice in reading.pitched:
        if voice.role != "chords" or reading.lowest is None:
            continue
        lead, bass = reading.sounding(reading.lead), reading.sounding(reading.lowest)
        for start, end, pitch in zip(
            voice.starts.tolist(), voice.ends.tolist(), voice.pitches.tolist(), strict=True
        ):
            above, below = lead[start:end], bass[start:end]
            if ((above > 0) & (above < pitch)).any() or (below > pitch).any():
                yield reading.broken("crossing", start, "The chords cross melody or bass.")


def overlap(reading: Reading) -> Iterator[Violation]:
    """Yield voices that go beyond where their neighbour was."""
    if reading.plan.texture != "chorale":
        return
    voices, steps = _together(reading)
    for place in range(1, len(steps)):
        if int(steps[place]) in reading.breaks:
            continue
        before, here = voices[:, place - 1], voices[:, place]
        if (here[:-1] < before[1:]).any() or (here[1:] > before[:-1]).any():
            yield reading.broken("overlap", int(steps[place]), "A voice passes its neighbour.")


def spacing(reading: Reading) -> Iterator[Violation]:
    """Yield chords whose voices are too far apart."""
    if reading.plan.texture != "chorale":
        return
    sounding = np.stack([reading.sounding(voice) for voice in reading.single])
    for harmony in reading.plan.harmonies:
        gaps = sounding[:-1, harmony.start] - sounding[1:, harmony.start]
        if (gaps > _SPACING).any():
            yield reading.broken("spacing", harmony.start, "Voices are too far apart.")


def reach(reading: Reading) -> Iterator[Violation]:
    """Yield moves of lower voices that are hard to sing."""
    if reading.plan.texture != "chorale":
        return
    for voice in reading.single[1:]:
        moves = np.abs(np.diff(voice.pitches))
        hard = (moves > _REACH[voice.role]) | np.isin(moves, (6, 10, 11))
        for step in voice.starts[1:][hard].tolist():
            if step not in reading.breaks:
                yield reading.broken("reach", step, f"The {voice.role} leaps too far.")
