"""What a modality adds to the right column of the Data page: its own cards."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from studio.core.datasets import Dataset
from studio.ui.context import Studio


class DataBench(QWidget):
    """Cards about a dataset that only one modality has; this one has none."""

    def __init__(self, studio: Studio) -> None:
        super().__init__()
        self._studio = studio

    def show_dataset(self, dataset: Dataset) -> None:
        """Show a dataset, also after its settings changed."""

    def end(self) -> None:
        """End what reads in the background, and wait for it."""
