"""Old prepared data goes, and nothing that is used, waited for or can go on is lost."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from made import encoded, noise

from studio.core.files import read_json
from studio.core.media import Modality
from studio.core.project import Project
from studio.core.recipe import DatasetRef, RunRecipe
from studio.core.runs import Run, RunState, RunStatus
from studio.core.work import Work
from studio.data import pruning
from studio.data.importer import import_paths
from studio.data.store import prepare

Bring = Callable[[str], str]


@pytest.fixture
def bring(opened: Project, tmp_path: Path) -> Bring:
    """Return a function that brings six pictures into a dataset and returns its id."""

    def bring_in(name: str) -> str:
        folder = tmp_path / name
        folder.mkdir()
        for index in range(6):
            (folder / f"{index}.png").write_bytes(encoded(noise(index)))
        return import_paths(opened, name, [folder], Work()).dataset_id

    return bring_in


def sizes(project: Project, dataset: str) -> set[int]:
    """Return the sizes at which a dataset lies prepared."""
    folders = (project.prepared / dataset).iterdir()
    return {read_json(folder / "spec.json")["shape"][-1] for folder in folders}


def recipe(dataset: str, size: int) -> RunRecipe:
    """Return the recipe of a run that wants a dataset at a size."""
    return RunRecipe(
        name=f"at {size}",
        family="gan",
        modality=Modality.IMAGE,
        dataset=DatasetRef(id=dataset, name=dataset),
        preparation={"size": size},
    )


def test_the_ones_used_last_stay(opened: Project, bring: Bring) -> None:
    dataset = bring("Data")
    for size in (8, 9, 10):
        prepare(opened, dataset, {"size": size}, Work())
    prepare(opened, dataset, {"size": 8}, Work())  # used again, so 9 is the oldest now
    prepare(opened, dataset, {"size": 11}, Work())
    assert pruning.KEPT == 3
    assert sizes(opened, dataset) == {8, 10, 11}


def test_what_a_run_still_needs_stays(opened: Project, bring: Bring) -> None:
    dataset = bring("Data")
    opened.library.queue.add("waits", recipe(dataset, 8))
    for size, status in (
        (9, RunStatus.INTERRUPTED),
        (10, RunStatus.STOPPED),
        (11, RunStatus.RUNNING),
        (12, RunStatus.DONE),
    ):
        run = Run(opened.runs / f"run-{size}")
        run.create(recipe(dataset, size))
        run.write_state(RunState(status=status))
    for size in range(8, 17):
        prepare(opened, dataset, {"size": size}, Work())
    assert sizes(opened, dataset) == {8, 9, 10, 11, 14, 15, 16}


def test_a_run_that_cannot_be_read_keeps_everything(opened: Project, bring: Bring) -> None:
    dataset = bring("Data")
    run = Run(opened.runs / "broken")
    run.create(recipe(dataset, 8))
    run.recipe_path.write_text("{}")
    for size in range(8, 13):
        prepare(opened, dataset, {"size": size}, Work())
    assert sizes(opened, dataset) == set(range(8, 13))


def test_datasets_do_not_touch_each_other_but_what_is_gone_goes(
    opened: Project, bring: Bring
) -> None:
    first, second = bring("First"), bring("Second")  # of the same content
    one = prepare(opened, first, {"size": 8}, Work())
    for size in (8, 9, 10, 11):
        two = prepare(opened, second, {"size": size}, Work())
    assert one.folder.exists()
    assert not set(one.ids) & set(two.ids)
    opened.library.datasets.remove(first)
    shutil.rmtree(opened.dataset(first))
    prepare(opened, second, {"size": 12}, Work())
    assert [folder.name for folder in opened.prepared.iterdir()] == [second]
