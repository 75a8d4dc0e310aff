"""New recipes from old ones: a fork, the coach's cure, a copy to change; and how recipes differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from studio.core.catalogue import catalogue
from studio.core.protocol import Advice
from studio.core.recipe import Fork, RunRecipe

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
    rows: list[tuple[str, list[str]]] = []
    plain: list[tuple[str, list[Any]]] = [
        ("Dataset", [recipe.dataset.name for recipe in recipes]),
        ("Family", [catalogue().family(recipe.family).info.title for recipe in recipes]),
        ("Preset", [recipe.preset for recipe in recipes]),
        ("Seed", [recipe.seed for recipe in recipes]),
        (
            "Forked from",
            [
                f"{recipe.fork.run} {recipe.fork.step:,}" if recipe.fork else ""
                for recipe in recipes
            ],
        ),
    ]
    for part in ("preparation", "options"):
        values = [getattr(recipe, part) for recipe in recipes]
        for name in dict.fromkeys(key for each in values for key in each):
            title = next(filter(None, (setting_title(recipe, name) for recipe in recipes)), name)
            plain.append((title, [each.get(name) for each in values]))
    for title, found in plain:
        if any(value != found[0] for value in found):
            rows.append((title, [_shown(value) for value in found]))
    return rows


def setting_title(recipe: RunRecipe, name: str) -> str:
    """Return the title of an option or a preparation setting; empty when it is not known."""
    schemas = (
        catalogue().family(recipe.family).options,
        catalogue().modalities[recipe.modality].preparation,
    )
    for schema in schemas:
        if field := schema["properties"].get(name):
            return str(field["title"])
    return ""


def _shown(value: Any) -> str:
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return "on" if value else "off"
    return (
        f"{value:,}"
        if isinstance(value, int)
        else f"{value:g}"
        if isinstance(value, float)
        else str(value)
    )
