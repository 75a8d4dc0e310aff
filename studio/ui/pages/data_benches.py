"""The one table that says which cards of its own a modality has on the Data page."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from studio.core.datasets import Dataset
from studio.core.media import Modality
from studio.ui.context import Studio
from studio.ui.pages.data_audio import AudioBench
from studio.ui.pages.data_bench import DataBench
from studio.ui.pages.data_text import TextBench
from studio.ui.pages.data_video import VideoBench

#: Modalities with cards of their own; all others have none.
BENCHES: dict[Modality, type[DataBench]] = {
    Modality.TEXT: TextBench,
    Modality.VIDEO: VideoBench,
    Modality.AUDIO: AudioBench,
    Modality.VIDEO: VideoBench,
}


class BenchPlace(QWidget):
    """Where the cards of the dataset's modality stand; they are made when first needed.

    Attributes:
        bench: What is in sight; None for modalities without cards of their own.
    """

    def __init__(self, studio: Studio) -> None:
        super().__init__()
        self._studio = studio
        self._benches: dict[type[DataBench], DataBench] = {}
        self.bench: DataBench | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        studio.closing.connect(self._end)
        self.hide()

    def show_dataset(self, dataset: Dataset | None) -> None:
        """Show the cards for a dataset."""
        kind = BENCHES.get(dataset.modality) if dataset is not None else None
        if kind is not None and kind not in self._benches:
            self._benches[kind] = kind(self._studio)
            self._column.addWidget(self._benches[kind])
        self.bench = self._benches[kind] if kind is not None else None
        for bench in self._benches.values():
            bench.setVisible(bench is self.bench)
        self.setVisible(self.bench is not None)
        if self.bench is not None and dataset is not None:
            self.bench.show_dataset(dataset)

    def _end(self) -> None:
        for bench in self._benches.values():
            bench.end()
