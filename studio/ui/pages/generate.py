"""The Generate page: make with a trained model, look at the results, explore between them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QAction, QDragEnterEvent, QDropEvent, QKeySequence, QShowEvent
from PySide6.QtWidgets import QFileDialog, QStackedWidget

from studio.core.batch_recipes import BatchRecipe
from studio.core.family_info import SEVERAL_TASKS, Task
from studio.core.media import Modality
from studio.core.model_choices import Model, models
from studio.core.packages import SUFFIX
from studio.core.protocol import (
    AssetMade,
    Generate,
    GenerateRequest,
    JobFinished,
    MakeGrid,
    Progress,
    Severity,
    TextWritten,
)
from studio.ui.asset_actions import AssetActions
from studio.ui.context import Studio
from studio.ui.dialogs.batch import BatchDialog
from studio.ui.dialogs.grid import GridDialog
from studio.ui.model_exports import ModelExports
from studio.ui.model_files import bring_in, dropped_files, packages_in
from studio.ui.pages.generate_make import MakePanel
from studio.ui.pages.generate_middle import Around, Middle
from studio.ui.pages.generate_middles import middle_of
from studio.ui.pages.generate_pictures import PicturesMiddle
from studio.ui.pages.generate_tasks import PATHS, task_words
from studio.ui.widgets.buttons import Button
from studio.ui.widgets.page import Page
from studio.ui.widgets.panes import Columns


class GeneratePage(Page):
    """What to make at the left, and a middle with its side that the model's modality chooses.

    Attributes:
        make: The left panel.
        middle: What stands in the middle now.
        results, explore, path: The parts of the middle for pictures.
    """

    def __init__(self, studio: Studio) -> None:
        super().__init__(self.tr("Generate"))
        self._studio = studio
        self._job_id = ""
        self._task = Task.GENERATE
        self._exports = ModelExports(studio, self)
        self._stale = True
        self.make = MakePanel(studio)
        self._around = Around(studio, self.make, AssetActions(studio, self))
        self._middles: dict[type[Middle], Middle] = {}
        self._middle_stack, self._side_stack = QStackedWidget(), QStackedWidget()
        self._columns = columns = Columns(
            "generate", self._middle_stack, left=self.make, right=self._side_stack
        )
        pictures = self._made_middle(PicturesMiddle)
        assert isinstance(pictures, PicturesMiddle)
        self.results, self.explore, self.path = pictures.results, pictures.explore, pictures.path
        self.middle: Middle = pictures
        self._maker_of_job: Middle = pictures
        self._working: tuple[float | None, bool] = (None, False)
        self._total = self._made = 0
        self._export = Button(self.tr("Export model…"), self._on_export_model)
        self._grid = Button(self.tr("Make a grid…"), self._on_grid)
        self._grid.setToolTip(
            self.tr("One picture of many: labels, prompts or training steps against seeds")
        )
        self.header.add_action(columns.fold_button)
        self.header.add_action(self._grid)
        self._batch = Button(self.tr("Make a batch…"), self._on_batch)
        self._batch.setToolTip(
            self.tr("Several models, labels and seeds in one go; or a kit for a game")
        )
        self.header.add_action(self._batch)
        self.header.add_action(Button(self.tr("Bring in a model…"), self._on_bring_in))
        self.header.add_action(self._export)
        self.body.addWidget(columns)
        self.setAcceptDrops(True)
        self.make.wanted.connect(self._on_wanted)
        self.make.stop_wanted.connect(self._on_stop)
        self.make.model_changed.connect(self._on_model)
        generate = QAction(self.tr("Generate"), self)
        generate.setShortcut(QKeySequence("Ctrl+Return"))
        generate.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        generate.triggered.connect(self.make.generate.click)
        self.addAction(generate)
        studio.maker.asset_made.connect(self._on_made)
        studio.maker.text_written.connect(self._on_written)
        studio.maker.progress.connect(self._on_progress)
        studio.maker.job_finished.connect(self._on_finished)
        studio.trainer.checkpoint_saved.connect(self._on_checkpoint)
        studio.library_changed.connect(self._on_library)
        self.reload()

    def open(self, **what: object) -> None:
        """Show a model, a run's newest state, or the settings of a request.

        Args:
            what: `model` is `RUN`, `RUN@STEP` or a package; `run` a run's id; `request` the
                fields of a GenerateRequest.
        """
        self.reload()
        wanted = what.get("model") or what.get("run")
        if isinstance(wanted, str) and not self.make.models.set_model(wanted):
            self._say_model_gone()
        request = what.get("request")
        if isinstance(request, Mapping):
            self._show_request(cast("Mapping[str, Any]", request))

    def reload(self) -> None:
        """Look again which models there are."""
        self._stale = False
        self.make.models.set_models(self._offered())
        self._on_model(self.make.models.reference())

    def _offered(self) -> list[Model]:
        """Return the models; of those that came with the program, such as suit the data first."""
        table = self._studio.project.library.datasets
        dataset = table.find(self._studio.dataset) or next(iter(table.all()), None)
        offered = models(self._studio.project)
        if dataset is not None:
            offered.sort(key=lambda m: m.ready and 1 + (m.modality is not dataset.modality))
        return offered

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with models that came while nobody looked."""
        super().showEvent(event)
        if self._stale:
            self.reload()

    # ----------------------------------------------------------------------------- generating

    def request(self) -> GenerateRequest:
        """Return what the panels ask for now."""
        return self.middle.complete(self.make.request())

    @Slot()
    def _on_wanted(self) -> None:
        self.make.draw_seed()
        self._submit(self.request())

    @Slot(object)
    def _submit(self, request: GenerateRequest) -> None:
        total = len(request.inputs) or len(request.places) or request.count
        if request.task in SEVERAL_TASKS:
            total = len(request.inputs) * request.count
        job = Generate(project=str(self._studio.project.folder), request=request)
        self._begin(job, 1 if request.task in PATHS else total)

    def _begin(self, job: Generate | MakeGrid, total: int) -> None:
        if self._job_id:
            return
        self._task, self._total, self._made = job.request.task, total, 0
        self._maker_of_job = self.middle  # another model may be looked at meanwhile
        self.middle.begin(job.request, total)
        self._job_id = self._studio.maker.submit(job)
        self._set_working(None, working=True)

    @Slot()
    def _on_grid(self) -> None:
        model = self.make.models.model()
        if model is None or self._job_id:
            return
        dialog = GridDialog(model, self.request(), self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.accepted.connect(
            lambda: self._begin(dialog.command(str(self._studio.project.folder)), 1)
        )
        dialog.open()

    @Slot()
    def _on_batch(self) -> None:
        offered = [model for model in self._offered() if Task.GENERATE in model.tasks]
        model = self.make.models.model()
        dialog = BatchDialog(offered, model if model in offered else None, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.accepted.connect(lambda: self._queue_batch(dialog.recipe()))
        dialog.open()

    def _queue_batch(self, recipe: BatchRecipe | None) -> None:
        if recipe is None:
            return
        self._studio.queue.add_batch(recipe)
        self._studio.notify(
            Severity.INFO,
            self.tr("{batch} is in the queue").format(batch=recipe.name),
            self.tr("What it makes comes into the gallery."),
            action=(self.tr("Show the queue"), lambda: self._studio.open_page("train")),
        )

    @Slot()
    def _on_stop(self) -> None:
        self._studio.maker.stop(self._job_id)

    @Slot(object)
    def _on_made(self, event: AssetMade) -> None:
        if event.job_id != self._job_id:
            return
        self._made = event.index + 1
        self._total = event.total or self._total
        self._set_working(self._made / max(1, self._total), working=True)
        found = self._studio.project.library.assets.get([event.asset])
        self._maker_of_job.asset_made(event, found[0] if found else None)

    @Slot(object)
    def _on_written(self, event: TextWritten) -> None:
        if event.job_id == self._job_id:
            self._maker_of_job.text_written(event)

    @Slot(object)
    def _on_progress(self, event: Progress) -> None:
        if event.job_id != self._job_id:
            return
        self._maker_of_job.progress(event)
        long = self._task in PATHS or self._task is Task.PROJECT
        if event.total and (long or self._total == 1):
            self._set_working(event.done / event.total, working=True)

    @Slot(object)
    def _on_finished(self, event: JobFinished) -> None:
        if event.job_id != self._job_id:
            return
        self._job_id = ""
        self._set_working(0.0, working=False)
        self._maker_of_job.finished(event)
        if self._made:
            self._studio.library_changed.emit("assets")

    def _set_working(self, share: float | None, *, working: bool) -> None:
        self._working = (share, working)
        self.make.set_working(share, working=working)
        for middle in self._middles.values():
            middle.set_working(share, working=working)

    # -------------------------------------------------------------------------------- middles

    def _made_middle(self, kind: type[Middle]) -> Middle:
        """Return the middle of a kind; it is made when it is first needed."""
        if kind not in self._middles:
            made = self._middles[kind] = kind(self._around)
            made.wanted.connect(self._submit)
            made.stop_wanted.connect(self._on_stop)
            made.problem_changed.connect(lambda words, made=made: self._on_problem(made, words))
            self._middle_stack.addWidget(made)
            if made.side is not None:
                self._side_stack.addWidget(made.side)
        return self._middles[kind]

    def _on_problem(self, middle: Middle, words: str) -> None:
        if middle is self.middle:
            self.make.set_problem(words)

    def _show_middle(self, modality: Modality) -> None:
        """Bring the middle of a modality, and its side, into sight."""
        middle = self._made_middle(middle_of(modality))
        changed, self.middle = middle is not self.middle, middle
        self._middle_stack.setCurrentWidget(middle)
        if middle.side is not None:
            self._side_stack.setCurrentWidget(middle.side)
        self.make.set_usual(middle.usual_count, prompt_here=not middle.takes_prompt)
        if changed:
            self.make.set_problem("")
            middle.set_working(self._working[0], working=self._working[1])

    # --------------------------------------------------------------------------------- models

    @Slot(str)
    def _on_model(self, reference: str) -> None:
        model = self.make.models.model()
        self._export.setEnabled(model is not None)
        self._batch.setEnabled(model is not None)
        grids = model is not None and model.modality is Modality.IMAGE
        self._grid.setVisible(grids and model is not None and Task.GENERATE in model.tasks)
        self._show_middle(model.modality if model is not None else Modality.IMAGE)
        self.middle.set_model(model, reference)
        side = self.middle.side is not None and self.middle.side_wanted
        self._columns.set_right_wanted(side, self.middle.side_title)
        if model is None:
            self.header.set_subtitle(self.tr("Make something new with a trained model"))
            return
        words = (task_words(task, model.modality) for task in model.tasks)
        titles = ", ".join(each.title.lower() for each in words)
        self.header.set_subtitle(f"{model.title} · {titles}")
        self._studio.select_model(reference)

    @Slot(str)
    def _on_library(self, what: str) -> None:
        if what in ("models", "runs"):
            self._stale = True
            if self.isVisible():
                self.reload()

    @Slot(object)
    def _on_checkpoint(self, _event: object) -> None:
        self._on_library("runs")

    def _show_request(self, request: Mapping[str, Any]) -> None:
        if not self.make.show_request(request):
            self._say_model_gone()
        self.middle.show_request(request)

    def _say_model_gone(self) -> None:
        self._studio.notify(
            Severity.WARNING,
            self.tr("That model is not here"),
            self.tr("It was removed, or it belongs to another project."),
            self.tr("Choose another model, or bring the package in."),
        )

    # ---------------------------------------------------------------------------------- files

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take model packages; pictures when the task starts from them."""
        files = dropped_files(event.mimeData())
        wanted = self.make.inputs.isVisible() and any(map(self.make.inputs.takes, files))
        if packages_in(files) or wanted:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Bring packages in and choose the last one; add pictures."""
        files = dropped_files(event.mimeData())
        event.acceptProposedAction()
        packages = packages_in(files)
        if packages:
            self.bring_in(packages)
        elif self.make.inputs.isVisible():
            self.make.inputs.add(files)

    def bring_in(self, packages: list[Path]) -> None:
        """Check packages and copy them into the project; the last good one is chosen."""
        good = bring_in(self._studio, packages)
        if good is not None:
            self.reload()
            self.make.models.set_model(str(good))

    def _on_bring_in(self) -> None:
        kinds = self.tr("Model packages (*{suffix})").format(suffix=SUFFIX)
        names, _ = QFileDialog.getOpenFileNames(self, self.tr("Bring in a model"), "", kinds)
        if names:
            self.bring_in([Path(name) for name in names])

    def _on_export_model(self) -> None:
        model = self.make.models.model()
        if model is not None:
            self._exports.ask(model, self.make.models.step())
