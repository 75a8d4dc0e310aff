"""What a new text repeats word for word from its model's own data is marked."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from studio.cli import main
from studio.core.media import Modality, Text
from studio.core.project import Project
from studio.core.recipe import DatasetRef, DataSpec, RunRecipe
from studio.engine import recited
from studio.engine.control import Control
from studio.engine.job import JobContext
from studio.engine.models import LoadedModel
from studio.engine.recited import Recited
from studio.terminal import Sink

TALE = " ".join(f"On day {day} the river rose by {day * 7 % 31} inches." for day in range(200))


def _model(dataset: str) -> LoadedModel:
    recipe = RunRecipe(
        name="Tales",
        family="gpt",
        modality=Modality.TEXT,
        dataset=DatasetRef(id="elsewhere", name=dataset),
        preparation={"size": 32},
    )
    spec = DataSpec(modality=Modality.TEXT, shape=(33,))
    return LoadedModel(cast("Any", None), "r@1", "Tales", recipe, spec, "r", 1, {})


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "tale.txt").write_text(TALE, "utf-8")
    folder = tmp_path / "p.studio"
    assert main(["import", str(folder), "Tales", str(tmp_path / "tale.txt")]) == 0
    return folder


def test_passages_of_the_data_are_marked_but_for_the_prompt(project: Path) -> None:
    """Those that were learned and those that were kept for checking are both the user's data."""
    opened = Project.open(project)
    job = JobContext("j", Control(), Sink())
    try:
        marks = Recited(opened, _model("Tales"), job)
        prompt = TALE[300:400]
        early, late = TALE[1000:1080], TALE[-300:-200]
        text = Text(f"{prompt} Then came {early}! And {late}", facts={"seed": 1})
        found = marks.marked(text, prompt)
        parts = [found.text[start:end] for start, end in found.facts["verbatim"]]
        assert [part.strip() for part in parts] == [early.strip(), late.strip()]
        assert found.facts["seed"] == 1
        assert marks.marked(replace(text, text="Nothing of it."), "").facts["verbatim"] == []
        # the second time, nothing is read again
        known = dict(recited._known)
        Recited(opened, _model("Tales"), job)
        assert all(recited._known[folder] is each for folder, each in known.items())
    finally:
        opened.close()


def test_a_text_is_made_all_the_same_where_its_data_is_not_here(project: Path) -> None:
    text = Text(TALE[:200])
    job = JobContext("j", Control(), Sink())
    opened = Project.open(project)
    try:
        assert Recited(None, _model("Tales"), job).marked(text, "") is text
        assert Recited(opened, _model("Another"), job).marked(text, "") is text
        table = opened.library.datasets
        dataset = table.find("Tales")
        assert dataset is not None
        table.set_excluded(dict.fromkeys(table.ids(dataset.id), True))
        assert Recited(opened, _model("Tales"), job).marked(text, "") is text  # nothing is left
    finally:
        opened.close()
