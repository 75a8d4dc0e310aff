"""One Qt signal per event of an engine."""

from __future__ import annotations

from typing import ClassVar

from PySide6.QtCore import QObject, Signal

from studio.core.protocol import (
    AssetMade,
    CheckpointSaved,
    CoachAdvised,
    ComputeChosen,
    DeviceLoad,
    ForecastReady,
    Hello,
    JobFinished,
    JobStarted,
    Message,
    Metrics,
    Notice,
    PreviewReady,
    Progress,
    SampleReady,
    TextWritten,
)


class EngineSignals(QObject):
    """Signals that hand over the events of `core/protocol`, each under its event's name."""

    hello = Signal(object)
    job_started = Signal(object)
    progress = Signal(object)
    metrics = Signal(object)
    sample_ready = Signal(object)
    checkpoint_saved = Signal(object)
    coach_advised = Signal(object)
    notice = Signal(object)
    asset_made = Signal(object)
    text_written = Signal(object)
    preview_ready = Signal(object)
    forecast_ready = Signal(object)
    compute_chosen = Signal(object)
    device_load = Signal(object)
    job_finished = Signal(object)

    _NAMES: ClassVar[dict[type[Message], str]] = {
        Hello: "hello",
        JobStarted: "job_started",
        Progress: "progress",
        Metrics: "metrics",
        SampleReady: "sample_ready",
        CheckpointSaved: "checkpoint_saved",
        CoachAdvised: "coach_advised",
        Notice: "notice",
        AssetMade: "asset_made",
        TextWritten: "text_written",
        PreviewReady: "preview_ready",
        ForecastReady: "forecast_ready",
        ComputeChosen: "compute_chosen",
        DeviceLoad: "device_load",
        JobFinished: "job_finished",
    }

    def tell(self, event: Message) -> None:
        """Send an event's signal."""
        getattr(self, self._NAMES[type(event)]).emit(event)
