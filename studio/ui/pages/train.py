"""The Train page: runs at the left, curves and the coach in the middle, samples at the right."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Slot
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from studio.core.protocol import JobStarted, Progress
from studio.core.recipe import RunRecipe
from studio.core.runs import Run, RunState, RunStatus
from studio.ui.context import Studio
from studio.ui.pages.train_actions import RunActions, possible
from studio.ui.pages.train_book import RunBook
from studio.ui.pages.train_coach import CoachCard
from studio.ui.pages.train_figures import FiguresRow
from studio.ui.pages.train_log import LogView
from studio.ui.pages.train_losses import LossesCard
from studio.ui.pages.train_results import ResultsCard
from studio.ui.pages.train_runs import RunsPanel
from studio.ui.pages.train_uses import RunUses
from studio.ui.pages.train_words import run_line
from studio.ui.widgets.buttons import Disclosure
from studio.ui.widgets.cards import EmptyState
from studio.ui.widgets.page import Page
from studio.ui.widgets.panes import Columns, scrolled, stack

_SETTLE_MS = 60  # several events of one moment lead to one look at the disk
_LOOK_MS = 2000  # how often a run is looked at that another program trains
_FIGURES_MS = 250


class TrainPage(Page):
    """Follows one run, and holds the list of all of them.

    Attributes:
        runs, losses, figures, coach, log, buttons: The parts.
        samples, checkpoints: The parts of the right column.
    """

    def __init__(self, studio: Studio) -> None:
        super().__init__(self.tr("Train"), self.tr("Watch it learn"))
        self._studio = studio
        self._book = RunBook(studio)
        self._run: Run | None = None
        self._recipe: RunRecipe | None = None
        self._follows = True  # whether the page goes on to the next run that starts
        self.runs = RunsPanel(studio, self._book)
        self.losses = LossesCard(self._book)
        self.figures = FiguresRow()
        self.coach = CoachCard(studio)
        self._results = ResultsCard(studio)
        self.samples, self.checkpoints = self._results.samples, self._results.checkpoints
        self.log = LogView()
        self._uses = RunUses(studio, self)
        self._stack = QStackedWidget()
        self._columns = Columns(
            "train",
            self._middle(),
            left=self.runs,
            right=self._results,
            left_width=220,
            right_width=330,
            right_title=self.tr("Samples"),
        )
        self.header.add_action(self._columns.fold_button)
        self.buttons = RunActions(self.header)
        self._stack.addWidget(self._columns)
        self._stack.addWidget(self._empty())
        self.body.addWidget(self._stack, 1)
        self._soon = self._timer(_SETTLE_MS, self.refresh)
        self._figures_soon = self._timer(_FIGURES_MS, self._show_figures)
        self._look = QTimer(self)
        self._look.setInterval(_LOOK_MS)
        self._look.timeout.connect(self._look_elsewhere)
        self._connect()
        self.refresh()

    def open(self, **what: object) -> None:
        """Show a run: the one named `run`, else the one in training, else the next to start."""
        run = what.get("run")
        self._follows = not run
        self._choose(str(run) if run else self._book.in_hand() or self._studio.run)
        self.refresh()

    # ------------------------------------------------------------------------------- the parts

    def _middle(self) -> QWidget:
        disclosure = Disclosure(self.tr("Log"))
        disclosure.toggled.connect(self._on_log)
        self.log.hide()
        middle = stack(self.losses, self.figures, self.coach, stretch=False)
        column = middle.layout()
        assert isinstance(column, QVBoxLayout)
        column.setStretch(0, 1)
        row = QHBoxLayout()
        row.addWidget(disclosure)
        row.addStretch(1)
        column.addLayout(row)
        column.addWidget(self.log)
        self._middle_area = scrolled(middle)
        self._middle_area.setMinimumWidth(400)
        return self._middle_area

    def _empty(self) -> QWidget:
        return EmptyState(
            "train",
            self.tr("Nothing was trained here yet. Choose what to make, then watch it learn."),
            self.tr("Choose a model"),
            lambda: self._studio.open_page("models"),
            fallback=self.tr("Get a sample set"),
            on_fallback=lambda: self._studio.open_page("data"),
            primary=True,
        )

    def _timer(self, milliseconds: int, run: object) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(milliseconds)
        timer.timeout.connect(run)
        return timer

    def _connect(self) -> None:
        studio, trainer = self._studio, self._studio.trainer
        trainer.state_changed.connect(self._later)
        trainer.job_started.connect(self._on_job_started)
        trainer.job_finished.connect(self._later)
        trainer.progress.connect(self._on_progress)
        trainer.metrics.connect(self._on_metrics)
        trainer.sample_ready.connect(self.samples.refresh)
        trainer.checkpoint_saved.connect(self._later)
        trainer.coach_advised.connect(self.coach.refresh)
        studio.queue.changed.connect(self._later)
        studio.library_changed.connect(self._later)
        studio.run_changed.connect(self._choose)
        self.runs.run_chosen.connect(self._on_run_chosen)
        self.losses.grown.connect(self._later_figures)
        self.losses.side_by_side_wanted.connect(self._uses.side_by_side)
        self.coach.evidence_wanted.connect(self.losses.show_evidence)
        self.coach.stop_wanted.connect(trainer.stop)
        self.samples.sample_wanted.connect(trainer.sample_now)
        self.samples.save_wanted.connect(trainer.save_now)
        self.samples.timelapse_wanted.connect(self._uses.timelapse)
        self.buttons.hold_wanted.connect(trainer.pause)
        self.buttons.park_wanted.connect(trainer.park)
        self.buttons.resume_wanted.connect(self._resume)
        self.buttons.stop_wanted.connect(lambda save: trainer.stop(save=save))
        self.buttons.tweak_wanted.connect(self._uses.tweak)
        self.buttons.folder_wanted.connect(self._uses.open_folder)
        self.buttons.generate_wanted.connect(self._uses.generate)
        self.checkpoints.fork_wanted.connect(self._uses.fork)
        self.checkpoints.generate_wanted.connect(self._uses.generate_at)
        self.checkpoints.export_wanted.connect(self._uses.export)
        self.checkpoints.evaluate_wanted.connect(self._uses.evaluate)
        self.checkpoints.evaluate_all_wanted.connect(self._uses.evaluate_all)
        self._uses.measured.connect(self._on_measured)

    # --------------------------------------------------------------------------------- showing

    @Slot()
    def refresh(self) -> None:
        """Bring everything up to date with the engine's state and the run's folder."""
        self.runs.refresh()
        known = self._book.runs()
        if self._run is None or self._run.id not in known:
            self._choose(self._book.in_hand() or self._studio.run or next(iter(known), ""))
        waits = bool(self._studio.queue.entries())
        self._stack.setCurrentIndex(0 if known or waits else 1)
        found = self._book.run(self._run.id) if self._run is not None else None
        if self._run is None or self._recipe is None or found is None:
            self._show_no_run()
            return
        state = found[1]
        in_hand = self._run.id == self._book.in_hand()
        self._show_actions(self._run, state, in_hand=in_hand)
        self._results.show_state(self._run, self._recipe, state, in_hand=in_hand)
        self.coach.show_run(self._run, self._recipe, training=in_hand)
        self._show_figures()

    @Slot(bool)
    def _on_log(self, shown: bool) -> None:
        self.log.setVisible(shown)
        if shown:  # once the layout has made room for it
            QTimer.singleShot(0, self, lambda: self._middle_area.ensureWidgetVisible(self.log))

    def _show_no_run(self) -> None:
        self.header.set_title(self.tr("Train"), self.tr("Watch it learn"))
        self.buttons.set_visible(False)

    def _show_actions(self, run: Run, state: RunState, *, in_hand: bool) -> None:
        ended = state.status in (RunStatus.STOPPED, RunStatus.INTERRUPTED, RunStatus.FAILED)
        entries = self._studio.queue.entries()
        waits = any(run.id in (entry.run, entry.resume) for entry in entries if not entry.error)
        resumable = ended and (not waits or self._studio.queue.held)
        now = possible(self._studio.trainer.state, in_hand=in_hand, resumable=resumable)
        self.buttons.set_visible(True)
        self.buttons.show_possible(
            now, in_hand=in_hand, has_checkpoint=bool(run.checkpoint_paths())
        )

    @Slot()
    def _show_figures(self) -> None:
        tail = self.losses.tail
        found = self._book.run(self._run.id) if self._run is not None else None
        if tail is None or found is None or self._run is None:
            return
        training = self._run.id == self._book.in_hand()
        progress = self._studio.trainer.progress_now if training else None
        self.figures.show_run(*found, tail.history, progress, training=training)

    @Slot(str)
    def _choose(self, run_id: str) -> None:
        """Show a run; what is not there is left alone."""
        found = self._book.run(run_id)
        if found is None or (self._run is not None and run_id == self._run.id):
            return
        self._run = Run(self._book.folder / run_id)
        self._recipe = found[0]
        datasets = self._studio.project.library.datasets
        self.header.set_title(
            self._recipe.name, run_line(self._recipe, datasets.count(self._recipe.dataset.id))
        )
        self._uses.set_run(run_id, self._recipe)
        self.losses.show_run(self._run, self._recipe)
        self.samples.show_run(self._run, self._recipe.modality)
        self.log.show_log(self._run.log_path)
        self.runs.set_chosen(run_id)
        self._studio.select_run(run_id)
        self._later()

    # ---------------------------------------------------------------------------------- events

    @Slot()
    def _on_measured(self) -> None:
        """Show what was measured: a curve, and perhaps another best checkpoint."""
        if self._run is not None:
            self.losses.look(self._run.id)
            self._studio.library_changed.emit("runs")
        self._later()

    @Slot()
    def _later(self, *_event: object) -> None:
        if self.isVisible() and not self._soon.isActive():
            self._soon.start()

    @Slot()
    def _later_figures(self) -> None:
        if self.isVisible() and not self._figures_soon.isActive():
            self._figures_soon.start()

    @Slot(object)
    def _on_job_started(self, event: JobStarted) -> None:
        if event.kind != "train":
            return
        if self._follows:
            self._choose(event.run)
        if self._run is not None and event.run == self._run.id and self.losses.tail is not None:
            self.losses.tail.begin_again()
        self._later()

    @Slot(object)
    def _on_progress(self, event: Progress) -> None:
        if event.total and event.unit == "steps":
            self.runs.set_progress(self._book.in_hand(), event.done / event.total)
        self._later_figures()

    @Slot(object)
    def _on_metrics(self, _event: object) -> None:
        if self.isVisible():
            self._follow_numbers()

    def _follow_numbers(self) -> None:
        for run_id in filter(None, (self._run.id if self._run else "", self._book.in_hand())):
            self.losses.look(run_id)

    @Slot()
    def _look_elsewhere(self) -> None:
        """Follow a run that another program trains."""
        if self._run is None or self._run.id == self._book.in_hand():
            return
        found = self._book.run(self._run.id)
        if found is not None and found[1].status is RunStatus.RUNNING:
            self._follow_numbers()
            self.refresh()

    @Slot(str)
    def _on_run_chosen(self, run_id: str) -> None:
        self._follows = run_id == self._book.in_hand()
        self._choose(run_id)

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what has happened, and follow it."""
        super().showEvent(event)
        self._look.start()
        self._follow_numbers()
        self._later()

    def hideEvent(self, event: QHideEvent) -> None:
        """Take no time while nobody looks."""
        super().hideEvent(event)
        for timer in (self._look, self._soon, self._figures_soon):
            timer.stop()

    @Slot()
    def _resume(self) -> None:
        if self._run is None:
            return
        if self._run.id == self._book.in_hand():
            self._studio.trainer.resume()
            return
        self._follows = True
        self._book.go_on(self._run.id)
