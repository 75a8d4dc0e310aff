"""The newcomer's ways in: a sample set to train on, a ready model to generate with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from studio.core.paths import default_projects_dir, starter_models
from studio.core.protocol import ImportSample, JobFinished, Outcome
from studio.ui.context import Studio

if TYPE_CHECKING:
    from studio.ui.main_window import MainWindow

SAMPLE = "digits"


class FirstSteps(QObject):
    """Opens the first project and leads on to the page where the user presses one button."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._job_id = ""

    @Slot()
    def try_digits(self) -> None:
        """Bring in the digits, then show the Models page with them, ready to start."""
        studio = self._first_project()
        if studio is None:
            return
        name = self.tr("Digits")
        known = studio.project.library.datasets.find(name)
        if known is not None:
            self._show_models(studio, known.id)
            return
        studio.maker.job_finished.connect(self._on_finished)
        job = ImportSample(project=str(studio.project.folder), sample=SAMPLE, name=name)
        self._job_id = studio.maker.submit(job)
        studio.open_page("data")

    @Slot()
    def open_starter(self) -> None:
        """Show the Generate page with the first model that ships with the program."""
        studio = self._first_project()
        models = starter_models()
        if studio is not None and models:
            studio.select_model(str(models[0]))
            studio.open_page("generate", model=str(models[0]))

    def _first_project(self) -> Studio | None:
        folder = default_projects_dir() / f"{self.tr('First steps')}.studio"
        opened = self._window.studio
        if opened is None or opened.project.folder != folder.resolve():
            self._window.open_project(folder, create=True)
        return self._window.studio

    @Slot(object)
    def _on_finished(self, event: JobFinished) -> None:
        studio = self._window.studio
        if studio is None or event.job_id != self._job_id:
            return
        studio.maker.job_finished.disconnect(self._on_finished)
        if event.outcome is Outcome.DONE:
            studio.library_changed.emit("datasets")
            self._show_models(studio, str(event.result["dataset_id"]))

    @staticmethod
    def _show_models(studio: Studio, dataset_id: str) -> None:
        studio.select_dataset(dataset_id)
        studio.open_page("models", dataset=dataset_id, family="gan", preset="quick")
