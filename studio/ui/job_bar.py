"""The bar at the foot of every page: what runs, how far, time left, and the device."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QWidget

from studio.core.protocol import ComputeChosen, DeviceInfo, DeviceLoad, Progress
from studio.core.state import EngineState
from studio.ui.context import Studio
from studio.ui.engine_client import EngineClient, is_look
from studio.ui.theme import GAP, ui_font
from studio.ui.widgets.buttons import QuietButton
from studio.ui.widgets.dot import StateDot
from studio.ui.widgets.labels import ElidedLabel, Pill, label
from studio.ui.widgets.progress import ProgressBar, Sparkline
from studio.ui.words import duration, percent


class JobBar(QFrame):
    """Follows both engines of a project; the trainer comes first when both work.

    Signals:
        opened: The user clicked on what runs or on the queue.
    """

    opened = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self.setAccessibleName(self.tr("Job bar"))
        self._studio: Studio | None = None
        self._shown: EngineClient | None = None
        self._precision = ""  # of the last training
        self.setFixedHeight(46)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 0, 12, 0)
        row.setSpacing(12)
        self._dot = StateDot()
        self._title = ElidedLabel(self.tr("Nothing runs"))
        self._bar = ProgressBar(self.tr("Progress"))
        self._bar.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._note = ElidedLabel("", "muted")
        self._note.setFont(ui_font(tabular=True))
        self._hold = QuietButton(self.tr("Pause"), self._on_hold)
        self._stop = QuietButton(self.tr("Cancel"), self._on_stop)
        self._queue = Pill()
        self._device = label("", "caption")
        self._load = Sparkline(self.tr("Load"))
        self._memory = label("", "caption")
        left: list[QWidget] = [self._dot, self._title, self._bar, self._note]
        left += [self._hold, self._stop]
        for widget in left:
            row.addWidget(widget)
        row.addStretch(1)
        row.setSpacing(GAP + 2)
        for widget in (self._queue, self._device, self._load, self._memory):
            row.addWidget(widget)
        self._refresh()

    def attach(self, studio: Studio | None) -> None:
        """Follow another project's engines, or none."""
        self._studio = studio
        self._shown = None
        if studio is not None:
            for client in (studio.trainer, studio.maker):
                for signal in (
                    client.state_changed,
                    client.job_started,
                    client.job_finished,
                    client.progress,
                    client.hello,
                    client.queue_changed,
                ):
                    signal.connect(self._refresh)
                client.device_load.connect(self._on_load)
                client.compute_chosen.connect(self._on_compute)
            studio.queue.changed.connect(self._refresh)
        self._refresh()

    @Slot()
    def _refresh(self) -> None:
        client = self._pick()
        self._shown = client
        state = client.state if client is not None else EngineState.IDLE
        works = client is not None and _works(client)
        started = client.started if client is not None and works else None
        self._dot.set_state(state, working=works)
        self._title.setText(started.title if started else self._idle_words(client, works))
        self._title.updateGeometry()
        progress = client.progress_now if client is not None else None
        for part in (self._bar, self._note, self._hold):
            part.setVisible(works)
        trains = client is not None and self._studio is not None and client is self._studio.trainer
        self._stop.setVisible(works and not trains)
        if works:
            self._show_progress(progress, state)
        self._show_device()

    def _pick(self) -> EngineClient | None:
        if self._studio is None:
            return None
        for client in (self._studio.trainer, self._studio.maker):
            if _works(client):
                return client
        return self._studio.trainer

    def _idle_words(self, client: EngineClient | None, works: bool) -> str:
        if works:
            return self.tr("Starting …")
        if client is None:
            return self.tr("No project is open")
        if client.state is EngineState.STARTING:
            return self.tr("Getting the engine ready …")
        if client.state is EngineState.CRASHED and client.device is not None:
            return self.tr("The engine stopped; it starts again with the next job")
        return self.tr("Nothing runs")

    def _show_progress(self, progress: Progress | None, state: EngineState) -> None:
        held = state in (EngineState.PAUSED, EngineState.PARKED)
        self._hold.setText(self.tr("Resume") if held else self.tr("Pause"))
        self._hold.setEnabled(held or state is EngineState.RUNNING)
        self._stop.setEnabled(state is not EngineState.STOPPING)
        words = {
            EngineState.PAUSED: self.tr("paused"),
            EngineState.PARKED: self.tr("parked"),
            EngineState.STOPPING: self.tr("stopping …"),
        }.get(state, "")
        if progress is None:
            self._bar.set_share(None)
            self._note.setText(words)
            return
        self._bar.set_share(progress.done / progress.total if progress.total else None)
        parts = [percent(progress.done / progress.total) if progress.total else progress.stage]
        if words:
            parts.append(words)
        elif progress.seconds_left is not None:
            parts.append(self.tr("{time} left").format(time=duration(progress.seconds_left)))
        self._note.setText(" · ".join(parts))
        self._note.updateGeometry()

    def _show_device(self) -> None:
        studio = self._studio
        waiting = 0
        device: DeviceInfo | None = None
        if studio is not None:
            made = sum(not is_look(job) for job in studio.maker.waiting())
            waiting = len(studio.queue.entries_waiting()) + made
            device = studio.trainer.device or studio.maker.device
        self._queue.setVisible(waiting > 0)
        self._queue.setText(self.tr("Queue {count}").format(count=waiting))
        words = [self._device_words(device), self._precision]
        self._device.setText(" · ".join(word for word in words if word))
        self._device.setToolTip(device.name if device is not None else "")
        self._load.setVisible(device is not None)

    def _device_words(self, device: DeviceInfo | None) -> str:
        if device is None:
            return ""
        if device.kind != "cpu":
            return device.name
        if device.threads == 1:
            return self.tr("CPU · 1 thread")
        return self.tr("CPU · {count} threads").format(count=device.threads)

    @Slot(object)
    def _on_compute(self, event: ComputeChosen) -> None:
        self._precision = event.precision
        self._show_device()

    @Slot(object)
    def _on_load(self, event: DeviceLoad) -> None:
        # both engines share one machine: the one that works speaks for it
        if self._shown is not None and self.sender() is not self._shown:
            return
        self._load.add(event.load)
        giga = 1e9
        self._memory.setText(f"{event.memory_used / giga:.1f} / {event.memory_total / giga:.0f} GB")
        self._memory.setToolTip(self.tr("Memory of the device, used and in all"))

    def _on_hold(self) -> None:
        if self._shown is None:
            return
        if self._shown.state is EngineState.RUNNING:
            self._shown.pause()
        else:
            self._shown.resume()

    def _on_stop(self) -> None:
        if self._shown is not None:
            self._shown.stop(save=False)


def _works(client: EngineClient) -> bool:
    """Tell whether an engine has something in hand that takes its time."""
    return client.current is not None and not is_look(client.current)
