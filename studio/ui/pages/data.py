"""The Data page: bring data in, look at it, put it right, decide how a model sees it."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QStackedWidget

from studio.core.datasets import Dataset
from studio.core.protocol import Severity
from studio.data.findings import Finding, Repair
from studio.ui import nouns
from studio.ui.context import Studio
from studio.ui.pages.data_benches import BenchPlace
from studio.ui.pages.data_browser import DataBrowser
from studio.ui.pages.data_charts import StatisticsCard
from studio.ui.pages.data_datasets import DatasetsMenu
from studio.ui.pages.data_doctor import DoctorCard
from studio.ui.pages.data_drop import DropPlaces
from studio.ui.pages.data_edits import DatasetEdits
from studio.ui.pages.data_facts import Facts, FactsThread
from studio.ui.pages.data_import import ImportCard, Imports
from studio.ui.pages.data_prepare import PrepareCard
from studio.ui.pages.data_rejects import RejectsDialog
from studio.ui.pages.data_words import dataset_words, origin_words
from studio.ui.widgets.buttons import Button, PrimaryButton
from studio.ui.widgets.cards import Card, EmptyState
from studio.ui.widgets.page import Page
from studio.ui.widgets.panes import Columns, scrolled, stack

_SAMPLE = "digits"


class DataPage(Page):
    """One dataset at a time; the others are under *Datasets*."""

    def __init__(self, studio: Studio) -> None:
        super().__init__(self.tr("Data"))
        self._studio = studio
        self._table = studio.project.library.datasets
        self._dataset: Dataset | None = None
        self._facts: Facts | None = None
        self._reader = FactsThread(studio.project.folder)
        self._reader.counted.connect(self._on_counted)
        self._reader.examined.connect(self._on_examined)
        self._reader.failed.connect(studio.report)
        studio.closing.connect(self._reader.end)
        self._imports = Imports(studio, self)
        self._imports.finished.connect(self._on_imported)
        self._menu = DatasetsMenu(studio, self._imports, self)
        self.browser = DataBrowser(studio)
        self.browser.rejects_wanted.connect(self.show_rejects)
        self.statistics = StatisticsCard()
        self.statistics.label_picked.connect(self.browser.show_label)
        self.doctor = DoctorCard()
        self.doctor.repair_wanted.connect(self._on_repair)
        self.doctor.show_wanted.connect(self._on_show)
        self.prepare = PrepareCard(studio)
        self.prepare.edited.connect(self._on_prepared)
        self.benches = BenchPlace(studio)
        self._columns = Columns(
            "data",
            self.browser,
            right=scrolled(stack(self.statistics, self.doctor, self.prepare, self.benches)),
            right_width=316,
            right_title=self.tr("Details"),
        )
        self._empty = self._make_empty()
        self._stack = QStackedWidget()
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self._columns)
        self.body.addWidget(ImportCard(self._imports))
        self.body.addWidget(self._stack, 1)
        self._add_header()
        self._drop = DropPlaces(self)
        self._drop.dropped.connect(self._on_dropped)
        self._choose_first()
        self._refresh()
        studio.dataset_changed.connect(self._on_chosen)
        studio.library_changed.connect(self._on_library_changed)

    # ------------------------------------------------------------------------------- choosing

    def open(self, **what: object) -> None:
        """Show what another page asked for: `dataset`, its id."""
        if isinstance(dataset := what.get("dataset"), str):
            self._studio.select_dataset(dataset)

    def _choose_first(self) -> None:
        """Choose the newest dataset when none is, or the one that was has gone."""
        known = [dataset.id for dataset in self._table.all()]
        if self._studio.dataset not in known:
            self._studio.select_dataset(known[0] if known else "")

    @Slot(str)
    def _on_chosen(self, _dataset_id: str) -> None:
        self._refresh()

    @Slot(str)
    def _on_library_changed(self, what: str) -> None:
        if what == "datasets":
            self._choose_first()
            self._refresh()

    @Slot()
    def _refresh(self) -> None:
        """Show the dataset in hand as it is now."""
        chosen = self._studio.dataset
        self._dataset = self._table.find(chosen) if chosen else None
        dataset = self._dataset
        if self._facts is not None and (dataset is None or self._facts.dataset_id != dataset.id):
            self._facts = None
            self.doctor.show_looking()
        self._stack.setCurrentWidget(self._columns if dataset is not None else self._empty)
        self._next.setEnabled(dataset is not None)
        self._add.setEnabled(dataset is not None)
        self._columns.fold_button.setEnabled(dataset is not None)
        edits = None
        if dataset is not None:
            edits = DatasetEdits(self._studio, dataset.id, partial(self._on_edited, dataset.id))
        self._menu.show_dataset(dataset, edits)
        self.browser.show_dataset(dataset, edits)
        self.prepare.show_dataset(dataset)
        self.benches.show_dataset(dataset)
        new = self.tr("Drop to make a new dataset")
        if dataset is None:
            self.header.set_title(self.tr("Data"), self.tr("Bring in something to learn from"))
            self._drop.set_places([new])
        else:
            self._drop.set_places([self.tr("Add to {name}").format(name=dataset.name), new])
            self._show_title()
            self._reader.ask(dataset.id)

    def _show_title(self) -> None:
        if self._dataset is not None:
            words = [origin_words(self._dataset)]
            if self._facts is not None:
                words.insert(0, dataset_words(self._facts, self._dataset.modality))
            self.header.set_title(self._dataset.name, " · ".join(words))

    @Slot(object)
    def _on_counted(self, facts: Facts) -> None:
        if self._dataset is None or facts.dataset_id != self._dataset.id:
            return
        self._facts = facts
        self._show_title()
        self.browser.show_facts(facts)
        self.statistics.show_counts(self._dataset.modality, facts.learned, facts.sizes)
        self.statistics.look_into(self._studio.project.folder, facts.dataset_id)

    @Slot(str, object)
    def _on_examined(self, dataset_id: str, findings: list[Finding]) -> None:
        if self._facts is not None and dataset_id == self._facts.dataset_id:
            self.doctor.show_findings(findings, len(self._facts.learned))

    # -------------------------------------------------------------------------------- editing

    def _on_edited(self, dataset_id: str) -> None:
        """Follow an edit or its undo, also to a dataset that is not in sight."""
        if dataset_id != self._studio.dataset:
            self._studio.select_dataset(dataset_id)
        self._studio.library_changed.emit("datasets")

    @Slot(object)
    def _on_repair(self, repair: Repair) -> None:
        if self.browser.edits is not None:
            self.browser.edits.repair(repair)

    @Slot(object)
    def _on_show(self, finding: Finding) -> None:
        if finding.items:
            self.browser.show_items(finding.title, finding.items)
        else:
            self.show_rejects()

    @Slot(str, dict)
    def _on_prepared(self, name: str, values: dict[str, object]) -> None:
        if self.browser.edits is not None and self._dataset is not None:
            setting = self.prepare.title_of(name)
            text = self.tr("changing {setting}").format(setting=setting)
            self.browser.edits.set_preparation(text, values)

    @Slot()
    def show_rejects(self) -> None:
        """Show the files that were not taken."""
        if self._dataset is not None:
            dialog = RejectsDialog(self._table.rejects(self._dataset.id), self)
            dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            dialog.open()

    # ---------------------------------------------------------------------------- bringing in

    @Slot(int, list)
    def _on_dropped(self, place: int, paths: list[Path]) -> None:
        self._menu.import_paths(paths, self._dataset if place == 0 else None)

    @Slot(str, dict)
    def _on_imported(self, title: str, result: dict[str, Any]) -> None:
        self._studio.select_dataset(result["dataset_id"])
        self._studio.library_changed.emit("datasets")
        taken, rejected = result["items"], result["rejected"]
        message = self.tr("{count} came in.").format(count=f"{taken:,}")
        if not rejected:
            self._studio.notify(Severity.INFO, title, message)
            return
        message += " " + self.tr("{count} files were not taken.").format(count=f"{rejected:,}")
        action = (self.tr("Show why"), self.show_rejects)
        self._studio.notify(Severity.INFO, title, message, action=action)

    # ------------------------------------------------------------------------------- controls

    def _add_header(self) -> None:
        undo = Button(self.tr("Undo"), self._studio.undo.undo)
        self._studio.undo.canUndoChanged.connect(undo.setEnabled)
        self._studio.undo.undoTextChanged.connect(undo.setToolTip)
        undo.setEnabled(self._studio.undo.canUndo())
        self._add = Button(self.tr("Add files…"))
        self._add.clicked.connect(lambda _on: self._menu.open_add_menu(self._add))
        datasets = Button(self.tr("Datasets"), icon="data")
        datasets.clicked.connect(lambda _on: self._menu.open_menu(datasets))
        self._next = PrimaryButton(self.tr("Choose a model"), self._go_on)
        fold = self._columns.fold_button
        for widget in (fold, datasets, self._add, undo, self._next):
            self.header.add_action(widget)

    def _make_empty(self) -> Card:
        card = Card()
        sentence = self.tr(
            "Drop a folder of {items} here. Sub-folders become labels; zip files are fine too."
        )
        card.body.addWidget(
            EmptyState(
                "image",
                sentence.format(items=nouns.any_of(self._studio.catalogue.modalities)),
                self.tr("New dataset…"),
                self._menu.new_dataset,
                fallback=self.tr("Try with digits"),
                on_fallback=partial(self._imports.add_sample, _SAMPLE),
            )
        )
        return card

    def _go_on(self) -> None:
        self._studio.open_page("models", dataset=self._studio.dataset)
