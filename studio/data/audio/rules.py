"""What the data doctor says of recordings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from studio.core.items import Item
from studio.core.protocol import Severity
from studio.data.audio.preparation import AudioPreparation
from studio.data.audio.survey import (
    CLIPPED,
    COARSE,
    CUT,
    HEADER,
    LONG,
    NOISY,
    OFFSET,
    ONE_BIT,
    QUIET,
    REPAIRED,
    SAME,
    SHORT,
)
from studio.data.findings import Finding, Repair

_MANY = 0.1  # share of the items from which something is worth a warning
_FEW_SECONDS = 300.0  # of a whole dataset, below which a model learns it by heart
_MUCH_LONGER = 8  # times the usual length


class _Rule(NamedTuple):
    """What is said of recordings that have a note.

    Attributes:
        mild: Stays a piece of information however many there are.
        repair: What is left out, for the button; empty where that would be no help.
    """

    rule: str
    note: str
    title: str
    why: str
    repair: str
    mild: bool = False


_RULES = (
    _Rule(
        "clipped",
        CLIPPED,
        "Clipped recordings",
        "Recorded too loud, the tops of their waves are flat. A model learns the crackle with it.",
        "clipped recordings",
    ),
    _Rule(
        "noisy",
        NOISY,
        "Recordings full of noise",
        "Noise is nearly as loud as the rest. A model spends its strength on noise, and makes it.",
        "noisy recordings",
    ),
    _Rule(
        "quiet",
        QUIET,
        "Very quiet recordings",
        "Made as loud as the others, their hiss is heard. Left quiet, a model learns near silence.",
        "quiet recordings",
    ),
    _Rule(
        "short-recordings",
        SHORT,
        "Very short recordings",
        "Under a tenth of a second there is a click to learn from, and silence after it.",
        "short recordings",
    ),
    _Rule(
        "cut-off",
        CUT,
        "Recordings that are cut off",
        "The files end before their header says, as copies that broke off do. What is there is"
        " used; its end may be sudden.",
        "recordings",
    ),
    _Rule(
        "repaired",
        REPAIRED,
        "Recordings that held no numbers",
        "Some samples were no number (NaN or infinite); there is silence now. Something went wrong"
        " where these files were made.",
        "recordings",
        mild=True,
    ),
    _Rule(
        "offset",
        OFFSET,
        "Waves that do not swing around zero",
        "A recorder added a constant to them (DC offset). Preparing takes it away; nothing to do.",
        "",
        mild=True,
    ),
    _Rule(
        "coarse",
        COARSE,
        "Samples of eight bits",
        "They hiss, and a model learns the hiss as well.",
        "",
        mild=True,
    ),
    _Rule(
        "two-levels",
        ONE_BIT,
        "Sounds of two levels alone",
        "As one-bit sound is. If they are no beeps of old computers, the files are damaged.",
        "recordings",
        mild=True,
    ),
    _Rule(
        "wrong-headers",
        HEADER,
        "Headers that say something wrong",
        "What the files hold was taken all the same, as long as it goes. Listen to one of them.",
        "",
        mild=True,
    ),
)


def examine(items: Sequence[Item], preparation: AudioPreparation) -> Iterator[Finding]:
    """Return what is wrong with levels, lengths, rates and files."""
    if not items:
        return
    for rule in _RULES:
        yield from _noted(items, rule)
    yield from _amount(items)
    yield from _rates(items, preparation)
    yield from _lengths(items, preparation)
    yield from _sides(items, preparation)


def _noted(items: Sequence[Item], rule: _Rule) -> Iterator[Finding]:
    found = [item for item in items if rule.note in item.notes]
    if not found:
        return
    many = len(found) > _MANY * len(items) and not rule.mild
    leave_out = rule.repair and len(found) < len(items)
    yield Finding(
        rule=rule.rule,
        severity=Severity.WARNING if many else Severity.INFO,
        title=rule.title,
        why=rule.why,
        evidence=f"{len(found):,} of {len(items):,} recordings.",
        items=tuple(item.id for item in found),
        repair=_leaving_out(found, rule.repair) if leave_out else None,
    )


def _leaving_out(items: Sequence[Item], what: str) -> Repair:
    return Repair(f"Leave out {len(items):,} {what}", excluded={item.id: True for item in items})


def _amount(items: Sequence[Item]) -> Iterator[Finding]:
    seconds = sum(item.width for item in items) / 1000
    if seconds < _FEW_SECONDS:
        yield Finding(
            rule="little-sound",
            severity=Severity.WARNING,
            title="Little sound to learn from",
            why="A model learns a few minutes by heart and plays them back. Add more; shorter"
            " slices with overlap help a little.",
            evidence=f"{seconds:,.0f} seconds in all; five minutes or more work well.",
        )


def _rates(items: Sequence[Item], preparation: AudioPreparation) -> Iterator[Finding]:
    counts = Counter(item.height for item in items)
    if len(counts) > 1:
        named = ", ".join(f"{rate:,} Hz {count:,}" for rate, count in counts.most_common(4))
        yield Finding(
            rule="mixed-rates",
            severity=Severity.INFO,
            title="Several sample rates are mixed",
            why="All are brought to one rate. Those that had a lower one stay duller.",
            evidence=f"{named}.",
        )
    below = [item for item in items if preparation.rate and item.height < preparation.rate]
    if len(below) > _MANY * len(items):
        usual = counts.most_common(1)[0][0]
        lower = min(usual, preparation.rate - 1)
        yield Finding(
            rule="rate-too-high",
            severity=Severity.WARNING,
            title="A higher sample rate than the files have",
            why="What is not in a file cannot be made up: more work, and no more is heard.",
            evidence=f"{len(below):,} of {len(items):,} have less than {preparation.rate:,} Hz.",
            items=tuple(item.id for item in below),
            repair=Repair(f"Learn at {lower:,} Hz", preparation={"rate": lower}),
        )


def _lengths(items: Sequence[Item], preparation: AudioPreparation) -> Iterator[Finding]:
    lengths = sorted(item.width for item in items)
    usual = lengths[len(lengths) // 2]
    long = [item for item in items if item.width > _MUCH_LONGER * usual or LONG in item.notes]
    share = sum(item.width for item in long) / sum(lengths)
    if long and share > 0.5 and len(long) < len(items) / 4:
        yield Finding(
            rule="long-recordings",
            severity=Severity.INFO,
            title="A few long recordings make most of it",
            why="They are cut into slices, so most of what is learned comes from them.",
            evidence=f"{len(long):,} of {len(items):,} make {share:.0%} of the time.",
            items=tuple(item.id for item in long),
        )
    if preparation.seconds:
        short = [item for item in items if item.width < 250 * preparation.seconds]
        if len(short) > len(items) / 2:
            wanted = max(0.1, round(lengths[int(0.95 * (len(lengths) - 1))] / 1000, 1))
            yield Finding(
                rule="mostly-padding",
                severity=Severity.WARNING,
                title="Most recordings are much shorter than the slices",
                why="The rest is filled up with silence, and a model mostly learns silence.",
                evidence=f"{len(short):,} of {len(items):,} fill less than a quarter of"
                f" {preparation.seconds:g} s.",
                items=tuple(item.id for item in short),
                repair=Repair(f"Learn {wanted:g} s at once", preparation={"seconds": wanted}),
            )


def _sides(items: Sequence[Item], preparation: AudioPreparation) -> Iterator[Finding]:
    same = [item for item in items if SAME in item.notes]
    if preparation.channels == "stereo" and len(same) > len(items) / 2:
        yield Finding(
            rule="same-sides",
            severity=Severity.WARNING,
            title="Stereo with the same on both sides",
            why="Stereo is learned in twice the time, and here it holds nothing more.",
            evidence=f"{len(same):,} of {len(items):,} have the same left and right.",
            items=tuple(item.id for item in same),
            repair=Repair("Learn in mono", preparation={"channels": "mono"}),
        )
