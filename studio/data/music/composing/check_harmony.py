"""Rules of chords; `check.RULES` says each in words."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from studio.data.music.composing.reading import Reading, Violation
from studio.data.music.composing.theory import chord


def chords(reading: Reading) -> Iterator[Violation]:
    """Yield gaps between chords, and changes elsewhere than on beats."""
    plan = reading.plan
    for step in np.flatnonzero(reading.numbers < 0).tolist():
        yield reading.broken("chords", step, "There is no chord.")
    for first, second in pairwise(plan.harmonies):
        if first.start + first.length != second.start:
            yield reading.broken("chords", second.start, "Chords overlap or leave a gap.")
    for harmony in plan.harmonies:
        if harmony.start % plan.metre.steps % plan.metre.beat:
            yield reading.broken("chords", harmony.start, "A chord changes off the beat.")


def progression(reading: Reading) -> Iterator[Violation]:
    """Yield dominants that fall back or go elsewhere than they point."""
    plan = reading.plan
    if not plan.strict:
        return
    for first, second in pairwise(plan.harmonies):
        before, after = first.chord, second.chord
        _, _, target = before.name.partition("/")
        if target:
            if after.root != chord(plan.key, target).root:
                yield reading.broken("progression", second.start, f"{before.name} goes astray.")
        elif second.start not in reading.breaks and (before.function, after.function) == ("D", "S"):
            words = f"{before.name} falls back to {after.name}."
            yield reading.broken("progression", second.start, words)


def opening(reading: Reading) -> Iterator[Violation]:
    """Yield beginnings away from the tonic, where there is more than a cadence."""
    plan = reading.plan
    first = plan.phrases[0].bars * plan.metre.steps
    own = [harmony for harmony in plan.harmonies if harmony.start < first]
    if plan.strict and len(own) > 2 and own[0].chord.root != plan.key.tonic:
        yield reading.broken("opening", 0, "The piece does not begin at home.")


def cadence(reading: Reading) -> Iterator[Violation]:
    """Yield phrases that do not end as they should."""
    plan = reading.plan
    for phrase in plan.phrases:
        begin, end = phrase.bar * plan.metre.steps, (phrase.bar + phrase.bars) * plan.metre.steps
        own = [harmony.chord for harmony in plan.harmonies if begin <= harmony.start < end]
        last, before = own[-1], own[-2] if len(own) > 1 else None
        home = last.root == plan.key.tonic
        function = before.function if before else ""
        fits = {
            # music of modes has no dominant: whatever chord its cadence has comes before home
            "authentic": home and (function == "D" or not plan.strict),
            "plagal": home and function == "S",
            "half": last.function == "D",
            "deceptive": function == "D" and last.function in {"T", "S"},
            "open": True,
        }[phrase.cadence]
        if not fits:
            yield reading.broken("cadence", end - 1, f"The cadence is not {phrase.cadence}.")
    if plan.harmonies[-1].chord.root != plan.key.tonic:
        yield reading.broken("cadence", plan.steps - 1, "The piece does not end at home.")


def tones(reading: Reading) -> Iterator[Violation]:
    """Yield chords that are not complete, and tones of the accompaniment outside of them."""
    plan = reading.plan
    for voice in reading.pitched:
        if voice.role not in {"chords", "low"}:
            continue
        for start, end, pitch in zip(
            voice.starts.tolist(), voice.ends.tolist(), voice.pitches.tolist(), strict=True
        ):
            for harmony in reading.chords(start, end):
                if pitch % 12 not in harmony.chord.pcs:
                    yield reading.broken("tones", start, f"The {voice.role} plays another chord.")
    if plan.texture == "melody":
        return
    several = [voice for voice in reading.pitched if voice.role != "melody"]
    for harmony in plan.harmonies:
        end = harmony.start + harmony.length
        if plan.texture == "chorale":  # four voices are complete at once
            end = harmony.start + 1
        heard = {
            pitch % 12
            for voice in several
            for pitch in voice.pitches[(voice.starts < end) & (voice.ends > harmony.start)].tolist()
        }
        pcs = harmony.chord.pcs
        wanted = {pcs[0], pcs[1], pcs[3]} if len(pcs) > 3 else set(pcs)
        # a broken chord needs three notes to be heard whole
        if not wanted <= heard and harmony.length > plan.metre.beat:
            yield reading.broken("tones", harmony.start, f"{harmony.chord.name} is not complete.")


def inversion(reading: Reading) -> Iterator[Violation]:
    """Yield basses that chords do not stand on."""
    plan, bass = reading.plan, reading.lowest
    if bass is None:
        return
    sounding = reading.sounding(bass)
    ends = {phrase.bar + phrase.bars for phrase in plan.phrases}
    for harmony in plan.harmonies:
        pcs = harmony.chord.pcs
        low = int(sounding[harmony.start]) % 12
        if low == pcs[2]:
            yield reading.broken("inversion", harmony.start, "A chord is in second inversion.")
        if harmony.chord.kind == "dim" and low != pcs[1] and plan.strict:
            yield reading.broken("inversion", harmony.start, "A diminished chord is on its root.")
        if (harmony.start + harmony.length) / plan.metre.steps in ends and low != pcs[0]:
            yield reading.broken("inversion", harmony.start, "A phrase does not end on a root.")


def doubling(reading: Reading) -> Iterator[Violation]:
    """Yield chords of a chorale with two leading tones or two sevenths."""
    plan = reading.plan
    if plan.texture != "chorale":
        return
    sounding = np.stack([reading.sounding(voice) for voice in reading.single])
    for harmony in plan.harmonies:
        pcs = sounding[:, harmony.start] % 12
        for name, pc in (
            ("leading tone", harmony.chord.leading), ("seventh", harmony.chord.seventh),
        ):  # fmt: skip
            if pc >= 0 and (pcs == pc).sum() > 1:
                yield reading.broken("doubling", harmony.start, f"The {name} is doubled.")
