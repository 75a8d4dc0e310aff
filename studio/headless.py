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
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from studio.arguments import known
from studio.core import protocol
from studio.core.catalogue import catalogue, new_recipe
from studio.core.datasets import Dataset
from studio.core.errors import StopRequested, StudioError
from studio.core.packages import ModelPackage
from studio.core.project import Project
from studio.core.protocol import JobFinished, Message, Outcome
from studio.core.recipe import Fork, RunRecipe
from studio.core.runs import Run
from studio.engine.control import Control
from studio.engine.errors import report
from studio.engine.job import JobContext
from studio.engine.jobs import run_job
from studio.terminal import BarSink, JsonSink, QuietSink, Sink, say_result

log = logging.getLogger(__name__)

_EXIT = {
    Outcome.DONE: 0,
    Outcome.FAILED: 1,
    Outcome.STOPPED: 130,
    Outcome.CANCELLED: 130,
}


def run(
    command: Message,
    as_json: bool,
    *,
    only_result: bool = False,
    say: Callable[[dict[str, Any]], object] = say_result,
) -> int:
    """Do a job in this process and return the exit status.

    Args:
        as_json: Print every event as a line of JSON.
        only_result: Print the result alone, as one JSON object.
        say: How the result is said when not in JSON.
    """
    sink = QuietSink() if only_result else JsonSink() if as_json else None
    finished = run_with(command, sink)
    if finished.outcome == Outcome.DONE:
        if only_result:
            sys.stdout.write(json.dumps(finished.result) + "\n")
        elif not as_json:
            say(finished.result)
    return _EXIT[finished.outcome]


def run_with(command: Message, sink: Sink | None) -> JobFinished:
    """Do a job, sending events to `sink`, a progress bar when it is None."""
    job_id = command.job_id or uuid.uuid4().hex[:8]
    command = command.model_copy(update={"job_id": job_id})
    return _do(lambda job: run_job(command, job), job_id, sink)


def _do(
    work: Callable[[JobContext], dict[str, Any]], job_id: str, sink: Sink | None
) -> JobFinished:
    """Do some work as a job: it hears Ctrl-C, and its end is told whatever it is."""
    if sink is None:
        with BarSink() as bar:
            return _do(work, job_id, bar)
    speaks = os.environ.get("RANK", "0") == "0"  # under torchrun one process speaks
    emit = sink if speaks else Sink()
    control = Control()
    started = time.monotonic()
    error, result = None, {}
    with _stopped_by_user(control):
        try:
            result = work(JobContext(job_id, control, emit))
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
    partner_name: str = "",
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
        values = known(settings, entry.options, preparation)
        return new_recipe(
            dataset,
            family,
            preset,
            name=name,
            options={k: v for k, v in values.items() if k in entry.options["properties"]},
            preparation={k: v for k, v in values.items() if k in preparation["properties"]},
            seed=seed,
            partner=_dataset(project, partner_name) if partner_name else None,
        )
    finally:
        project.close()


def starting_from(folder: Path, recipe: RunRecipe, model: str) -> RunRecipe:
    """Return a recipe that begins with the weights of another model, its steps counted from 0.

    Raises:
        StudioError: There is no such model.
    """
    from studio.engine.models import resolve  # loads torch, which most commands need not

    project = Project.open(folder)
    try:
        exact, path = resolve(project, model)
    finally:
        project.close()
    if path.is_file():
        step = ModelPackage(path).manifest.step
        fork = Fork(package=str(path.absolute()), step=step, anew=True)
    else:
        run, _, step_text = exact.partition("@")
        fork = Fork(run=run, step=int(step_text), anew=True)
    return recipe.model_copy(update={"fork": fork})


def prepare(folder: Path, dataset_name: str, settings: list[str], as_json: bool) -> int:
    """Bring a dataset to training size and return the exit status."""
    from studio.data.store import prepare as prepare_data

    def work(job: JobContext) -> dict[str, Any]:
        project = Project.open(folder)
        try:
            dataset = _dataset(project, dataset_name)
            schema = catalogue().modalities[dataset.modality].preparation
            wanted = dataset.preparation | known(settings, schema)
            data = prepare_data(project, dataset.id, wanted, job)
        finally:
            project.close()
        return {"items": len(data.items), "shape": list(data.spec.shape)}

    finished = _do(work, uuid.uuid4().hex[:8], JsonSink() if as_json else None)
    if finished.outcome == Outcome.DONE and not as_json:
        say_result(finished.result, whole=True)
    return _EXIT[finished.outcome]


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
        say_result({"results": str(out.absolute())}, whole=True)
    return _EXIT[exported.outcome]


def _dataset(project: Project, name: str) -> Dataset:
    found = project.library.datasets.find(name)
    if found is None:
        known = ", ".join(each.name for each in project.library.datasets.all()) or "none yet"
        raise StudioError(
            "No such dataset",
            f"There is no dataset {name!r} in {project.folder.name}. There are: {known}.",
            "Import one first: studio import PROJECT NAME PATH…",
        )
    return found
