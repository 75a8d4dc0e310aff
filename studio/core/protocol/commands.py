"""What the window tells an engine: jobs to do, and how to go on with the one in hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from studio.core.batch_recipes import BatchRecipe
from studio.core.family_info import Task
from studio.core.media import Modality
from studio.core.places import Easing, Place, with_places
from studio.core.protocol.message import Message
from studio.core.recipe import RunRecipe

# ----------------------------------------------------------------------------------------- jobs


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
        prompt: What to show, in words, for models that learned from captions; for texts what the
            model goes on from, answers, or fills the blanks of.
        variety: 0 safe … 1 as learned … above 1 surprising (truncation or temperature).
        inputs: The user's own files, for the tasks that start from them.
        masks: Pictures that are white where the input of that place in the list is to be made
            anew; one alone serves all inputs.
        places: Places in the latent space to make, or that a path goes through.
        frames: Frames from one place to the next.
        legs: Frames of each leg of a path, when they differ.
        easing: Whether a path keeps its speed or slows down at each place.
        loop: Whether a path leads back to its first place.
        form: What a path becomes: one strip, or a clip of `fps` frames a second.
        options: Settings of the family's own sampler.
    """

    model_config = ConfigDict(extra="forbid")

    model: str
    task: Task = Task.GENERATE
    count: int = Field(16, ge=1, le=100_000)
    seed: int = Field(0, ge=0, le=2**31 - 1)
    label: str = ""
    prompt: str = Field("", max_length=200_000)
    variety: float = Field(1.0, ge=0.0, le=2.0)
    inputs: list[str] = []
    masks: list[str] = []
    places: list[Place] = []
    frames: int = Field(24, ge=2, le=600)
    legs: list[Annotated[int, Field(ge=1, le=600)]] = []
    easing: Easing = "steady"
    loop: bool = False
    form: Literal["strip", "gif", "webp", "mp4"] = "strip"
    fps: float = Field(24.0, gt=0, le=120)
    options: dict[str, Any] = {}

    @model_validator(mode="before")
    @classmethod
    def _seeds_are_places(cls, fields: Any) -> Any:
        return with_places(fields) if isinstance(fields, Mapping) else fields


class Generate(Message):
    """From the Generate page: make media. Each is announced by AssetMade as it is written.

    With `out` the files go to that folder, else into the project's gallery.
    """

    type: Literal["generate"] = "generate"
    project: str
    request: GenerateRequest
    out: str = ""


class MakeBatch(Message):
    """From the queue: make everything that a batch recipe names, into one folder with a manifest.

    With `out` the files go to that folder, else into the project's gallery. What is there already
    of the same batch is not made again. Each medium is announced by AssetMade; the result in
    JobFinished has `folder`, `manifest`, `made` and `failed`, the parts that could not be made.
    """

    type: Literal["make_batch"] = "make_batch"
    project: str
    recipe: BatchRecipe
    out: str = ""


class Explore(Message):
    """From the explorer: show places of a model at once, and say what its latent space is like.

    The result in JobFinished has `path`, a PNG with one picture below the other in the project's
    scratch folder; `count` of them; `model`, which names exactly these weights; `labels` of the
    places; `layers` that styles can be mixed in, 0 for none; and `directions`, how many principal
    directions are known. With `find` they are found when they are not known yet.
    """

    type: Literal["explore"] = "explore"
    project: str
    request: GenerateRequest
    find: bool = False


class Axis(BaseModel):
    """One side of a grid: what changes along it, and through which values.

    Attributes:
        what: `checkpoint` takes models (`RUN@STEP` or packages), `seed` numbers, `label` names,
            `prompt` words.
    """

    model_config = ConfigDict(extra="forbid")

    what: Literal["checkpoint", "seed", "label", "prompt"]
    values: list[str] = Field(min_length=1, max_length=64)


class MakeGrid(Message):
    """From the Generate page: one picture of many samples, in which two things change.

    Whatever is on neither side is as `request` says: its model, seed, label, prompt, settings.
    """

    type: Literal["make_grid"] = "make_grid"
    project: str
    request: GenerateRequest
    rows: Axis
    columns: Axis
    out: str = ""


class Evaluate(Message):
    """From the Train page: measure a model on the held-out part. Result in JobFinished.

    Attributes:
        every: Measure every checkpoint of the model's run, not the one that it names.
        samples: How many samples are made; 0 leaves it to the family.
    """

    type: Literal["evaluate"] = "evaluate"
    project: str
    model: str
    every: bool = False
    samples: int = Field(0, ge=0, le=50_000)


class ExportModel(Message):
    """From the Train and Generate pages: write a trained model as a package to share.

    Attributes:
        average: Steps of the model's run whose weights are averaged; empty leaves them alone.
        prune: Share of the smallest weights that become zero.
    """

    type: Literal["export_model"] = "export_model"
    project: str
    model: str
    path: str
    average: tuple[int, ...] = ()
    prune: float = Field(0.0, ge=0.0, le=0.95)


class ExportOnnx(Message):
    """From the Train and Generate pages: write a model's networks for other programs.

    Attributes:
        path: Folder to make, with the ONNX files, a program that runs them, and a card.
        average, prune: As for a package.
        int8: Whether each network is written with 8-bit weights as well.
    """

    type: Literal["export_onnx"] = "export_onnx"
    project: str
    model: str
    path: str
    average: tuple[int, ...] = ()
    prune: float = Field(0.0, ge=0.0, le=0.95)
    int8: bool = False


class ExportAssets(Message):
    """From the Gallery: write chosen assets in a format.

    `format` is gif or mp4, which make one clip of all pictures, sheet or zip, which take all
    together, else one that the modality writes each thing in, such as png, jpeg, webp, tiff; txt,
    md, html, docx; mid, wav, mp3; mp4, webm, av1, gif, webp and png (a folder of frames) for clips.
    Of clips alone gif and mp4 make one file each.

    Attributes:
        fps: Frames a second of what becomes a clip; 0 keeps those of clips, and shows four
            pictures a second.
        quality: How good clips look, from 1, the smallest files, to 100, no loss that is seen.
    """

    type: Literal["export_assets"] = "export_assets"
    project: str
    assets: list[int]
    format: str
    path: str
    embed_recipe: bool = True
    fps: float = Field(0.0, ge=0, le=120)
    quality: int = Field(80, ge=1, le=100)


class AttachSound(Message):
    """From the Gallery: give a clip the sound of a recording or a tune.

    Attributes:
        video, sound: An asset's id as digits, or the path of a file; a tune (MIDI) is played.
        out: MP4 or WebM file to write; empty: a new asset in the project's gallery.
        loop: Begin the sound again where it is shorter than the clip; else silence follows.
        fade: Seconds at the end in which the sound grows silent.
    """

    type: Literal["attach_sound"] = "attach_sound"
    project: str
    video: str
    sound: str
    out: str = ""
    loop: bool = True
    fade: float = Field(1.0, ge=0, le=60)


class ExportTimelapse(Message):
    """From the Train page: write a run's sample sheets as a clip (GIF, WebP or MP4 by suffix).

    Attributes:
        fps: Sheets a second; sheets that move play once at their own rate.
    """

    type: Literal["export_timelapse"] = "export_timelapse"
    project: str
    run: str
    path: str
    fps: float = 12.0


class CompareRuns(Message):
    """From the Train page: what several runs had made and measured at the same point.

    Attributes:
        clock: Whether `point` is a step or a training time in seconds.
        point: Left out, the last one that the shortest run has reached.
        path: Picture or clip to write, with their sample sheets beside each other; empty for none.
    """

    type: Literal["compare_runs"] = "compare_runs"
    project: str
    runs: list[str]
    clock: Literal["step", "time"] = "step"
    point: float | None = Field(None, ge=0)
    path: str = ""


# -------------------------------------------------------------------------------------- control


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
    | MakeGrid
    | MakeBatch
    | Explore
    | Evaluate
    | ExportModel
    | ExportOnnx
    | ExportAssets
    | AttachSound
    | ExportTimelapse
    | CompareRuns
)
Control = Pause | Park | Resume | Stop | SampleNow | SaveNow | Shutdown
Command = Annotated[Job | Control, Field(discriminator="type")]
