"""Commands for runs: train, forecast, measure, compare, time-lapse."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from studio import headless
from studio.cli.app import JsonOption, ModelOption, ProjectArgument, ResultOption, app
from studio.core import protocol
from studio.terminal import say_comparison, say_whole


@app.command()
def train(
    project: ProjectArgument,
    dataset: Annotated[str, typer.Option(help="Name of the dataset.")] = "",
    partner: Annotated[
        str, typer.Option(help="Second dataset, for kinds of model that learn from two.")
    ] = "",
    family: Annotated[str, typer.Option(help="Kind of model, as in `catalogue`.")] = "gan",
    preset: Annotated[str, typer.Option(help="quick, balanced or best.")] = "quick",
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", help="An option or preparation setting: name=value."),
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of everything random.")] = 0,
    name: Annotated[str, typer.Option(help="Name of the run.")] = "",
    start_from: Annotated[
        str, typer.Option("--from", help="Model to start from: RUN, RUN@STEP or a package.")
    ] = "",
    resume: Annotated[str, typer.Option(help="Go on with this run.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Train a model. Ctrl-C stops and saves; `--resume RUN` goes on exactly there."""
    if resume:
        raise typer.Exit(headless.run(protocol.Train(project=str(project), resume=resume), as_json))
    recipe = headless.recipe(project, dataset, family, preset, settings or [], seed, name, partner)
    if start_from:
        recipe = headless.starting_from(project, recipe, start_from)
    raise typer.Exit(headless.run(protocol.Train(project=str(project), recipe=recipe), as_json))


@app.command()
def forecast(
    project: ProjectArgument,
    dataset: Annotated[str, typer.Option(help="Name of the dataset.")],
    partner: Annotated[str, typer.Option(help="Second dataset, where one is needed.")] = "",
    family: Annotated[str, typer.Option(help="Kind of model.")] = "gan",
    preset: Annotated[str, typer.Option(help="quick, balanced or best.")] = "quick",
    settings: Annotated[
        list[str] | None, typer.Option("--set", help="A setting: name=value.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Measure a few real steps: time, memory, disk."""
    recipe = headless.recipe(project, dataset, family, preset, settings or [], 0, "", partner)
    raise typer.Exit(
        headless.run(protocol.Forecast(project=str(project), recipe=recipe), as_json, say=say_whole)
    )


@app.command()
def evaluate(
    project: ProjectArgument,
    model: ModelOption,
    every: Annotated[
        bool, typer.Option("--all-checkpoints", help="Every checkpoint of the run.")
    ] = False,
    count: Annotated[
        int, typer.Option("--samples", min=0, max=50_000, help="Samples to make; 0: as usual.")
    ] = 0,
    as_json: ResultOption = False,
) -> None:
    """Measure a model on the part of the data that it never saw."""
    command = protocol.Evaluate(project=str(project), model=model, every=every, samples=count)
    raise typer.Exit(headless.run(command, as_json, only_result=as_json, say=say_whole))


@app.command()
def timelapse(
    project: ProjectArgument,
    run: Annotated[str, typer.Option(help="Id or name of the run.")],
    out: Annotated[Path, typer.Option(help="File to write: .mp4, .gif or .webp.")],
    as_json: JsonOption = False,
) -> None:
    """Write a run's sample sheets, one after the other, as a clip."""
    command = protocol.ExportTimelapse(project=str(project), run=run, path=str(out.absolute()))
    raise typer.Exit(headless.run(command, as_json))


@app.command()
def compare(
    project: ProjectArgument,
    runs: Annotated[list[str], typer.Argument(help="Ids or names of two runs or more.")],
    step: Annotated[
        int | None, typer.Option(min=0, help="Compare at this step; else where the shortest ends.")
    ] = None,
    minutes: Annotated[
        float | None, typer.Option(min=0.0, help="Compare after so much training time instead.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="PNG or MP4 to write, with their samples side by side.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Set runs side by side: samples, numbers and settings at the same point of their training."""
    command = protocol.CompareRuns(
        project=str(project),
        runs=runs,
        clock="step" if minutes is None else "time",
        point=step if minutes is None else 60 * minutes,
        path=str(out.absolute()) if out else "",
    )
    raise typer.Exit(headless.run(command, as_json, only_result=as_json, say=say_comparison))
