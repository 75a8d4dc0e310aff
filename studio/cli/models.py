"""Commands that give models to others: packages, ONNX files, the HTTP service."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from studio import headless
from studio.cli.app import JsonOption, ModelOption, ProjectArgument, app
from studio.core import protocol
from studio.terminal import say_whole


@app.command()
def export(
    project: ProjectArgument,
    model: ModelOption,
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
    raise typer.Exit(headless.run(command, as_json, say=say_whole))


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
