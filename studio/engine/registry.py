"""Every family that the studio has, found by looking; and the catalogue made from them."""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

import studio.families
from studio.core.catalogue import Catalogue, FamilyEntry, ModalityEntry
from studio.core.errors import StudioError
from studio.core.files import write_json
from studio.core.options import FamilyRecipe
from studio.core.project import Project
from studio.core.recipe import RunRecipe
from studio.core.work import Work
from studio.data.modality import modalities
from studio.data.partner import prepare_for
from studio.data.store import PreparedData
from studio.families.base import Family
from studio.families.compute import Compute


@cache
def families() -> dict[str, type[Family[Any]]]:
    """Return the families by id: the classes with an `info` in `studio/families/*/*.py`."""
    found: dict[str, type[Family[Any]]] = {}
    for package in pkgutil.iter_modules(studio.families.__path__, "studio.families."):
        if not package.ispkg:
            continue
        for module in pkgutil.iter_modules(
            import_module(package.name).__path__, package.name + "."
        ):
            for value in vars(import_module(module.name)).values():
                if (
                    isinstance(value, type)
                    and issubclass(value, Family)
                    and value.__module__ == module.name
                    and "info" in vars(value)
                ):
                    found[value.info.id] = value
    return dict(sorted(found.items()))


def family_type(family_id: str) -> type[Family[Any]]:
    """Return a family's class; raises StudioError when there is none of that id."""
    known = families()
    if family_id not in known:
        raise StudioError(
            "This studio does not know that kind of model",
            f"{family_id!r} is not one of {', '.join(known)}.",
            "Update AIGC Studio, or choose another model.",
        )
    return known[family_id]


def family_recipe(recipe: RunRecipe) -> FamilyRecipe:
    """Return a run's options as the family's typed recipe.

    Raises:
        StudioError: A value is out of bounds or unknown.
    """
    return checked(family_type(recipe.family).recipe_type, recipe.options, "option")


M = TypeVar("M", bound=BaseModel)


def checked(kind: type[M], values: dict[str, Any], what: str) -> M:
    """Return a pydantic model of `kind` from `values`, with errors in plain words."""
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        lines = [
            f"{'.'.join(map(str, each['loc']))}: {each['msg'].lower()} (got {each['input']!r})"
            for each in error.errors()
        ]
        known = ", ".join(kind.model_fields)
        raise StudioError(
            f"A setting is out of bounds ({what})", "; ".join(lines), f"Known settings: {known}."
        ) from error


def prepared_data(project: Project, recipe: RunRecipe, work: Work) -> PreparedData:
    """Return the data that a run learns from, with its second dataset where its family wants one.

    Raises:
        StudioError: A dataset is missing or empty, or its items do not form pairs.
    """
    follows = family_recipe(recipe).prepares()
    recipe = recipe.model_copy(update={"preparation": recipe.preparation | follows})
    return prepare_for(project, recipe, family_type(recipe.family).info.partner, work)


def make_family(recipe: RunRecipe, compute: Compute) -> Family[Any]:
    """Return a family for a run; `setup` is still to be called."""
    return family_type(recipe.family)(family_recipe(recipe), compute)


def make_catalogue() -> Catalogue:
    """Return the catalogue of everything that the code offers."""
    return Catalogue(
        families={
            family_id: FamilyEntry(
                info=kind.info,
                presets=list(kind.presets),
                options=kind.recipe_type.model_json_schema(),
                sampling=kind.sampling_type.model_json_schema(),
            )
            for family_id, kind in families().items()
        },
        modalities={
            data.modality: ModalityEntry(
                preparation=data.preparation.model_json_schema(),
                suffixes=sorted(data.suffixes),
                stills=sorted(data.stills),
                formats=list(data.formats),
            )
            for data in modalities()
        },
    )


def write_catalogue(path: Path) -> None:
    """Write `resources/catalogue.json`."""
    write_json(path, make_catalogue().model_dump(mode="json"))
