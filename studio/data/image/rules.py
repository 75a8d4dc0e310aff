"""What the data doctor knows of pictures: sizes, shapes and colours that will hurt."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from studio.core.items import Item
from studio.core.protocol import Severity
from studio.data.findings import Finding, Repair

_ENLARGED = 0.75  # a picture below this share of the training size becomes visibly soft
_ASPECT = 1.2  # shapes that differ by more than this factor are said to be mixed
_MANY = 0.05  # share of the items from which on a finding is worth a line


def examine(items: Sequence[Item], preparation: dict[str, Any], size: int) -> Iterable[Finding]:
    """Return what is wrong with sizes, shapes and colours.

    Args:
        items: The included items.
        preparation: The settings as the user made them.
        size: The training size that follows from them, in pixels.
    """
    if items:
        yield from _too_small(items, size)
        yield from _shapes(items, preparation)
        yield from _colours(items, preparation)


def _too_small(items: Sequence[Item], size: int) -> Iterator[Finding]:
    small = [item for item in items if min(item.width, item.height) < _ENLARGED * size]
    if len(small) < _MANY * len(items):
        return
    most = len(small) > len(items) / 2
    if most:
        sides = sorted(min(item.width, item.height) for item in items)
        fitting = max(16, sides[len(sides) // 4] // 4 * 4)
        repair = Repair(f"Train at {fitting} pixels", preparation={"size": fitting})
    else:
        repair = Repair(
            f"Leave out {len(small):,} small pictures", excluded={item.id: True for item in small}
        )
    yield Finding(
        rule="too-small",
        severity=Severity.WARNING,
        title="Pictures smaller than the training size",
        why="They are enlarged, and the model learns to draw blur.",
        evidence=f"{len(small):,} of {len(items):,} are below {_ENLARGED:.0%} of {size} pixels.",
        items=tuple(item.id for item in small),
        repair=repair,
    )


def _shapes(items: Sequence[Item], preparation: dict[str, Any]) -> Iterator[Finding]:
    far = [
        item
        for item in items
        if max(item.width, item.height) > _ASPECT * min(item.width, item.height)
    ]
    if len(far) < _MANY * len(items):
        return
    if preparation["fit"] == "stretch":
        yield Finding(
            rule="stretched",
            severity=Severity.WARNING,
            title="Pictures are stretched to squares",
            why="The model learns distorted shapes. Cropping keeps them as they are.",
            evidence=f"{len(far):,} of {len(items):,} are far from square.",
            items=tuple(item.id for item in far),
            repair=Repair("Crop instead", preparation={"fit": "crop"}),
        )
        return
    shapes = sorted(item.width / item.height for item in items)
    low, high = shapes[len(shapes) // 20], shapes[-1 - len(shapes) // 20]
    if preparation["fit"] == "crop" and high > _ASPECT * low:
        yield Finding(
            rule="mixed-shapes",
            severity=Severity.INFO,
            title="Tall and wide pictures are mixed",
            why="Cropping to a square cuts off what lies at their ends. Padding keeps all of it.",
            evidence=f"Width to height runs from {low:.2f} to {high:.2f}.",
            items=tuple(item.id for item in far),
            repair=Repair("Pad instead of cropping", preparation={"fit": "pad"}),
        )


def _colours(items: Sequence[Item], preparation: dict[str, Any]) -> Iterator[Finding]:
    grey = [item for item in items if "grey" in item.notes]
    coloured = [item for item in items if "grey" not in item.notes]
    if preparation["colour"] == "grey" and len(coloured) > len(grey):
        yield Finding(
            rule="colour-lost",
            severity=Severity.WARNING,
            title="Colours are thrown away",
            why="Most pictures have colours, but the preparation makes them grey.",
            evidence=f"{len(coloured):,} of {len(items):,} have colours.",
            repair=Repair("Keep colours", preparation={"colour": "auto"}),
        )
    elif preparation["colour"] == "colour" and not coloured:
        yield Finding(
            rule="colour-wasted",
            severity=Severity.INFO,
            title="Grey pictures learned as colour",
            why="The model spends three times the work on the same content.",
            evidence=f"All {len(items):,} are grey.",
            repair=Repair("Learn them as grey", preparation={"colour": "auto"}),
        )
    fewer = grey if len(grey) <= len(coloured) else coloured
    if preparation["colour"] != "grey" and len(fewer) >= _MANY * len(items):
        kind = "grey" if fewer is grey else "coloured"
        if len(fewer) <= len(items) / 4:
            repair = Repair(
                f"Leave out {len(fewer):,} {kind} pictures",
                excluded={item.id: True for item in fewer},
            )
        else:
            repair = Repair("Make all of them grey", preparation={"colour": "grey"})
        yield Finding(
            rule="mixed-colours",
            severity=Severity.INFO,
            title="Grey and coloured pictures are mixed",
            why="The model must learn both looks, and draws some pictures half coloured.",
            evidence=f"{len(grey):,} grey, {len(coloured):,} coloured.",
            items=tuple(item.id for item in fewer),
            repair=repair,
        )
