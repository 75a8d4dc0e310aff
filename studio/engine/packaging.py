"""The job *export_model*: a trained model as a package that can be shared."""

from __future__ import annotations

import time
from pathlib import Path, PurePath
from typing import Any

from studio.core.family_info import Task
from studio.core.packages import SUFFIX, Manifest, ModelPackage
from studio.core.project import Project
from studio.core.protocol import ExportModel
from studio.core.recipe import RunRecipe
from studio.core.runs import Run
from studio.core.thumbnails import text_thumbnail
from studio.data.modality import modality_data
from studio.engine.card import changes_words, model_card
from studio.engine.job import JobContext
from studio.engine.models import LoadedModel, load_model
from studio.engine.requests import samples
from studio.engine.variants import compared, variant, weight_bytes
from studio.families.base import SampleRequest

_PREVIEW_ITEMS = 32


def export_model(command: ExportModel, job: JobContext) -> dict[str, Any]:
    """Write a model as a package: averaged weights, preview and model card."""
    job.started("export_model", Path(command.path).name)
    project = Project.open(Path(command.project)) if command.project else None
    try:
        model = variant(project, command.model, command.average, command.prune)
        report = {}
        if command.average or command.prune:
            job.progress("Comparing it with what it was", 0)
            report = compared(project, load_model(project, command.model), model, job)
        preview = _preview_of(project, model, command.model, job)
        source, licence = _origin(project, model, command.model)
        manifest = Manifest(
            title=model.title,
            recipe=_shareable(model.recipe),
            spec=model.spec,
            step=model.step,
            created=time.time(),
            labelled=model.family.labelled,
            prompted=model.family.prompted,
            masked=model.family.masked,
            tasks=model.family.info.tasks,
            metrics=model.metrics,
            source=source,
            licence=licence,
        )
        job.progress("Writing the package", 0)
        path = Path(command.path)
        path = path if path.suffix == SUFFIX else path.with_name(path.name + SUFFIX)
        card = model_card(manifest, model.family) + changes_words(command, report)
        ModelPackage.write(path, manifest, weight_bytes(model), preview, card)
    finally:
        if project is not None:
            project.close()
    return {"path": str(path), "bytes": path.stat().st_size, "report": report}


def _origin(project: Project | None, model: LoadedModel, reference: str) -> tuple[str, str]:
    """Return where the data that a model learned from come from, and their licence."""
    if not model.run:
        known = ModelPackage(Path(reference)).manifest
        return known.source, known.licence
    dataset = project.library.datasets.find(model.recipe.dataset.id) if project else None
    return (dataset.source, dataset.licence) if dataset else ("", "")


def _shareable(recipe: RunRecipe) -> RunRecipe:
    """Return a recipe that tells nothing of its maker's folders."""
    for part, name in (("options", "checkpoint"), ("preparation", "tokeniser_file")):
        if place := getattr(recipe, part).get(name):
            values = getattr(recipe, part) | {name: PurePath(str(place)).name}
            recipe = recipe.model_copy(update={part: values})
    if recipe.fork is None or not recipe.fork.package:
        return recipe
    fork = recipe.fork.model_copy(update={"package": recipe.fork.source})
    return recipe.model_copy(update={"fork": fork})


def _preview_of(
    project: Project | None, model: LoadedModel, reference: str, job: JobContext
) -> bytes:
    """Return what a model makes, as a thumbnail.

    For one that makes nothing from seeds that is the newest sheet of its run, else what its
    package holds already.
    """
    if Task.GENERATE in model.family.info.tasks:
        kind = modality_data(model.spec.modality)
        request = SampleRequest(seeds=range(min(_PREVIEW_ITEMS, kind.sheet_items)))
        return kind.preview(samples(model, request, job), columns=kind.card_columns)
    if not model.run:
        return ModelPackage(Path(reference)).preview()
    if project is None:
        raise RuntimeError("runs belong to a project")
    sheets = Run.find(project.runs, model.run).sample_paths()
    known = [step for step in sheets if step <= model.step]
    if not known:
        return b""
    sheet = sheets[max(known)]
    if sheet.suffix == ".txt":
        return text_thumbnail(sheet.read_text(encoding="utf-8", errors="replace"))
    kind = modality_data(model.spec.modality)
    return sheet.read_bytes() if sheet.suffix == ".png" else kind.preview([kind.whole(sheet)])
