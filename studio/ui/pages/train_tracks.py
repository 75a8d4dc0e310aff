"""Reads runs for a comparison in a thread: the numbers of a long run take a moment."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, QThread, Signal

from studio.core.errors import StudioError
from studio.core.runs import Run
from studio.core.side_by_side import Track


class TracksThread(QThread):
    """Reads some runs once.

    Signals:
        found: List of Track, in the order of the runs.
        failed: StudioError, when a run cannot be read.
    """

    found = Signal(object)
    failed = Signal(object)

    def __init__(self, folders: Sequence[Path], parent: QObject) -> None:
        super().__init__(parent)
        self.setObjectName("compared runs")
        self._folders = list(folders)

    def run(self) -> None:
        """Read every folder."""
        try:
            self.found.emit([Track.read(Run(folder)) for folder in self._folders])
        except StudioError as error:
            self.failed.emit(error)
