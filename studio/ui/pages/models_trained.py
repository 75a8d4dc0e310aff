"""The models that are there already: runs of the project, packages, and those that are ready."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from studio.core.model_choices import Model, models
from studio.core.project import Project
from studio.core.runs import Run
from studio.ui.pages.models_cards import SamplePicture, package_samples, run_samples
from studio.ui.theme import GAP, GAP_CARDS
from studio.ui.widgets.buttons import Button, QuietButton
from studio.ui.widgets.cards import Card
from studio.ui.widgets.flow import FlowLayout
from studio.ui.widgets.labels import ElidedLabel, label

_SHOWN = 12  # before the user asks for all
_COLUMN = 210


class TrainedModels(QWidget):
    """Cards of trained models, the newest first.

    Signals:
        opened: Reference of the model that the user wants to generate with.
        files_wanted: The user wants to choose package files to bring in.
        service_wanted: The user wants other programs to use the models.
    """

    opened = Signal(str)
    files_wanted = Signal()
    service_wanted = Signal()

    def __init__(self, project: Project) -> None:
        super().__init__()
        self._project = project
        self._all = False
        top = QHBoxLayout()
        top.addWidget(label(self.tr("Trained models"), "heading"))
        top.addStretch(1)
        self._more = QuietButton(self.tr("Show all"), self._show_all)
        top.addWidget(self._more)
        bring = QuietButton(self.tr("Bring in…"), self.files_wanted.emit, icon="upload")
        bring.setToolTip(self.tr("A model package (.studiomodel); dropping it here does the same"))
        top.addWidget(bring)
        serve = QuietButton(self.tr("For other programs…"), self.service_wanted.emit)
        serve.setToolTip(self.tr("A local HTTP service with the models of this project (API)"))
        top.addWidget(serve)
        self._none = label(self.tr("What you train appears here."), "muted")
        self._flow = FlowLayout(spacing=GAP_CARDS, column=_COLUMN)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(GAP)
        column.addLayout(top)
        column.addWidget(self._none)
        column.addLayout(self._flow)
        self.refresh()

    def refresh(self) -> None:
        """Look again for what there is."""
        while (item := self._flow.takeAt(0)) is not None:
            if card := item.widget():
                card.hide()
                card.deleteLater()
        found = models(self._project)
        shown = found if self._all else found[:_SHOWN]
        for model in shown:
            self._flow.addWidget(self._card(model))
        self._none.setVisible(not found)
        self._more.setVisible(len(found) > len(shown))
        self._more.setText(self.tr("Show all {count}").format(count=len(found)))

    def _card(self, model: Model) -> Card:
        card = Card()
        card.setAccessibleName(model.title)
        picture = SamplePicture(self.tr("Samples of {model}").format(model=model.title))
        if model.is_package:
            picture.set_samples(package_samples(Path(model.reference)))
            origin = self.tr("Ready model") if model.ready else self.tr("Package")
        else:
            picture.set_samples(run_samples(Run(self._project.runs / model.reference)))
            origin = self.tr("Step {step}").format(step=f"{model.best:,}")
        card.body.addWidget(picture)
        card.body.addWidget(ElidedLabel(model.title))
        card.body.addWidget(label(origin, "caption"))
        button = Button(self.tr("Open in Generate"), self._opener(model.reference), icon="generate")
        button.setAccessibleName(f"{self.tr('Open in Generate')}: {model.title}")
        card.body.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        return card

    def _opener(self, reference: str) -> Callable[[], None]:
        return lambda: self.opened.emit(reference)

    def _show_all(self) -> None:
        self._all = True
        self.refresh()
