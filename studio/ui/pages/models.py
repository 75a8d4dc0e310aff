"""The Models page: what to make, with which kind of model, in what time; then start training."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QHideEvent, QShowEvent
from PySide6.QtWidgets import QFileDialog, QStackedWidget

from studio.core.catalogue import new_recipe
from studio.core.datasets import Dataset
from studio.core.family_info import FamilyInfo
from studio.core.packages import SUFFIX
from studio.core.protocol import ImportSample, Severity
from studio.core.recipe import RunRecipe
from studio.core.runs import Run
from studio.ui import nouns
from studio.ui.context import Studio
from studio.ui.dialogs.service import ServiceDialog
from studio.ui.model_files import bring_in, dropped_files, packages_in
from studio.ui.pages.models_chooser import FamilyChooser
from studio.ui.pages.models_forecast import Forecaster
from studio.ui.pages.models_partner import with_partner
from studio.ui.pages.models_settings import SettingsPane
from studio.ui.pages.models_trained import TrainedModels
from studio.ui.undo import Swap
from studio.ui.widgets.cards import EmptyState
from studio.ui.widgets.page import Page
from studio.ui.widgets.panes import Columns, scrolled, stack

_FIRST_PRESET = "quick"
_SAMPLE = "digits"


class ModelsPage(Page):
    """One recipe at a time, for the dataset in hand.

    Attributes:
        recipe: What *Start training* would train; None without a dataset.
    """

    def __init__(self, studio: Studio) -> None:
        super().__init__(self.tr("Choose a model"))
        self._studio = studio
        self.recipe: RunRecipe | None = None
        self._build()
        self._forecaster = Forecaster(studio, self)
        self._forecaster.began.connect(self.settings.forecast.show_measuring)
        self._forecaster.held.connect(self.settings.forecast.show_held)
        self._forecaster.measured.connect(self.settings.forecast.show_result)
        self._forecaster.failed.connect(self.settings.forecast.show_error)
        studio.dataset_changed.connect(self._on_dataset)
        studio.library_changed.connect(self._on_library)
        studio.queue.changed.connect(self._on_queue)
        self.setAcceptDrops(True)
        self._on_dataset()

    # ------------------------------------------------------------------------------- choosing

    def open(self, **what: object) -> None:
        """Show what another page asked for.

        Args:
            what: `dataset` (id), `family` and `preset` (ids), or `recipe`, a RunRecipe to tweak.
        """
        if isinstance(recipe := what.get("recipe"), RunRecipe):
            self._open_recipe(recipe)
            return
        if isinstance(dataset := what.get("dataset"), str):
            self._studio.select_dataset(dataset)
        if isinstance(family := what.get("family"), str):
            preset = what.get("preset")
            self.choose(family, preset if isinstance(preset, str) else _FIRST_PRESET)
        self._columns.show_right()

    def choose(self, family: str, preset: str) -> None:
        """Take a family's preset, for the dataset in hand."""
        dataset = self._dataset()
        if dataset is None:
            return
        info = self._studio.catalogue.family(family).info
        if dataset.modality is not info.modality:
            self._say_other_data(info)
            return
        words = self.tr("choosing {model}").format(model=info.title)
        self._push(
            words, with_partner(self._studio, new_recipe(dataset, family, preset), self.recipe)
        )

    def _say_other_data(self, info: FamilyInfo) -> None:
        items = nouns.many(info.modality)
        self._studio.notify(
            Severity.INFO,
            self.tr("{model} learns from {items}").format(model=info.title, items=items),
            self.tr("Choose a dataset of {items} on the Data page first.").format(items=items),
            action=(self.tr("Open Data"), lambda: self._studio.open_page("data")),
        )

    def start(self) -> None:
        """Put the recipe into the queue and show how it goes."""
        if self.recipe is None or not self.settings.usable:
            return
        recipe = self.recipe.model_copy(update={"name": self._unused_name(self.recipe.name)})
        self._studio.queue.add(recipe)
        self._studio.open_page("train")

    def _open_recipe(self, recipe: RunRecipe) -> None:
        dataset = self._studio.project.library.datasets.find(recipe.dataset.id)
        if dataset is not None:
            self._studio.select_dataset(dataset.id)
        self._push(self.tr("taking these settings"), recipe)
        self._columns.show_right()

    def _push(self, words: str, recipe: RunRecipe) -> None:
        """Show another recipe as one step of undo; the first one is none."""
        if self.recipe is None:
            self._swap(recipe)
        elif recipe != self.recipe:
            self._studio.undo.push(Swap(words, self._swap, recipe))

    def _swap(self, recipe: RunRecipe) -> RunRecipe | None:
        dataset = self._dataset()
        if dataset is not None and dataset.id != recipe.dataset.id:
            recipe = self._for_dataset(recipe, dataset)  # undone after another dataset was chosen
        before, self.recipe = self.recipe, recipe
        self.chooser.set_chosen(recipe.family)
        self.settings.show_recipe(recipe)
        self._refresh_start()
        self._measure()
        return before

    # ----------------------------------------------------------------------------------- data

    def _dataset(self) -> Dataset | None:
        chosen = self._studio.dataset
        return self._studio.project.library.datasets.find(chosen) if chosen else None

    @Slot()
    def _on_dataset(self) -> None:
        """Take the settings in hand over to the dataset that is chosen now."""
        if not self._studio.dataset:
            known = self._studio.project.library.datasets.all()
            if known:
                self._studio.select_dataset(known[0].id)  # comes back here
                return
        dataset = self._dataset()
        self._right.setCurrentIndex(0 if dataset is not None else 1)
        if dataset is None:
            self.recipe = None
            self._forecaster.forget()
            self.header.set_subtitle(self.tr("There is no dataset yet"))
            return
        table = self._studio.project.library.datasets
        labels = len(table.labels(dataset.id))
        words = [nouns.counted(dataset.modality, table.count(dataset.id))]
        several = self.tr("1 label") if labels == 1 else self.tr("{count} labels")
        words += [several.format(count=labels)] if labels else []
        title = self.tr("for {name} · {facts}")
        self.header.set_subtitle(title.format(name=dataset.name, facts=", ".join(words)))
        self._forecaster.forget()
        if self.recipe is None or self.recipe.modality is not dataset.modality:
            self.chooser.show_modality(dataset.modality)
            recipe = new_recipe(dataset, self.chooser.first, _FIRST_PRESET)
            self._swap(with_partner(self._studio, recipe, None))
        else:
            self._swap(self._for_dataset(self.recipe, dataset))

    @Slot(str)
    def _on_library(self, what: str) -> None:
        if what == "datasets":
            self._on_dataset()
        elif what in {"models", "runs"}:
            self.trained.refresh()

    @Slot()
    def _on_queue(self) -> None:
        if self.isVisible():
            self.trained.refresh()

    # ------------------------------------------------------------------------------- measuring

    def showEvent(self, event: QShowEvent) -> None:
        """Look at what was trained meanwhile, and measure."""
        super().showEvent(event)
        self.trained.refresh()
        self.settings.refresh_models()
        self._measure()

    def hideEvent(self, event: QHideEvent) -> None:
        """Measure nothing that nobody looks at."""
        super().hideEvent(event)
        self._forecaster.want(None)

    def _measure(self) -> None:
        if self.recipe is not None and self.settings.usable and self.isVisible():
            self._forecaster.want(self.recipe)

    @Slot()
    def _refresh_start(self) -> None:
        usable = self.recipe is not None and self.settings.usable
        self.settings.start.setEnabled(usable)
        if not usable:
            self._forecaster.want(None)
            self.settings.forecast.show_nothing()

    @Slot(str, object)
    def _on_edited(self, words: str, recipe: RunRecipe) -> None:
        self._push(words, recipe)

    @Slot(str)
    def _on_preset(self, preset: str) -> None:
        if self.recipe is not None:
            self.choose(self.recipe.family, preset)

    @Slot(str)
    def _on_wish(self, wish: str) -> None:
        """Change what makes the training fit."""
        recipe = self.recipe
        if recipe is None:
            return
        if wish == "preset":
            self.choose(recipe.family, _FIRST_PRESET)
        elif wish == "batch":
            half = max(1, int(recipe.options["batch_size"]) // 2)
            changed = {"options": recipe.options | {"batch_size": half}}
            self._push(self.tr("halving the batch"), recipe.model_copy(update=changed))
        else:
            half = max(8, int(recipe.preparation["size"]) // 2)
            changed = {"preparation": recipe.preparation | {"size": half}}
            self._push(self.tr("halving the size"), recipe.model_copy(update=changed))

    def _for_dataset(self, recipe: RunRecipe, dataset: Dataset) -> RunRecipe:
        """Return the recipe of a new run with the same options, for a dataset as it is now."""
        preset = recipe.preset or _FIRST_PRESET
        fresh = new_recipe(dataset, recipe.family, preset, options=recipe.options)
        return with_partner(self._studio, fresh, recipe)

    def _unused_name(self, wanted: str) -> str:
        """Return a name that no run and no entry of the queue has."""
        taken = {run.recipe().name for run in Run.all(self._studio.project.runs)}
        taken |= {entry.title for entry in self._studio.queue.entries()}
        name, number = wanted, 2
        while name in taken:
            name, number = f"{wanted} ({number})", number + 1
        return name

    # ------------------------------------------------------------------------------- controls

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take model packages."""
        if packages_in(dropped_files(event.mimeData())):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Bring model packages into the project."""
        bring_in(self._studio, packages_in(dropped_files(event.mimeData())))

    @Slot()
    def _choose_packages(self) -> None:
        kinds = self.tr("Model packages (*{suffix})").format(suffix=SUFFIX)
        names, _ = QFileDialog.getOpenFileNames(self, self.tr("Models to bring in"), "", kinds)
        bring_in(self._studio, [Path(name) for name in names])

    @Slot()
    def _open_service(self) -> None:
        dialog = ServiceDialog(self._studio.service, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    @Slot(str)
    def _on_family(self, family: str) -> None:
        self.choose(family, _FIRST_PRESET)

    @Slot(str)
    def _generate(self, model: str) -> None:
        self._studio.select_model(model)
        self._studio.open_page("generate", model=model)

    def _build(self) -> None:
        self.chooser = FamilyChooser(self._studio)
        self.chooser.chosen.connect(self._on_family)
        self.trained = TrainedModels(self._studio.project)
        self.trained.opened.connect(self._generate)
        self.trained.files_wanted.connect(self._choose_packages)
        self.trained.service_wanted.connect(self._open_service)
        self.settings = SettingsPane(self._studio)
        self.settings.edited.connect(self._on_edited)
        self.settings.preset_wanted.connect(self._on_preset)
        self.settings.problems_changed.connect(self._refresh_start)
        self.settings.forecast.wish.connect(self._on_wish)
        self.settings.start.clicked.connect(lambda _on: self.start())
        no_data = EmptyState(
            "data",
            self.tr("A model learns from examples. Bring some in first."),
            self.tr("Open Data"),
            lambda: self._studio.open_page("data"),
            fallback=self.tr("Try with digits"),
            on_fallback=self._take_sample,
        )
        self._right = QStackedWidget()
        self._right.addWidget(self.settings)
        self._right.addWidget(no_data)
        columns = Columns(
            "models",
            scrolled(stack(self.chooser, self.trained)),
            right=self._right,
            right_width=316,
            right_title=self.tr("Settings"),
        )
        self.header.add_action(columns.fold_button)
        self.body.addWidget(columns, 1)
        self._columns = columns

    def _take_sample(self) -> None:
        folder = str(self._studio.project.folder)
        self._studio.maker.submit(ImportSample(project=folder, sample=_SAMPLE))
        self._studio.open_page("data")
