"""Choosing a model on the Generate page: which one, and after how much training."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from studio.core.model_choices import Model
from studio.ui.widgets.labels import label
from studio.ui.widgets.spin import ComboBox


class ModelChooser(QWidget):
    """A list of models, and for a run the list of its checkpoints.

    Signals:
        changed: Another model, or another checkpoint of it, is in force.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._models: list[Model] = []
        self._model, self._step = narrow_combo(), narrow_combo()
        self._step_name = label(self.tr("Trained until"), "caption")
        name = label(self.tr("Model"), "caption")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        for caption, combo in ((name, self._model), (self._step_name, self._step)):
            caption.setBuddy(combo)
            combo.setAccessibleName(caption.text())
            column.addWidget(caption)
            column.addWidget(combo)
        self._model.currentIndexChanged.connect(self._on_model)
        self._step.currentIndexChanged.connect(self.changed)

    def set_models(self, models: Sequence[Model]) -> None:
        """Offer these models; the one in force stays when it is among them, else the first."""
        before = self.reference()
        self._models = list(models)
        blocked = self._model.blockSignals(True)
        self._model.clear()
        ready = self.tr("{model} (ready)")
        for row, model in enumerate(models):
            self._model.addItem(ready.format(model=model.title) if model.ready else model.title)
            self._model.setItemData(row, model.title, Qt.ItemDataRole.ToolTipRole)
        if not models:
            self._model.addItem(self.tr("No model yet"))
        self._model.setEnabled(bool(models))
        self._model.blockSignals(blocked)
        if not self.set_model(before):
            self._on_model()

    def set_model(self, reference: str) -> bool:
        """Choose `RUN`, `RUN@STEP` or a package; tells whether it is offered."""
        for row, model in enumerate(self._models):
            step = reference.removeprefix(f"{model.reference}@")
            if reference == model.reference or (step.isdigit() and step != reference):
                self._model.setCurrentIndex(row)
                self._on_model()
                self._step.setCurrentIndex(
                    max(0, self._step.findData(int(step)) if step.isdigit() else 0)
                )
                return True
        return False

    def model(self) -> Model | None:
        """Return the model in force."""
        row = self._model.currentIndex()
        return self._models[row] if 0 <= row < len(self._models) else None

    def step(self) -> int:
        """Return the step in force: of the chosen checkpoint, else of the best; 0 for none."""
        model = self.model()
        return int(self._step.currentData() or (model.best if model is not None else 0))

    def reference(self) -> str:
        """Return the name of what is in force: `RUN`, `RUN@STEP` or a package's path."""
        model = self.model()
        step = self._step.currentData()
        if model is None:
            return ""
        return f"{model.reference}@{step}" if step else model.reference

    @Slot()
    def _on_model(self) -> None:
        model = self.model()
        self._model.setToolTip(model.title if model is not None else "")
        steps = model.steps if model is not None else ()
        blocked = self._step.blockSignals(True)
        self._step.clear()
        if model is not None and steps:
            self._step.addItem(self.tr("Best: step {step}").format(step=f"{model.best:,}"), 0)
        for step in steps:
            self._step.addItem(self.tr("Step {step}").format(step=f"{step:,}"), step)
        self._step.blockSignals(blocked)
        for widget in (self._step_name, self._step):
            widget.setVisible(len(steps) > 1)
        self.changed.emit()


def narrow_combo() -> ComboBox:
    """Return a combo box that fits a narrow panel whatever it holds."""
    combo = ComboBox()
    combo.setMinimumContentsLength(8)
    combo.setSizeAdjustPolicy(ComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    return combo
