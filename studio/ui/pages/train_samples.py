"""Sample sheets of a run: the newest one, and a scrubber over all of them."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QSlider, QWidget

from studio.core.media import Modality
from studio.core.runs import Run
from studio.ui.pages.train_words import tr
from studio.ui.theme import ui_font
from studio.ui.views.base import MediaView
from studio.ui.views.registry import make_view
from studio.ui.widgets.buttons import Button
from studio.ui.widgets.labels import Pill, label

_SEEN = (".png", ".mp4")  # sheets that can become a clip, or a part of one


class SampleStrip(QWidget):
    """The sheet of one step. It follows the newest until the user looks at an older one.

    Attributes:
        scrubber: One notch per sheet.
        now, save, timelapse: The buttons below it.

    Signals:
        sample_wanted, save_wanted: Draw a sheet or write a checkpoint at the next step.
        timelapse_wanted: Write all sheets as a clip.
    """

    sample_wanted = Signal()
    save_wanted = Signal()
    timelapse_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._steps: list[int] = []
        self._run: Run | None = None
        self._view: MediaView | None = None
        self._modality: Modality | None = None
        self._shown = -1
        self.pill = Pill()
        self.scrubber = QSlider(Qt.Orientation.Horizontal)
        self.scrubber.setAccessibleName(self.tr("Step of the samples"))
        self.scrubber.valueChanged.connect(self._on_scrubbed)
        self._first = label("", "caption")
        self._last = label("", "caption")
        for end in (self._first, self._last):
            end.setFont(ui_font(11, tabular=True))
        self.scrub_row = QHBoxLayout()
        for widget in (self._first, self.scrubber, self._last):
            self.scrub_row.addWidget(widget)
        self.now = Button(
            self.tr("Now"), self.sample_wanted.emit, tip=self.tr("Make samples at the next step")
        )
        self.save = Button(
            self.tr("Save now"),
            self.save_wanted.emit,
            tip=self.tr("Write a checkpoint at the next step (Ctrl+S)"),
        )
        self.timelapse = Button(
            self.tr("Time-lapse…"),
            self.timelapse_wanted.emit,
            tip=self.tr("Write all sheets of this run as a clip"),
        )
        self.buttons = QHBoxLayout()
        for button in (self.now, self.save, self.timelapse):
            self.buttons.addWidget(button)
        self.buttons.addStretch(1)
        self.place = QHBoxLayout(self)
        self.place.setContentsMargins(0, 0, 0, 0)
        self._empty = label(tr("The first samples appear here soon after the start."), "muted")
        self._empty.setWordWrap(True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.place.addWidget(self._empty)
        self.setMinimumHeight(150)

    def show_run(self, run: Run, modality: Modality) -> None:
        """Show another run's newest sheet."""
        if modality is not self._modality:
            if self._view is not None:
                self.place.removeWidget(self._view)
                self._view.deleteLater()
            self._modality, self._view = modality, make_view(modality)
            self._view.setAccessibleName(self.tr("Samples"))
            self.place.addWidget(self._view)
        self._run, self._steps, self._shown = run, [], -1
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Look for new sheets; the newest is shown unless the user looks at an older one."""
        if self._run is None or self._view is None:
            return
        follows = not self._steps or self.scrubber.value() >= len(self._steps) - 1
        paths = self._run.sample_paths()
        steps = list(paths)
        if steps == self._steps and steps:
            return
        self._steps = steps
        blocked = self.scrubber.blockSignals(True)
        self.scrubber.setRange(0, max(0, len(steps) - 1))
        if follows:
            self.scrubber.setValue(len(steps) - 1)
        self.scrubber.blockSignals(blocked)
        self.scrubber.setEnabled(len(steps) > 1)
        self.timelapse.setEnabled(len(steps) > 1)
        self.timelapse.setVisible(all(path.suffix in _SEEN for path in paths.values()))
        self._first.setText(f"{steps[0]:,}" if steps else "0")
        self._last.setText(f"{steps[-1]:,}" if steps else "0")
        self._view.setVisible(bool(steps))
        self._empty.setVisible(not steps)
        self._show()

    def step(self) -> int | None:
        """Return the step whose sheet is in sight."""
        place = self.scrubber.value()
        return self._steps[place] if 0 <= place < len(self._steps) else None

    @Slot(int)
    def _on_scrubbed(self, _place: int) -> None:
        self._show()

    def _show(self) -> None:
        step = self.step()
        self.pill.setVisible(step is not None)
        if step is None or self._run is None or self._view is None:
            self._shown = -1
            return
        self.pill.setText(self.tr("step {step}").format(step=f"{step:,}"))
        path = self._run.sample_paths().get(step)
        if step != self._shown and path is not None:
            self._shown = step
            self._view.show_media(path)
