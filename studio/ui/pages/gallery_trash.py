"""Emptying the trash: files go to the system's own trash, off the window's thread."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QThread, Signal


class Emptied(NamedTuple):
    """What became of the trash: ids that are gone, and what the system said of the others."""

    gone: list[int]
    kept: dict[str, str]


class TrashThread(QThread):
    """Hands files to the system's trash one by one, then ends.

    Signals:
        emptied: Emptied.
    """

    emptied = Signal(object)

    def __init__(self, files: Sequence[tuple[int, Path]]) -> None:
        super().__init__()
        self.setObjectName("trash")
        self._files = list(files)

    def run(self) -> None:
        """Move the files; one that is gone already counts as moved."""
        # loaded here, since it looks for the system's trash when it is imported
        from send2trash import send2trash

        gone: list[int] = []
        kept: dict[str, str] = {}
        for asset, path in self._files:
            if self.isInterruptionRequested():
                break
            try:
                if path.exists():
                    send2trash(path)
            except OSError as error:
                kept[path.name] = error.strerror or str(error)
            else:
                gone.append(asset)
        self.emptied.emit(Emptied(gone, kept))
