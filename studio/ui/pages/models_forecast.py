"""What a training will take, from real steps on this computer, and what to change when too much."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QWidget

from studio.core.protocol import (
    ErrorReport,
    Forecast,
    ForecastReady,
    ForecastResult,
    JobFinished,
    Outcome,
)
from studio.core.recipe import RunRecipe
from studio.core.state import EngineState
from studio.ui.context import Studio
from studio.ui.widgets.buttons import Button
from studio.ui.widgets.cards import Fact, InnerCard
from studio.ui.widgets.flow import FlowLayout
from studio.ui.widgets.labels import Pill, label
from studio.ui.words import amount, duration, size

_REST_MS = 600  # after the last change before anything is measured


class Forecaster(QObject):
    """Measures the newest recipe on the maker engine; older ones are not wanted any more.

    It makes way for a training: side by side they would take each other's time and memory, and
    what is measured would not be true.

    Signals:
        began: A measurement was asked for.
        held: It waits until the training in hand has ended or left the device.
        measured: ForecastResult.
        failed: ErrorReport, why it cannot be measured.
    """

    began = Signal()
    held = Signal()
    measured = Signal(object)
    failed = Signal(object)

    def __init__(self, studio: Studio, parent: QObject) -> None:
        super().__init__(parent)
        self._studio = studio
        self._recipe: RunRecipe | None = None
        self._done: RunRecipe | None = None
        self._job_id = ""
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST_MS)
        self._rest.timeout.connect(self._ask)
        studio.trainer.queue_changed.connect(self._on_trainer)
        studio.trainer.state_changed.connect(self._on_trainer)
        studio.trainer.job_finished.connect(self._on_trainer)
        studio.maker.forecast_ready.connect(self._on_ready)
        studio.maker.job_finished.connect(self._on_finished)

    def want(self, recipe: RunRecipe | None) -> None:
        """Measure a recipe when the user rests; None measures nothing."""
        if recipe is not None and recipe in (self._done, self._recipe):
            return
        self._cancel()
        self._recipe = recipe
        if recipe is None:
            self._rest.stop()
        else:
            self._begin()

    def forget(self) -> None:
        """Measure again also what was measured: the data is another one."""
        self._done = None
        self.want(None)

    def _begin(self) -> None:
        if self._device_taken():
            self.held.emit()
        else:
            self._rest.start()
            self.began.emit()

    def _device_taken(self) -> bool:
        trainer = self._studio.trainer
        return trainer.busy and trainer.state is not EngineState.PARKED

    @Slot()
    def _on_trainer(self) -> None:
        """Make way for a training that begins; begin again when none has the device."""
        if self._recipe is None:
            return
        measuring = bool(self._job_id) or self._rest.isActive()
        if measuring and self._device_taken():
            self._rest.stop()
            self._cancel()
            self.held.emit()
        elif not measuring and not self._device_taken():
            self._begin()

    @Slot()
    def _ask(self) -> None:
        if self._recipe is not None:
            folder = str(self._studio.project.folder)
            job = Forecast(project=folder, recipe=self._recipe)
            self._job_id = self._studio.submit_quietly(job)

    def _cancel(self) -> None:
        job_id, self._job_id = self._job_id, ""
        if job_id:
            self._studio.maker.stop(job_id, save=False)

    @Slot(object)
    def _on_ready(self, event: ForecastReady) -> None:
        if event.job_id == self._job_id:
            self._done = self._recipe
            self.measured.emit(event.forecast)

    @Slot(object)
    def _on_finished(self, event: JobFinished) -> None:
        if not self._job_id or event.job_id != self._job_id:
            return
        self._job_id = ""
        self._recipe = None
        if event.outcome is Outcome.FAILED and event.error is not None:
            self.failed.emit(event.error)


class ForecastCard(InnerCard):
    """The newest measurement, or what stands in its way.

    Signals:
        wish: (`batch`, `size` or `preset`) the user pressed a button that makes it fit.
    """

    wish = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(self.tr("Forecast"))
        top = QHBoxLayout()
        top.addWidget(label(self.tr("Forecast"), "heading"))
        top.addStretch(1)
        self._fits = Pill()
        top.addWidget(self._fits)
        self.body.addLayout(top)
        self._time = Fact(self.tr("Done in"))
        self._memory = Fact(self.tr("Memory"))
        self._disk = Fact(self.tr("Disk"))
        self._parameters = Fact(self.tr("Size"))
        self._facts: list[QWidget] = [self._time, self._memory, self._disk, self._parameters]
        for fact in self._facts:
            self.body.addWidget(fact)
        self._words = label("", "caption", wrap=True)
        self.body.addWidget(self._words)
        self._changes = QWidget()
        self._wishes = FlowLayout(self._changes, spacing=4)
        for kind, text in (
            ("batch", self.tr("Halve the batch")),
            ("size", self.tr("Halve the size")),
            ("preset", self.tr("Quick preset")),
        ):
            self._wishes.addWidget(Button(text, partial(self.wish.emit, kind)))
        self.body.addWidget(self._changes)
        self.show_nothing()

    def show_nothing(self) -> None:
        """Say that there is nothing to measure yet."""
        self._show(self.tr("Measured when the settings are complete."))

    @Slot()
    def show_measuring(self) -> None:
        """Say that it is being measured; the last numbers stay, since most changes are small."""
        if self._time.isHidden():
            self._show(self.tr("Some real steps are taken to see how long all will last."))
        self._fits.setVisible(True)
        self._fits.setText(self.tr("measuring …"))
        self._fits.set_tone("")

    @Slot()
    def show_held(self) -> None:
        """Say that a training comes first."""
        self._show(self.tr("Measured when the training in hand has ended or is parked."))

    @Slot(object)
    def show_result(self, result: ForecastResult) -> None:
        """Show a measurement."""
        known = result.measured_steps > 0
        self._time.set_value(duration(result.total_seconds) if known else "–")
        memory = self.tr("{used} of {total}")
        self._memory.set_value(
            memory.format(used=size(result.memory), total=size(result.memory_total)),
            "" if result.fits else "bad",
        )
        self._disk.set_value(size(result.disk) if known else "–")
        count = self.tr("{count} parameters").format(count=amount(result.parameters))
        self._parameters.set_value(count if known else "–")
        words = self.tr("Measured just now on this computer, {steps} steps, {precision}.")
        text = words.format(steps=result.measured_steps, precision=result.precision)
        if not result.fits:
            text = self._advice(result.advice)
        self._show(text, facts=True, wishes=not result.fits)
        self._fits.setVisible(True)
        self._fits.setText(self.tr("fits") if result.fits else self.tr("does not fit"))
        self._fits.set_tone("good" if result.fits else "bad")

    @Slot(object)
    def show_error(self, error: ErrorReport) -> None:
        """Show why it cannot be measured."""
        self._show(" ".join(part for part in (error.message, error.hint) if part))
        self._fits.setVisible(True)
        self._fits.setText(error.title)
        self._fits.set_tone("bad")

    def _advice(self, advice: Sequence[str]) -> str:
        words = self.tr("It needs more than there is. What helps, the gentlest first: {changes}.")
        return words.format(changes="; ".join(advice))

    def _show(self, words: str, *, facts: bool = False, wishes: bool = False) -> None:
        for fact in self._facts:
            fact.setVisible(facts)
        self._words.setText(words)
        self._fits.setVisible(False)
        self._changes.setVisible(wishes)
