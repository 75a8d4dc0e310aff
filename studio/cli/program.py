"""Commands for the program itself: catalogue, demo, engine."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from studio import headless
from studio.cli.app import JsonOption, app
from studio.core.paths import resource


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
