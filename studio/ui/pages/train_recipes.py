"""New recipes from old ones: a fork, the coach's cure, a copy to change; and how recipes differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from studio.core.catalogue import catalogue
from studio.core.protocol import Advice
from studio.core.recipe import Fork, RunRecipe, differing_settings
from studio.ui.pages.train_words import tr
from studio.ui.words import setting

_LEAST_LEFT = 0.25  # share of the run that a fork trains at least


def fork_recipe(
    recipe: RunRecipe, run: str, step: int, changes: Mapping[str, Any] | None = None
) -> RunRecipe:
    """Return the recipe of a run that goes on from a checkpoint of another one.

    A fork counts its steps from the checkpoint's. It ends where its parent does, but trains a
    quarter of the parent's length at least, so that a change can show.

    Args:
        recipe: The parent's recipe.
        run: The parent's id.
        step: Step of the checkpoint.
        changes: Options that are others than the parent's.
    """
    length = int(recipe.options["steps"])
    steps = max(length, step + max(1, round(length * _LEAST_LEFT)))
    options = recipe.options | {"steps": steps} | dict(changes or {})
    return recipe.model_copy(
        update={
            "name": f"{recipe.name} · {step:,}",
            "options": options,
            "fork": Fork(run=run, step=step),
        }
    )


def copy_recipe(recipe: RunRecipe) -> RunRecipe:
    """Return a copy under a name of its own: `Digits`, `Digits (2)`, `Digits (3)` …"""
    plain, _, number = recipe.name.removesuffix(")").rpartition(" (")
    if plain and recipe.name.endswith(")") and number.isdigit():
        return recipe.model_copy(update={"name": f"{plain} ({int(number) + 1})"})
    return recipe.model_copy(update={"name": f"{recipe.name} (2)"})


def cure(recipe: RunRecipe, run: str, advice: Advice) -> RunRecipe | None:
    """Return the fork that the coach proposes; None when its cure is no fork."""
    if not advice.changes or advice.fork_step is None:
        return None
    return fork_recipe(recipe, run, advice.fork_step, advice.changes)


def differences(recipes: Sequence[RunRecipe]) -> list[tuple[str, list[str]]]:
    """Return the settings in which recipes differ: (title, value in each recipe)."""
    rows = [
        (tr("Dataset"), [recipe.dataset.name for recipe in recipes]),
        (tr("Kind of model"), [catalogue().family(recipe.family).info.title for recipe in recipes]),
        (tr("Preset"), [_preset_title(recipe) for recipe in recipes]),
        (tr("Seed"), [str(recipe.seed) for recipe in recipes]),
        (tr("Forked from"), [_fork_words(recipe) for recipe in recipes]),
    ]
    for name, values in differing_settings(recipes).items():
        fields = [setting_field(recipe, name) for recipe in recipes]
        title = next((field["title"] for field in fields if field), name)
        pairs = zip(values, fields, strict=True)
        rows.append((title, [setting(value, field) for value, field in pairs]))
    return [(title, found) for title, found in rows if len(set(found)) > 1]


def setting_field(recipe: RunRecipe, name: str) -> dict[str, Any]:
    """Return the schema of an option or a preparation setting; empty when it is not known."""
    schemas = (
        catalogue().family(recipe.family).options,
        catalogue().modalities[recipe.modality].preparation,
    )
    found = (schema["properties"][name] for schema in schemas if name in schema["properties"])
    return next(found, {})


def _preset_title(recipe: RunRecipe) -> str:
    presets = catalogue().family(recipe.family).presets
    return next((preset.title for preset in presets if preset.id == recipe.preset), "–")


def _fork_words(recipe: RunRecipe) -> str:
    if recipe.fork is None:
        return "–"
    words = tr("{run}, step {step}")
    return words.format(run=recipe.fork.source, step=f"{recipe.fork.step:,}")
