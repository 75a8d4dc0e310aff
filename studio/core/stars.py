"""Stars on checkpoints: the retention rule never removes a starred one."""

from __future__ import annotations

import sqlite3


class StarTable:
    """Reads and writes stars."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def of_run(self, run: str) -> set[int]:
        """Return the starred steps of a run."""
        rows = self._db.execute("SELECT step FROM stars WHERE run = ?", (run,))
        return {row[0] for row in rows}

    def set(self, run: str, step: int, *, starred: bool) -> None:
        """Star a checkpoint or take its star away."""
        if starred:
            self._db.execute("INSERT OR IGNORE INTO stars VALUES (?, ?)", (run, step))
        else:
            self._db.execute("DELETE FROM stars WHERE run = ? AND step = ?", (run, step))
