"""Every message between the window and an engine: one class each, one line of JSON on the pipe.

Commands go to the engine's standard input, events come from its standard output. Media never
travel here: the engine writes a file and sends its path.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from studio.core.media import Modality
from studio.core.recipe import RunRecipe, Task
from studio.core.state import EngineState


class Message(BaseModel):
    """Base of all messages; `job_id` names the job it belongs to, empty for the engine itself."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    job_id: str = ""


# ------------------------------------------------------------------------------- commands: jobs


class ImportFiles(Message):
    """From the Data page: bring files, folders or archives into a dataset, new or existing."""

    type: Literal["import_files"] = "import_files"
    project: str
    name: str
    paths: list[str]
    modality: Modality | None = None  # guessed from the files when left out


class ImportSample(Message):
    """From the Data or welcome page: make a built-in sample set into a dataset."""

    type: Literal["import_sample"] = "import_sample"
    project: str
    sample: str
    name: str = ""


class DownloadDataset(Message):
    """From the Data page: fetch a public dataset and import it."""

    type: Literal["download_dataset"] = "download_dataset"
    project: str
    source: str
    name: str = ""


class PreviewPreparation(Message):
    """From the Data page: draw a few items as a model would see them. Answered by PreviewReady."""

    type: Literal["preview_preparation"] = "preview_preparation"
    project: str
    dataset_id: str
    preparation: dict[str, Any]
    count: int = 12
    seed: int = 0


class Forecast(Message):
    """From the Models page: measure a few real steps. Answered by ForecastReady."""

    type: Literal["forecast"] = "forecast"
    project: str
    recipe: RunRecipe


class Train(Message):
    """From the queue: start a run from a recipe, or go on with one that exists (`resume`)."""

    type: Literal["train"] = "train"
    project: str
    recipe: RunRecipe | None = None
    resume: str = ""


class GenerateRequest(BaseModel):
    """What to make: also stored in each asset, so that it can be made again.

    Attributes:
        model: `RUN`, `RUN@STEP` or the path of a model package.
        seed: Item i uses seed + i, whatever the batch size.
        label: Label name; empty means unconditional or all labels in turn.
        variety: 0 safe … 1 as learned … above 1 surprising (truncation or temperature).
        inputs: The user's own files, for the tasks that start from them.
        seeds: The places on an interpolation's path.
        frames: Frames from one place to the next.
        form: What a path becomes: one strip, or a clip of `fps` frames a second.
        options: Settings of the family's own sampler.
    """

    model_config = ConfigDict(extra="forbid")

    model: str
    task: Task = Task.GENERATE
    count: int = Field(16, ge=1, le=100_000)
    seed: int = Field(0, ge=0, le=2**31 - 1)
    label: str = ""
    variety: float = Field(1.0, ge=0.0, le=2.0)
    inputs: list[str] = []
    seeds: list[int] = []
    frames: int = Field(24, ge=2, le=600)
    form: Literal["strip", "gif", "webp", "mp4"] = "strip"
    fps: float = Field(24.0, gt=0, le=120)
    options: dict[str, Any] = {}


class Generate(Message):
    """From the Generate page: make media. Each is announced by AssetMade as it is written.

    With `out` the files go to that folder, else into the project's gallery.
    """

    type: Literal["generate"] = "generate"
    project: str
    request: GenerateRequest
    out: str = ""


class Evaluate(Message):
    """From the Train page: measure a model on the held-out part. Result in JobFinished."""

    type: Literal["evaluate"] = "evaluate"
    project: str
    model: str


class ExportModel(Message):
    """From the Train page: write a run's checkpoint as a model package."""

    type: Literal["export_model"] = "export_model"
    project: str
    model: str
    path: str


class ExportAssets(Message):
    """From the Gallery: write chosen assets in a format.

    `format` is one of png, jpeg, webp, tiff, gif, mp4, sheet, zip.
    """

    type: Literal["export_assets"] = "export_assets"
    project: str
    assets: list[int]
    format: str
    path: str
    embed_recipe: bool = True


class ExportTimelapse(Message):
    """From the Train page: write a run's sample sheets as a clip (GIF, WebP or MP4 by suffix)."""

    type: Literal["export_timelapse"] = "export_timelapse"
    project: str
    run: str
    path: str
    fps: float = 12.0


# ---------------------------------------------------------------------------- commands: control


class Pause(Message):
    """Hold the job at its next step; the model stays on the device."""

    type: Literal["pause"] = "pause"


class Park(Message):
    """Hold the job at its next step and move the model to host memory; the device is free."""

    type: Literal["park"] = "park"


class Resume(Message):
    """Go on with a paused or parked job."""

    type: Literal["resume"] = "resume"


class Stop(Message):
    """End the job at its next step. With `save` it keeps what it has; without, it is cancelled."""

    type: Literal["stop"] = "stop"
    save: bool = True


class SampleNow(Message):
    """Draw a sample sheet at the next step, also while paused."""

    type: Literal["sample_now"] = "sample_now"


class SaveNow(Message):
    """Write a checkpoint at the next step, also while paused."""

    type: Literal["save_now"] = "save_now"


class Shutdown(Message):
    """End the engine after stopping its job; closing standard input does the same."""

    type: Literal["shutdown"] = "shutdown"


Job = (
    ImportFiles
    | ImportSample
    | DownloadDataset
    | PreviewPreparation
    | Forecast
    | Train
    | Generate
    | Evaluate
    | ExportModel
    | ExportAssets
    | ExportTimelapse
)
Control = Pause | Park | Resume | Stop | SampleNow | SaveNow | Shutdown
Command = Annotated[Job | Control, Field(discriminator="type")]


# --------------------------------------------------------------------------------------- events


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
    counts: dict[str, int] = {}


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
    removed: list[int] = []


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

    `kind` is one of user, memory, disk, model, data, internal.
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
    result: dict[str, Any] = {}
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
    | PreviewReady
    | ForecastReady
    | DeviceLoad
    | JobFinished,
    Field(discriminator="type"),
]

_COMMAND: TypeAdapter[Any] = TypeAdapter(Command)
_EVENT: TypeAdapter[Any] = TypeAdapter(Event)


def encode(message: Message) -> str:
    """Return a message as one line of JSON, with its line end."""
    return message.model_dump_json() + "\n"


def decode_command(line: str) -> Message:
    """Return the command in a line; raises pydantic.ValidationError when it is none."""
    command: Message = _COMMAND.validate_json(line)
    return command


def decode_event(line: str) -> Message:
    """Return the event in a line; raises pydantic.ValidationError when it is none."""
    event: Message = _EVENT.validate_json(line)
    return event
