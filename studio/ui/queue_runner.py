"""Takes what waits in the queue to the trainer engine one by one, also after a restart."""

from __future__ import annotations

import time
from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal, Slot

from studio.core.batch_recipes import BatchRecipe
from studio.core.project import Project, new_id
from studio.core.protocol import JobFinished, JobStarted, MakeBatch, Outcome, Train
from studio.core.queue import QueueEntry, QueueStatus
from studio.core.recipe import RunRecipe
from studio.core.runs import Run
from studio.ui.engine_client import EngineClient


class QueueRunner(QObject):
    """The project's queue and the run of it that is being trained.

    After a restart, what was training or waiting is held until the user says `go_on`.

    Attributes:
        held: Whether the queue waits for the user.
        interrupted: Entries that were training when the studio last ended.

    Signals:
        changed: An entry was added, moved, started, ended or removed.
        batch_ended: The JobFinished of a batch; what it made is in the library.
    """

    changed = Signal()
    batch_ended = Signal(object)

    def __init__(self, project: Project, trainer: EngineClient, parent: QObject) -> None:
        super().__init__(parent)
        self._project = project
        self._trainer = trainer
        self._table = project.library.queue
        self._entry: QueueEntry | None = None
        self._job_id = ""
        self.interrupted = self._table.reclaim()
        self.held = bool(self.entries_waiting())
        trainer.job_started.connect(self._on_started)
        trainer.job_finished.connect(self._on_finished)

    def entries(self) -> list[QueueEntry]:
        """Return every entry in order, the one in training included."""
        return self._table.all()

    def entries_waiting(self) -> list[QueueEntry]:
        """Return the entries that have not begun, in order."""
        return [e for e in self._table.all() if e.status is QueueStatus.WAITING]

    def training(self) -> QueueEntry | None:
        """Return the entry in training."""
        return self._entry

    def add(self, recipe: RunRecipe) -> int:
        """Put a new run at the end; it starts at once when nothing else trains."""
        return self._added(self._table.add(recipe.name, recipe))

    def add_batch(self, recipe: BatchRecipe) -> int:
        """Put a batch at the end; where its files go is settled here, so that it can go on."""
        folder = f"{time.strftime('%Y-%m-%d')}/{new_id(recipe.name)}"
        recipe = recipe.model_copy(update={"folder": folder})
        return self._added(self._table.add(recipe.name, batch=recipe))

    def add_resume(self, run: str, title: str) -> int:
        """Put a run that exists at the end, to go on from its newest checkpoint."""
        return self._added(self._table.add(title, resume=run))

    def remove(self, entry_id: int) -> None:
        """Take an entry out; the one in training is stopped and saved."""
        if self._entry is not None and entry_id == self._entry.id:
            self._trainer.stop(self._job_id)
            return
        self._table.remove(entry_id)
        self.changed.emit()

    def reorder(self, ids: Sequence[int]) -> None:
        """Put the entries in this order."""
        self._table.reorder(ids)
        self.changed.emit()

    def retry(self, entry_id: int) -> None:
        """Let an entry that failed wait again; a run with a checkpoint goes on from there."""
        entries = self._table.all()
        entry = next(entry for entry in entries if entry.id == entry_id)
        if entry.run and Run(self._project.runs / entry.run).checkpoint_paths():
            again = self._table.add(entry.title, resume=entry.run)
            order = [again if e.id == entry_id else e.id for e in entries]
            self._table.remove(entry_id)
            self._table.reorder(order)
        else:
            self._table.set_status(entry_id, QueueStatus.WAITING)
        self.go_on()

    @Slot()
    def go_on(self) -> None:
        """Train what waits, one after the other."""
        self.held = False
        self._next()
        self.changed.emit()

    def hold(self) -> None:
        """Start nothing further after the run in training."""
        self.held = True
        self.changed.emit()

    def _added(self, entry_id: int) -> int:
        # a new run is a wish to train now, also when older ones were held after a restart
        self.held = False
        self._next()
        self.changed.emit()
        return entry_id

    def _next(self) -> None:
        if self.held or self._entry is not None:
            return
        entry = self._table.next()
        if entry is None:
            return
        self._entry = entry
        self._table.set_status(entry.id, QueueStatus.RUNNING, run=entry.resume)
        self._job_id = self._trainer.submit(self._job(entry))

    def _job(self, entry: QueueEntry) -> Train | MakeBatch:
        project = str(self._project.folder)
        if entry.batch is not None:
            return MakeBatch(project=project, recipe=entry.batch)
        recipe = None if entry.resume else entry.recipe
        return Train(project=project, recipe=recipe, resume=entry.resume)

    @Slot(object)
    def _on_started(self, event: JobStarted) -> None:
        if self._entry is not None and event.job_id == self._job_id:
            self._table.set_status(self._entry.id, QueueStatus.RUNNING, run=event.run)
            self.changed.emit()

    @Slot(object)
    def _on_finished(self, event: JobFinished) -> None:
        if self._entry is None or event.job_id != self._job_id:
            return
        entry, self._entry, self._job_id = self._entry, None, ""
        if event.outcome is Outcome.FAILED:
            run = next((e.run for e in self._table.all() if e.id == entry.id), "")
            error = event.error.title if event.error is not None else ""
            self._table.set_status(entry.id, QueueStatus.FAILED, run=run, error=error)
        else:
            self._table.remove(entry.id)
        if entry.batch is not None:
            self.batch_ended.emit(event)
        self._next()
        self.changed.emit()
