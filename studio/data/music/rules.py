"""What the importer notes of a piece, and what the data doctor says of pieces."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np

from studio.core.items import Item
from studio.core.media import Music
from studio.core.protocol import Severity
from studio.data.findings import Finding, Repair
from studio.data.music.measures import metre_of
from studio.data.music.preparation import MusicPreparation
from studio.data.music.timing import bars_of, seconds_of

#: Notes on pieces, beside their metre (`6/8`).
DRUMS, DRUMS_ONLY, SHORT, LONG = "drums", "drums-only", "short", "long"
LOW, HIGH, TEMPOS, METRES = "low", "high", "tempo-changes", "metre-changes"

_METRE = re.compile(r"\d+/\d+")
_SHORT_NOTES, _SHORT_BARS = 16, 4
_LONG_SECONDS = 600
_ROLL = (36, 95)  # outside of this most music is not
_FEW_NOTES = 20_000  # of a whole dataset, below which a model learns it by heart
_MANY = 0.1  # share of the items from which something is worth a word
_REPEATED = 0.5


def notes_on(music: Music) -> tuple[str, ...]:
    """Return words for what is special about a piece, its metre first."""
    beats, value = metre_of(music)
    found = [f"{beats}/{value}"]
    tracks = [track for track in music.tracks if len(track.notes)]
    pitched = [track.notes[:, 2] for track in tracks if not track.drums]
    count = sum(len(track.notes) for track in tracks)
    if len({each[1:] for each in music.signatures}) > 1:
        found.append(METRES)
    if len(music.tempos) > 1:
        found.append(TEMPOS)
    if any(track.drums for track in tracks):
        found.append(DRUMS if pitched else DRUMS_ONLY)
    if count < _SHORT_NOTES or len(bars_of(music).starts) < _SHORT_BARS:
        found.append(SHORT)
    if seconds_of(music) > _LONG_SECONDS:
        found.append(LONG)
    if pitched:
        pitches = np.concatenate(pitched)
        if (pitches < _ROLL[0]).mean() > 0.02:
            found.append(LOW)
        if (pitches > _ROLL[1]).mean() > 0.02:
            found.append(HIGH)
    return tuple(found)


def metre_in(item: Item) -> tuple[int, int]:
    """Return the metre that was noted of a piece; 4/4 where none was."""
    for note in item.notes:
        if _METRE.fullmatch(note):
            beats, value = note.split("/")
            return int(beats), int(value)
    return (4, 4)


def examine(items: Sequence[Item], preparation: MusicPreparation) -> Iterator[Finding]:
    """Return what is wrong with lengths, ranges, metres and drums."""
    yield from _amount(items)
    yield from _short(items)
    yield from _drums(items)
    yield from _ranges(items, preparation)
    yield from _metres(items, preparation)
    yield from _repeated(items)


def _noted(items: Sequence[Item], note: str) -> list[Item]:
    return [item for item in items if note in item.notes]


def _leaving_out(items: Sequence[Item], what: str) -> Repair:
    return Repair(f"Leave out {len(items):,} {what}", excluded={item.id: True for item in items})


def _amount(items: Sequence[Item]) -> Iterator[Finding]:
    notes = sum(item.height for item in items)
    if items and notes < _FEW_NOTES:
        yield Finding(
            rule="few-notes",
            severity=Severity.WARNING,
            title="Little music to learn from",
            why="Short pieces hold few notes, and a model learns them by heart. Add more pieces;"
            " showing them in other keys helps too.",
            evidence=f"{notes:,} notes in all; {_FEW_NOTES:,} or more work well.",
        )


def _short(items: Sequence[Item]) -> Iterator[Finding]:
    short = _noted(items, SHORT)
    if short:
        yield Finding(
            rule="short-pieces",
            severity=Severity.WARNING if len(short) > _MANY * len(items) else Severity.INFO,
            title="Very short pieces",
            why="From a few notes a model learns to stop early, not how music goes on.",
            evidence=f"{len(short):,} of {len(items):,} have under {_SHORT_NOTES} notes or"
            f" {_SHORT_BARS} bars.",
            items=tuple(item.id for item in short),
            repair=_leaving_out(short, "short pieces"),
        )


def _drums(items: Sequence[Item]) -> Iterator[Finding]:
    drums = _noted(items, DRUMS_ONLY)
    if not drums:
        return
    most = len(drums) == len(items)
    yield Finding(
        rule="drums-only",
        severity=Severity.INFO if most else Severity.WARNING,
        title="Only drums" if most else "Pieces of drums alone",
        why="They have no key and no melody; a model learns rhythm from them and no pitches.",
        evidence=f"{len(drums):,} of {len(items):,} have drums alone.",
        items=tuple(item.id for item in drums),
        repair=None if most else _leaving_out(drums, "pieces of drums"),
    )


def _ranges(items: Sequence[Item], preparation: MusicPreparation) -> Iterator[Finding]:
    outside = [item for item in items if LOW in item.notes or HIGH in item.notes]
    if len(outside) < _MANY * len(items) or not outside:
        return
    wide = preparation.lowest <= 21 and preparation.lowest + preparation.pitches > 108
    yield Finding(
        rule="pitch-range",
        severity=Severity.INFO,
        title="Very low or very high notes",
        why="Models that draw piano rolls see them octaves nearer to the middle.",
        evidence=f"{len(outside):,} of {len(items):,} have notes far outside of"
        f" {_ROLL[0]} to {_ROLL[1]} (60 is middle C).",
        items=tuple(item.id for item in outside),
        repair=None
        if wide
        else Repair("Draw rolls of the whole piano", preparation={"lowest": 21, "pitches": 88}),
    )


def _metres(items: Sequence[Item], preparation: MusicPreparation) -> Iterator[Finding]:
    counts = Counter(metre_in(item) for item in items)
    if len(counts) < 2:
        return
    (usual, most), *others = counts.most_common()
    rest = len(items) - most
    if rest < _MANY * len(items):
        return
    fewer = [item for item in items if metre_in(item) != usual]
    named = ", ".join(f"{beats}/{value} {number:,}" for (beats, value), number in others[:4])
    yield Finding(
        rule="mixed-metres",
        severity=Severity.INFO,
        title="Several metres are mixed",
        why="Models of notes can be asked for one. Models that draw piano rolls learn from one"
        " metre alone, and pass over the others.",
        evidence=f"{usual[0]}/{usual[1]} {most:,}, {named}.",
        items=tuple(item.id for item in fewer),
        repair=_leaving_out(fewer, "in other metres") if rest <= len(items) / 4 else None,
    )


def _repeated(items: Sequence[Item]) -> Iterator[Finding]:
    copies = Counter(item.duplicate_of for item in items if item.duplicate_of)
    if not copies:
        return
    original, count = copies.most_common(1)[0]
    if count + 1 > _REPEATED * len(items) and len(items) > 2:
        repeated = [item for item in items if item.duplicate_of == original]
        yield Finding(
            rule="one-piece",
            severity=Severity.ERROR,
            title="Mostly one piece again and again",
            why="The model will play this piece and little else.",
            evidence=f"{count + 1:,} of {len(items):,} are the same piece or nearly so.",
            items=tuple(item.id for item in repeated),
            repair=_leaving_out(repeated, "copies"),
        )
