"""Commands that make media, and that write them out: generate, grid, attach, export-media."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from studio import arguments, headless
from studio.cli.app import JsonOption, ModelOption, ProjectArgument, SamplerOption, app
from studio.core import protocol
from studio.core.family_info import Task
from studio.core.packages import SUFFIX as PACKAGE_SUFFIX
from studio.core.places import Easing

PathForm = Literal["strip", "gif", "webp", "mp4"]


@app.command()
def generate(
    project: ProjectArgument,
    model: ModelOption,
    out: Annotated[
        Path | None, typer.Option(help="Folder for the files; left out: the gallery.")
    ] = None,
    count: Annotated[int, typer.Option(min=1, max=100_000, help="How many.")] = 16,
    seed: Annotated[
        int, typer.Option(min=0, max=2**31 - 1, help="Seed of the first; counts up.")
    ] = 0,
    label: Annotated[str, typer.Option(help="Label to make; empty: all in turn.")] = "",
    prompt: Annotated[str, typer.Option(help="What to show, in words.")] = "",
    variety: Annotated[
        float, typer.Option(min=0.0, max=2.0, help="0 safe, 1 as learned, 2 surprising.")
    ] = 1.0,
    task: Annotated[Task, typer.Option(help="What to make.")] = Task.GENERATE,
    places: Annotated[
        list[str] | None,
        typer.Option(
            "--place",
            help="Place to make, or that a path goes through: a seed, a JSON file of places, or a"
            " medium that was made here.",
        ),
    ] = None,
    inputs: Annotated[
        list[Path] | None, typer.Option("--input", help="Own files or folders to start from.")
    ] = None,
    masks: Annotated[
        list[Path] | None,
        typer.Option("--mask", help="Picture that is white where an input is to be made anew."),
    ] = None,
    frames: Annotated[int, typer.Option(min=2, max=600, help="Frames from place to place.")] = 24,
    legs: Annotated[
        list[int] | None,
        typer.Option("--leg", min=1, max=600, help="Frames of each leg, when they differ."),
    ] = None,
    easing: Annotated[
        Easing, typer.Option(help="Keep the speed, or slow down at each place.")
    ] = "steady",
    loop: Annotated[bool, typer.Option("--loop", help="Lead back to the first place.")] = False,
    form: Annotated[PathForm, typer.Option(help="What a path becomes.")] = "strip",
    fps: Annotated[float, typer.Option(min=1, max=120, help="Frames a second of a clip.")] = 24.0,
    settings: SamplerOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make media from a trained model."""
    request = protocol.GenerateRequest(
        model=model,
        task=task,
        count=count,
        seed=seed,
        label=label,
        prompt=prompt,
        variety=variety,
        inputs=arguments.own_files(inputs or [], arguments.modality_of(project, model), task),
        masks=[str(path.absolute()) for path in masks or []],
        places=arguments.places(places or []),
        frames=frames,
        legs=legs or [],
        easing=easing,
        loop=loop,
        form=form,
        fps=fps,
        options=arguments.pairs(settings or []),
    )
    if model.endswith(PACKAGE_SUFFIX):  # runs lie in a project, a package may come to a new one
        headless.ensure_project(project)
    folder = str(out.absolute()) if out else ""
    command = protocol.Generate(project=str(project), request=request, out=folder)
    raise typer.Exit(headless.run(command, as_json))


@app.command()
def grid(
    project: ProjectArgument,
    model: ModelOption,
    rows: Annotated[str, typer.Option(help="What changes downwards, such as seed=1,2,3.")],
    columns: Annotated[
        str, typer.Option(help="What changes sideways: checkpoint, seed, label or prompt.")
    ],
    out: Annotated[
        Path | None, typer.Option(help="Folder for the file; left out: the gallery.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, max=2**31 - 1, help="Seed of every cell.")] = 0,
    label: Annotated[str, typer.Option(help="Label of every cell.")] = "",
    prompt: Annotated[str, typer.Option(help="What every cell is to show.")] = "",
    settings: SamplerOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make one picture of many samples, in which two things change.

    Values are parted by commas, prompts by |; steps of a run stand for its checkpoints.
    """
    request = protocol.GenerateRequest(
        model=model,
        seed=seed,
        label=label,
        prompt=prompt,
        options=arguments.pairs(settings or []),
    )
    command = protocol.MakeGrid(
        project=str(project),
        request=request,
        rows=arguments.axis(rows, model),
        columns=arguments.axis(columns, model),
        out=str(out.absolute()) if out else "",
    )
    raise typer.Exit(headless.run(command, as_json))


@app.command()
def attach(
    project: ProjectArgument,
    video: Annotated[str, typer.Option(help="Clip: a file, or the number of an asset.")],
    sound: Annotated[
        str, typer.Option(help="Recording or tune: a file, or the number of an asset.")
    ],
    out: Annotated[
        Path | None, typer.Option(help="MP4 or WebM file to write; left out: the gallery.")
    ] = None,
    loop: Annotated[
        bool, typer.Option("--loop/--once", help="Begin a shorter sound again, or fall silent.")
    ] = True,
    fade: Annotated[float, typer.Option(min=0, max=60, help="Seconds of fading at the end.")] = 1.0,
    as_json: JsonOption = False,
) -> None:
    """Give a clip the sound of a recording or a tune."""
    command = protocol.AttachSound(
        project=str(project),
        video=_place(video),
        sound=_place(sound),
        out=str(out.absolute()) if out else "",
        loop=loop,
        fade=fade,
    )
    raise typer.Exit(headless.run(command, as_json))


@app.command("export-media")
def export_media(
    project: ProjectArgument,
    assets: Annotated[list[int], typer.Argument(help="Numbers of assets, as `generate` says.")],
    form: Annotated[str, typer.Option("--format", help="mp4, webm, av1, gif, png, wav, zip …")],
    out: Annotated[Path, typer.Option(help="Folder, or the file of formats that take all.")],
    fps: Annotated[float, typer.Option(min=0, max=120, help="Frames a second; 0: as it is.")] = 0.0,
    quality: Annotated[int, typer.Option(min=1, max=100, help="How good clips look.")] = 80,
    bare: Annotated[
        bool, typer.Option("--bare", help="Leave the recipe out of the files.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Write things of the gallery in a format."""
    command = protocol.ExportAssets(
        project=str(project),
        assets=assets,
        format=form,
        path=str(out.absolute()),
        embed_recipe=not bare,
        fps=fps,
        quality=quality,
    )
    raise typer.Exit(headless.run(command, as_json))


def _place(text: str) -> str:
    """Return an asset's number as it is, a file's path from the root."""
    return text if text.isdigit() else str(Path(text).absolute())
