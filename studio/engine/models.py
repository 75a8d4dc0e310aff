"""Trained models by name: a run's checkpoint or a model package, ready to make samples."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import torch

from studio.core.datasets import Dataset
from studio.core.errors import StudioError
from studio.core.packages import SUFFIX, ModelPackage
from studio.core.project import Project
from studio.core.recipe import DatasetRef, DataSpec, RunRecipe
from studio.core.runs import Run, read_checkpoint
from studio.core.work import Work
from studio.data.store import PreparedData
from studio.engine import checkpoint
from studio.engine.registry import make_family, prepared_data
from studio.engine.runtime import choose_device, prepare_process
from studio.families.base import Family
from studio.families.compute import Compute


@dataclass(frozen=True)
class LoadedModel:
    """A family with averaged weights, in evaluation mode.

    Attributes:
        reference: `RUN@STEP` or the path of a package: names exactly these weights.
        run: Id of its run, empty for a package.
        metrics: Measured quality at that step.
    """

    family: Family[Any]
    reference: str
    title: str
    recipe: RunRecipe
    spec: DataSpec
    run: str
    step: int
    metrics: dict[str, float]


def resolve(project: Project | None, reference: str) -> tuple[str, Path]:
    """Return (exact reference, checkpoint folder or package path) of `RUN`, `RUN@STEP` or a path.

    Raises:
        StudioError: There is nothing by that name.
    """
    path = Path(reference)
    if path.suffix == SUFFIX:
        if not path.exists():
            raise StudioError(
                "The model package is gone", f"There is no file {path}.", "Choose another model."
            )
        return str(path), path
    if project is None:
        raise StudioError("No such model", f"{reference!r} is not a model package.")
    wanted, _, step = reference.partition("@")
    run = Run.find(project.runs, wanted)
    if step and not step.isdigit():
        raise StudioError("No such checkpoint", f"{step!r} is not a step.")
    folder = run.checkpoint(int(step) if step else None)
    return f"{run.id}@{read_checkpoint(folder).step}", folder


def load_model(project: Project | None, reference: str) -> LoadedModel:
    """Load a model on the best device for making samples.

    The last one stays loaded, so that the next request for it starts at once.
    """
    exact, path = resolve(project, reference)
    prepare_process()
    return _load(exact, path, path.stat().st_mtime_ns)


def load_own(project: Project | None, reference: str) -> LoadedModel:
    """Load a model whose weights the caller may change: nobody else gets it."""
    exact, path = resolve(project, reference)
    prepare_process()
    return _read(exact, path)


def dataset_of(project: Project, model: LoadedModel) -> Dataset | None:
    """Return the dataset that a model learned from, by id or by name; None when it is not here."""
    table, wanted = project.library.datasets, model.recipe.dataset
    return table.find(wanted.id) or table.find(wanted.name)


def data_of(project: Project, model: LoadedModel, work: Work) -> PreparedData:
    """Return the data that a model learned from.

    Raises:
        StudioError: It is not in this project.
    """
    recipe, found = model.recipe, dataset_of(project, model)
    if found is None:
        raise StudioError(
            "The model's dataset is not in this project",
            f"It learned from {recipe.dataset.name!r}, which is not here to measure with.",
            "Import that dataset under the same name, then try again.",
        )
    there = DatasetRef(id=found.id, name=found.name)
    return prepared_data(project, recipe.model_copy(update={"dataset": there}), work)


@lru_cache(maxsize=1)
def _load(exact: str, path: Path, _changed: int) -> LoadedModel:
    return _read(exact, path)


def _read(exact: str, path: Path) -> LoadedModel:
    if path.is_file():
        package = ModelPackage(path)
        manifest = package.manifest
        family = _build(manifest.recipe, manifest.spec)
        checkpoint.load_package_weights(package.weights(), family)
        return LoadedModel(
            family=family,
            reference=exact,
            title=manifest.title,
            recipe=manifest.recipe,
            spec=manifest.spec,
            run="",
            step=manifest.step,
            metrics=manifest.metrics,
        )
    run = Run(path.parents[1])
    recipe = run.recipe()
    info = read_checkpoint(path)
    family = _build(recipe, info.spec)
    checkpoint.load_averages(path, family)
    return LoadedModel(
        family=family,
        reference=exact,
        title=recipe.name,
        recipe=recipe,
        spec=info.spec,
        run=run.id,
        step=info.step,
        metrics=info.metrics,
    )


def _build(recipe: RunRecipe, spec: DataSpec) -> Family[Any]:
    """Return a family with fresh networks in evaluation mode.

    Samples are made in fp32, so that a seed gives the same picture on every machine.
    """
    # a package from another machine may ask for a device that is not here
    family = make_family(recipe, Compute(device=choose_device()))
    with torch.random.fork_rng(devices=[]):
        family.setup(spec)
    for network in family.networks().values():
        network.eval()
    return family
