"""Asking how a trained model leaves: as what, with which changes, and where to."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from studio.core.files import slug
from studio.core.media import Modality
from studio.core.model_choices import Model
from studio.core.packages import SUFFIX
from studio.core.protocol import ExportModel, ExportOnnx
from studio.ui.theme import GAP, MARGIN_CARD
from studio.ui.widgets.buttons import Button, Disclosure, PrimaryButton
from studio.ui.widgets.chips import ChipChoice, ChipRow
from studio.ui.widgets.inputs import LabelledSlider
from studio.ui.widgets.labels import label

_MOST_PRUNED = 0.95


class ExportModelDialog(QDialog):
    """A package for this program or ONNX files for others, as it is or changed."""

    def __init__(self, project: Path, model: Model, step: int, parent: QWidget | None) -> None:
        """Ask about a model.

        Args:
            step: The checkpoint that leaves, for a run.
        """
        super().__init__(parent)
        self._project, self._model, self._step = project, model, step
        self.setWindowTitle(self.tr("Export {model}").format(model=model.title))
        self.setMinimumWidth(520)
        self._kind = ChipRow(
            self.tr("As what"),
            [
                ChipChoice("package", self.tr("Studio package")),
                ChipChoice("onnx", self.tr("ONNX for other programs")),
            ],
        )
        # other programs have no common way to write a text or a tune token by token
        self._kind.setVisible(model.modality is Modality.IMAGE)
        self._words = label("", "muted", wrap=True)
        self._place = QLineEdit()
        self._place.setAccessibleName(self.tr("Where to"))
        place = QHBoxLayout()
        place.addWidget(self._place, 1)
        place.addWidget(Button(self.tr("Choose…"), self._choose))
        self._int8 = QCheckBox(self.tr("Also with 8-bit weights: smaller, a little less exact"))
        self._int8.setToolTip(self.tr("Dynamic quantisation of the weights to int8"))
        self._changes = self._make_changes()
        more = Disclosure(self.tr("Change its weights"))
        more.toggled.connect(self._changes.setVisible)
        self._changes.setVisible(False)
        self._export = PrimaryButton(self.tr("Export"), self.accept)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(Button(self.tr("Cancel"), self.reject))
        buttons.addWidget(self._export)
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN_CARD, MARGIN_CARD, MARGIN_CARD, MARGIN_CARD)
        column.setSpacing(GAP)
        for part in (self._kind, self._words):
            column.addWidget(part)
        column.addLayout(place)
        column.addWidget(self._int8)
        column.addWidget(more, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self._changes)
        column.addStretch(1)
        column.addLayout(buttons)
        self._kind.chosen.connect(self._on_kind)
        self._place.textChanged.connect(self._refresh)
        self._on_kind("package")

    def command(self) -> ExportModel | ExportOnnx:
        """Return the job that was asked for."""
        reference = self._model.reference
        model = reference if self._model.is_package else f"{reference}@{self._step}"
        path = self._place.text().strip()
        project, average = str(self._project), tuple(self._averaged())
        prune = round(self._prune.value(), 2)
        if self._onnx:
            return ExportOnnx(
                project=project,
                model=model,
                path=path,
                average=average,
                prune=prune,
                int8=self._int8.isChecked(),
            )
        return ExportModel(project=project, model=model, path=path, average=average, prune=prune)

    def _make_changes(self) -> QWidget:
        self._steps = QListWidget()
        self._steps.setAccessibleName(self.tr("Checkpoints to average"))
        self._steps.setMaximumHeight(110)
        for step in self._model.steps:
            item = QListWidgetItem(self.tr("Step {step}").format(step=f"{step:,}"))
            item.setData(Qt.ItemDataRole.UserRole, step)
            item.setCheckState(Qt.CheckState.Unchecked)
            self._steps.addItem(item)
        self._prune = LabelledSlider(
            self.tr("Leave out small weights"),
            0.0,
            _MOST_PRUNED,
            0.0,
            words=(self.tr("none"), self.tr("nearly all")),
            steps=95,
            tip=self.tr("The smallest weights become zero, so the file packs smaller (pruning)"),
        )
        self._share = label("0 %", "caption")
        self._prune.changed.connect(lambda value: self._share.setText(f"{value:.0%}"))
        box = QWidget()
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 0, 0, 0)
        several = len(self._model.steps) > 1
        words = label(self.tr("Average of several checkpoints (model soup)"), "caption")
        words.setBuddy(self._steps)
        for widget in (words, self._steps):
            widget.setVisible(several)
            column.addWidget(widget)
        column.addWidget(self._prune)
        column.addWidget(self._share)
        said = self.tr("What the change costs is measured and said in the end.")
        column.addWidget(label(said, "caption", wrap=True))
        return box

    def _averaged(self) -> list[int]:
        items = [self._steps.item(row) for row in range(self._steps.count())]
        ticked = [item for item in items if item.checkState() == Qt.CheckState.Checked]
        return sorted(int(item.data(Qt.ItemDataRole.UserRole)) for item in ticked)

    @Slot(object)
    def _on_kind(self, kind: object) -> None:
        self._onnx = kind == "onnx"
        name = slug(self._model.title) + ("" if self._model.is_package else f"-{self._step}")
        name += "-onnx" if self._onnx else SUFFIX
        self._place.setText(str(self._project.parent / name))
        self._int8.setVisible(self._onnx)
        self._words.setText(
            self.tr(
                "A folder with the networks, a card, and a small program that runs them without"
                " the studio. It is checked against the original."
            )
            if self._onnx
            else self.tr("One file with weights, settings and a card, to share or to keep.")
        )

    @Slot()
    def _refresh(self) -> None:
        self._export.setEnabled(bool(self._place.text().strip()))

    def _choose(self) -> None:
        start = self._place.text()
        if self._onnx:
            name = QFileDialog.getSaveFileName(self, self.tr("Folder to make"), start)[0]
        else:
            kinds = self.tr("Model packages (*{suffix})").format(suffix=SUFFIX)
            name = QFileDialog.getSaveFileName(self, self.tr("Export the model"), start, kinds)[0]
        if name:
            self._place.setText(name)
