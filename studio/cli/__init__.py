"""The command line: everything that the window does, headless.

Exit status: 0 done, 1 failed, 2 wrong usage, 130 stopped by the user (what was made is kept).
"""

from __future__ import annotations

from typing import Annotated

import typer

from studio import __version__

# isort: off - each registers its commands, and `--help` lists them in this order
from studio.cli import batches, data, making, models, program, training  # noqa: F401

# isort: on
from studio.cli.app import app
from studio.core.errors import StudioError
from studio.engine.errors import report
from studio.terminal import say_error


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
