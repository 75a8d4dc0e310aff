"""Datasets in the library: items, labels, exclusions and the files that were not taken."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from studio.core.items import COLUMNS, Item, ItemFilter, NewItem, Reject, item_of, where
from studio.core.media import Modality

#: Names of the packs in a dataset's folder.
ITEMS_PACK = "items.pack"
THUMBNAILS_PACK = "thumbnails.pack"

_CHUNK = 900  # SQLite's default bound on variables is 999 in old builds


@dataclass(frozen=True)
class Dataset:
    """A row of `datasets`. `created` in seconds since 1970."""

    id: str
    name: str
    modality: Modality
    created: float
    source: str
    licence: str
    preparation: dict[str, Any]


class DatasetTable:
    """Reads and writes datasets. Edits return what was there before, so that they can be undone."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        transaction: Callable[[], AbstractContextManager[sqlite3.Connection]],
    ) -> None:
        self._db = connection
        self._transaction = transaction

    # ------------------------------------------------------------------------------ datasets

    def add(
        self, dataset_id: str, name: str, modality: Modality, source: str = "", licence: str = ""
    ) -> Dataset:
        """Add an empty dataset."""
        self._db.execute(
            "INSERT INTO datasets(id, name, modality, created, source, licence)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (dataset_id, name, modality, time.time(), source, licence),
        )
        return self.get(dataset_id)

    def all(self) -> list[Dataset]:
        """Return every dataset, newest first."""
        rows = self._db.execute(f"{_DATASETS} ORDER BY created DESC")
        return [_dataset(row) for row in rows]

    def get(self, dataset_id: str) -> Dataset:
        """Return a dataset; raises KeyError when there is none with that id."""
        row = self._db.execute(f"{_DATASETS} AND id = ?", (dataset_id,)).fetchone()
        if row is None:
            raise KeyError(dataset_id)
        return _dataset(row)

    def find(self, name: str) -> Dataset | None:
        """Return the dataset of that name or id, if there is one."""
        row = self._db.execute(f"{_DATASETS} AND (name = ? OR id = ?)", (name, name)).fetchone()
        return _dataset(row) if row else None

    def rename(self, dataset_id: str, name: str) -> None:
        """Give a dataset another name."""
        self._db.execute("UPDATE datasets SET name = ? WHERE id = ?", (name, dataset_id))

    def set_preparation(self, dataset_id: str, preparation: dict[str, Any]) -> None:
        """Store how the items are brought to training size."""
        self._db.execute(
            "UPDATE datasets SET preparation = ? WHERE id = ?",
            (json.dumps(preparation), dataset_id),
        )

    def trash(self, dataset_id: str) -> None:
        """Take a dataset out of every list, whole, until `restore`; its name is free then."""
        self._db.execute(
            "UPDATE datasets SET trashed = name, name = id WHERE id = ? AND trashed IS NULL",
            (dataset_id,),
        )

    def restore(self, dataset_id: str) -> Dataset:
        """Bring a dataset back whole; with another name when its own was taken meanwhile."""
        with self._transaction():
            row = self._db.execute(
                "SELECT trashed FROM datasets WHERE id = ?", (dataset_id,)
            ).fetchone()
            name, number = row["trashed"], 2
            while self.find(name) is not None:
                name, number = f"{row['trashed']} ({number})", number + 1
            self._db.execute(
                "UPDATE datasets SET trashed = NULL, name = ? WHERE id = ?", (name, dataset_id)
            )
        return self.get(dataset_id)

    def trashed(self) -> list[str]:
        """Return the ids of the datasets that `trash` took out of the lists."""
        rows = self._db.execute("SELECT id FROM datasets WHERE trashed IS NOT NULL")
        return [row["id"] for row in rows]

    def remove(self, dataset_id: str) -> None:
        """Remove a dataset with its items for good; the caller removes its folder."""
        self._db.execute("DELETE FROM datasets WHERE id = ?", (dataset_id,))

    def fingerprint(self, dataset_id: str) -> str:
        """Return a hash of all that a model can learn from: contents, labels, captions, order."""
        digest = hashlib.sha256()
        rows = self._db.execute(
            "SELECT sha256, label, caption FROM items WHERE dataset = ? AND NOT excluded"
            " ORDER BY id",
            (dataset_id,),
        )
        for sha256, label, caption in rows:
            digest.update(sha256)
            digest.update(f"{label}\0{caption}\0".encode())
        return digest.hexdigest()[:16]

    # --------------------------------------------------------------------------------- items

    def add_items(self, dataset_id: str, items: Iterable[NewItem]) -> None:
        """Add items in the order given."""
        with self._transaction():
            self._db.executemany(
                "INSERT INTO items(dataset, name, label, caption, width, height, notes, sha256,"
                " perceptual, offset, length, thumb_offset, thumb_length)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    (
                        dataset_id,
                        new.name,
                        new.label,
                        new.caption,
                        new.width,
                        new.height,
                        ",".join(new.notes),
                        new.sha256,
                        new.perceptual,
                        *new.item,
                        *new.thumb,
                    )
                    for new in items
                ),
            )

    def ids(self, dataset_id: str, chosen: ItemFilter | None = None) -> list[int]:
        """Return the ids of the items that a filter leaves, in order of import."""
        clause, values = where(chosen or ItemFilter())
        rows = self._db.execute(
            f"SELECT id FROM items WHERE dataset = ?{clause} ORDER BY id",  # noqa: S608
            (dataset_id, *values),
        )
        return [row[0] for row in rows]

    def items(self, ids: Sequence[int]) -> list[Item]:
        """Return the items with these ids, in the order of `ids`; unknown ids are left out."""
        found: dict[int, Item] = {}
        for start in range(0, len(ids), _CHUNK):
            part = ids[start : start + _CHUNK]
            rows = self._db.cursor()
            rows.row_factory = None  # plain tuples
            rows.execute(
                f"SELECT {COLUMNS} FROM items WHERE id IN ({','.join('?' * len(part))})",  # noqa: S608
                part,
            )
            found.update((row[0], item_of(row)) for row in rows)
        return [found[i] for i in ids if i in found]

    def count(self, dataset_id: str, chosen: ItemFilter | None = None) -> int:
        """Return how many items a filter leaves."""
        clause, values = where(chosen or ItemFilter())
        row = self._db.execute(
            f"SELECT count(*) FROM items WHERE dataset = ?{clause}",  # noqa: S608
            (dataset_id, *values),
        ).fetchone()
        return int(row[0])

    def labels(self, dataset_id: str, *, included: bool = True) -> dict[str, int]:
        """Return how many items each label has, by label; the empty label is left out."""
        clause = " AND NOT excluded" if included else ""
        rows = self._db.execute(
            f"SELECT label, count(*) FROM items WHERE dataset = ? AND label != ''{clause}"  # noqa: S608
            " GROUP BY label ORDER BY label",
            (dataset_id,),
        )
        return {row[0]: row[1] for row in rows}

    def notes(self, dataset_id: str) -> dict[str, int]:
        """Return how many items carry each note; not of those that hold a number: `frames=32`."""
        rows = self._db.execute(
            "SELECT notes, count(*) FROM items WHERE dataset = ? AND notes != '' GROUP BY notes",
            (dataset_id,),
        )
        counts: dict[str, int] = {}
        for notes, count in rows:
            for note in notes.split(","):
                if "=" in note:
                    continue
                counts[note] = counts.get(note, 0) + count
        return counts

    def sizes(self, dataset_id: str) -> dict[tuple[int, int], int]:
        """Return how many included items have each (width, height)."""
        rows = self._db.execute(
            "SELECT width, height, count(*) FROM items WHERE dataset = ? AND NOT excluded"
            " GROUP BY width, height",
            (dataset_id,),
        )
        return {(row[0], row[1]): row[2] for row in rows}

    def hashes(self, dataset_id: str) -> list[tuple[int, bytes, int]]:
        """Return (id, sha256, perceptual hash) of every item, for the search for duplicates."""
        rows = self._db.execute(
            "SELECT id, sha256, perceptual FROM items WHERE dataset = ? ORDER BY id", (dataset_id,)
        )
        return [(row[0], row[1], row[2]) for row in rows]

    def set_duplicates(self, pairs: Iterable[tuple[int, int | None]]) -> None:
        """Store for each (item, original) that the item looks like the original."""
        with self._transaction():
            self._db.executemany(
                "UPDATE items SET duplicate_of = ? WHERE id = ?",
                ((original, item) for item, original in pairs),
            )

    # --------------------------------------------------------------------------------- edits

    def set_labels(self, labels: dict[int, str]) -> dict[int, str]:
        """Give items labels; returns the labels that they had."""
        return self._edit("label", labels)

    def set_excluded(self, excluded: dict[int, bool]) -> dict[int, bool]:
        """Leave items out or take them in again; returns what was set before."""
        before = self._edit("excluded", {i: int(value) for i, value in excluded.items()})
        return {i: bool(value) for i, value in before.items()}

    def _edit(self, column: str, values: dict[int, Any]) -> dict[int, Any]:
        before: dict[int, Any] = {}
        ids = list(values)
        with self._transaction():
            for start in range(0, len(ids), _CHUNK):
                part = ids[start : start + _CHUNK]
                marks = ",".join("?" * len(part))
                before.update(
                    self._db.execute(
                        f"SELECT id, {column} FROM items WHERE id IN ({marks})",  # noqa: S608
                        part,
                    ).fetchall()
                )
            self._db.executemany(
                f"UPDATE items SET {column} = ? WHERE id = ?",  # noqa: S608
                ((value, item) for item, value in values.items()),
            )
        return before

    # ------------------------------------------------------------------------------- rejects

    def add_rejects(self, dataset_id: str, rejects: Iterable[Reject]) -> None:
        """Store files that were not taken."""
        with self._transaction():
            self._db.executemany(
                "INSERT INTO rejects(dataset, name, reason, message, suggestion)"
                " VALUES (?, ?, ?, ?, ?)",
                ((dataset_id, *reject) for reject in rejects),
            )

    def rejects(self, dataset_id: str) -> list[Reject]:
        """Return the files that were not taken, in order of import."""
        rows = self._db.execute(
            "SELECT name, reason, message, suggestion FROM rejects WHERE dataset = ? ORDER BY id",
            (dataset_id,),
        )
        return [Reject(*row) for row in rows]


#: The datasets that are there, with the columns that `_dataset` takes.
_DATASETS = (
    "SELECT id, name, modality, created, source, licence, preparation FROM datasets"
    " WHERE trashed IS NULL"
)


def _dataset(row: sqlite3.Row) -> Dataset:
    values = dict(row)
    values["modality"] = Modality(values["modality"])
    values["preparation"] = json.loads(values["preparation"])
    return Dataset(**values)
