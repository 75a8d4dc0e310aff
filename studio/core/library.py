"""The library: one SQLite file per project, shared by the window and the engines.

Everything in it but labels, exclusions, tags, ratings, stars, explorations and the queue can be
made again from the project's folders. Write-ahead logging lets the window read while an engine
imports.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

from studio.core.assets import AssetTable
from studio.core.datasets import DatasetTable
from studio.core.errors import StudioError
from studio.core.exploration import ExplorationTable
from studio.core.queue import QueueTable
from studio.core.stars import StarTable

# Each entry brings the schema from the version that is its index to the next; never edit one that
# has been released, add another.
MIGRATIONS = (
    """
    CREATE TABLE datasets (
        id TEXT PRIMARY KEY,
        name TEXT NOT NULL UNIQUE COLLATE NOCASE,
        modality TEXT NOT NULL,
        created REAL NOT NULL,
        source TEXT NOT NULL DEFAULT '',
        licence TEXT NOT NULL DEFAULT '',
        preparation TEXT NOT NULL DEFAULT '{}'
    );
    CREATE TABLE items (
        id INTEGER PRIMARY KEY,
        dataset TEXT NOT NULL REFERENCES datasets(id) ON DELETE CASCADE,
        name TEXT NOT NULL,
        label TEXT NOT NULL DEFAULT '',
        caption TEXT NOT NULL DEFAULT '',
        width INTEGER NOT NULL DEFAULT 0,
        height INTEGER NOT NULL DEFAULT 0,
        notes TEXT NOT NULL DEFAULT '',
        sha256 BLOB NOT NULL,
        perceptual INTEGER NOT NULL DEFAULT 0,
        duplicate_of INTEGER REFERENCES items(id) ON DELETE SET NULL,
        offset INTEGER NOT NULL,
        length INTEGER NOT NULL,
        thumb_offset INTEGER NOT NULL,
        thumb_length INTEGER NOT NULL,
        excluded INTEGER NOT NULL DEFAULT 0
    );
    CREATE INDEX items_by_dataset ON items(dataset, label);
    CREATE INDEX items_duplicates ON items(duplicate_of) WHERE duplicate_of IS NOT NULL;
    CREATE TABLE rejects (
        id INTEGER PRIMARY KEY,
        dataset TEXT NOT NULL REFERENCES datasets(id) ON DELETE CASCADE,
        name TEXT NOT NULL,
        reason TEXT NOT NULL,
        message TEXT NOT NULL,
        suggestion TEXT NOT NULL
    );
    CREATE INDEX rejects_by_dataset ON rejects(dataset);
    CREATE TABLE assets (
        id INTEGER PRIMARY KEY,
        path TEXT NOT NULL UNIQUE,
        modality TEXT NOT NULL,
        created REAL NOT NULL,
        title TEXT NOT NULL DEFAULT '',
        model TEXT NOT NULL DEFAULT '',
        model_title TEXT NOT NULL DEFAULT '',
        run TEXT NOT NULL DEFAULT '',
        step INTEGER NOT NULL DEFAULT 0,
        seed INTEGER NOT NULL DEFAULT 0,
        label TEXT NOT NULL DEFAULT '',
        width INTEGER NOT NULL DEFAULT 0,
        height INTEGER NOT NULL DEFAULT 0,
        recipe TEXT NOT NULL DEFAULT '{}',
        thumb_offset INTEGER NOT NULL DEFAULT 0,
        thumb_length INTEGER NOT NULL DEFAULT 0,
        rating INTEGER NOT NULL DEFAULT 0,
        trashed REAL
    );
    CREATE INDEX assets_by_time ON assets(created);
    CREATE TABLE tags (
        asset INTEGER NOT NULL REFERENCES assets(id) ON DELETE CASCADE,
        tag TEXT NOT NULL,
        PRIMARY KEY (asset, tag)
    ) WITHOUT ROWID;
    CREATE VIRTUAL TABLE assets_text USING fts5(words, tokenize = 'unicode61');
    CREATE TABLE stars (
        run TEXT NOT NULL,
        step INTEGER NOT NULL,
        PRIMARY KEY (run, step)
    ) WITHOUT ROWID;
    CREATE TABLE queue (
        id INTEGER PRIMARY KEY,
        position REAL NOT NULL,
        recipe TEXT NOT NULL DEFAULT '',
        resume TEXT NOT NULL DEFAULT '',
        title TEXT NOT NULL,
        status TEXT NOT NULL DEFAULT 'waiting',
        run TEXT NOT NULL DEFAULT '',
        error TEXT NOT NULL DEFAULT ''
    );
    """,
    # what the gallery asks for at every start, answered from the index alone
    """
    DROP INDEX assets_by_time;
    CREATE INDEX assets_shown ON assets(trashed, created, id);
    CREATE INDEX assets_by_modality ON assets(trashed, modality);
    CREATE INDEX assets_by_label ON assets(trashed, label);
    CREATE INDEX assets_by_model ON assets(trashed, model_title);
    """,
    # the name of a dataset that was removed and may come back; NULL while it is there
    """
    ALTER TABLE datasets ADD COLUMN trashed TEXT;
    """,
    # what is kept while exploring a model: its run or package, and the rest as JSON
    """
    CREATE TABLE explorations (model TEXT PRIMARY KEY, state TEXT NOT NULL) WITHOUT ROWID;
    """,
    # what assets say themselves, where they are texts, beside what is said of them
    """
    CREATE VIRTUAL TABLE assets_said USING fts5(words, said, tokenize = 'unicode61');
    INSERT INTO assets_said(rowid, words, said) SELECT rowid, words, '' FROM assets_text;
    DROP TABLE assets_text;
    ALTER TABLE assets_said RENAME TO assets_text;
    """,
    # batches wait in the queue as runs do: their recipe as JSON
    """
    ALTER TABLE queue ADD COLUMN batch TEXT NOT NULL DEFAULT '';
    """,
)


class Library:
    """A connection to a project's database.

    Attributes:
        connection: The SQLite connection; belongs to the thread that made it.
    """

    FILE = "project.sqlite"

    def __init__(self, path: Path) -> None:
        """Open the database, making or migrating it.

        Raises:
            StudioError: A newer program made it; the file is left as it was.
        """
        self.connection = sqlite3.connect(path, timeout=30, isolation_level=None)
        self.connection.row_factory = sqlite3.Row
        try:
            self._migrate(path)
        except BaseException:
            self.connection.close()
            raise

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Run statements all or none; may be nested, then the outer one decides."""
        if self.connection.in_transaction:
            yield self.connection
            return
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            yield self.connection
        except BaseException:
            self.connection.execute("ROLLBACK")
            raise
        self.connection.execute("COMMIT")

    @cached_property
    def datasets(self) -> DatasetTable:
        """Datasets with their items and rejected files."""
        return DatasetTable(self.connection, self.transaction)

    @cached_property
    def assets(self) -> AssetTable:
        """Generated media with tags and ratings."""
        return AssetTable(self.connection, self.transaction)

    @cached_property
    def queue(self) -> QueueTable:
        """Runs that wait for their turn."""
        return QueueTable(self.connection, self.transaction)

    @cached_property
    def stars(self) -> StarTable:
        """Checkpoints that the user wants to keep."""
        return StarTable(self.connection)

    @cached_property
    def explorations(self) -> ExplorationTable:
        """What the user keeps while exploring models."""
        return ExplorationTable(self.connection)

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()

    def _migrate(self, path: Path) -> None:
        version = int(self.connection.execute("PRAGMA user_version").fetchone()[0])
        if version > len(MIGRATIONS):
            raise StudioError(
                "This project is from a newer studio",
                f"{path.parent.name} has format {version}; this program knows {len(MIGRATIONS)}.",
                "Update AIGC Studio, then open the project again. Nothing was changed.",
            )
        self.connection.execute("PRAGMA journal_mode = WAL")
        self.connection.execute("PRAGMA synchronous = NORMAL")
        self.connection.execute("PRAGMA foreign_keys = ON")
        for target, script in enumerate(MIGRATIONS[version:], version + 1):
            # executescript commits first, so the transaction is part of the script
            self.connection.executescript(
                f"BEGIN IMMEDIATE; {script} PRAGMA user_version = {target}; COMMIT;"
            )
