"""What the eye cannot see of a dataset: how many items each label has, and what sizes there are."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import Signal

from studio.core.media import Modality
from studio.ui import nouns
from studio.ui.views.base import DatasetView
from studio.ui.views.registry import VIEWS
from studio.ui.widgets.bars import Bar, BarChart
from studio.ui.widgets.cards import Card
from studio.ui.widgets.labels import label


class StatisticsCard(Card):
    """Items per label as bars, and below them what the modality's own view has to show.

    Signals:
        label_picked: The user clicked the bar of a label.
    """

    label_picked = Signal(str)

    def __init__(self) -> None:
        super().__init__(" ")
        self._labels = BarChart("")
        self._labels.picked.connect(self.label_picked)
        self._none = label(self.tr("No labels. Sub-folders become labels."), "muted", wrap=True)
        self._own: DatasetView | None = None
        self._modality: Modality | None = None
        self.body.addWidget(self._none)
        self.body.addWidget(self._labels)

    def show_counts(
        self,
        modality: Modality,
        labels: Mapping[str, int],
        sizes: Mapping[tuple[int, int], int],
    ) -> None:
        """Show a dataset's counts by label and by (width, height)."""
        title = self.tr("{items} per label").format(items=nouns.many(modality).capitalize())
        self.set_title(title)
        self._labels.set_name(title)
        self._labels.set_bars([Bar(name, name, count) for name, count in labels.items()])
        self._labels.setVisible(bool(labels))
        self._none.setVisible(not labels)
        if self._own is None or modality is not self._modality:
            if self._own is not None:
                self.body.removeWidget(self._own)
                self._own.hide()
                self._own.deleteLater()
            self._modality, self._own = modality, VIEWS[modality].dataset()
            self.body.addWidget(self._own)
        self._own.show_sizes(sizes)

    def look_into(self, project: Path, dataset_id: str) -> None:
        """Let the modality's own view read the items of the dataset whose counts are shown."""
        if self._own is not None:
            self._own.look_into(project, dataset_id)
