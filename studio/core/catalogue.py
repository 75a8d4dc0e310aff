"""The catalogue: every family with its settings, as data, so that the window needs no torch.

`resources/catalogue.json` is written by `python -m studio catalogue` from the families' code; a
test fails when it is stale.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from pydantic import BaseModel

from studio.core.datasets import Dataset
from studio.core.errors import StudioError
from studio.core.family_info import STILL_TASKS, FamilyInfo, Preset, Task
from studio.core.files import read_json
from studio.core.media import Modality
from studio.core.paths import resource
from studio.core.recipe import DatasetRef, RunRecipe


class FamilyEntry(BaseModel):
    """A family: what is said of it, its presets, and its settings as JSON Schema.

    Attributes:
        options: Schema of its recipe.
        sampling: Schema of what its sampler can be told.
    """

    info: FamilyInfo
    presets: list[Preset]
    options: dict[str, Any]
    sampling: dict[str, Any]

    def preset(self, preset_id: str) -> Preset:
        """Return a preset by id; raises StudioError when the family has none of that id."""
        for preset in self.presets:
            if preset.id == preset_id:
                return preset
        known = ", ".join(preset.id for preset in self.presets)
        raise StudioError("No such preset", f"{preset_id!r} is not one of {known}.")

    def values(self, preset_id: str) -> dict[str, Any]:
        """Return every option's value under a preset."""
        return defaults(self.options) | self.preset(preset_id).options


class ModalityEntry(BaseModel):
    """A modality: its preparation's JSON Schema, and the suffixes that it reads and writes.

    Attributes:
        stills: Suffixes of pictures that stand for an item in `STILL_TASKS`.
    """

    preparation: dict[str, Any]
    suffixes: list[str]
    stills: list[str] = []
    formats: list[str] = []

    def taken(self, task: Task) -> list[str]:
        """Return the suffixes of the files that a task can start from."""
        return [*self.suffixes, *self.stills] if task in STILL_TASKS else self.suffixes


class Catalogue(BaseModel):
    """Content of `catalogue.json`."""

    families: dict[str, FamilyEntry]
    modalities: dict[Modality, ModalityEntry]

    def family(self, family_id: str) -> FamilyEntry:
        """Return a family by id; raises StudioError when there is none."""
        if family_id not in self.families:
            known = ", ".join(sorted(self.families))
            raise StudioError("No such family", f"{family_id!r} is not one of {known}.")
        return self.families[family_id]


@cache
def catalogue() -> Catalogue:
    """Read the catalogue that ships with the program."""
    return Catalogue.model_validate(read_json(resource("catalogue.json")))


def new_recipe(
    dataset: Dataset,
    family_id: str,
    preset_id: str,
    *,
    name: str = "",
    fingerprint: str = "",
    options: dict[str, Any] | None = None,
    preparation: dict[str, Any] | None = None,
    seed: int = 0,
    partner: Dataset | None = None,
) -> RunRecipe:
    """Return the recipe of a new run; every value is written out, so that defaults may change.

    The size of the items is the dataset's own where it has one, else the preset's.

    Args:
        options, preparation: Values that differ from the preset.
        partner: The second dataset, for families that learn from two.
    """
    family = catalogue().family(family_id)
    preset = family.preset(preset_id)
    schema = catalogue().modalities[dataset.modality].preparation
    own = {key: value for key, value in dataset.preparation.items() if value or key != "size"}
    form = {"form": family.info.form} if family.info.form else {}
    return RunRecipe(
        name=name or f"{dataset.name} · {family.info.title} {preset.title}",
        family=family_id,
        preset=preset_id,
        modality=dataset.modality,
        dataset=DatasetRef(id=dataset.id, name=dataset.name, fingerprint=fingerprint),
        partner=DatasetRef(id=partner.id, name=partner.name) if partner is not None else None,
        preparation=defaults(schema) | preset.preparation | own | (preparation or {}) | form,
        options=family.values(preset_id) | (options or {}),
        seed=seed,
    )


def defaults(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the default of every property of a schema."""
    return {name: field["default"] for name, field in schema["properties"].items()}


def problems(schema: dict[str, Any], values: dict[str, Any]) -> dict[str, str]:
    """Return what is wrong with `values`, by property; empty when nothing is.

    These are the same bounds that the engine checks.
    """
    from jsonschema import Draft202012Validator  # the window opens without waiting for it

    found: dict[str, str] = {}
    for error in Draft202012Validator(schema).iter_errors(values):
        name = str(error.absolute_path[0]) if error.absolute_path else ""
        found.setdefault(name, _in_words(error.validator, error.validator_value, error.message))
    return found


def _in_words(rule: str, bound: Any, message: str) -> str:
    choices = ", ".join(map(str, bound)) if isinstance(bound, list) else bound
    words = {
        "minimum": f"must be {bound} or more",
        "maximum": f"must be {bound} or less",
        "exclusiveMinimum": f"must be more than {bound}",
        "exclusiveMaximum": f"must be less than {bound}",
        "multipleOf": f"must be a multiple of {bound}",
        "enum": f"must be one of {choices}",
        "type": f"must be of type {bound}",
    }
    return words.get(rule, message)
