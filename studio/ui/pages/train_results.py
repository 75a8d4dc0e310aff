"""The right column: sample sheets with a scrubber over the run, and the checkpoints below."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QHBoxLayout

from studio.core.recipe import RunRecipe
from studio.core.runs import Run, RunState
from studio.ui.context import Studio
from studio.ui.pages.train_checkpoints import CheckpointList
from studio.ui.pages.train_samples import SampleStrip
from studio.ui.pages.train_words import family_info
from studio.ui.widgets.cards import Card
from studio.ui.widgets.labels import label
from studio.ui.widgets.panes import scrolled


class ResultsCard(Card):
    """What a run has made so far.

    Attributes:
        samples, checkpoints: The two parts.
    """

    def __init__(self, studio: Studio) -> None:
        super().__init__(QCoreApplication.translate("ResultsCard", "Samples"))
        self.samples = SampleStrip()
        self.checkpoints = CheckpointList(studio)
        self._measure = label("", "caption")
        top = QHBoxLayout()
        top.addWidget(label(self.tr("Checkpoints"), "heading"))
        top.addStretch(1)
        top.addWidget(self._measure)
        area = scrolled(self.checkpoints)
        area.setAccessibleName(self.tr("Checkpoints"))
        self.header.addWidget(self.samples.pill)
        self.body.addWidget(self.samples, 5)
        self.body.addLayout(self.samples.scrub_row)
        self.body.addLayout(self.samples.buttons)
        self.body.addLayout(top)
        self.body.addWidget(area, 3)
        self.body.addWidget(self.checkpoints.rule)

    def show_state(self, run: Run, recipe: RunRecipe, state: RunState, *, in_hand: bool) -> None:
        """Bring both parts up to date; `in_hand` tells whether the trainer works on this run."""
        self.checkpoints.show_run(run, recipe)
        info = family_info(recipe)
        metric = info.metric(info.best)
        self._measure.setText(metric.title.lower() if info.best else "")
        self._measure.setToolTip(metric.help)
        self.samples.refresh()
        self.samples.now.setEnabled(in_hand)
        self.samples.save.setEnabled(in_hand)
