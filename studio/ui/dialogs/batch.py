"""Asking for a batch: what several models make in one go, into one folder."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, Slot
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QVBoxLayout,
    QWidget,
)

from studio.core.batch_recipes import GAME_KIT, BatchPart, BatchRecipe, game_kit
from studio.core.media import Modality
from studio.core.model_choices import Model
from studio.ui import nouns
from studio.ui.dialogs.batch_part import PartEditor
from studio.ui.theme import GAP, MARGIN_CARD
from studio.ui.widgets.buttons import Button, IconButton
from studio.ui.widgets.cards import InnerCard
from studio.ui.widgets.labels import label


class BatchDialog(QDialog):
    """The parts of a batch at the left, the chosen one's settings at the right.

    Attributes:
        parts: The list of parts.
        editor: The settings of the chosen part.
    """

    def __init__(
        self, models: Sequence[Model], chosen: Model | None, parent: QWidget | None
    ) -> None:
        """Offer models to make a batch with, one part by the `chosen` one to begin with."""
        super().__init__(parent)
        self._models = list(models)
        self._parts: list[BatchPart | None] = []
        self._kinds: list[Modality] = []
        self.setWindowTitle(self.tr("Make a batch"))
        self.resize(720, 560)
        self._name = QLineEdit(self.tr("Batch"))
        self._name.setMaxLength(120)
        self._name.setAccessibleName(self.tr("Name of the batch"))
        self.kit = Button(self.tr("Take a game kit"), self._on_kit)
        self.kit.setToolTip(
            self.tr("Sprites, a tune, sound effects and lines of dialogue for a small game")
        )
        self.parts = QListWidget()
        self.parts.setAccessibleName(self.tr("Parts"))
        self.editor = PartEditor(models)
        self._words = label("", "muted", wrap=True)
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        self._ok = buttons.button(QDialogButtonBox.StandardButton.Ok)
        self._ok.setText(QCoreApplication.translate("BatchDialog", "Add to the queue"))
        self._build(buttons)
        self.parts.currentRowChanged.connect(self._on_row)
        self.editor.changed.connect(self._on_changed)
        self._name.textEdited.connect(lambda _text: self._refresh())
        first = chosen or (self._models[0] if self._models else None)
        if first is not None:
            self._add(BatchPart(name=nouns.many(first.modality), models=(first.reference,)))

    def recipe(self) -> BatchRecipe | None:
        """Return what is asked for; None while something is missing."""
        parts = [part for part in self._parts if part is not None]
        name = self._name.text().strip()
        folders = {part.folder for part in parts}
        if not name or not parts or len(parts) < len(self._parts) or len(folders) < len(parts):
            return None
        return BatchRecipe(name=name, parts=tuple(parts))

    def problem(self) -> str:
        """Return what is wrong; empty when nothing is."""
        if not self._name.text().strip():
            return self.tr("Give the batch a name.")
        if not self._parts:
            return self.tr("Add a part, or take the game kit.")
        if None in self._parts:
            return self.tr("Each part needs a name and at least one model.")
        if self.recipe() is None:
            return self.tr("Give every part a name of its own.")
        return ""

    # --------------------------------------------------------------------------------- events

    @Slot()
    def _on_kit(self) -> None:
        """Put the parts of a game kit in place of all others."""
        best = {part.modality: self._first(part.modality) for part in GAME_KIT}
        chosen = {kind: [model.reference] for kind, model in best.items() if model is not None}
        if not chosen:
            return
        self._parts, self._kinds = [], []
        self.parts.clear()
        self._name.setText(self.tr("Game kit"))
        for part in game_kit(chosen).parts:
            self._add(part)
        self.parts.setCurrentRow(0)

    def _first(self, modality: Modality) -> Model | None:
        return next((model for model in self._models if model.modality is modality), None)

    @Slot()
    def _on_add(self) -> None:
        if not self._models:
            return
        kind = self.editor.modality()
        model = self._first(kind)
        number = len(self._parts) + 1
        name = self.tr("part {number}").format(number=number)
        if model is not None:
            self._add(BatchPart(name=name, models=(model.reference,)))

    @Slot()
    def _on_remove(self) -> None:
        row = self.parts.currentRow()
        if row >= 0:
            del self._parts[row], self._kinds[row]
            self.parts.takeItem(row)
            self._on_row(self.parts.currentRow())

    @Slot(int)
    def _on_row(self, row: int) -> None:
        there = 0 <= row < len(self._parts)
        self.editor.setEnabled(there)
        if there:
            self.editor.show_part(self._parts[row], self._kinds[row], self.parts.item(row).text())
        self._refresh()

    @Slot()
    def _on_changed(self) -> None:
        row = self.parts.currentRow()
        if 0 <= row < len(self._parts):
            self._parts[row], self._kinds[row] = self.editor.part(), self.editor.modality()
            self.parts.item(row).setText(self.editor.name.text())
        self._refresh()

    def _add(self, part: BatchPart) -> None:
        model = next(model for model in self._models if model.reference == part.models[0])
        self._parts.append(part)
        self._kinds.append(model.modality)
        self.parts.addItem(part.name)
        self.parts.setCurrentRow(len(self._parts) - 1)

    def _refresh(self) -> None:
        problem, recipe = self.problem(), self.recipe()
        self._ok.setEnabled(not problem)
        if recipe is None:
            self._words.setText(problem)
            return
        words = self.tr(
            "{count} things in {parts} folders, with a list of what they are. They are made when"
            " it is their turn in the queue."
        )
        self._words.setText(words.format(count=f"{recipe.total:,}", parts=len(recipe.parts)))

    # ---------------------------------------------------------------------------------- parts

    def _build(self, buttons: QDialogButtonBox) -> None:
        top = QHBoxLayout()
        top.setSpacing(GAP)
        top.addWidget(label(self.tr("Name"), "muted"))
        top.addWidget(self._name, 1)
        top.addWidget(self.kit)
        left, right = InnerCard(), InnerCard()
        heading = QHBoxLayout()
        heading.addWidget(label(self.tr("Parts"), "heading"))
        heading.addStretch(1)
        heading.addWidget(IconButton("plus", self.tr("Add a part"), self._on_add))
        heading.addWidget(IconButton("trash", self.tr("Remove this part"), self._on_remove))
        left.body.addLayout(heading)
        left.body.addWidget(self.parts, 1)
        right.body.addWidget(self.editor, 1)
        sides = QHBoxLayout()
        sides.setSpacing(GAP)
        sides.addWidget(left, 2)
        sides.addWidget(right, 5)
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN_CARD, MARGIN_CARD, MARGIN_CARD, MARGIN_CARD)
        column.setSpacing(GAP)
        words = self.tr("Every model makes its number of things of every label that is ticked.")
        column.addWidget(label(words, "muted", wrap=True))
        column.addLayout(top)
        column.addLayout(sides, 1)
        column.addWidget(self._words)
        column.addWidget(buttons)
