"""The queue of runs and batches in the library: it survives a crash, a restart and an update."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum

from studio.core.batch_recipes import BatchRecipe
from studio.core.recipe import RunRecipe


class QueueStatus(StrEnum):
    """Where an entry stands."""

    WAITING = "waiting"
    RUNNING = "running"
    FAILED = "failed"  # stays in sight with its error; the queue goes on


@dataclass(frozen=True)
class QueueEntry:
    """A run to start (`recipe`) or to go on with (`resume`, the run's id), or a `batch` to make."""

    id: int
    title: str
    recipe: RunRecipe | None
    resume: str
    status: QueueStatus
    run: str
    error: str
    batch: BatchRecipe | None = None


class QueueTable:
    """Reads and writes the queue."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        transaction: Callable[[], AbstractContextManager[sqlite3.Connection]],
    ) -> None:
        self._db = connection
        self._transaction = transaction

    def all(self) -> list[QueueEntry]:
        """Return the entries in their order."""
        rows = self._db.execute("SELECT * FROM queue ORDER BY position, id")
        return [_entry(row) for row in rows]

    def add(
        self,
        title: str,
        recipe: RunRecipe | None = None,
        resume: str = "",
        batch: BatchRecipe | None = None,
    ) -> int:
        """Put a run or a batch at the end; returns the entry's id."""
        told = [part.model_dump_json() if part else "" for part in (recipe, batch)]
        cursor = self._db.execute(
            "INSERT INTO queue(position, title, recipe, batch, resume)"
            " VALUES ((SELECT coalesce(max(position), 0) + 1 FROM queue), ?, ?, ?, ?)",
            (title, *told, resume),
        )
        return int(cursor.lastrowid or 0)

    def reorder(self, ids: Sequence[int]) -> None:
        """Put the entries in this order."""
        with self._transaction():
            self._db.executemany(
                "UPDATE queue SET position = ? WHERE id = ?",
                ((position, entry) for position, entry in enumerate(ids)),
            )

    def next(self) -> QueueEntry | None:
        """Return the first entry that waits."""
        row = self._db.execute(
            "SELECT * FROM queue WHERE status = 'waiting' ORDER BY position, id LIMIT 1"
        ).fetchone()
        return _entry(row) if row else None

    def set_status(self, entry: int, status: QueueStatus, run: str = "", error: str = "") -> None:
        """Store where an entry stands."""
        self._db.execute(
            "UPDATE queue SET status = ?, run = ?, error = ? WHERE id = ?",
            (status, run, error, entry),
        )

    def remove(self, entry: int) -> None:
        """Take an entry out."""
        self._db.execute("DELETE FROM queue WHERE id = ?", (entry,))

    def reclaim(self) -> list[QueueEntry]:
        """After a restart: entries that were running wait again, as a resume where a run exists.

        Returns them as they were.
        """
        running = [entry for entry in self.all() if entry.status == QueueStatus.RUNNING]
        with self._transaction():
            for entry in running:
                self._db.execute(
                    "UPDATE queue SET status = 'waiting', resume = ? WHERE id = ?",
                    (entry.run or entry.resume, entry.id),
                )
        return running


def _entry(row: sqlite3.Row) -> QueueEntry:
    return QueueEntry(
        id=row["id"],
        title=row["title"],
        recipe=RunRecipe.model_validate_json(row["recipe"]) if row["recipe"] else None,
        resume=row["resume"],
        status=QueueStatus(row["status"]),
        run=row["run"],
        error=row["error"],
        batch=BatchRecipe.model_validate_json(row["batch"]) if row["batch"] else None,
    )
