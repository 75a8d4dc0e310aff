"""What the command line is told, as the studio takes it: settings, places, grids, own files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from studio.core.catalogue import catalogue
from studio.core.errors import StudioError
from studio.core.family_info import Task
from studio.core.files import files_in, read_json
from studio.core.media import NOUNS, Modality
from studio.core.packages import SUFFIX, ModelPackage
from studio.core.places import Place, place_of, seed_place
from studio.core.protocol import Axis
from studio.core.runs import Run

_PLACE_HINT = 'Give a seed, a JSON file such as {"seeds": [3, 7]}, or a picture that was made here.'


def places(named: list[str]) -> list[Place]:
    """Return places from what names them: a seed, a JSON file, or a medium that was made here.

    Raises:
        StudioError: Something names no place.
    """
    return [place for name in named for place in _places(name)]


def _places(name: str) -> list[Place]:
    if name.isdigit():
        return [seed_place(int(name))]
    path = Path(name)
    if not path.exists():
        raise StudioError("Not a place", f"There is no file {name}.", _PLACE_HINT)
    try:
        if path.suffix.lower() == ".json":
            told = read_json(path)
            return [
                Place.model_validate(one) for one in (told if isinstance(told, list) else [told])
            ]
        found = place_of(_recipe_in(path) or {})
    except (OSError, ValueError) as error:
        raise StudioError("Not a place", f"{name}: {error}", _PLACE_HINT) from error
    if found is None:
        raise StudioError("Not a place", f"{name} does not say where it was made.", _PLACE_HINT)
    return [found]


def _recipe_in(path: Path) -> dict[str, Any] | None:
    """Return the recipe inside a medium's file, of whatever kind it is."""
    from studio.data.modality import modalities

    suffix = path.suffix.lower()
    found = [kind for kind in modalities() if suffix in kind.suffixes - kind.borrowed]
    return found[0].read_recipe(path) if found else None


def modality_of(project: Path, model: str) -> Modality | None:
    """Return what a model makes; None where that is not known, as the engine will say."""
    try:
        if model.endswith(SUFFIX):
            return ModelPackage(Path(model)).manifest.recipe.modality
        return Run(project / "runs" / model.partition("@")[0]).recipe().modality
    except (StudioError, OSError, ValueError):
        return None


def own_files(
    paths: list[Path], modality: Modality | None = None, task: Task = Task.GENERATE
) -> list[str]:
    """Return the files at some paths, those of a known kind in folders, as absolute paths.

    Args:
        modality: Which kind is taken from folders; left out, all that are known.
        task: What is done with them.

    Raises:
        StudioError: A folder holds none.
    """
    known = catalogue().modalities
    kinds = [known[modality]] if modality in known else list(known.values())
    suffixes = {end for each in kinds for end in each.taken(task)}
    found: list[Path] = []
    for path in paths:
        inside = files_in([path], suffixes) if path.is_dir() else [path]
        if not inside:
            raise StudioError(
                "Nothing to start from",
                f"The folder {path} holds no file that can be read.",
                f"Name a folder with {NOUNS[modality].many if modality else 'files'} in it.",
            )
        found += inside
    return [str(path.absolute()) for path in found]


def pairs(settings: list[str]) -> dict[str, Any]:
    """Return `name=value` settings as a dict, values as JSON where they are.

    Raises:
        StudioError: One is not of that form.
    """
    values = {}
    for setting in settings:
        name, separator, text = setting.partition("=")
        if not separator or not name:
            raise StudioError(
                "Not a setting",
                f"{setting!r} is not of the form name=value.",
                "Write it like --set steps=500.",
            )
        values[name] = _value(text)
    return values


def axis(text: str, model: str) -> Axis:
    """Return one side of a grid from `what=value,value`, such as `seed=1,2,3`.

    Raises:
        StudioError: It is not of that form.
    """
    what, _, listed = text.partition("=")
    values = [value.strip() for value in listed.split("|" if what == "prompt" else ",")]
    if what == "checkpoint":  # bare numbers are steps of the model's own run
        run = model.partition("@")[0]
        values = [f"{run}@{value}" if value.isdigit() else value for value in values]
    try:
        return Axis.model_validate({"what": what, "values": [v for v in values if v]})
    except ValidationError as error:
        raise StudioError(
            "Not a side of a grid",
            f"{text!r} is not of the form what=value,value.",
            "Write it like seed=1,2,3, label=cat,dog, checkpoint=500,1000 or prompt=one|another.",
        ) from error


def known(settings: list[str], *schemas: dict[str, Any]) -> dict[str, Any]:
    """Return `name=value` settings that one of the schemas knows.

    Raises:
        StudioError: One is of another form or of a name that none has.
    """
    known = sorted(name for schema in schemas for name in schema["properties"])
    values = pairs(settings)
    if strange := sorted(set(values) - set(known)):
        raise StudioError(
            "Not a setting",
            f"There is no setting {strange[0]!r} here.",
            f"Known settings: {', '.join(known)}.",
        )
    return values


def _value(text: str) -> Any:
    try:
        return json.loads(text.lower())
    except json.JSONDecodeError:
        return text
