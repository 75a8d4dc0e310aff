"""Follows a run's metrics file in slices that are too short to be felt."""

from __future__ import annotations

import json
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from studio.core.runs import Run
from studio.ui.pages.train_series import History

#: Bytes read at once; parsing them takes some three milliseconds.
_SLICE = 1 << 16


class MetricsTail(QObject):
    """Reads `metrics.jsonl` from its start, then what is added whenever `look` is called.

    The file is the truth, and an event of the engine says when to look: so a run that another
    program trains is followed in the same way, and nothing is counted twice.

    Attributes:
        history: What was read so far.
        complete: Whether the end of the file has been reached at least once.

    Signals:
        grown: The history has more points, or is a new one after `begin_again`.
    """

    grown = Signal()

    def __init__(self, run: Run, parent: QObject) -> None:
        super().__init__(parent)
        self.history = History()
        self.complete = False
        self._run = run
        self._path = run.metrics_path
        self._evaluated = 0  # when the file of evaluations was changed last
        self._offset = 0
        self._timer = QTimer(self)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._read_slice)

    @Slot()
    def look(self) -> None:
        """Read what is new, in the pauses of the window."""
        if not self._timer.isActive():
            self._timer.start()

    @Slot()
    def begin_again(self) -> None:
        """Forget everything and read anew: a resumed run takes back its last steps."""
        self.history = History()
        self._offset = self._evaluated = 0
        self.look()

    @Slot()
    def _read_slice(self) -> None:
        size = self._path.stat().st_size if self._path.exists() else 0
        if size < self._offset:
            self.begin_again()
        data = self._next_bytes()
        whole = data.rfind(b"\n") + 1  # a line that is still being written is left for later
        self._offset += whole
        rows = [row for line in data[:whole].splitlines() if (row := _row(line)) is not None]
        self.history.add(rows)
        if not whole:
            self._timer.stop()
            self.complete = True
            self._read_evaluations()
        if rows or not whole:
            self.grown.emit()

    def _read_evaluations(self) -> None:
        path = self._run.evaluations_path
        changed = path.stat().st_mtime_ns if path.exists() else 0
        if changed != self._evaluated:
            self._evaluated = changed
            self.history.show_evaluations(self._run.comparable_evaluations())

    def _next_bytes(self) -> bytes:
        if not self._path.exists():
            return b""
        with self._path.open("rb") as stream:
            stream.seek(self._offset)
            return stream.read(_SLICE)


def _row(line: bytes) -> dict[str, Any] | None:
    """Return the object in a line; None for one that a kill has cut off."""
    try:
        row = json.loads(line)
    except json.JSONDecodeError:
        return None
    return row if isinstance(row, dict) and "values" in row else None
