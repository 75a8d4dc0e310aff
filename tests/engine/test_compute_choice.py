"""Precision and layout of a run: measured where that pays, and once."""

from __future__ import annotations

import json
from math import inf
from pathlib import Path

import pytest
from tiny_data import tiny, tiny_recipe

from studio.core.recipe import DatasetRef, RunRecipe
from studio.engine import runtime
from studio.engine.registry import families
from studio.engine.runtime import choose_compute
from studio.families.batch import Batch
from studio.families.compute import Compute


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the file of a cache of its own; measuring is short."""
    monkeypatch.setattr(runtime, "cache_dir", lambda: tmp_path)
    monkeypatch.setattr(runtime, "_BENCHMARK_SECONDS", 0.2)
    return tmp_path / "benchmarks.json"


def chosen(family: str, steps: int, precision: str = "fp32") -> Compute:
    """Return what a run of a tiny model computes with."""
    kind = families()[family]
    options = tiny_recipe(kind, steps=steps, batch_size=4, precision=precision)
    data = tiny(kind.info)
    recipe = RunRecipe(
        name="Tiny",
        family=family,
        modality=kind.info.modality,
        dataset=DatasetRef(id="d", name="Data"),
        options=options.model_dump(),
    )
    batch = Batch(data.items[:4])
    return choose_compute(recipe, options, data.spec, lambda c: kind(options, c), batch)


def test_a_short_run_begins_at_once(cache: Path) -> None:
    assert chosen("vae", 149, "auto") == Compute()
    assert not cache.exists()


def test_a_longer_one_takes_the_fastest_which_is_remembered(cache: Path) -> None:
    first = chosen("vae", 150)
    (times,) = json.loads(cache.read_text()).values()
    assert len(times) == 2  # maps may lie in two ways
    assert first.channels_last is (times[1] < times[0])
    swapped = json.dumps(dict.fromkeys(json.loads(cache.read_text()), times[::-1]))
    cache.write_text(swapped)
    assert chosen("vae", 400).channels_last is not first.channels_last
    assert cache.read_text() == swapped


def test_layouts_are_not_measured_where_nothing_is_laid_out(cache: Path) -> None:
    assert not chosen("gpt", 150).channels_last
    ((plain, maps),) = json.loads(cache.read_text()).values()
    assert plain < inf
    assert maps == inf
