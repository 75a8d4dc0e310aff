"""The job *forecast*: a few real steps, and what they say of the whole run."""

from __future__ import annotations

import shutil
import statistics
import time
from pathlib import Path
from typing import Any

import torch

from studio.core.project import Project
from studio.core.protocol import Forecast, ForecastReady, ForecastResult
from studio.core.recipe import RunRecipe
from studio.engine.averaging import Averaging, state_of
from studio.engine.errors import is_out_of_memory
from studio.engine.feed import Feed, seed_of
from studio.engine.job import JobContext
from studio.engine.registry import family_recipe, make_family, prepared_data
from studio.engine.runtime import (
    choose_compute,
    choose_device,
    memory_total,
    memory_used,
    precision_name,
    prepare_process,
    synchronize,
)
from studio.families.base import Family
from studio.families.compute import Compute

_SECONDS = 2.0
_STEPS = 20
_LEAST = 4  # steps; the first one also warms up and does not count
_TIGHT = 0.92  # share of the memory from which on a run is said not to fit


def forecast(command: Forecast, job: JobContext) -> dict[str, Any]:
    """Measure a few real steps and say what the run will take. Nothing is kept."""
    job.started("forecast", command.recipe.name)
    project = Project.open(Path(command.project))
    try:
        result = _measure(project, command.recipe, job)
    finally:
        project.close()
    job.emit(ForecastReady(job_id=job.job_id, forecast=result))
    return result.model_dump(mode="json")


def _measure(project: Project, recipe: RunRecipe, job: JobContext) -> ForecastResult:
    prepare_process()
    options = family_recipe(recipe)
    device = choose_device(options.device)
    data = prepared_data(project, recipe, job)
    job.progress("Measuring a few steps", 0)
    batches = make_family(recipe, Compute(device=device)).batches_per_step
    feed = Feed(data, options.batch_size * batches, recipe.seed, device)
    disk_free = shutil.disk_usage(project.folder).free

    def candidate(compute: Compute) -> Family[Any]:
        job.gate()  # timing them takes seconds, and a training may want to begin
        return make_family(recipe, compute)

    try:
        compute = choose_compute(recipe, options, data.spec, candidate, feed.batch(0))
        before = memory_used(device)
        torch.manual_seed(seed_of(recipe.seed))
        family = make_family(recipe, compute)
        family.setup(data.spec)
        averaging = Averaging(family, options.ema)
        times = []
        started = time.perf_counter()
        for step in range(_STEPS):
            job.gate()
            begin = time.perf_counter()
            family.step = step
            family.train_step(feed.batch(step))
            averaging.update(step + 1)
            synchronize(device)
            times.append(time.perf_counter() - begin)
            if len(times) >= _LEAST and time.perf_counter() - started > _SECONDS:
                break
    except RuntimeError as error:
        if not is_out_of_memory(error):
            raise
        return _too_large(recipe, device, disk_free)
    finally:
        feed.close()
    parameters = sum(p.numel() for n in family.networks().values() for p in n.parameters())
    step_seconds = statistics.median(times[1:])
    memory = max(memory_used(device), before)
    # a checkpoint holds weights and averages once and two moments per parameter
    state = sum(t.numel() * t.element_size() for t in state_of(family.networks()).values())
    disk = 4 * state * (options.keep_checkpoints + 1) + (1 << 20)
    total = step_seconds * options.steps
    if options.minutes:
        total = min(total, options.minutes * 60)
    fits = memory < _TIGHT * memory_total(device) and disk < disk_free
    advice = [] if fits else _advice(recipe)
    return ForecastResult(
        parameters=parameters,
        step_seconds=step_seconds,
        total_seconds=total,
        memory=memory,
        memory_total=memory_total(device),
        disk=disk,
        disk_free=disk_free,
        precision=precision_name(compute),
        fits=fits,
        advice=advice,
        measured_steps=len(times) - 1,
    )


def _too_large(recipe: RunRecipe, device: torch.device, disk_free: int) -> ForecastResult:
    """Return the forecast of a run whose first steps already ran out of memory."""
    return ForecastResult(
        parameters=0,
        step_seconds=0.0,
        total_seconds=0.0,
        memory=memory_total(device),
        memory_total=memory_total(device),
        disk=0,
        disk_free=disk_free,
        precision="",
        fits=False,
        advice=_advice(recipe),
    )


def _advice(recipe: RunRecipe) -> list[str]:
    """Return what to change when a run does not fit, the gentlest first."""
    batch = int(recipe.options["batch_size"])
    size = int(recipe.preparation.get("size", 0))
    found = [f"Batch {max(batch // 2, 1)} instead of {batch}"]
    if size > 32:
        found.append(f"Size {size // 2} instead of {size}")
    found.append("The Quick preset")
    found.append(f"Keep 1 checkpoint instead of {recipe.options['keep_checkpoints']}")
    return found
