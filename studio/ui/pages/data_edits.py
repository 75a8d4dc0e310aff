"""Edits of a dataset, each one step of undo."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QUndoCommand

from studio.core.datasets import Dataset
from studio.core.items import ItemFilter
from studio.data import doctor
from studio.data.findings import Repair
from studio.ui.context import Studio
from studio.ui.undo import Swap

_Value = TypeVar("_Value")


class RemoveDataset(QUndoCommand):
    """Takes a dataset out of the project, with all that was said of its items."""

    def __init__(self, studio: Studio, dataset: Dataset) -> None:
        words = QCoreApplication.translate("RemoveDataset", "removing {name}")
        super().__init__(words.format(name=dataset.name))
        self._studio, self._id = studio, dataset.id

    def redo(self) -> None:
        """Take it out."""
        self._studio.project.library.datasets.trash(self._id)
        self._studio.library_changed.emit("datasets")

    def undo(self) -> None:
        """Bring it back and show it."""
        self._studio.project.library.datasets.restore(self._id)
        self._studio.select_dataset(self._id)
        self._studio.library_changed.emit("datasets")


class DatasetEdits:
    """Edits of one dataset through the project's undo stack."""

    def __init__(self, studio: Studio, dataset_id: str, changed: Callable[[], None]) -> None:
        """Edit a dataset.

        Args:
            changed: Called after each edit and each undo.
        """
        self._studio = studio
        self._id = dataset_id
        self._changed = changed

    def set_labels(self, text: str, labels: dict[int, str]) -> None:
        """Give items labels."""
        self._push(text, self._studio.project.library.datasets.set_labels, labels)

    def set_excluded(self, text: str, excluded: dict[int, bool]) -> None:
        """Leave items out or take them in again."""
        self._push(text, self._studio.project.library.datasets.set_excluded, excluded)

    def rename_label(self, text: str, before: str, after: str) -> None:
        """Give all items of a label another one."""
        ids = self._studio.project.library.datasets.ids(self._id, ItemFilter(label=before))
        self.set_labels(text, dict.fromkeys(ids, after))

    def rename(self, text: str, name: str) -> None:
        """Give the dataset another name."""
        self._push(text, self._swap_name, name)

    def set_preparation(self, text: str, preparation: dict[str, object]) -> None:
        """Change how the items are brought to training size."""
        self._push(text, self._swap_preparation, preparation)

    def repair(self, repair: Repair) -> None:
        """Do what the data doctor offers."""
        library = self._studio.project.library
        self._push(f"“{repair.title}”", lambda r: doctor.apply(library, self._id, r), repair)

    def _push(self, text: str, swap: Callable[[_Value], _Value], value: _Value) -> None:
        def swap_and_tell(given: _Value) -> _Value:
            before = swap(given)
            self._changed()
            return before

        self._studio.undo.push(Swap(text, swap_and_tell, value))

    def _swap_name(self, name: str) -> str:
        table = self._studio.project.library.datasets
        before = table.get(self._id).name
        table.rename(self._id, name)
        return before

    def _swap_preparation(self, preparation: dict[str, object]) -> dict[str, object]:
        table = self._studio.project.library.datasets
        before = table.get(self._id).preparation
        table.set_preparation(self._id, preparation)
        return before
