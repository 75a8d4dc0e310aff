"""What to make, and the kinds of models that can make it."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from studio.core.family_info import FamilyInfo, Task
from studio.core.media import Modality
from studio.ui import nouns
from studio.ui.context import Studio
from studio.ui.pages.models_cards import FamilyCard, family_samples
from studio.ui.theme import GAP, GAP_CARDS
from studio.ui.widgets.chips import ChipChoice, ChipRow
from studio.ui.widgets.flow import FlowLayout
from studio.ui.widgets.labels import label
from studio.ui.widgets.spin import ComboBox

_COLUMN = 250


class FamilyChooser(QWidget):
    """Modality, task, and a card for every family that fits both.

    Signals:
        chosen: Id of a family that the user picked.
    """

    chosen = Signal(str)

    def __init__(self, studio: Studio) -> None:
        super().__init__()
        self._studio = studio
        self._cards: dict[str, FamilyCard] = {}
        self._families: list[FamilyInfo] = []
        self._modality_chips = ChipRow(self.tr("Kind of media"))
        known = [each for each in Modality if each in studio.catalogue.modalities]
        self._modality_chips.set_choices([ChipChoice(each, nouns.kind(each)) for each in known])
        self._modality_chips.chosen.connect(self.show_modality)
        question = label(self.tr("What do you want to make?"), "muted")
        self._task = ComboBox()
        self._task.setAccessibleName(question.text())
        self._task.currentIndexChanged.connect(self._show_fitting)
        question.setBuddy(self._task)
        top = QHBoxLayout()
        top.setSpacing(GAP)
        top.addWidget(self._modality_chips, 1)
        top.addWidget(question)
        top.addWidget(self._task)
        self._flow = FlowLayout(spacing=GAP_CARDS, column=_COLUMN)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP_CARDS)
        column.addLayout(top)
        column.addLayout(self._flow)
        self.show_modality(known[0])

    @property
    def first(self) -> str:
        """The family that stands first."""
        return self._families[0].id

    @Slot(object)
    def show_modality(self, modality: Modality) -> None:
        """Offer the families of a modality."""
        infos = [entry.info for entry in self._studio.catalogue.families.values()]
        fitting = [info for info in infos if info.modality == modality]
        self._families = sorted(fitting, key=lambda info: (info.place, info.title))
        self._modality_chips.set_key(modality)
        while (item := self._flow.takeAt(0)) is not None:
            if card := item.widget():
                card.hide()
                card.deleteLater()
        self._cards = {info.id: self._card(info) for info in self._families}
        words = self._task_words()
        blocked = self._task.blockSignals(True)
        self._task.clear()
        for task in Task:
            if any(task in info.tasks for info in self._families):
                self._task.addItem(words[task], task)
        self._task.blockSignals(blocked)
        self._show_fitting()

    def set_chosen(self, family: str) -> None:
        """Mark a family as the one in hand, and show a task that it can do."""
        for name, card in self._cards.items():
            card.set_chosen(name == family)
        for info in self._families:
            if info.id == family and self._task.currentData() not in info.tasks:
                self._task.setCurrentIndex(self._task.findData(info.tasks[0]))

    @Slot()
    def _show_fitting(self) -> None:
        task = self._task.currentData()
        for info in self._families:
            self._cards[info.id].setVisible(task in info.tasks)

    def _card(self, info: FamilyInfo) -> FamilyCard:
        card = FamilyCard(info, family_samples(info.id, self._studio.project))
        card.chosen.connect(lambda: self.chosen.emit(info.id))
        self._flow.addWidget(card)
        return card

    def _task_words(self) -> dict[Task, str]:
        return {
            Task.GENERATE: self.tr("New ones like mine"),
            Task.INTERPOLATE: self.tr("A path from one to another"),
            Task.RECONSTRUCT: self.tr("Mine, made again"),
            Task.MORPH: self.tr("A path between two of mine"),
            Task.DENOISE: self.tr("Mine, without noise"),
            Task.VARY: self.tr("Mine, varied"),
            Task.INPAINT: self.tr("Parts of mine, made anew"),
            Task.TRANSLATE: self.tr("Mine, turned into another kind"),
            Task.RESTORE: self.tr("Mine, repaired or enlarged"),
            Task.STYLIZE: self.tr("Mine, in another style"),
            Task.PROJECT: self.tr("Mine, found among all it can make"),
            Task.CONTINUE: self.tr("Mine, gone on with"),
            Task.ANSWER: self.tr("Answers, translations, summaries"),
            Task.FILL: self.tr("Blanks in mine, filled"),
        }
