"""Running jobs in this process, with a progress bar or JSON lines."""

from __future__ import annotations

import json
import logging
import os
import shutil
import signal
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.table import Table

from studio.core import protocol
from studio.core.catalogue import catalogue, new_recipe
from studio.core.errors import StopRequested, StudioError
from studio.core.project import Project
from studio.core.protocol import JobFinished, Message, Outcome
from studio.core.recipe import RunRecipe
from studio.core.runs import Run
from studio.engine.control import Control
from studio.engine.errors import report
from studio.engine.job import JobContext
from studio.engine.jobs import run_job

log = logging.getLogger(__name__)

_EXIT = {
    Outcome.DONE: 0,
    Outcome.FAILED: 1,
    Outcome.STOPPED: 130,
    Outcome.CANCELLED: 130,
}


class Sink:
    """Where events of a headless job go. The last result is kept."""

    result: dict[str, Any]

    def __call__(self, event: Message) -> None:
        """Take an event."""


class JsonSink(Sink):
    """Prints each event as one line of JSON on standard output."""

    def __call__(self, event: Message) -> None:
        """Print an event."""
        sys.stdout.write(protocol.encode(event))
        sys.stdout.flush()


class QuietSink(Sink):
    """Says nothing but failures; for commands whose only output is their result."""

    def __call__(self, event: Message) -> None:
        """Say a failure."""
        if isinstance(event, JobFinished) and event.error is not None:
            say_error(event.error)


class BarSink(Sink):
    """Draws a progress bar on the terminal's error stream."""

    def __init__(self) -> None:
        self._console = Console(stderr=True)
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[detail]}"),
            TimeRemainingColumn(elapsed_when_finished=True),
            console=self._console,
            transient=not self._console.is_terminal,
        )
        self._task: TaskID | None = None
        self._stage = ""
        self._values = ""

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._progress.stop()

    def __call__(self, event: Message) -> None:
        """Show an event."""
        if isinstance(event, protocol.Progress):
            self._show(event)
        elif isinstance(event, protocol.Metrics):
            shown = list(event.values.items())[:3]
            self._values = "  ".join(f"{name} {value:.3g}" for name, value in shown)
        elif isinstance(event, protocol.Notice):
            self._progress.print(f"[bold]{event.title}.[/bold] {event.message} {event.hint}")
        elif isinstance(event, protocol.CoachAdvised) and not event.advice.resolved:
            advice = event.advice
            self._progress.print(f"[bold]{advice.title}.[/bold] {advice.sentence}")
        elif isinstance(event, JobFinished) and event.error is not None:
            say_error(event.error)

    def _show(self, event: protocol.Progress) -> None:
        if event.stage != self._stage or self._task is None:
            self._task = self._progress.add_task(event.stage, total=None, detail="")
            self._stage = event.stage
        counts = "  ".join(f"{count:,} {name}" for name, count in event.counts.items())
        amount = f"{event.done:,}" + (f" of {event.total:,}" if event.total else "")
        self._progress.update(
            self._task,
            completed=event.done,
            total=event.total or None,
            detail=f"{amount} {event.unit}  {counts or self._values}",
        )


def run(
    command: Message, as_json: bool, *, only_result: bool = False, say_result: bool = False
) -> int:
    """Do a job in this process and return the exit status.

    Args:
        as_json: Print every event as a line of JSON.
        only_result: Print the result alone, as one JSON object.
        say_result: Print the result as a table when not in JSON.
    """
    finished = run_with(
        command, QuietSink() if only_result else None if not as_json else JsonSink()
    )
    if finished.outcome == Outcome.DONE:
        if only_result:
            sys.stdout.write(json.dumps(finished.result) + "\n")
        elif not as_json:
            _say_result(finished.result, whole=say_result)
    return _EXIT[finished.outcome]


def run_with(command: Message, sink: Sink | None) -> JobFinished:
    """Do a job, sending events to `sink`, a progress bar when it is None."""
    if sink is None:
        with BarSink() as bar:
            return run_with(command, bar)
    speaks = os.environ.get("RANK", "0") == "0"  # under torchrun one process speaks
    emit = sink if speaks else Sink()
    control = Control()
    job_id = command.job_id or uuid.uuid4().hex[:8]
    command = command.model_copy(update={"job_id": job_id})
    started = time.monotonic()
    error, result = None, {}
    with _stopped_by_user(control):
        try:
            result = run_job(command, JobContext(job_id, control, emit))
            outcome = Outcome.DONE
        except StopRequested as stop:
            outcome = Outcome.STOPPED if stop.save else Outcome.CANCELLED
        except Exception as failure:
            log.debug("job failed", exc_info=failure)
            outcome, error = Outcome.FAILED, report(failure)
    finished = JobFinished(
        job_id=job_id,
        outcome=outcome,
        seconds=time.monotonic() - started,
        result=result,
        error=error,
    )
    emit(finished)
    return finished


@contextmanager
def _stopped_by_user(control: Control) -> Iterator[None]:
    """Let the first Ctrl-C stop and save; a second one ends at once."""

    def on_interrupt(_signal: int, _frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, before)
        control.stop(save=True)

    before = signal.signal(signal.SIGINT, on_interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


# ------------------------------------------------------------------------------------- commands


def ensure_project(folder: Path) -> None:
    """Make a project when there is none."""
    Project.open(folder, create=True).close()


def recipe(
    folder: Path,
    dataset_name: str,
    family: str,
    preset: str,
    settings: list[str],
    seed: int,
    name: str,
) -> RunRecipe:
    """Return the recipe of a run from what the command line says.

    Raises:
        StudioError: The dataset, family, preset or a setting is unknown.
    """
    project = Project.open(folder)
    try:
        dataset = _dataset(project, dataset_name)
        entry = catalogue().family(family)
        preparation = catalogue().modalities[dataset.modality].preparation
        values = _settings(settings, entry.options, preparation)
        return new_recipe(
            dataset,
            family,
            preset,
            name=name,
            options={k: v for k, v in values.items() if k in entry.options["properties"]},
            preparation={k: v for k, v in values.items() if k in preparation["properties"]},
            seed=seed,
        )
    finally:
        project.close()


def prepare(folder: Path, dataset_name: str, settings: list[str], as_json: bool) -> int:
    """Bring a dataset to training size."""
    from studio.data.store import prepare as prepare_data

    project = Project.open(folder)
    sink: Sink = JsonSink() if as_json else QuietSink()
    try:
        dataset = _dataset(project, dataset_name)
        schema = catalogue().modalities[dataset.modality].preparation
        job = JobContext("", Control(), sink)
        data = prepare_data(
            project, dataset.id, dataset.preparation | _settings(settings, schema), job
        )
    finally:
        project.close()
    _say_result({"items": len(data.items), "shape": list(data.spec.shape)}, whole=True)
    return 0


def demo(out: Path, minutes: float, as_json: bool) -> int:
    """Sample set, training, a sheet of samples, a loss plot and a model package in `out`."""
    from studio.engine.lossplot import write_loss_plot

    out.mkdir(parents=True, exist_ok=True)
    folder = out / "demo.studio"
    shutil.rmtree(folder, ignore_errors=True)
    ensure_project(folder)
    sink = JsonSink() if as_json else None
    project = str(folder)
    sample = protocol.ImportSample(project=project, sample="digits", name="Digits")
    if run_with(sample, sink).outcome != Outcome.DONE:
        return 1
    made = recipe(folder, "Digits", "gan", "quick", [f"minutes={minutes}"], 0, "Digits demo")
    trained = run_with(protocol.Train(project=project, recipe=made), sink)
    if trained.outcome != Outcome.DONE:
        return _EXIT[trained.outcome]
    run_folder = Run(folder / "runs" / trained.result["run"])
    sheets = list(run_folder.sample_paths().values())
    shutil.copyfile(sheets[-1], out / "samples.png")
    write_loss_plot(run_folder, out / "losses.png")
    package = protocol.ExportModel(
        project=project, model=run_folder.id, path=str((out / "digits.studiomodel").absolute())
    )
    exported = run_with(package, sink)
    if not as_json:
        _say_result({"results": str(out.absolute())}, whole=True)
    return _EXIT[exported.outcome]


def _dataset(project: Project, name: str) -> Any:
    found = project.library.datasets.find(name)
    if found is None:
        known = ", ".join(each.name for each in project.library.datasets.all()) or "none yet"
        raise StudioError(
            "No such dataset",
            f"There is no dataset {name!r} in {project.folder.name}. There are: {known}.",
            "Import one first: studio import PROJECT NAME PATH…",
        )
    return found


def pairs(settings: list[str]) -> dict[str, Any]:
    """Return `name=value` settings as a dict, values as JSON where they are.

    Raises:
        StudioError: One is not of that form.
    """
    values = {}
    for setting in settings:
        name, separator, text = setting.partition("=")
        if not separator or not name:
            raise StudioError(
                "Not a setting",
                f"{setting!r} is not of the form name=value.",
                "Write it like --set steps=500.",
            )
        values[name] = _value(text)
    return values


def _settings(settings: list[str], *schemas: dict[str, Any]) -> dict[str, Any]:
    """Return `name=value` settings that one of the schemas knows."""
    known = sorted(name for schema in schemas for name in schema["properties"])
    values = pairs(settings)
    if strange := sorted(set(values) - set(known)):
        raise StudioError(
            "Not a setting",
            f"There is no setting {strange[0]!r} here.",
            f"Known settings: {', '.join(known)}.",
        )
    return values


def _value(text: str) -> Any:
    try:
        return json.loads(text.lower())
    except json.JSONDecodeError:
        return text


def _say_result(result: dict[str, Any], *, whole: bool) -> None:
    table = Table(show_header=False, box=None)
    for name, value in result.items():
        if isinstance(value, list) and not whole:
            value = f"{len(value):,}"  # noqa: PLW2901 - a long list is said by its length
        if isinstance(value, dict):
            for inner, number in value.items():
                text = f"{number:.4g}" if isinstance(number, float) else str(number)
                table.add_row(f"{name}.{inner}", text)
        else:
            table.add_row(name, f"{value:.6g}" if isinstance(value, float) else str(value))
    Console().print(table)


def say_error(error: protocol.ErrorReport) -> None:
    """Say an error on the terminal: what happened, what it means, what to do."""
    console = Console(stderr=True)
    console.print(f"[bold]{error.title}.[/bold] {error.message}", highlight=False)
    if error.hint:
        console.print(error.hint, highlight=False)
