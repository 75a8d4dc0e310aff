"""Commands for data: import, sample sets, downloads, preparation."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from studio import headless
from studio.cli.app import JsonOption, ProjectArgument, app
from studio.core import protocol
from studio.core.media import Modality


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
    sample: Annotated[
        str, typer.Argument(help="Built-in set: digits, shapes … A wrong name lists them all.")
    ],
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
