"""What an import learns from files that are no items: tables, captions, IDX labels, folders."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from studio.core.items import NewItem, Reject
from studio.data.entries import Entry, printable, rejection
from studio.data.image.idx import IdxPairs, is_idx
from studio.data.modality import Rejected
from studio.data.tables import (
    CAPTION_SUFFIXES,
    TABLE_SUFFIXES,
    Row,
    beside,
    folder_labels,
    is_inside,
    names_files,
    read_caption,
    read_table,
    stem,
)

#: Root and place of a file; see Entry.
Place = tuple[str, str]


class Annotations:
    """Collects helper files first and gives items their labels and captions at the end.

    A label comes from the source itself, else from a table, else from the folder; a caption from
    a table, else from a caption file.

    Attributes:
        added: Helper files that were read.
        used: Helper files that said something of an item.
        pictures: Pictures that lie in IDX files.
    """

    def __init__(self, item_suffixes: frozenset[str]) -> None:
        """Begin; of files with a suffix of the items themselves only lists of files are helpers."""
        self.added = 0
        self.used = 0
        self.pictures = IdxPairs()
        self._item_suffixes = item_suffixes
        self._rows: dict[Place, tuple[Entry, Row]] = {}
        self._bare: dict[Place, tuple[Entry, Row]] = {}
        self._tables: list[Entry] = []
        self._captions: dict[Place, tuple[Entry, str]] = {}
        self._present: set[Place] = set()

    def wants(self, entry: Entry) -> bool:
        """Tell whether a file is a helper; remembers that it is there in any case."""
        self._present.add((entry.root, entry.place))
        if entry.suffix in self._item_suffixes:
            return entry.suffix in TABLE_SUFFIXES and self._lists_files(entry)
        if is_idx(entry.place):
            return ".png" in self._item_suffixes
        return entry.suffix in TABLE_SUFFIXES | CAPTION_SUFFIXES

    def _lists_files(self, entry: Entry) -> bool:
        """Tell whether a table, which may hold texts itself, says something of files instead."""
        try:
            return names_files(entry.load(), self._item_suffixes)
        except (Rejected, OSError):
            return False  # it is read again as an item, and what is wrong is said then

    def add(self, entry: Entry) -> None:
        """Read a helper.

        Raises:
            Rejected: It is not what its name says.
            OSError: It cannot be read.
        """
        if is_idx(entry.place):
            self.pictures.add(entry)
        elif entry.suffix in TABLE_SUFFIXES:
            for row in read_table(entry.load()):
                place = (entry.root, beside(entry.place, row.file))
                # lists of what is spoken name recordings without their ending
                bare = not PurePosixPath(row.file).suffix
                (self._bare if bare else self._rows)[place] = (entry, row)
            self._tables.append(entry)
        else:
            caption = read_caption(entry.load())
            self._captions[entry.root, stem(entry.place)] = (entry, caption)
        self.added += 1

    def applied(self, items: Sequence[NewItem], sources: Sequence[Entry]) -> list[NewItem]:
        """Return the items with labels and captions; `sources` holds the entry of each."""
        labels = _labels_of_folders(sources)
        result = []
        spoken: set[str] = set()  # names of helpers that said something
        for item, entry, folder in zip(items, sources, labels, strict=True):
            own = entry.label or item.label
            label, caption = own or folder, entry.caption
            if row := self._row_of(entry):
                spoken.add(row[0].name)
                label = own or row[1].label or folder
                caption = caption or row[1].caption
            if found := self._captions.pop((entry.root, stem(entry.place)), None):
                spoken.add(found[0].name)
                caption = caption or found[1]
            result.append(item._replace(label=printable(label), caption=printable(caption)))
        self._tables = [entry for entry in self._tables if entry.name not in spoken]
        self.used = len(spoken) + self.pictures.used
        return result

    def _row_of(self, entry: Entry) -> tuple[Entry, Row] | None:
        """Return the line of a table that names an item, with its ending or without.

        Without it the item may lie in a folder beside the table, such as `wavs`.
        """
        if row := self._rows.pop((entry.root, entry.place), None):
            return row
        path = PurePosixPath(stem(entry.place))
        for folder in path.parents if self._bare else ():
            place = (entry.root, str(folder / path.name))
            if row := self._bare.pop(place, None):
                return row
        return self._bare.pop((entry.root, str(path)), None)

    def leftovers(self) -> Iterator[Reject]:
        """Return the helpers that were of no use, and the files that tables name in vain."""
        for entry, _caption in self._captions.values():
            yield rejection(
                entry.name,
                Rejected(
                    "no-item",
                    "A text without an item of the same name that was taken.",
                    "Give it the name of its item if it is a caption.",
                ),
            )
        for entry in self._tables:
            yield rejection(
                entry.name,
                Rejected(
                    "no-item",
                    "A table that names no file that was taken.",
                    "Put it beside the files that it names.",
                ),
            )
        for (root, place), (entry, row) in self._rows.items():
            if (root, place) not in self._present:
                yield rejection(f"{entry.name}: {row.file}", _missing(row))
        names = {(root, PurePosixPath(stem(place)).name) for root, place in self._present}
        for (root, place), (entry, row) in self._bare.items():
            if (root, PurePosixPath(place).name) not in names:
                yield rejection(f"{entry.name}: {row.file}", _missing(row))
        for entry, error in self.pictures.unpaired():
            yield rejection(entry.name, error)


def _labels_of_folders(sources: Sequence[Entry]) -> list[str]:
    """Return each entry's label by its folder, looking at each root as a whole."""
    groups: dict[str, list[int]] = defaultdict(list)
    for index, entry in enumerate(sources):
        groups[entry.root].append(index)
    labels = [""] * len(sources)
    for indices in groups.values():
        places = [sources[index].place for index in indices]
        found = folder_labels(places, archive=sources[indices[0]].archive)
        for index, label in zip(indices, found, strict=True):
            labels[index] = label
    return labels


def _missing(row: Row) -> Rejected:
    if not is_inside(row.file):
        return Rejected(
            "outside",
            "The table names a file outside its own folder.",
            "Put the file beside the table and name it without its folder.",
        )
    return Rejected(
        "missing", "The table names this file, but it is not there.", "Add it or fix the name."
    )
