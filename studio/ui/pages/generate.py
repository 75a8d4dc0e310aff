"""The Generate page: make with a trained model, look at the results, explore between them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QAction, QDragEnterEvent, QDropEvent, QKeySequence, QShowEvent
from PySide6.QtWidgets import QFileDialog

from studio.core.family_info import SEVERAL_TASKS, Task
from studio.core.media import Modality
from studio.core.model_choices import models
from studio.core.packages import SUFFIX
from studio.core.protocol import (
    AssetMade,
    Generate,
    GenerateRequest,
    JobFinished,
    MakeGrid,
    Outcome,
    Progress,
    Severity,
)
from studio.ui.asset_actions import AssetActions
from studio.ui.context import Studio
from studio.ui.dialogs.grid import GridDialog
from studio.ui.model_exports import ModelExports
from studio.ui.model_files import bring_in, dropped_files, packages_in
from studio.ui.pages.explore_part import ExplorePart
from studio.ui.pages.generate_make import MakePanel
from studio.ui.pages.generate_path import PathPanel
from studio.ui.pages.generate_results import ResultsPanel
from studio.ui.pages.generate_tasks import PATHS, task_words
from studio.ui.widgets.buttons import Button
from studio.ui.widgets.page import Page
from studio.ui.widgets.panes import Columns


class GeneratePage(Page):
    """What to make, results or explorer, and a path, side by side.

    Attributes:
        make, results, path: The three panels.
        explore: The explorer, which takes the place of the results.
    """

    def __init__(self, studio: Studio) -> None:
        super().__init__(self.tr("Generate"))
        self._studio = studio
        self._job_id = ""
        self._task = Task.GENERATE
        self._total = 0
        self._exports = ModelExports(studio, self)
        self._stale = True
        actions = AssetActions(studio, self)
        self.make = MakePanel(studio)
        self.results = ResultsPanel(studio, actions)
        self.explore = ExplorePart(studio, self.make, self.results)
        self.path = PathPanel(studio.project, self.explore.explorer)
        columns = Columns(
            "generate",
            self.explore.middle,
            left=self.make,
            right=self.path,
            right_title=self.tr("Path"),
        )
        self._export = Button(self.tr("Export model…"), self._on_export_model)
        self._grid = Button(self.tr("Make a grid…"), self._on_grid)
        self._grid.setToolTip(
            self.tr("One picture of many: labels, prompts or training steps against seeds")
        )
        self.header.add_action(columns.fold_button)
        self.header.add_action(self._grid)
        self.header.add_action(Button(self.tr("Bring in a model…"), self._on_bring_in))
        self.header.add_action(self._export)
        self.body.addWidget(columns)
        self.setAcceptDrops(True)
        self.make.wanted.connect(self._on_wanted)
        self.make.stop_wanted.connect(self._on_stop)
        self.make.model_changed.connect(self._on_model)
        self.explore.wanted.connect(self._submit)
        self.explore.end_wanted.connect(self._on_stop)
        self.path.wanted.connect(self._on_path_wanted)
        self.path.chosen_wanted.connect(self._on_add_chosen)
        generate = QAction(self.tr("Generate"), self)
        generate.setShortcut(QKeySequence("Ctrl+Return"))
        generate.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        generate.triggered.connect(self.make.generate.click)
        self.addAction(generate)
        studio.maker.asset_made.connect(self._on_made)
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
        self.make.models.set_models(models(self._studio.project))
        self._on_model(self.make.models.reference())

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with models that came while nobody looked."""
        super().showEvent(event)
        if self._stale:
            self.reload()

    # ----------------------------------------------------------------------------- generating

    def request(self) -> GenerateRequest:
        """Return what the panels ask for now."""
        return self.make.request(self.path.settings())

    @Slot()
    def _on_wanted(self) -> None:
        self.make.draw_seed()
        self.explore.show(explorer=False)
        self._submit(self.request())

    @Slot()
    def _on_path_wanted(self) -> None:
        self._submit(self.make.request(self.path.settings(), Task.INTERPOLATE))

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
        self._task = job.request.task
        self._total = total
        self.results.begin()
        self.results.say(self.tr("starting…"))
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
    def _on_stop(self) -> None:
        self._studio.maker.stop(self._job_id)

    @Slot(object)
    def _on_made(self, event: AssetMade) -> None:
        if event.job_id != self._job_id:
            return
        self.results.add(event.asset)
        self._total = event.total or self._total
        done = event.index + 1
        self.results.say(self._so_far(done))
        self._set_working(done / max(1, self._total), working=True)
        for asset in self._studio.project.library.assets.get([event.asset]):
            if self._task in PATHS:
                self.path.show_path(asset)
            elif self._task is Task.PROJECT:
                self.explore.take(asset)

    @Slot(object)
    def _on_progress(self, event: Progress) -> None:
        long = self._task in PATHS or self._task is Task.PROJECT
        if event.job_id == self._job_id and event.total and long:
            self._set_working(event.done / event.total, working=True)

    @Slot(object)
    def _on_finished(self, event: JobFinished) -> None:
        if event.job_id != self._job_id:
            return
        self._job_id = ""
        self._set_working(0.0, working=False)
        made = len(self.results.ids())
        if event.outcome is Outcome.FAILED:
            self.results.say(self.tr("failed"))
        elif made < self._total:
            self.results.say(self.tr("{words} · stopped").format(words=self._so_far(made)))
        else:
            words = self.tr("{words} · {seconds} s")
            seconds = f"{event.seconds:.1f}"
            self.results.say(words.format(words=self._so_far(made), seconds=seconds))
        if made:
            self._studio.library_changed.emit("assets")

    def _so_far(self, done: int) -> str:
        words = self.tr("{done} of {total}")
        return words.format(done=f"{done:,}", total=f"{self._total:,}")

    def _set_working(self, share: float | None, *, working: bool) -> None:
        self.make.set_working(share, working=working)
        self.explore.set_working(share, working=working)
        self.path.set_busy(working)

    # --------------------------------------------------------------------------------- models

    @Slot(str)
    def _on_model(self, reference: str) -> None:
        model = self.make.models.model()
        self._export.setEnabled(model is not None)
        grids = model is not None and model.modality is Modality.IMAGE
        self._grid.setVisible(grids and model is not None and Task.GENERATE in model.tasks)
        self.results.set_model_there(model is not None)
        self.explore.set_model(model, reference)
        if model is None:
            self.path.set_tasks(())
            self.header.set_subtitle(self.tr("Make something new with a trained model"))
            return
        words = (task_words(task, model.modality) for task in model.tasks)
        titles = ", ".join(each.title.lower() for each in words)
        self.header.set_subtitle(f"{model.title} · {titles}")
        self.path.set_tasks(model.tasks)
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

    @Slot()
    def _on_add_chosen(self) -> None:
        self.path.add_assets(self.results.chosen())

    def _show_request(self, request: Mapping[str, Any]) -> None:
        if not self.make.show_request(request):
            self._say_model_gone()
        self.path.show_request(request)
        self.explore.show_request(request)

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
