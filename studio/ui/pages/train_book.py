"""Every run and queue entry of a project as the list shows them, read again only when changed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject

from studio.core.queue import QueueEntry, QueueStatus
from studio.core.recipe import RunRecipe
from studio.core.runs import Run, RunState, RunStatus
from studio.ui.context import Studio
from studio.ui.pages.train_words import family_info, state_words, tr
from studio.ui.widgets.labels import Tone


@dataclass(frozen=True)
class Listed:
    """One card of the list: a run, a queue entry, or a run that waits in the queue again.

    Attributes:
        key: `run/ID` or `entry/ID`; stays the same as long as the card does.
        run: The run's id, empty for an entry that has not begun.
        entry: Its place in the queue, None for a run that is not in it.
        waits: It waits for its turn and can be moved.
        resumable: It ended before its last step and can go on.
        share: How far it is, None where that says nothing.
    """

    key: str
    title: str
    run: str
    entry: QueueEntry | None
    words: str
    tone: Tone
    share: float | None
    waits: bool = False
    failed: bool = False
    resumable: bool = False


class RunBook(QObject):
    """Reads the runs' folders; what has not changed since is not read again."""

    def __init__(self, studio: Studio) -> None:
        super().__init__(studio)
        self._studio = studio
        self._known: dict[str, tuple[int, RunRecipe, RunState]] = {}

    @property
    def folder(self) -> Path:
        """Where the runs' folders lie."""
        return self._studio.project.runs

    def runs(self) -> dict[str, tuple[RunRecipe, RunState]]:
        """Return recipe and state of every run by its id, newest first."""
        folder = self.folder
        found = {}
        for place in folder.iterdir() if folder.exists() else ():
            if (place / "recipe.json").exists():
                found[place.name] = self._read(Run(place))
        self._known = {key: value for key, value in self._known.items() if key in found}
        newest = sorted(found.items(), key=lambda item: item[1][1].created, reverse=True)
        return dict(newest)

    def run(self, run_id: str) -> tuple[RunRecipe, RunState] | None:
        """Return recipe and state of a run, None when there is none."""
        run = Run(self.folder / run_id)
        return self._read(run) if run_id and run.recipe_path.exists() else None

    def listed(self) -> list[Listed]:
        """Return the cards in their order: in training, waiting, failed, then the rest."""
        runs = self.runs()
        cards = []
        for entry in self._studio.queue.entries():
            run_id = entry.run or entry.resume
            cards.append(self._card(run_id, runs.pop(run_id, None), entry))
        order = {QueueStatus.RUNNING: 0, QueueStatus.WAITING: 1, QueueStatus.FAILED: 2}
        cards.sort(key=lambda card: order[card.entry.status] if card.entry else 3)
        cards += [self._card(run_id, known, None) for run_id, known in runs.items()]
        return cards

    def in_hand(self) -> str:
        """Return the id of the run that the trainer works on, empty when there is none."""
        started = self._studio.trainer.started
        return started.run if started is not None and started.kind == "train" else ""

    def go_on(self, run_id: str) -> None:
        """Let a run go on from its newest checkpoint; its failed entry leaves the queue."""
        queue = self._studio.queue
        own = [each for each in queue.entries() if run_id in (each.run, each.resume)]
        if any(each.status is QueueStatus.WAITING for each in own):
            queue.go_on()
            return
        for each in own:
            if each.status is QueueStatus.FAILED:
                queue.remove(each.id)
        found = self.run(run_id)
        if found is not None:
            queue.add_resume(run_id, found[0].name)

    def _read(self, run: Run) -> tuple[RunRecipe, RunState]:
        status = run.folder / "status.json"
        stamp = status.stat().st_mtime_ns if status.exists() else 0
        known = self._known.get(run.id)
        # a run that was training is always looked at again: its engine may be gone
        if known is None or known[0] != stamp or known[2].status is RunStatus.RUNNING:
            known = (stamp, known[1] if known else run.recipe(), run.state())
            self._known[run.id] = known
        return known[1], known[2]

    def _card(
        self, run_id: str, known: tuple[RunRecipe, RunState] | None, entry: QueueEntry | None
    ) -> Listed:
        waits = entry is not None and entry.status is QueueStatus.WAITING
        failed = entry is not None and entry.status is QueueStatus.FAILED
        if known is None:
            assert entry is not None
            words: tuple[str, Tone] = (tr("getting ready …"), "good")
            if entry.batch is not None:
                words = (tr("making …"), "good")
            if waits:
                words = (tr("queued"), "")
            elif failed:
                words = (f"{tr('failed')} · {entry.error}", "bad")
            share = self._share_of_batch() if entry.batch is not None and not waits else None
            return Listed(f"entry/{entry.id}", entry.title, "", entry, *words, share, waits, failed)
        recipe, state = known
        in_hand = run_id == self.in_hand()
        engine = self._studio.trainer.state if in_hand else None
        words = state_words(state, family_info(recipe), engine)
        if waits:
            words = (tr("queued to go on · {state}").format(state=words[0]), "")
        elif failed and entry is not None:
            words = (f"{tr('failed')} · {entry.error}", "bad")
        ended = state.status in (RunStatus.STOPPED, RunStatus.INTERRUPTED, RunStatus.FAILED)
        return Listed(
            key=f"run/{run_id}",
            title=recipe.name,
            run=run_id,
            entry=entry,
            words=words[0],
            tone=words[1],
            share=self._share(state, in_hand=in_hand),
            waits=waits,
            failed=failed,
            resumable=ended and not waits and not in_hand,
        )

    def _share_of_batch(self) -> float | None:
        progress = self._studio.trainer.progress_now
        if progress is None or not progress.total:
            return None
        return progress.done / progress.total

    def _share(self, state: RunState, *, in_hand: bool) -> float | None:
        progress = self._studio.trainer.progress_now
        if in_hand and progress is not None and progress.unit == "steps" and progress.total:
            return progress.done / progress.total
        return state.step / state.steps if state.steps else None
