"""Imports as the Data page sees them: what runs, how far it is, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QObject, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout

from studio.core.protocol import (
    DownloadDataset,
    ImportFiles,
    ImportSample,
    JobFinished,
    JobStarted,
    Message,
    Outcome,
    Progress,
)
from studio.ui.context import Studio
from studio.ui.theme import GAP, ui_font
from studio.ui.widgets.buttons import Button
from studio.ui.widgets.cards import Card
from studio.ui.widgets.labels import ElidedLabel
from studio.ui.widgets.progress import ProgressBar

_JOBS = (ImportFiles, ImportSample, DownloadDataset)
_KINDS = frozenset({"import_files", "import_sample", "download_dataset"})


class Imports(QObject):
    """Hands imports to the maker engine and follows those that anyone handed to it.

    Signals:
        changed: An import began, went on or ended.
        finished: (title, result) of an import that is done; the result is that of the engine.
    """

    changed = Signal()
    finished = Signal(str, dict)

    def __init__(self, studio: Studio, parent: QObject) -> None:
        super().__init__(parent)
        self._studio = studio
        self._titles: dict[str, str] = {}
        maker = studio.maker
        maker.job_started.connect(self._on_started)
        maker.progress.connect(self._on_progress)
        maker.job_finished.connect(self._on_finished)
        maker.queue_changed.connect(self.changed)

    def add_files(self, name: str, paths: Sequence[Path]) -> str:
        """Bring files, folders and archives into a dataset; returns the job's id."""
        texts = [str(path) for path in paths]
        return self._submit(ImportFiles(project=self._folder, name=name, paths=texts))

    def add_sample(self, sample: str) -> str:
        """Make a sample set into a dataset; returns the job's id."""
        return self._submit(ImportSample(project=self._folder, sample=sample))

    def download(self, source: str) -> str:
        """Fetch a public dataset; returns the job's id."""
        return self._submit(DownloadDataset(project=self._folder, source=source))

    def jobs(self) -> list[Message]:
        """Return the imports in hand and waiting, in order."""
        maker = self._studio.maker
        jobs = [maker.current, *maker.waiting()]
        return [job for job in jobs if isinstance(job, _JOBS)]

    def title(self, job: Message) -> str:
        """Return what an import is called."""
        if job.job_id in self._titles:
            return self._titles[job.job_id]
        return str(getattr(job, "name", "") or getattr(job, "source", "") or "")

    def progress(self) -> Progress | None:
        """Return how far the import in hand is; None when none is, or nothing is known."""
        maker = self._studio.maker
        return maker.progress_now if isinstance(maker.current, _JOBS) else None

    def cancel(self, job: Message) -> None:
        """Drop an import; the project is left as it was."""
        self._studio.maker.stop(job.job_id, save=False)

    @property
    def _folder(self) -> str:
        return str(self._studio.project.folder)

    def _submit(self, job: Message) -> str:
        job_id = self._studio.maker.submit(job)
        self.changed.emit()
        return job_id

    @Slot(object)
    def _on_started(self, event: JobStarted) -> None:
        if event.kind in _KINDS:
            self._titles[event.job_id] = event.title
            self.changed.emit()

    @Slot(object)
    def _on_progress(self, _event: Progress) -> None:
        if self.progress() is not None:
            self.changed.emit()

    @Slot(object)
    def _on_finished(self, event: JobFinished) -> None:
        title = self._titles.pop(event.job_id, None)
        self.changed.emit()
        if title is not None and event.outcome is Outcome.DONE and "dataset_id" in event.result:
            self.finished.emit(title, event.result)


class ImportCard(Card):
    """How far the import in hand is, with live counts and a button that drops it."""

    def __init__(self, imports: Imports) -> None:
        super().__init__()
        self.setAccessibleName(QCoreApplication.translate("ImportCard", "Import"))
        self._imports = imports
        self._title = ElidedLabel()
        self._bar = ProgressBar(self.tr("Import"))
        self._counts = ElidedLabel("", "muted")
        self._counts.setFont(ui_font(tabular=True))
        self._cancel = Button(self.tr("Cancel"), self._on_cancel)
        row = QHBoxLayout()
        row.setSpacing(GAP + 4)
        row.addWidget(self._title)
        row.addWidget(self._bar, 1)
        row.addWidget(self._counts)
        row.addWidget(self._cancel)
        self.body.addLayout(row)
        imports.changed.connect(self.refresh)
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Show the import in hand, or nothing."""
        jobs = self._imports.jobs()
        self.setVisible(bool(jobs))
        if not jobs:
            return
        title = self.tr("Bringing in {name}").format(name=self._imports.title(jobs[0]))
        if len(jobs) > 1:
            title += " " + self.tr("({count} more wait)").format(count=len(jobs) - 1)
        self._title.setText(title)
        self._title.updateGeometry()
        self._cancel.setEnabled(True)
        progress = self._imports.progress()
        if progress is None:
            self._bar.set_share(None)
            self._counts.setText(self.tr("getting ready …"))
            return
        self._bar.set_share(progress.done / progress.total if progress.total else None)
        self._counts.setText(" · ".join(self._count_words(progress)))
        self._counts.updateGeometry()

    def _count_words(self, progress: Progress) -> list[str]:
        done = f"{progress.done:,}"
        if progress.total:
            done = self.tr("{done} of {total}").format(done=done, total=f"{progress.total:,}")
        words = [f"{done} {progress.unit}".strip()] if progress.done or progress.total else []
        if not words or not progress.counts:
            words.insert(0, progress.stage)
        names = {"rejected": self.tr("not taken"), "duplicates": self.tr("twice")}
        for kind, name in names.items():
            if count := progress.counts.get(kind, 0):
                words.append(f"{count:,} {name}")
        return words

    def _on_cancel(self) -> None:
        jobs = self._imports.jobs()
        if jobs:
            self._cancel.setEnabled(False)
            self._imports.cancel(jobs[0])
