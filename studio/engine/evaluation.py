"""The job *evaluate*: measure a model on the part of the data that it never saw."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from studio.core.family_info import Task
from studio.core.project import Project
from studio.core.protocol import Evaluate
from studio.data.modality import modality_data
from studio.data.split import random_part
from studio.engine.feed import Feed
from studio.engine.job import JobContext
from studio.engine.models import data_of, load_model
from studio.engine.preview import new_samples
from studio.engine.requests import samples
from studio.engine.trainer import validation_metrics
from studio.families.base import Batch

_SAMPLES = 1000
_BATCH = 100


def evaluate(command: Evaluate, job: JobContext) -> dict[str, Any]:
    """Return named metrics: those of the family on held-out items, and those of its samples."""
    project = Project.open(Path(command.project))
    try:
        model = load_model(project, command.model)
        job.started("evaluate", model.title)
        data = data_of(project, model, job)
    finally:
        project.close()
    feed = Feed(data, _BATCH, 0, model.family.compute.device)
    try:
        held_out = validation_metrics(model.family, _said(feed.held_out(_BATCH, _SAMPLES), job))
    finally:
        feed.close()
    metrics = {name.removeprefix("val_"): value for name, value in held_out.items()}
    if Task.GENERATE not in model.family.info.tasks:  # it makes nothing to compare with the data
        return metrics
    made = samples(model, new_samples(model.family, data, _SAMPLES), job)
    kind = modality_data(model.spec.modality)
    real = kind.as_prepared(data.items[random_part(data.validation, _SAMPLES)], data.spec)
    job.progress("Comparing samples with the data", 0)
    measures = import_module(f"studio.evaluate.{model.spec.modality}")
    metrics |= measures.sample_statistics(made, real)
    if data.spec.labels:
        metrics |= measures.label_statistics(made, data, job)
    return metrics


def _said(batches: Iterable[Batch], job: JobContext) -> Iterator[Batch]:
    """Yield batches and say how far it is; the user may stop between two."""
    done = 0
    for batch in batches:
        job.progress("Measuring on held-out items", done, 0, "items")
        done += len(batch)
        yield batch
