"""Which trained models there are to make something with: runs, own packages, ready ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from studio.core.catalogue import catalogue
from studio.core.errors import StudioError
from studio.core.family_info import Task
from studio.core.media import Modality
from studio.core.packages import SUFFIX, ModelPackage
from studio.core.paths import starter_models
from studio.core.project import Project
from studio.core.recipe import TURNS
from studio.core.runs import Run, read_checkpoint


@dataclass(frozen=True)
class Model:
    """A trained model that can be chosen.

    Attributes:
        reference: The run's id or the path of the package.
        title: Its name for people.
        family: Id of its kind of model.
        modality: What it makes.
        steps: Saved steps of a run, newest first; empty for a package.
        best: The step that stands for the run when none is named.
        tasks: What it can be asked for.
        labels: Labels that it can be asked for; empty when it was trained without.
        styles: Names of the styles that it can paint in; empty for other kinds of models.
        prompted: Whether it can be told in words what to show.
        masked: Whether repairing an item wants a mask.
        talks: Whether it learned from the turns of dialogues.
        varied: Whether it can stay close to what is typical or go further out.
        dataset: Id of the dataset that it learned from; empty for a package.
        sampling: JSON Schema of what its sampler can be told.
        ready: Whether it ships with the program.
    """

    reference: str
    title: str
    family: str
    modality: Modality
    steps: tuple[int, ...]
    best: int
    tasks: tuple[Task, ...]
    labels: tuple[str, ...]
    sampling: dict[str, Any]
    styles: tuple[str, ...] = ()
    prompted: bool = False
    masked: bool = False
    varied: bool = False
    talks: bool = False
    dataset: str = ""
    ready: bool = False

    @property
    def is_package(self) -> bool:
        """Whether it is a file of its own."""
        return self.reference.endswith(SUFFIX)


def models(project: Project) -> list[Model]:
    """Return the models of a project, newest run first, then its packages, then ready ones.

    Runs without a checkpoint and files that are no good packages are left out.
    """
    found = [model for run in Run.all(project.runs) if (model := of_run(run)) is not None]
    own = sorted(project.models.glob(f"*{SUFFIX}"))
    found.extend(_packages(own, ready=False))
    found.extend(_packages(starter_models(), ready=True))
    return found


def of_run(run: Run) -> Model | None:
    """Return a run as a model; None when it has no checkpoint or its family is unknown here."""
    paths = run.checkpoint_paths()
    recipe = run.recipe()
    if not paths or recipe.family not in catalogue().families:
        return None
    best = run.best_step() or max(paths)
    info = read_checkpoint(paths[best])
    family = catalogue().family(recipe.family)
    return Model(
        reference=run.id,
        title=recipe.name,
        family=recipe.family,
        modality=family.info.modality,
        steps=tuple(sorted(paths, reverse=True)),
        best=best,
        tasks=info.tasks or family.info.tasks,
        labels=info.spec.labels if info.labelled else (),
        sampling=family.sampling,
        styles=info.spec.partner_names,
        prompted=info.prompted,
        masked=info.masked,
        varied=family.info.variety,
        talks=TURNS in info.spec.resources,
        dataset=recipe.dataset.id,
    )


def of_package(path: Path, *, ready: bool = False) -> Model:
    """Return a package as a model.

    Raises:
        StudioError: The file is refused; the error says why.
    """
    manifest = ModelPackage(path).manifest
    family = catalogue().family(manifest.recipe.family)
    return Model(
        reference=str(path),
        title=manifest.title,
        family=manifest.recipe.family,
        modality=family.info.modality,
        steps=(),
        best=manifest.step,
        tasks=manifest.tasks or family.info.tasks,
        labels=manifest.spec.labels if manifest.labelled else (),
        sampling=family.sampling,
        styles=manifest.spec.partner_names,
        prompted=manifest.prompted,
        masked=manifest.masked,
        varied=family.info.variety,
        talks=TURNS in manifest.spec.resources,
        ready=ready,
    )


def example_caption(project: Project, model: Model | None) -> str:
    """Return a caption of the data that a model learned its words from; empty when it is gone."""
    if model is None or not model.prompted or not model.dataset:
        return ""
    table = project.library.datasets
    captions = [item.caption for item in table.items(table.ids(model.dataset)[:50])]
    return next(filter(None, captions), "")


def _packages(paths: list[Path], *, ready: bool) -> Iterator[Model]:
    for path in paths:
        try:
            yield of_package(path, ready=ready)
        except StudioError:
            continue  # it is refused with its reason when it is brought in, not at every look
