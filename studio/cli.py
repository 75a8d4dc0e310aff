"""The command line: everything that the window does, headless.

Exit status: 0 done, 1 failed, 2 wrong usage, 130 stopped by the user (what was made is kept).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Literal

import typer

from studio import __version__, arguments, headless
from studio.core import protocol
from studio.core.errors import StudioError
from studio.core.family_info import Task
from studio.core.media import Modality
from studio.core.packages import SUFFIX as PACKAGE_SUFFIX
from studio.core.paths import resource
from studio.core.places import Easing
from studio.engine.errors import report
from studio.terminal import say_error

app = typer.Typer(
    name="studio",
    add_completion=False,
    no_args_is_help=True,
    help="AIGC Studio without a window. `studio [PROJECT]` opens the window.",
)

ProjectArgument = Annotated[Path, typer.Argument(help="Project folder, NAME.studio.")]
PathForm = Literal["strip", "gif", "webp", "mp4"]
JsonOption = Annotated[
    bool, typer.Option("--json", help="Print events as lines of JSON instead of a bar.")
]


def main(argv: list[str]) -> int:
    """Run a command and return the exit status."""
    try:
        app(argv)
    except SystemExit as ended:
        return int(ended.code or 0)
    except StudioError as error:
        say_error(report(error))
        return 1
    return 0


@app.callback(invoke_without_command=True)
def root(
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    if version:
        typer.echo(__version__)
        raise typer.Exit


@app.command("import")
def import_files(
    project: ProjectArgument,
    name: Annotated[str, typer.Argument(help="Dataset to make or to add to.")],
    paths: Annotated[list[Path], typer.Argument(help="Files, folders and archives.")],
    modality: Annotated[
        Modality | None, typer.Option(help="Kind of media; guessed when left out.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Bring files, folders or archives into a dataset."""
    headless.ensure_project(project)
    command = protocol.ImportFiles(
        project=str(project),
        name=name,
        paths=[str(path.absolute()) for path in paths],
        modality=modality,
    )
    raise typer.Exit(headless.run(command, as_json))


@app.command("sample-set")
def sample_set(
    project: ProjectArgument,
    sample: Annotated[str, typer.Argument(help="Built-in set: digits or shapes.")],
    name: Annotated[str, typer.Option(help="Name of the dataset.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Make a built-in sample set into a dataset; needs no network."""
    headless.ensure_project(project)
    raise typer.Exit(
        headless.run(protocol.ImportSample(project=str(project), sample=sample, name=name), as_json)
    )


@app.command()
def download(
    project: ProjectArgument,
    source: Annotated[str, typer.Argument(help="mnist, fashion-mnist, kmnist or cifar10.")],
    name: Annotated[str, typer.Option(help="Name of the dataset.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Fetch a public dataset from its home and import it."""
    headless.ensure_project(project)
    raise typer.Exit(
        headless.run(
            protocol.DownloadDataset(project=str(project), source=source, name=name), as_json
        )
    )


@app.command()
def prepare(
    project: ProjectArgument,
    dataset: Annotated[str, typer.Option(help="Name of the dataset.")],
    settings: Annotated[
        list[str] | None, typer.Option("--set", help="A preparation setting: name=value.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Bring a dataset to training size; training does it by itself when needed."""
    raise typer.Exit(headless.prepare(project, dataset, settings or [], as_json))


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
        headless.run(
            protocol.Forecast(project=str(project), recipe=recipe), as_json, whole_result=True
        )
    )


@app.command()
def generate(
    project: ProjectArgument,
    model: Annotated[str, typer.Option(help="RUN, RUN@STEP or a model package.")],
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
    settings: Annotated[
        list[str] | None, typer.Option("--set", help="A setting of the sampler: name=value.")
    ] = None,
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
        inputs=arguments.own_files(inputs or []),
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
    model: Annotated[str, typer.Option(help="RUN, RUN@STEP or a model package.")],
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
    settings: Annotated[
        list[str] | None, typer.Option("--set", help="A setting of the sampler: name=value.")
    ] = None,
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
def evaluate(
    project: ProjectArgument,
    model: Annotated[str, typer.Option(help="RUN, RUN@STEP or a model package.")],
    every: Annotated[
        bool, typer.Option("--all-checkpoints", help="Every checkpoint of the run.")
    ] = False,
    count: Annotated[
        int, typer.Option("--samples", min=0, max=50_000, help="Samples to make; 0: as usual.")
    ] = 0,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object of named metrics.")
    ] = False,
) -> None:
    """Measure a model on the part of the data that it never saw."""
    command = protocol.Evaluate(project=str(project), model=model, every=every, samples=count)
    raise typer.Exit(headless.run(command, as_json, only_result=as_json, whole_result=True))


@app.command()
def export(
    project: ProjectArgument,
    model: Annotated[str, typer.Option(help="RUN, RUN@STEP or a model package.")],
    out: Annotated[
        Path, typer.Option(help="File to write, NAME.studiomodel, or a folder for ONNX.")
    ],
    onnx: Annotated[bool, typer.Option("--onnx", help="Write ONNX files.")] = False,
    int8: Annotated[
        bool, typer.Option("--int8", help="With --onnx: 8-bit weights as well.")
    ] = False,
    average: Annotated[
        list[int] | None, typer.Option("--average", help="Steps whose weights are averaged.")
    ] = None,
    prune: Annotated[
        float, typer.Option(min=0.0, max=0.95, help="Share of the smallest weights to leave out.")
    ] = 0.0,
    as_json: JsonOption = False,
) -> None:
    """Write a trained model as a package to share, or as ONNX files for other programs."""
    where = {"project": str(project), "model": model, "path": str(out.absolute())}
    changes = {"average": average or [], "prune": prune}
    command: protocol.Message = protocol.ExportModel.model_validate(where | changes)
    if onnx:
        command = protocol.ExportOnnx.model_validate(where | changes | {"int8": int8})
    raise typer.Exit(headless.run(command, as_json, whole_result=True))


@app.command()
def timelapse(
    project: ProjectArgument,
    run: Annotated[str, typer.Option(help="Id of the run.")],
    out: Annotated[Path, typer.Option(help="File to write: .mp4, .gif or .webp.")],
    as_json: JsonOption = False,
) -> None:
    """Write a run's sample sheets, one after the other, as a clip."""
    command = protocol.ExportTimelapse(project=str(project), run=run, path=str(out.absolute()))
    raise typer.Exit(headless.run(command, as_json))


@app.command()
def serve(
    project: ProjectArgument,
    host: Annotated[
        str, typer.Option(help="Address to listen at; the usual one is this computer's own.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 8765,
    token: Annotated[str, typer.Option(help="Secret of the callers; else a new one.")] = "",
) -> None:
    """Answer other programs over HTTP with the project's models. Ctrl-C ends it."""
    from studio.serve.run import serve as answer

    answer(project, host, port, token)


@app.command()
def catalogue(
    as_json: Annotated[bool, typer.Option("--json", help="Print it instead.")] = False,
) -> None:
    """Write resources/catalogue.json from the families' code."""
    from studio.engine.registry import make_catalogue, write_catalogue

    if as_json:
        typer.echo(json.dumps(make_catalogue().model_dump(mode="json"), indent=2))
    else:
        write_catalogue(resource("catalogue.json"))
        typer.echo(f"wrote {resource('catalogue.json')}", err=True)


@app.command()
def demo(
    out: Annotated[Path, typer.Argument(help="Folder for the results.")] = Path("demo-run"),
    minutes: Annotated[float, typer.Option(help="Training time at most.")] = 3.0,
    as_json: JsonOption = False,
) -> None:
    """Do the main job headless: sample set, training, samples, loss plot, model package."""
    raise typer.Exit(headless.demo(out, minutes, as_json))


@app.command()
def engine() -> None:
    """Take commands from standard input and send events: for the window and for ssh."""
    from studio.engine.host import main as engine_main

    engine_main()
