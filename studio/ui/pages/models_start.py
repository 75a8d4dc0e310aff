"""Choosing what a training starts from: fresh weights, or those of a model that is there."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from studio.core.model_choices import Model, models
from studio.core.recipe import Fork, RunRecipe
from studio.ui.context import Studio
from studio.ui.widgets.labels import label
from studio.ui.widgets.spin import ComboBox


class StartChooser(QWidget):
    """A list of the models of one kind, so that a new run need not begin from nothing.

    Signals:
        chosen: The Fork that the user picked; None for fresh weights.
    """

    chosen = Signal(object)

    def __init__(self, studio: Studio) -> None:
        super().__init__()
        self._project = studio.project
        self._models: list[Model] = []
        self._box = ComboBox()
        self._box.setAccessibleName(self.tr("Start from"))
        self._box.setMinimumContentsLength(8)
        self._box.setToolTip(
            self.tr(
                "A model that learned something alike needs less time and less data. Layers that"
                " fit are taken over, the others start anew (transfer learning)."
            )
        )
        title = label(self.tr("Start from"), "caption")
        title.setBuddy(self._box)
        self._words = label("", "muted", wrap=True)
        self._choice = QWidget()
        inner = QVBoxLayout(self._choice)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(4)
        inner.addWidget(title)
        inner.addWidget(self._box)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._words)
        column.addWidget(self._choice)
        self._box.activated.connect(self._on_activated)

    def show_recipe(self, recipe: RunRecipe, *, again: bool) -> None:
        """Show what a recipe starts from.

        A run that goes on where another one stood keeps that; nothing is to choose.

        Args:
            again: Look for models anew, as for another kind of model.
        """
        fork = recipe.fork
        goes_on = fork is not None and not fork.anew
        self._words.setVisible(goes_on)
        if fork is not None and goes_on:
            words = self.tr("Goes on from step {step} of {run}.")
            self._words.setText(words.format(step=f"{fork.step:,}", run=fork.source))
        if again:
            self._models = [m for m in models(self._project) if m.family == recipe.family]
        self._choice.setVisible(bool(self._models) and not goes_on)
        blocked = self._box.blockSignals(True)
        self._box.clear()
        self._box.addItem(self.tr("Fresh weights"), None)
        for model in self._models:
            self._box.addItem(model.title, _fork_of(model))
        places = [self._box.itemData(row) for row in range(self._box.count())]
        self._box.setCurrentIndex(places.index(fork) if fork in places else 0)
        self._box.blockSignals(blocked)

    @Slot(int)
    def _on_activated(self, index: int) -> None:
        self.chosen.emit(self._box.itemData(index))


def _fork_of(model: Model) -> Fork:
    if model.is_package:
        return Fork(package=model.reference, step=model.best, anew=True)
    return Fork(run=model.reference, step=model.best, anew=True)
