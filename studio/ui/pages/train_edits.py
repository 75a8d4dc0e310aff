"""What can be undone on the Train page: the queue's order and entries, stars, dismissed advice."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QUndoCommand

from studio.core.queue import QueueEntry, QueueStatus
from studio.ui import settings
from studio.ui.context import Studio


def _text(words: str) -> str:
    return QCoreApplication.translate("TrainPage", words)


class ReorderQueue(QUndoCommand):
    """Puts the queue into another order."""

    def __init__(self, studio: Studio, before: Sequence[int], after: Sequence[int]) -> None:
        super().__init__(_text("the queue's order"))
        self._studio, self._before, self._after = studio, list(before), list(after)

    def redo(self) -> None:
        """Put it into the new order."""
        self._studio.queue.reorder(self._after)

    def undo(self) -> None:
        """Put it back."""
        self._studio.queue.reorder(self._before)


class RemoveEntry(QUndoCommand):
    """Takes an entry that waits or failed out of the queue."""

    def __init__(self, studio: Studio, entry: QueueEntry) -> None:
        super().__init__(_text("removing from the queue"))
        self._studio, self._entry = studio, entry
        self._id = entry.id
        self._order = [each.id for each in studio.queue.entries()]

    def redo(self) -> None:
        """Take it out."""
        self._studio.queue.remove(self._id)

    def undo(self) -> None:
        """Put it back into its place; what failed is still marked so."""
        queue, table, old = self._studio.queue, self._studio.project.library.queue, self._id
        entry = self._entry
        self._id = table.add(entry.title, entry.recipe, entry.resume, entry.batch)
        self._order = [self._id if each == old else each for each in self._order]
        if self._entry.status is QueueStatus.FAILED:
            table.set_status(self._id, QueueStatus.FAILED, self._entry.run, self._entry.error)
        queue.reorder(self._order)
        if not queue.held:
            queue.go_on()


class StarCheckpoint(QUndoCommand):
    """Stars a checkpoint, which keeps it from being removed, or takes its star away."""

    def __init__(
        self, studio: Studio, run: str, step: int, *, starred: bool, then: Callable[[], object]
    ) -> None:
        super().__init__(_text("the star of step {step}").format(step=f"{step:,}"))
        self._studio, self._run, self._step = studio, run, step
        self._starred, self._then = starred, then

    def redo(self) -> None:
        """Set the star as wished."""
        self._set(starred=self._starred)

    def undo(self) -> None:
        """Set it as it was."""
        self._set(starred=not self._starred)

    def _set(self, *, starred: bool) -> None:
        self._studio.project.library.stars.set(self._run, self._step, starred=starred)
        self._then()


class DismissAdvice(QUndoCommand):
    """Takes a piece of the coach's advice out of sight, also after a restart."""

    def __init__(self, run: str, advice: str, then: Callable[[], object]) -> None:
        super().__init__(_text("dismissing advice"))
        self._run, self._advice, self._then = run, advice, then

    def redo(self) -> None:
        """Note it as dismissed."""
        self._store(dismissed_advice(self._run) | {self._advice})

    def undo(self) -> None:
        """Bring it back."""
        self._store(dismissed_advice(self._run) - {self._advice})

    def _store(self, dismissed: set[str]) -> None:
        settings.store(f"dismissed/{self._run}", "\n".join(sorted(dismissed)))
        self._then()


def dismissed_advice(run: str) -> set[str]:
    """Return the keys of the advice on a run that the user has dismissed."""
    return set(filter(None, settings.text(f"dismissed/{run}").split("\n")))
