"""What is made of a run besides training it: samples, forks, packages, clips, measurements."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QUrl, Signal, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QWidget

from studio.core.errors import StudioError
from studio.core.files import slug
from studio.core.media import Modality
from studio.core.model_choices import of_run
from studio.core.protocol import (
    CompareRuns,
    Evaluate,
    ExportTimelapse,
    JobFinished,
    Message,
    Outcome,
    Severity,
)
from studio.core.recipe import RunRecipe
from studio.core.runs import Run
from studio.ui.context import Studio
from studio.ui.dialogs.measured import MeasuredDialog
from studio.ui.model_exports import ModelExports
from studio.ui.pages.train_recipes import copy_recipe, fork_recipe
from studio.ui.pages.train_side_by_side import SideBySideDialog


class RunUses(QObject):
    """Leads on to another page, or asks for a file and gives the job to the maker.

    It works on the run of `set_run`; before that nothing calls it, since no button is shown.

    Signals:
        measured: A checkpoint was measured.
    """

    measured = Signal()

    def __init__(self, studio: Studio, window: QWidget) -> None:
        super().__init__(window)
        self._studio = studio
        self._widget = window
        self._run = ""
        self._recipe: RunRecipe
        self._exports = ModelExports(studio, window)
        self._then: dict[str, Callable[[JobFinished], object]] = {}
        studio.maker.job_finished.connect(self._on_finished)

    def set_run(self, run: str, recipe: RunRecipe) -> None:
        """Work on another run."""
        self._run, self._recipe = run, recipe

    @Slot()
    def tweak(self) -> None:
        """Open the Models page with the run's settings, to start a changed copy."""
        self._studio.open_page("models", recipe=copy_recipe(self._recipe))

    @Slot(int)
    def fork(self, step: int) -> None:
        """Open the Models page with a run that goes on from a checkpoint."""
        recipe = fork_recipe(self._recipe, self._run, step)
        self._studio.open_page("models", recipe=recipe)

    @Slot()
    def generate(self) -> None:
        """Open the Generate page with the run's best checkpoint."""
        self._open_generate(self._run)

    @Slot(int)
    def generate_at(self, step: int) -> None:
        """Open the Generate page with a checkpoint."""
        self._open_generate(f"{self._run}@{step}")

    @Slot()
    def open_folder(self) -> None:
        """Show the run's folder in the system's file manager."""
        folder = self._studio.project.runs / self._run
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))

    @Slot(int)
    def export(self, step: int) -> None:
        """Ask how a checkpoint leaves, and write it."""
        model = of_run(Run(self._studio.project.runs / self._run))
        if model is not None:
            self._exports.ask(model, step)

    @Slot()
    def timelapse(self) -> None:
        """Write the run's sheets as a clip, where the user wants it."""
        kinds = self.tr("Clips (*.mp4 *.gif *.webp)")
        name = f"{slug(self._recipe.name)}.mp4"
        path = self._ask(self.tr("Export time-lapse"), name, kinds)
        if path:
            project = str(self._studio.project.folder)
            job = ExportTimelapse(project=project, run=self._run, path=path)
            self._submit(job, lambda event: self._wrote(event, self.tr("The clip is written")))

    @Slot(list)
    def side_by_side(self, runs: list[str]) -> None:
        """Show what several runs had made at the same point."""
        folders = [self._studio.project.runs / run for run in runs]
        dialog = SideBySideDialog(folders, self._widget)
        dialog.picture_wanted.connect(lambda clock, point: self._picture(runs, clock, point))
        dialog.failed.connect(self._failed)
        dialog.open()

    @Slot(int)
    def evaluate(self, step: int) -> None:
        """Measure a checkpoint on items that it never saw, and show the numbers."""
        recipe = self._recipe
        job = Evaluate(project=str(self._studio.project.folder), model=f"{self._run}@{step}")
        self._submit(job, lambda event: self._measured(event, recipe, step))

    @Slot()
    def evaluate_all(self) -> None:
        """Measure every checkpoint, for a curve and to find the best."""
        recipe, project = self._recipe, str(self._studio.project.folder)
        job = Evaluate(project=project, model=self._run, every=True)
        self._submit(job, lambda event: self._measured(event, recipe, event.result.get("step", 0)))

    def _picture(self, runs: list[str], clock: str, point: float) -> None:
        kinds, suffix = self.tr("Pictures (*.png)"), ".png"
        if self._recipe.modality is Modality.VIDEO:
            kinds, suffix = self.tr("Clips (*.mp4 *.gif *.webp)"), ".mp4"
        name = slug(self._recipe.name) + suffix
        path = self._ask(self.tr("Save the comparison"), name, kinds)
        if path:
            project = str(self._studio.project.folder)
            settings = {"project": project, "runs": runs, "clock": clock, "point": point}
            job = CompareRuns.model_validate(settings | {"path": path})
            self._submit(
                job, lambda event: self._wrote(event, self.tr("The comparison is written"))
            )

    def _open_generate(self, model: str) -> None:
        self._studio.select_model(model)
        self._studio.open_page("generate", model=model)

    def _ask(self, title: str, name: str, kinds: str) -> str:
        start = str(self._studio.project.folder.parent / name)
        return QFileDialog.getSaveFileName(self._widget, title, start, kinds)[0]

    def _submit(self, job: Message, then: Callable[[JobFinished], object]) -> None:
        self._then[self._studio.maker.submit(job)] = then

    @Slot(object)
    def _on_finished(self, event: JobFinished) -> None:
        then = self._then.pop(event.job_id, None)
        if then is not None and event.outcome is Outcome.DONE:
            then(event)

    @Slot(object)
    def _failed(self, error: StudioError) -> None:
        self._studio.notify(Severity.ERROR, error.title, error.message, error.hint)

    def _wrote(self, event: JobFinished, title: str) -> None:
        path = Path(str(event.result["path"]))
        folder = QUrl.fromLocalFile(str(path.parent))
        self._studio.notify(
            Severity.INFO,
            title,
            str(path),
            action=(self.tr("Show folder"), lambda: QDesktopServices.openUrl(folder)),
        )

    def _measured(self, event: JobFinished, recipe: RunRecipe, step: int) -> None:
        dialog = MeasuredDialog(recipe, step, event.result, self._widget)
        dialog.open()
        self.measured.emit()
