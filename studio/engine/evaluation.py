"""The job *evaluate*: measure a model on the part of the data that it never saw."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator, Sequence
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import torch

from studio.core.errors import StudioError
from studio.core.family_info import FamilyInfo, Task
from studio.core.files import replacing
from studio.core.media import Image
from studio.core.project import Project
from studio.core.protocol import Evaluate
from studio.core.runs import Evaluation, Run, best_of, step_name
from studio.data.image.modality import as_pillow
from studio.data.store import PreparedData
from studio.engine.feed import Feed
from studio.engine.job import JobContext
from studio.engine.models import LoadedModel, data_of, load_model
from studio.engine.preview import new_samples
from studio.engine.requests import samples
from studio.engine.validation import validation_metrics
from studio.evaluate.result import Quality
from studio.families.batch import Batch

_SLOW_SAMPLES = 500  # at most, of families whose samples are slow to make
_QUICK = 256  # samples for the sheet of a run, from which on a family counts as quick
_BATCH = 100
_FOLDER = "evaluations"  # of a run, for the samples that come nearest to what was learned
_HELD_OUT = 1000  # items
# what stands for a number that a model's own held-out items do not give: that of its samples
_STANDS_IN = {"spectral_distance": "spectrum_distance"}


def evaluate(command: Evaluate, job: JobContext) -> dict[str, Any]:
    """Return named metrics: those of the family on held-out items, and those of its samples.

    What was measured of a run's checkpoint is kept with the run. With `every`, all checkpoints
    are measured, and the result holds the metrics of the best with a list of all.

    Raises:
        StopRequested: The user ended it; what was measured until then is kept.
    """
    project = Project.open(Path(command.project))
    try:
        references = _references(project, command)
        data: PreparedData | None = None
        found: list[Evaluation] = []
        for index, reference in enumerate(references):
            model = load_model(project, reference)
            if data is None:
                job.started("evaluate", model.title)
                data = data_of(project, model, job)
            if len(references) > 1:
                job.progress("Measuring checkpoints", index, len(references), "checkpoints")
            run = Run.find(project.runs, model.run) if model.run else None
            found.append(_measured(model, data, run, command.samples, job))
    finally:
        project.close()
    return _result(found, run, model.family.info)


def _references(project: Project, command: Evaluate) -> list[str]:
    if not command.every:
        return [command.model]
    run = Run.find(project.runs, command.model.partition("@")[0])
    steps = list(run.checkpoint_paths())
    if not steps:
        raise StudioError(
            "No checkpoint there",
            f"The run {run.id} has nothing saved to measure.",
            "Let it train until its first checkpoint.",
        )
    return [f"{run.id}@{step}" for step in steps]


def _measured(
    model: LoadedModel, data: PreparedData, run: Run | None, count: int, job: JobContext
) -> Evaluation:
    """Measure one checkpoint and keep the result with its run."""
    feed = Feed(data, _BATCH, 0, model.family.compute.device)
    try:
        held_out = validation_metrics(model.family, _said(feed.held_out(_BATCH, _HELD_OUT), job))
    finally:
        feed.close()
    metrics = {name.removeprefix("val_"): value for name, value in held_out.items()}
    found = Evaluation(step=model.step, created=time.time(), metrics=metrics)
    measures = import_module(f"studio.evaluate.{model.spec.modality}")
    if Task.ANSWER in model.family.info.tasks:
        found.metrics.update(_of_answers(model, data, measures, job))
    if Task.GENERATE in model.family.info.tasks:
        most = measures.SAMPLES
        if model.family.measured_samples < _QUICK:
            most = min(most, _SLOW_SAMPLES)
        found = _of_samples(model, data, run, found, measures, count or most, job)
    if run is not None:
        with run.evaluations_path.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(found.model_dump(mode="json")) + "\n")
    return found


def _of_answers(
    model: LoadedModel, data: PreparedData, measures: ModuleType, job: JobContext
) -> dict[str, float]:
    """Return how near answers to held-out items come to the wanted ones."""

    def tick(done: int, of: int) -> None:
        job.progress("Answering", done, of, "items")

    def answered(sources: Sequence[str]) -> Iterator[str]:
        with torch.inference_mode():
            yield from model.family.answers(sources, tick)

    found: dict[str, float] = measures.answers_quality(data, answered, job)
    return found


def _of_samples(
    model: LoadedModel,
    data: PreparedData,
    run: Run | None,
    found: Evaluation,
    measures: ModuleType,
    count: int,
    job: JobContext,
) -> Evaluation:
    """Return an evaluation with what was measured of samples."""
    made = samples(model, new_samples(model.family, data, count), job)
    places = data.validation if len(data.validation) else data.train
    real = measures.real_items(data, places, count)
    metrics = found.metrics | measures.sample_statistics(made, real)
    quality: Quality = measures.quality(made, data, job)
    return found.model_copy(
        update={
            "metrics": metrics | quality.metrics,
            "judge": quality.judge,
            "learned": quality.learned,
            "samples": quality.count,
            "nearest": _kept(quality.copies, run, model.step) if run is not None else "",
        }
    )


def _kept(copies: Image | str | None, run: Run, step: int) -> str:
    """Write the samples that come nearest to what was learned; returns where, in the run."""
    if copies is None:
        return ""
    path = f"{_FOLDER}/{step_name(step)}" + (".txt" if isinstance(copies, str) else ".png")
    (run.folder / _FOLDER).mkdir(exist_ok=True)
    with replacing(run.folder / path) as temporary:
        if isinstance(copies, str):
            temporary.write_text(copies, "utf-8")
        else:
            as_pillow(copies).save(temporary, "png")
    return path


def _result(found: list[Evaluation], run: Run | None, info: FamilyInfo) -> dict[str, Any]:
    """Return the metrics of the best evaluation, what they were measured with, and all."""
    best = best_of(found, info) or found[-1]
    result: dict[str, Any] = dict(best.metrics)
    for name, other in _STANDS_IN.items():
        if other in result:
            result.setdefault(name, result[other])
    if best.samples:
        result["samples"] = best.samples
    if best.judge:
        result |= {"judge": best.judge, "judge_learned": best.learned}
    if run is not None and best.nearest:
        result["nearest"] = str(run.folder / best.nearest)
    if len(found) > 1:
        result["step"] = best.step
        result["evaluations"] = [each.model_dump(mode="json") for each in found]
    return result


def _said(batches: Iterable[Batch], job: JobContext) -> Iterator[Batch]:
    """Yield batches and say how far it is; the user may stop between two."""
    done = 0
    for batch in batches:
        job.progress("Measuring on held-out items", done, 0, "items")
        done += len(batch)
        yield batch
