"""What there is to know of a dataset, read in a thread: a look at 100,000 rows takes a moment."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue

from PySide6.QtCore import QThread, Signal

from studio.core.errors import StudioError
from studio.core.items import ItemFilter
from studio.core.library import Library
from studio.core.project import Project
from studio.data import doctor

_PATIENCE_MS = 20  # between two tries to break a read off


@dataclass(frozen=True)
class Facts:
    """Counts of one dataset.

    Attributes:
        count: All items, those left out too.
        included: Items that a model learns from.
        labels: Items by label, all of them.
        learned: Items by label, those left out not counted.
        unlabelled: Items without a label.
        problems: Items by note, with `duplicate` and `excluded`.
        sizes: Included items by (width, height) in pixels.
        rejects: Files that were not taken.
    """

    dataset_id: str
    count: int
    included: int
    labels: dict[str, int]
    learned: dict[str, int]
    unlabelled: int
    problems: dict[str, int]
    sizes: dict[tuple[int, int], int]
    rejects: int


class FactsThread(QThread):
    """Reads datasets one after the other; of those asked for meanwhile only the newest.

    Signals:
        counted: Facts, as soon as they are there.
        examined: (dataset id, list of Finding), a moment later.
        failed: StudioError, when the dataset cannot be examined.
    """

    counted = Signal(object)
    examined = Signal(str, object)
    failed = Signal(object)

    def __init__(self, folder: Path) -> None:
        """Read from the project in `folder`."""
        super().__init__()
        self.setObjectName("dataset facts")
        self._folder = folder
        self._asked: SimpleQueue[str | None] = SimpleQueue()
        self._connection: sqlite3.Connection | None = None
        self._ending = False

    def ask(self, dataset_id: str) -> None:
        """Read a dataset, again when it was read before."""
        self._asked.put(dataset_id)
        self.start(QThread.Priority.LowPriority)

    def end(self) -> None:
        """End, breaking the present read off, and wait for it."""
        self._ending = True
        self._asked.put(None)
        while not self.wait(_PATIENCE_MS):
            if self._connection is not None:
                self._connection.interrupt()

    def run(self) -> None:
        """Read until told to end."""
        project = Project(self._folder)
        try:
            self._connection = project.library.connection
            while (dataset_id := self._newest()) is not None:
                try:
                    self.counted.emit(read_facts(project.library, dataset_id))
                    if self._asked.empty():
                        self.examined.emit(dataset_id, doctor.examine(project.library, dataset_id))
                except KeyError:
                    continue  # removed since it was asked for: nobody looks at it any more
                except StudioError as error:
                    self.failed.emit(error)
        except sqlite3.OperationalError:
            if not self._ending:
                raise
        finally:
            self._connection = None
            project.close()

    def _newest(self) -> str | None:
        asked = self._asked.get()
        while True:
            try:
                asked = self._asked.get_nowait()
            except Empty:
                return asked


def read_facts(library: Library, dataset_id: str) -> Facts:
    """Count a dataset's items."""
    table = library.datasets
    count = table.count(dataset_id)
    excluded = table.count(dataset_id, ItemFilter(problem="excluded"))
    labels = table.labels(dataset_id, included=False)
    problems = {
        "excluded": excluded,
        "duplicate": table.count(dataset_id, ItemFilter(problem="duplicate")),
        **table.notes(dataset_id),
    }
    return Facts(
        dataset_id=dataset_id,
        count=count,
        included=count - excluded,
        labels=labels,
        learned=table.labels(dataset_id),
        unlabelled=count - sum(labels.values()),
        problems={name: number for name, number in problems.items() if number},
        sizes=table.sizes(dataset_id),
        rejects=len(table.rejects(dataset_id)),
    )
