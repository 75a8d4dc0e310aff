"""What the data doctor knows of texts: how much there is, encodings, broken lines, letters."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from studio.core.items import Item
from studio.core.protocol import Severity
from studio.data.findings import Finding, Repair
from studio.data.text.preparation import TextPreparation

TOO_LITTLE = 20_000  # characters below which a model can only repeat what it read
MODEST = 300_000  # characters below which it learns words but hardly sentences
_PAIRS_NEEDED = 500
_MANY = 0.2  # share of the characters from which on a finding is worth a line
_DOMINANT = 0.8
_TINY = 3  # characters of a text in which nothing can be learned

# What the importer notes of a text.
HARD_WRAPPED, LICENCE, MANY_CHARACTERS = "hard-wrapped", "licence", "many-characters"
DAMAGED, PAIRED = "damaged-letters", "pair"

_COUNTED = re.compile(r"^(ragged-rows|rows-left-out)-(\d+)$")


def examine(items: Sequence[Item], preparation: TextPreparation) -> Iterator[Finding]:
    """Return what is wrong with the included items of a dataset."""
    if not items:
        return
    yield from _amount(items)
    yield from _tiny(items)
    yield from _letters(items, preparation)
    yield from _lines(items, preparation)
    yield from _encodings(items)
    yield from _one_label(items)
    yield from _rows(items)


def _size(items: Sequence[Item]) -> int:
    return sum(item.width for item in items)


def _amount(items: Sequence[Item]) -> Iterator[Finding]:
    size = _size(items)
    pairs = sum(PAIRED in item.notes for item in items)
    if size < TOO_LITTLE:
        yield Finding(
            rule="too-little-text",
            severity=Severity.ERROR,
            title="Too little text",
            why="The model will repeat it instead of writing anew. Add more.",
            evidence=f"{size:,} characters; {MODEST:,} or more work well.",
        )
    elif size < MODEST:
        yield Finding(
            rule="little-text",
            severity=Severity.WARNING,
            title="Rather little text",
            why="The model learns words but hardly sentences, and much of it by heart.",
            evidence=f"{size:,} characters; {MODEST:,} or more work well.",
        )
    elif 2 * pairs > len(items) and pairs < _PAIRS_NEEDED:
        yield Finding(
            rule="few-pairs",
            severity=Severity.WARNING,
            title="Rather few pairs",
            why="The model learns them by heart and answers new questions badly.",
            evidence=f"{pairs:,} pairs; several thousand work well.",
        )


def _tiny(items: Sequence[Item]) -> Iterator[Finding]:
    tiny = [item.id for item in items if item.width < _TINY]
    if tiny and len(tiny) < len(items):
        yield Finding(
            rule="tiny-texts",
            severity=Severity.INFO,
            title="Texts with hardly a letter",
            why="Nothing can be learned from them, and the model ends its texts too early.",
            evidence=f"{len(tiny):,} of {len(items):,} have fewer than {_TINY} characters.",
            items=tuple(tiny),
            repair=Repair(f"Leave out {len(tiny):,}", dict.fromkeys(tiny, True)),
        )


def _noted(items: Sequence[Item], note: str) -> list[Item]:
    """Return the items with a note, when they have a good part of all text."""
    found = [item for item in items if note in item.notes]
    return found if _size(found) >= _MANY * _size(items) else []


def _letters(items: Sequence[Item], preparation: TextPreparation) -> Iterator[Finding]:
    many = _noted(items, MANY_CHARACTERS)
    if many and preparation.tokeniser == "characters":
        yield Finding(
            rule="many-characters",
            severity=Severity.WARNING,
            title="Too many different characters to learn one by one",
            why="Most of them are too rare to be learned. Word parts share what they have.",
            evidence=f"{len(many):,} of {len(items):,} texts have hundreds of different ones.",
            items=tuple(item.id for item in many),
            repair=Repair("Learn word parts", preparation={"tokeniser": "bpe"}),
        )
    damaged = [item.id for item in items if DAMAGED in item.notes]
    if damaged:
        others = len(items) > len(damaged)
        yield Finding(
            rule="damaged-letters",
            severity=Severity.WARNING,
            title="Letters that could not be read",
            why="The model learns to write the mark for unreadable letters, �.",
            evidence=f"{len(damaged):,} of {len(items):,} texts have some.",
            items=tuple(damaged),
            repair=Repair(f"Leave out {len(damaged):,}", dict.fromkeys(damaged, True))
            if others
            else None,
        )


def _lines(items: Sequence[Item], preparation: TextPreparation) -> Iterator[Finding]:
    wrapped = _noted(items, HARD_WRAPPED)
    if wrapped and not preparation.join_lines:
        yield Finding(
            rule="hard-wrapped",
            severity=Severity.WARNING,
            title="Lines are broken at a fixed width",
            why="The model spends effort on where lines break, and breaks its own like that.",
            evidence=f"{len(wrapped):,} of {len(items):,} texts.",
            items=tuple(item.id for item in wrapped),
            repair=Repair("Join broken lines", preparation={"join_lines": True}),
        )
    licences = [item for item in items if LICENCE in item.notes]
    if licences and not preparation.boilerplate:
        yield Finding(
            rule="boilerplate",
            severity=Severity.WARNING,
            title="Licences stand in the texts",
            why="What stands in every book is learned best, and comes back in the results.",
            evidence=f"{len(licences):,} of {len(items):,} texts.",
            items=tuple(item.id for item in licences),
            repair=Repair("Remove boilerplate", preparation={"boilerplate": True}),
        )


def _encodings(items: Sequence[Item]) -> Iterator[Finding]:
    names = Counter(
        note.removeprefix("encoding-")
        for item in items
        for note in item.notes
        if note.startswith("encoding-")
    )
    others = len(items) - names.total()
    if names and (others or len(names) > 1):
        said = [f"{count:,} in {name.upper()}" for name, count in names.most_common()]
        said += [f"{others:,} in UTF-8"] if others else []
        yield Finding(
            rule="mixed-encodings",
            severity=Severity.INFO,
            title="Texts came in different encodings",
            why="All were converted to Unicode. Look whether accents and signs are right.",
            evidence=f"{', '.join(said)}.",
            items=tuple(i.id for i in items if any(n.startswith("encoding-") for n in i.notes)),
        )


def _one_label(items: Sequence[Item]) -> Iterator[Finding]:
    sizes: Counter[str] = Counter()
    for item in items:
        sizes[item.label] += item.width
    if len(sizes) < 2:
        return
    label, size = sizes.most_common(1)[0]
    share = size / max(1, sizes.total())
    if label and share > _DOMINANT:
        yield Finding(
            rule="one-label",
            severity=Severity.WARNING,
            title="One label has nearly all the text",
            why="The model hardly learns how texts with other labels are written.",
            evidence=f"{label} has {share:.0%} of all characters.",
            items=tuple(item.id for item in items if item.label == label),
        )


def _rows(items: Sequence[Item]) -> Iterator[Finding]:
    counts: Counter[str] = Counter()
    for item in items:
        for note in item.notes:
            if found := _COUNTED.match(note):
                counts[found.group(1)] += int(found.group(2))
    if counts:
        said = []
        if ragged := counts["ragged-rows"]:
            said.append(f"{ragged:,} rows have more or fewer cells than there are columns")
        if left_out := counts["rows-left-out"]:
            said.append(f"{left_out:,} rows had no text and were left out")
        yield Finding(
            rule="ragged-rows",
            severity=Severity.INFO,
            title="Rows of tables were incomplete",
            why="What had a text was taken all the same. Look whether the right column was read.",
            evidence=f"{'; '.join(said)}.",
        )
