"""What every page is given: the project, the engines, the queue, undo, and ways to speak up."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from typing import Literal

from PySide6.QtCore import QObject, QUrl, Signal, Slot
from PySide6.QtGui import QDesktopServices, QUndoStack

from studio.core.catalogue import Catalogue, catalogue
from studio.core.errors import StudioError
from studio.core.files import slug
from studio.core.paths import state_dir
from studio.core.project import Project
from studio.core.protocol import JobFinished, Message, Notice, Outcome, Severity
from studio.ui.engine_client import EngineClient
from studio.ui.engine_thread import engine_log
from studio.ui.queue_runner import QueueRunner
from studio.ui.service import Service
from studio.ui.spare_engines import SpareEngines
from studio.ui.theme import Theme, theme
from studio.ui.widgets.toast import NoticeAction

PageName = Literal["data", "models", "train", "generate", "gallery"]


class Studio(QObject):
    """One open project and everything that its pages share.

    Attributes:
        project: The open project; its library belongs to the window's thread.
        trainer: Engine that trains; reached through `queue`, but for pause, park, stop …
        maker: Engine for everything else: imports, forecasts, generating, exporting.
        queue: Runs that train and wait.
        undo: Every edit of data, labels, tags, ratings … goes through here as a QUndoCommand.
        theme: Colours in force.
        dataset, run, model: What is chosen; empty when nothing is. A model is `RUN`, `RUN@STEP`
            or the path of a package.

    Signals:
        page_requested: (page name, what to show there as a dict) from `open_page`.
        noticed: (severity, title, message, hint, NoticeAction or None) from `notify`.
        dataset_changed, run_changed, model_changed: The id of what is chosen now.
        library_changed: `datasets`, `runs`, `models` or `assets` are others than before, or the
            `marks` of assets are: their stars and tags.
        closing: The project is about to close; what reads from it in a thread ends now.
    """

    page_requested = Signal(str, dict)
    noticed = Signal(object, str, str, str, object)
    dataset_changed = Signal(str)
    run_changed = Signal(str)
    model_changed = Signal(str)
    library_changed = Signal(str)
    closing = Signal()

    def __init__(
        self,
        project: Project,
        engine: list[str] | None = None,
        parent: QObject | None = None,
        spares: SpareEngines | None = None,
    ) -> None:
        """Open everything for a project; engines start with `start_engines` or their first job.

        Args:
            engine: Command of the engines; left out, the studio's own.
            spares: Engines that were started before.
        """
        super().__init__(parent)
        self.project = project
        logs = state_dir() / "logs"
        place = slug(project.name)
        self.trainer, self.maker = (
            EngineClient(name, engine_log(logs, f"{place}-{name}"), engine, self, spares)
            for name in ("trainer", "maker")
        )
        self.queue = QueueRunner(project, self.trainer, self)
        self.queue.batch_ended.connect(self._on_batch_ended)
        self.service = Service(project.folder)
        self.undo = QUndoStack(self)
        self.theme: Theme = theme()
        self.dataset = self.run = self.model = ""
        self._quiet: set[str] = set()
        for client in (self.trainer, self.maker):
            client.notice.connect(self._on_notice)
            client.job_finished.connect(self._on_finished)

    @property
    def catalogue(self) -> Catalogue:
        """The families and modalities that can be chosen."""
        return catalogue()

    @Slot()
    def start_engines(self) -> None:
        """Start both engines in the background, so that the first job finds them ready."""
        self.trainer.start()
        self.maker.start()

    @property
    def busy(self) -> bool:
        """Whether an engine has something in hand or in its queue."""
        return self.trainer.busy or self.maker.busy

    def submit_quietly(self, job: Message) -> str:
        """Hand the maker a job whose page itself says why it failed; returns its id."""
        job_id = self.maker.submit(job)
        self._quiet.add(job_id)
        return job_id

    def open_page(self, name: PageName, **what: object) -> None:
        """Go to a page and hand it `what` through its `open` method."""
        self.page_requested.emit(name, what)

    def select_dataset(self, dataset_id: str) -> None:
        """Choose a dataset for every page."""
        if dataset_id != self.dataset:
            self.dataset = dataset_id
            self.dataset_changed.emit(dataset_id)

    def select_run(self, run_id: str) -> None:
        """Choose a run for every page."""
        if run_id != self.run:
            self.run = run_id
            self.run_changed.emit(run_id)

    def select_model(self, model: str) -> None:
        """Choose a model for every page."""
        if model != self.model:
            self.model = model
            self.model_changed.emit(model)

    def notify(
        self,
        severity: Severity,
        title: str,
        message: str = "",
        hint: str = "",
        action: tuple[str, Callable[[], object]] | None = None,
    ) -> None:
        """Show a notice that does not interrupt; `action` is the text and work of its button."""
        button = NoticeAction(*action) if action is not None else None
        self.noticed.emit(severity, title, message, hint, button)

    def report(self, error: StudioError) -> None:
        """Show an error that the user can act on."""
        self.notify(Severity.ERROR, error.title, error.message, error.hint)

    def close(self) -> None:
        """End the engines and close the project; what undo could bring back is deleted now."""
        self.closing.emit()
        self.trainer.close()
        self.maker.close()
        self.service.stop()
        self.project.delete_trashed_datasets()
        shutil.rmtree(self.project.scratch, ignore_errors=True)
        self.project.close()

    @Slot(object)
    def _on_notice(self, event: Notice) -> None:
        self.notify(event.severity, event.title, event.message, event.hint)

    @Slot(object)
    def _on_batch_ended(self, event: JobFinished) -> None:
        """Show what a batch made; why it failed is said as of every job."""
        self.library_changed.emit("assets")
        if event.outcome is Outcome.DONE:
            folder = QUrl.fromLocalFile(str(event.result["folder"]))
            self.notify(
                Severity.INFO,
                self.tr("The batch is ready"),
                self.tr("{count} things are in the gallery, and in a folder of their own.").format(
                    count=f"{event.result['made']:,}"
                ),
                action=(self.tr("Show folder"), lambda: QDesktopServices.openUrl(folder)),
            )

    @Slot(object)
    def _on_finished(self, event: JobFinished) -> None:
        if event.job_id in self._quiet:
            self._quiet.remove(event.job_id)
        elif event.outcome is Outcome.FAILED and event.error is not None:
            error = event.error
            self.notify(Severity.ERROR, error.title, error.message, error.hint)
