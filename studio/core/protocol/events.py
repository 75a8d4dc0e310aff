"""What an engine tells the window: its state, how far a job is, and what became of it."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from studio.core.protocol.message import Message
from studio.core.state import EngineState


class DeviceInfo(BaseModel):
    """The device an engine computes on. Memory in bytes; `threads` only for the processor."""

    kind: Literal["cuda", "mps", "cpu"]
    name: str
    memory: int
    threads: int = 0


class Hello(Message):
    """First event of an engine: it is up, on this device."""

    type: Literal["hello"] = "hello"
    version: str
    device: DeviceInfo


class StateChanged(Message):
    """The engine moved to another state of `core/state.py`."""

    type: Literal["state_changed"] = "state_changed"
    state: EngineState


class JobStarted(Message):
    """The engine took a job in hand. `run` is the run's id for training."""

    type: Literal["job_started"] = "job_started"
    kind: str
    title: str
    run: str = ""


class ComputeChosen(Message):
    """The trainer knows in which precision (`fp32` or `bf16`) it computes the job."""

    type: Literal["compute_chosen"] = "compute_chosen"
    precision: str


class Progress(Message):
    """How far the job is, at most ten a second; `total` 0 means that the end is not known.

    `counts` holds live counts by kind, such as taken and rejected files of an import.
    """

    type: Literal["progress"] = "progress"
    stage: str
    done: int
    total: int = 0
    unit: str = ""
    seconds_left: float | None = None
    counts: dict[str, int] = Field(default_factory=dict)


class Metrics(Message):
    """Mean of each metric over the steps since the last one, at most ten a second.

    `seconds` is training time since step 0, pauses left out.
    """

    type: Literal["metrics"] = "metrics"
    step: int
    seconds: float
    values: dict[str, float]


class SampleReady(Message):
    """The trainer wrote a sample sheet."""

    type: Literal["sample_ready"] = "sample_ready"
    step: int
    path: str


class CheckpointSaved(Message):
    """The trainer wrote a checkpoint and then removed `removed` by the retention rule."""

    type: Literal["checkpoint_saved"] = "checkpoint_saved"
    step: int
    path: str
    best: bool = False
    removed: list[int] = Field(default_factory=list)


class Severity(StrEnum):
    """How much a notice or an advice matters."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class Advice(BaseModel):
    """What the coach saw in a run; also a line of the run's `coach.jsonl`.

    Attributes:
        rule: Id of the rule.
        title: What is wrong, a few plain words.
        sentence: What it means and what usually helps.
        evidence: The measured numbers behind it, with their threshold.
        since: First step at which it was seen.
        metrics: Names of the curves that show it.
        changes: Options that a fork changes; empty when the cure is another action.
        fork_step: Step of the checkpoint to fork from, when there is a good one.
        action: Text of the one button.
        resolved: Whether the sign has gone since.
    """

    rule: str
    severity: Severity
    title: str
    sentence: str
    evidence: str
    since: int
    metrics: list[str] = []
    changes: dict[str, Any] = {}
    fork_step: int | None = None
    action: str = ""
    resolved: bool = False


class CoachAdvised(Message):
    """The coach has something to say, or takes it back (`resolved`)."""

    type: Literal["coach_advised"] = "coach_advised"
    step: int
    advice: Advice


class Notice(Message):
    """Something the user should know while the job goes on: an OOM retry, a full disk."""

    type: Literal["notice"] = "notice"
    severity: Severity
    title: str
    message: str
    hint: str = ""


class AssetMade(Message):
    """The generator wrote one medium. `asset` is its id in the library, 0 outside a project."""

    type: Literal["asset_made"] = "asset_made"
    asset: int
    path: str
    index: int
    total: int


class TextWritten(Message):
    """What a text that is being written has become; sent several times a second, the newest counts.

    Attributes:
        index: Which text of the request it is.
        text: All of it so far, the prompt included.
    """

    type: Literal["text_written"] = "text_written"
    index: int
    text: str


class PreviewReady(Message):
    """A picture for the asking page was written to `path`."""

    type: Literal["preview_ready"] = "preview_ready"
    path: str


class ForecastResult(BaseModel):
    """Measured by real steps on this machine. Bytes, seconds; `memory_total` of the device."""

    parameters: int
    step_seconds: float
    total_seconds: float
    memory: int
    memory_total: int
    disk: int
    disk_free: int
    precision: str
    fits: bool
    advice: list[str] = []
    measured_steps: int = 0


class ForecastReady(Message):
    """Answer to Forecast."""

    type: Literal["forecast_ready"] = "forecast_ready"
    forecast: ForecastResult


class DeviceLoad(Message):
    """Once a second: load as a share 0…1 and memory in bytes of device and host."""

    type: Literal["device_load"] = "device_load"
    load: float
    memory_used: int
    memory_total: int
    host_used: int
    host_total: int


class ErrorReport(BaseModel):
    """An error as it crosses the pipe: what happened, what it means, what to do.

    `kind` is one of user, memory, disk, internal.
    """

    kind: str
    title: str
    message: str
    hint: str = ""
    traceback: str = ""


class Outcome(StrEnum):
    """How a job ended."""

    DONE = "done"
    STOPPED = "stopped"  # by the user, what it has is saved
    CANCELLED = "cancelled"  # by the user, nothing is kept
    FAILED = "failed"


class JobFinished(Message):
    """Last event of a job. `result` depends on the kind of job."""

    type: Literal["job_finished"] = "job_finished"
    outcome: Outcome
    seconds: float
    result: dict[str, Any] = Field(default_factory=dict)
    error: ErrorReport | None = None


Event = Annotated[
    Hello
    | StateChanged
    | JobStarted
    | ComputeChosen
    | Progress
    | Metrics
    | SampleReady
    | CheckpointSaved
    | CoachAdvised
    | Notice
    | AssetMade
    | TextWritten
    | PreviewReady
    | ForecastReady
    | DeviceLoad
    | JobFinished,
    Field(discriminator="type"),
]
