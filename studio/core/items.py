"""Items of a dataset, items on their way in, files that were not taken, and how to choose some."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from studio.core.blobs import Span


class NewItem(NamedTuple):
    """An item as the importer hands it over; `item` and `thumb` are places in the packs.

    `notes` are words for what was done to it, such as `cmyk` or `rotated`.
    """

    name: str
    label: str
    caption: str
    width: int
    height: int
    notes: tuple[str, ...]
    sha256: bytes
    perceptual: int
    item: Span
    thumb: Span


class Item(NamedTuple):
    """A row of `items`; a tuple, since views make thousands of them while they scroll."""

    id: int
    name: str
    label: str
    caption: str
    width: int
    height: int
    notes: tuple[str, ...]
    duplicate_of: int | None
    item: Span
    thumb: Span
    excluded: bool


class Reject(NamedTuple):
    """A file that was not taken: `reason` is a word to group by, the rest is for people."""

    name: str
    reason: str
    message: str
    suggestion: str


@dataclass(frozen=True)
class ItemFilter:
    """Which items a view shows; every part that is set narrows the choice.

    Attributes:
        label: Only this label; None means every label.
        problem: A note (`cmyk`), or `duplicate`, or `excluded`.
        search: Words looked for in name, label and caption.
    """

    label: str | None = None
    problem: str = ""
    search: str = ""


def where(chosen: ItemFilter) -> tuple[str, list[str]]:
    """Return what a filter adds to the clause of a query, and its values."""
    clause, values = "", []
    if chosen.label is not None:
        clause += " AND label = ?"
        values.append(chosen.label)
    if chosen.problem == "duplicate":
        clause += " AND duplicate_of IS NOT NULL"
    elif chosen.problem == "excluded":
        clause += " AND excluded"
    elif chosen.problem:
        clause += " AND ',' || notes || ',' LIKE ?"
        values.append(f"%,{chosen.problem},%")
    for word in chosen.search.split():
        clause += " AND (name || ' ' || label || ' ' || caption) LIKE ? ESCAPE '\\'"
        escaped = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        values.append(f"%{escaped}%")
    return clause, values


#: The columns that `item_of` takes, in its order.
COLUMNS = (
    "id, name, label, caption, width, height, notes, duplicate_of,"
    " offset, length, thumb_offset, thumb_length, excluded"
)


def item_of(row: tuple[Any, ...]) -> Item:
    """Return the item in a row of COLUMNS."""
    key, name, label, caption, width, height, notes, original, *places, excluded = row
    offset, length, thumb_offset, thumb_length = places
    return Item(
        id=key,
        name=name,
        label=label,
        caption=caption,
        width=width,
        height=height,
        notes=tuple(notes.split(",")) if notes else (),
        duplicate_of=original,
        item=Span(offset, length),
        thumb=Span(thumb_offset, thumb_length),
        excluded=bool(excluded),
    )
