"""Rules of the highest voice; `check.RULES` says each in words."""

from __future__ import annotations

from collections.abc import Iterator

from studio.data.music.composing.melody import melody_tones
from studio.data.music.composing.reading import Reading, Violation, Voice
from studio.data.music.composing.rhythm import accent
from studio.data.music.composing.theory import Chord

#: Share of the steps of its notes that a phrase keeps when it returns.
KEPT = 0.6


def _moves(reading: Reading, voice: Voice) -> Iterator[tuple[int, int, int]]:
    """Yield (step, pitch before, pitch) of every note but the first."""
    for i in range(1, len(voice.starts)):
        yield int(voice.starts[i]), int(voice.pitches[i - 1]), int(voice.pitches[i])


def leaps(reading: Reading) -> Iterator[Violation]:
    """Yield intervals that are not sung."""
    chorale = reading.plan.texture == "chorale"
    for step, before, pitch in _moves(reading, reading.lead):
        if chorale and step in reading.breaks:
            continue  # a new phrase begins where it likes
        size = abs(pitch - before)
        if size > 12 or size in {6, 10, 11}:
            yield reading.broken("leaps", step, f"The melody leaps by {size} semitones.")


def answers(reading: Reading) -> Iterator[Violation]:
    """Yield large leaps that are not answered."""
    voice = reading.lead
    for i in range(1, len(voice.starts) - 1):
        if {int(voice.starts[i]), int(voice.starts[i + 1])} & reading.breaks:
            continue
        leap = int(voice.pitches[i] - voice.pitches[i - 1])
        answer = int(voice.pitches[i + 1] - voice.pitches[i])
        if abs(leap) >= 7 and (leap * answer >= 0 or abs(answer) > 4):
            yield reading.broken("answers", int(voice.starts[i + 1]), "A leap is not answered.")


def _own_tones(reading: Reading, voice: Voice, chords: list[Chord]) -> frozenset[int]:
    """Return the pitch classes that belong to all of the chords, for this voice."""
    if not chords:
        return reading.plan.key.scale
    if voice.role == "melody":
        return melody_tones(reading.plan.key, chords)
    return frozenset.intersection(*(frozenset(chord.pcs) for chord in chords))


def strong(reading: Reading) -> Iterator[Violation]:
    """Yield foreign tones on heavy beats."""
    plan, voice = reading.plan, reading.lead
    for start, pitch in zip(voice.starts.tolist(), voice.pitches.tolist(), strict=True):
        heavy = accent(plan.metre, start) >= 3
        if heavy and pitch % 12 not in _own_tones(reading, voice, [reading.harmony(start).chord]):
            yield reading.broken("strong", start, "A foreign tone stands on a heavy beat.")


def foreign(reading: Reading) -> Iterator[Violation]:
    """Yield foreign tones that are long or do not come and go by step; in all single voices."""
    plan = reading.plan
    for voice in reading.single:
        starts, ends = voice.starts.tolist(), voice.ends.tolist()
        pitches = voice.pitches.tolist()
        for i, (start, end, pitch) in enumerate(zip(starts, ends, pitches, strict=True)):
            chords = [harmony.chord for harmony in reading.chords(start, end)]
            if pitch % 12 in _own_tones(reading, voice, chords):
                continue
            if end - start > plan.metre.beat or len(chords) > 1:
                yield reading.broken("foreign", start, "A foreign tone is held.")
            elif i == 0 or i + 1 == len(starts) or {start, starts[i + 1]} & reading.breaks:
                yield reading.broken("foreign", start, "A foreign tone begins or ends a phrase.")
            else:
                into, out = pitch - pitches[i - 1], pitches[i + 1] - pitch
                comes = into == 0 or plan.key.is_step(into, pitches[i - 1])
                if not comes or not plan.key.is_step(out, pitch):
                    yield reading.broken("foreign", start, "A foreign tone comes or goes by leap.")


#: Moves in minor that no voice makes, as degrees above the tonic: (from, semitones).
_AUGMENTED = {(8, 3), (11, -3), (8, -9), (11, 9)}
_MELODIC = {
    (8, 1), (8, 2), (9, 1), (9, -1), (9, -2), (10, 1), (10, 2), (10, -1), (11, -1), (11, -2),
}  # fmt: skip


def augmented(reading: Reading) -> Iterator[Violation]:
    """Yield steps that minor does not have."""
    key = reading.plan.key
    if key.mode not in {"harmonic_minor", "melodic_minor"}:
        return
    banned = _AUGMENTED | (_MELODIC if key.mode == "melodic_minor" else set())
    for voice in reading.single:
        for step, before, pitch in _moves(reading, voice):
            if step in reading.breaks and voice.role != "melody":
                continue
            if ((before - key.tonic) % 12, pitch - before) in banned:
                yield reading.broken("augmented", step, f"The {voice.role} makes a strange step.")


def ending(reading: Reading) -> Iterator[Violation]:
    """Yield an end elsewhere than on the tonic."""
    if (int(reading.lead.pitches[-1]) - reading.plan.key.tonic) % 12:
        yield reading.broken("ending", reading.plan.steps - 1, "The end is not on the tonic.")


def returns(reading: Reading) -> Iterator[Violation]:
    """Yield phrases that return with another rhythm."""
    steps = reading.plan.metre.steps
    phrases = reading.plan.phrases
    seen: set[tuple[str, int, int]] = set()
    for phrase in phrases:
        own = (phrase.letter, phrase.part, phrase.bars)
        if (phrase.returns >= 0) != (own in seen):
            yield reading.broken("returns", phrase.bar * steps, "A section is not taken up.")
        seen.add(own)
        if phrase.returns < 0:
            continue
        known = phrases[phrase.returns]
        shape, again = (
            {
                int(start) - each.bar * steps
                for start in reading.lead.starts
                if each.bar * steps <= start < (each.bar + each.bars) * steps
            }
            for each in (known, phrase)
        )
        if len(shape & again) < KEPT * len(shape):
            yield reading.broken("returns", phrase.bar * steps, "A returning phrase is unlike it.")
