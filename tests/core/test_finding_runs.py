"""A run is found by its id or by its name, as long as that says which one."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.core.errors import StudioError
from studio.core.media import Modality
from studio.core.recipe import DatasetRef, RunRecipe
from studio.core.runs import Run


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    """Return a folder with two runs called *Birds*, one called *Waves*, and a broken one."""
    for run_id, name in (("0001", "Birds"), ("0002", "Birds"), ("0003", "Waves")):
        dataset = DatasetRef(id="d", name="Pictures")
        recipe = RunRecipe(name=name, family="gan", modality=Modality.IMAGE, dataset=dataset)
        Run(tmp_path / run_id).create(recipe)
    broken = Run(tmp_path / "0004")
    broken.folder.mkdir()
    broken.recipe_path.write_text("{")
    return tmp_path


def test_by_its_id_or_by_a_name_that_only_it_has(runs: Path) -> None:
    assert Run.find(runs, "0002").id == "0002"
    assert Run.find(runs, "Waves").id == "0003"


def test_a_name_that_several_have_says_which_there_are(runs: Path) -> None:
    with pytest.raises(StudioError, match="the name of 2 runs") as told:
        Run.find(runs, "Birds")
    assert "0001" in told.value.message
    assert "0002" in told.value.message


@pytest.mark.parametrize("wanted", ["", "Stones", "../0001", "."])
def test_what_is_not_there(runs: Path, wanted: str) -> None:
    with pytest.raises(StudioError, match="There is no run"):
        Run.find(runs, wanted)
