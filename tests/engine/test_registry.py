"""The catalogue that ships says what the code offers, and both check with the same bounds."""

from __future__ import annotations

from typing import Any

import pytest

from studio.core.catalogue import catalogue, defaults, new_recipe, problems
from studio.core.datasets import Dataset
from studio.core.errors import StudioError
from studio.core.files import read_json
from studio.core.media import Modality
from studio.core.paths import resource
from studio.engine.registry import families, family_recipe, make_catalogue


def dataset(**preparation: Any) -> Dataset:
    return Dataset(
        id="d",
        name="D",
        modality=Modality.IMAGE,
        created=0.0,
        source="",
        licence="",
        preparation=preparation,
    )


def test_the_catalogue_is_not_stale() -> None:
    made = make_catalogue().model_dump(mode="json")
    assert made == read_json(resource("catalogue.json")), "run: python -m studio catalogue"


@pytest.mark.parametrize("family", sorted(families()))
def test_every_preset_is_sound_and_every_setting_explained(family: str) -> None:
    entry = catalogue().family(family)
    assert [preset.id for preset in entry.presets] == ["quick", "balanced", "best"]
    for preset in entry.presets:
        recipe = new_recipe(dataset(), family, preset.id)
        family_recipe(recipe)
        assert problems(entry.options, recipe.options) == {}
        assert set(preset.options) <= set(entry.options["properties"])
    for name, field in entry.options["properties"].items():
        assert field["title"] and field["description"].endswith((".", "!")), name
        assert field["group"], name
    assert entry.info.papers and entry.info.summary and entry.info.needs
    assert resource(entry.info.explains.removeprefix("resources/")).exists()
    assert entry.info.metric(entry.info.best).better in ("lower", "higher")


@pytest.mark.parametrize(
    ("name", "value"),
    [("steps", 0), ("batch_size", "many"), ("learning_rate", -1.0), ("precision", "fp8")],
)
def test_window_and_engine_refuse_the_same(name: str, value: Any) -> None:
    entry = catalogue().family("gan")
    recipe = new_recipe(dataset(), "gan", "quick", options={name: value})
    assert list(problems(entry.options, recipe.options)) == [name]
    with pytest.raises(StudioError, match=name):
        family_recipe(recipe)


def test_a_dataset_with_a_size_of_its_own_keeps_it() -> None:
    assert new_recipe(dataset(size=48), "gan", "quick").preparation["size"] == 48
    assert new_recipe(dataset(size=0), "gan", "quick").preparation["size"] == 32
    schema = catalogue().modalities[Modality.IMAGE].preparation
    assert set(new_recipe(dataset(), "vae", "quick").preparation) == set(defaults(schema))
