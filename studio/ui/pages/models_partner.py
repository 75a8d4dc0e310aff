"""Choosing the second dataset, for kinds of models that learn from two."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from studio.core.family_info import FamilyInfo
from studio.core.recipe import DatasetRef, RunRecipe
from studio.ui import nouns
from studio.ui.context import Studio
from studio.ui.widgets.buttons import QuietButton
from studio.ui.widgets.labels import label
from studio.ui.widgets.spin import ComboBox


class PartnerChooser(QWidget):
    """A list of the datasets that can stand beside the first one.

    Signals:
        chosen: The DatasetRef that the user picked.
    """

    chosen = Signal(object)

    def __init__(self, studio: Studio) -> None:
        super().__init__()
        self._studio = studio
        self._title = label("", "caption", wrap=True)
        self._box = ComboBox()
        self._box.setAccessibleName(self.tr("Second dataset"))
        self._box.setMinimumContentsLength(8)
        self._title.setBuddy(self._box)
        self._missing = label("", "caption", wrap=True)
        self._add = QuietButton(self.tr("Add a dataset…"), lambda: studio.open_page("data"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        for widget in (self._title, self._box, self._missing, self._add):
            column.addWidget(widget)
        self._box.activated.connect(self._on_activated)

    def show_recipe(self, recipe: RunRecipe, info: FamilyInfo) -> None:
        """Offer what fits a recipe; hidden for models that learn from one dataset."""
        self.setVisible(bool(info.partner))
        if not info.partner:
            return
        words = self.tr("Second dataset: {needs}").format(needs=info.partner_needs)
        self._title.setText(words)
        blocked = self._box.blockSignals(True)
        self._box.clear()
        for ref in partners(self._studio, recipe, info):
            same = ref.id == recipe.dataset.id
            title = self.tr("The same: pairs side by side") if same else ref.name
            self._box.addItem(title, ref.id)
        place = self._box.findData(recipe.partner.id) if recipe.partner is not None else -1
        self._box.setCurrentIndex(place)
        self._box.setPlaceholderText(self.tr("Choose…"))
        self._box.blockSignals(blocked)
        some = self._box.count() > 0
        self._box.setVisible(some)
        self._add.setVisible(not some)
        items = nouns.many(info.modality)
        self._missing.setText(
            self.tr("Choose it to go on.")
            if some
            else self.tr("There is no other dataset of {items} yet.").format(items=items)
        )
        self._missing.setVisible(place < 0)

    @Slot(int)
    def _on_activated(self, index: int) -> None:
        dataset = self._studio.project.library.datasets.find(self._box.itemData(index))
        if dataset is not None:
            self.chosen.emit(DatasetRef(id=dataset.id, name=dataset.name))


def partners(studio: Studio, recipe: RunRecipe, info: FamilyInfo) -> list[DatasetRef]:
    """Return the datasets that can be a recipe's second one; for pairs the first as well."""
    return [
        DatasetRef(id=dataset.id, name=dataset.name)
        for dataset in studio.project.library.datasets.all()
        if dataset.modality is info.modality
        and (info.partner == "paired" or dataset.id != recipe.dataset.id)
    ]


def with_partner(studio: Studio, recipe: RunRecipe, before: RunRecipe | None) -> RunRecipe:
    """Return a recipe with a second dataset, where its family wants one.

    It is the one of the recipe before, else the only one that there is, else none yet.
    """
    info = studio.catalogue.family(recipe.family).info
    if not info.partner:
        return recipe.model_copy(update={"partner": None})
    known = partners(studio, recipe, info)
    wanted = recipe.partner or (before.partner if before is not None else None)
    if wanted is None or wanted.id not in {ref.id for ref in known}:
        others = [ref for ref in known if ref.id != recipe.dataset.id]
        wanted = others[0] if len(others) == 1 else None
    return recipe.model_copy(update={"partner": wanted})
