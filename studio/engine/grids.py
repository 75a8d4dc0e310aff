"""The job *make_grid*: one picture of many samples, in which two things change."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from studio.core.errors import StudioError
from studio.core.family_info import Task
from studio.core.media import Image
from studio.core.project import Project
from studio.core.protocol import Axis, GenerateRequest, MakeGrid
from studio.data.image.grid import titled_grid
from studio.engine.asset_sink import AssetSink
from studio.engine.job import JobContext
from studio.engine.models import LoadedModel, load_model
from studio.engine.requests import caption_rows, label_numbers, sample_request, samples

_MOST = 1024  # cells


def make_grid(command: MakeGrid, job: JobContext) -> dict[str, Any]:
    """Make every cell and write them as one picture; returns its path and the asset's id.

    Cells of one seed begin at the same place, whatever else changes.

    Raises:
        StudioError: The two sides are one thing, or the model cannot do what is asked.
    """
    rows, columns = command.rows, command.columns
    cells = [_cell(command, row, column) for row in rows.values for column in columns.values]
    job.started("make_grid", f"{len(rows.values)} × {len(columns.values)}")
    if rows.what == columns.what or len(cells) > _MOST:
        raise StudioError(
            "That is no grid",
            f"Both sides change the {rows.what}."
            if rows.what == columns.what
            else f"{len(cells):,} cells are more than {_MOST:,}.",
            "Choose another thing for one side, or fewer values.",
        )
    project = Project.open(Path(command.project)) if command.project else None
    try:
        pictures: dict[int, npt.NDArray[np.uint8]] = {}
        for model_name in dict.fromkeys(cell.model for cell in cells):
            model = load_model(project, model_name)
            places = [i for i, cell in enumerate(cells) if cell.model == model_name]
            made = _made(model, [cells[place] for place in places], job)
            pictures |= dict(zip(places, made, strict=True))
        across = len(columns.values)
        titles = [_titles(project, axis) for axis in (rows, columns)]
        grid = titled_grid(
            [[pictures[r * across + c] for c in range(across)] for r in range(len(rows.values))],
            *titles,
        )
        facts = {"rows": rows.model_dump(), "columns": columns.model_dump()}
        sink = AssetSink(project, command.out, model, command.request, job)
        sink.total = 1
        with sink:
            sink.write(replace(grid, facts=facts), f"grid-{rows.what}-{columns.what}")
        return {"paths": sink.paths, "assets": sink.assets}
    finally:
        if project is not None:
            project.close()


def _cell(command: MakeGrid, row: str, column: str) -> GenerateRequest:
    """Return the request for one cell: the grid's own, with a value of either side."""
    changes: dict[str, Any] = {"task": Task.GENERATE, "count": 1, "places": []}
    for axis, value in ((command.rows, row), (command.columns, column)):
        field = "model" if axis.what == "checkpoint" else axis.what
        changes[field] = _number(value) if axis.what == "seed" else value
    return GenerateRequest.model_validate(command.request.model_dump() | changes)


def _number(value: str) -> int:
    if not value.strip().isdigit():
        raise StudioError(
            "That is no seed", f"{value!r} is not a whole number.", "Give numbers from 0 on."
        )
    return int(value)


def _made(
    model: LoadedModel, cells: list[GenerateRequest], job: JobContext
) -> list[npt.NDArray[np.uint8]]:
    """Return the pictures of one model's cells, made together."""
    request = replace(
        sample_request(model, cells[0]),
        seeds=[cell.seed for cell in cells],
        labels=label_numbers(model, [cell.label for cell in cells]),
        captions=caption_rows(model, [cell.prompt for cell in cells]),
    )
    media = samples(model, request, job)
    pictures = [each.pixels for each in media if isinstance(each, Image)]
    if len(pictures) != len(cells):
        raise StudioError(
            "Only pictures stand in a grid",
            f"{model.title} makes something else.",
            "Choose a model that makes pictures.",
        )
    return pictures


def _titles(project: Project | None, axis: Axis) -> list[str]:
    if axis.what == "seed":
        return [f"seed {value}" for value in axis.values]
    if axis.what != "checkpoint":
        return axis.values
    models = [load_model(project, value) for value in axis.values]
    one_run = len({model.run for model in models}) == 1 and models[0].run
    return [f"step {m.step:,}" if one_run else f"{m.title} · {m.step:,}" for m in models]
