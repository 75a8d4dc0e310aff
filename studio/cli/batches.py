"""Commands that make many things with several models at once: batch, game-kit."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from studio import arguments, headless
from studio.cli.app import JsonOption, ProjectArgument, SamplerOption, app
from studio.core import protocol
from studio.core.batch_recipes import BatchPart, BatchRecipe, game_kit
from studio.core.errors import StudioError
from studio.core.files import read_json
from studio.core.media import Modality

OutOption = Annotated[
    Path | None, typer.Option(help="Folder for the files; left out: the gallery.")
]
NameOption = Annotated[str, typer.Option(help="Name of the batch and of its folder.")]
SeedOption = Annotated[
    int, typer.Option(min=0, max=2**31 - 1, help="Seed of the first; counts up.")
]


@app.command()
def batch(
    project: ProjectArgument,
    recipe: Annotated[
        Path | None, typer.Option(help="Batch recipe, or the manifest of a batch to make again.")
    ] = None,
    models: Annotated[
        list[str] | None, typer.Option("--model", help="RUN, RUN@STEP or a model package.")
    ] = None,
    labels: Annotated[
        list[str] | None, typer.Option("--label", help="Label to make; each model makes all.")
    ] = None,
    count: Annotated[int, typer.Option(min=1, max=10_000, help="Of each model and label.")] = 8,
    seed: SeedOption = 0,
    prompt: Annotated[str, typer.Option(help="What to show or write, in words.")] = "",
    formats: Annotated[
        list[str] | None, typer.Option("--also", help="Write as this too, such as ogg.")
    ] = None,
    name: NameOption = "Batch",
    out: OutOption = None,
    settings: SamplerOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make media with several models, seeds and labels in one go, with a manifest.

    Asked for again with the same folder, it goes on where it was.
    """
    if recipe is not None:
        wanted = _read(recipe)
    elif models:
        part = BatchPart(
            name="media",
            models=tuple(models),
            labels=tuple(labels or ()),
            count=count,
            seed=seed,
            prompt=prompt,
            options=arguments.pairs(settings or []),
            formats=tuple(f".{each.lstrip('.').lower()}" for each in formats or ()),
        )
        wanted = BatchRecipe(name=name, parts=(part,))
    else:
        raise StudioError(
            "Nothing to make", "No model was named.", "Name one with --model, or a --recipe."
        )
    _run(project, wanted, out, as_json)


@app.command("game-kit")
def game_kit_command(
    project: ProjectArgument,
    sprites: Annotated[
        list[str] | None, typer.Option(help="Model of pictures; may be given again.")
    ] = None,
    tune: Annotated[list[str] | None, typer.Option(help="Model of music.")] = None,
    effects: Annotated[list[str] | None, typer.Option(help="Model of sounds.")] = None,
    dialogue: Annotated[list[str] | None, typer.Option(help="Model of texts.")] = None,
    seed: SeedOption = 0,
    name: NameOption = "Game kit",
    out: OutOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make sprites, a tune, sound effects and lines of dialogue for a game, in one folder."""
    chosen = {
        Modality.IMAGE: sprites or [],
        Modality.MUSIC: tune or [],
        Modality.AUDIO: effects or [],
        Modality.TEXT: dialogue or [],
    }
    _run(project, game_kit(chosen, name=name, seed=seed), out, as_json)


def _run(project: Path, recipe: BatchRecipe, out: Path | None, as_json: bool) -> None:
    headless.ensure_project(project)
    folder = str(out.absolute()) if out else ""
    command = protocol.MakeBatch(project=str(project), recipe=recipe, out=folder)
    raise typer.Exit(headless.run(command, as_json))


def _read(path: Path) -> BatchRecipe:
    """Return the batch recipe in a file, which may be a manifest."""
    try:
        told = read_json(path)
        return BatchRecipe.model_validate(told.get("recipe", told))
    except (OSError, ValueError, AttributeError, ValidationError) as error:
        raise StudioError(
            "Not a batch recipe",
            f"{path} cannot be read: {error}",
            "Name the manifest.json of a batch, or write one as docs/batches.md says.",
        ) from error
