"""The command line's one Typer application, and what several commands take."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    name="studio",
    add_completion=False,
    no_args_is_help=True,
    help="AIGC Studio without a window. `studio [PROJECT]` opens the window.",
)

ProjectArgument = Annotated[Path, typer.Argument(help="Project folder, NAME.studio.")]
ModelOption = Annotated[
    str, typer.Option(help="A run, by id or name, RUN@STEP, or a model package.")
]
SamplerOption = Annotated[
    list[str] | None, typer.Option("--set", help="A setting of the sampler: name=value.")
]
JsonOption = Annotated[
    bool, typer.Option("--json", help="Print events as lines of JSON instead of a bar.")
]
ResultOption = Annotated[
    bool, typer.Option("--json", help="Print one JSON object of named metrics.")
]
