"""The library keeps edits undoable, finds things, and refuses what a newer program made."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from studio.core.assets import AssetFilter, NewAsset
from studio.core.blobs import BlobReader, BlobWriter, Span
from studio.core.errors import StudioError
from studio.core.items import ItemFilter, NewItem
from studio.core.library import MIGRATIONS, Library
from studio.core.media import Modality
from studio.core.project import Project
from studio.core.queue import QueueStatus
from studio.core.recipe import DatasetRef, RunRecipe


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    opened = Project.open(tmp_path / "p.studio", create=True)
    yield opened
    opened.close()


def item(name: str, label: str = "", caption: str = "", notes: tuple[str, ...] = ()) -> NewItem:
    span = Span(0, 1)
    return NewItem(name, label, caption, 8, 8, notes, name.encode(), 0, span, span)


def asset(number: int, label: str = "cat") -> NewAsset:
    return NewAsset(
        path=f"assets/{number}.png",
        modality=Modality.IMAGE,
        title=f"{label} · seed {number}",
        model="run@1",
        model_title="Tiere · GAN",
        run="run",
        step=1,
        seed=number,
        label=label,
        width=8,
        height=8,
        recipe={"seed": number},
        thumb=Span(0, 0),
    )


def test_a_project_of_a_newer_program_is_refused_untouched(tmp_path: Path) -> None:
    folder = tmp_path / "new.studio"
    Project.open(folder, create=True).close()
    path = folder / Library.FILE
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    connection.close()
    before = {each: each.read_bytes() for each in folder.iterdir()}
    with pytest.raises(StudioError) as refused:
        Project.open(folder)
    assert "newer" in refused.value.title
    assert {each: each.read_bytes() for each in folder.iterdir()} == before


def test_items_are_filtered_searched_and_edited_back(project: Project) -> None:
    datasets = project.library.datasets
    datasets.add("d", "Tiere", Modality.IMAGE)
    datasets.add_items(
        "d",
        [
            item("a_1.png", "cat", "a red cat"),
            item("b.png", "dog", notes=("cmyk", "rotated")),
            item("aXb.png", "dog"),
        ],
    )
    ids = datasets.ids("d")
    assert datasets.ids("d", ItemFilter(label="dog")) == ids[1:]
    assert datasets.ids("d", ItemFilter(problem="rotated")) == [ids[1]]
    assert datasets.ids("d", ItemFilter(search="red CAT")) == [ids[0]]
    assert datasets.ids("d", ItemFilter(search="a_")) == [ids[0]], "_ is no wild card"

    print_before = datasets.fingerprint("d")
    labels = datasets.set_labels(dict.fromkeys(ids, "animal"))
    assert datasets.labels("d") == {"animal": 3}
    assert datasets.fingerprint("d") != print_before
    datasets.set_labels(labels)
    excluded = datasets.set_excluded({ids[0]: True})
    assert datasets.labels("d") == {"dog": 2}
    datasets.set_excluded(excluded)
    assert datasets.fingerprint("d") == print_before


def test_assets_are_found_by_words_and_operators_are_plain_text(project: Project) -> None:
    assets = project.library.assets
    ids = assets.add([asset(1), asset(2, "dog"), asset(3, 'odd " OR * label')])
    today = time.strftime("%Y-%m-%d")
    assert assets.ids(AssetFilter(search="dog")) == [ids[1]]
    assert assets.ids(AssetFilter(search="Tiere")) == [*reversed(ids)]
    assert len(assets.ids(AssetFilter(search=today))) == 3
    assert assets.ids(AssetFilter(search='" OR *')) == [ids[2]]
    assert assets.ids(AssetFilter(search="NEAR(")) == []


def test_stars_tags_and_trash_can_be_undone(project: Project) -> None:
    assets = project.library.assets
    ids = assets.add([asset(1), asset(2)])
    ratings = assets.set_ratings({ids[0]: 4})
    tags = assets.set_tags({ids[0]: ("sprite", "favourite")})
    trashed = assets.set_trashed({ids[1]: time.time()})
    assert assets.ids(AssetFilter(rating=3, tag="sprite", search="favour")) == [ids[0]]
    assert assets.ids(AssetFilter(trashed=True)) == [ids[1]]
    assets.set_trashed(trashed)
    assets.set_tags(tags)
    assets.set_ratings(ratings)
    assert assets.count() == 2
    assert assets.ids(AssetFilter(search="favour")) == []
    assert assets.get(ids)[0].rating == 0


def test_a_trashed_dataset_is_away_with_its_name_free_and_comes_back_whole(
    project: Project,
) -> None:
    datasets = project.library.datasets
    datasets.add("d", "Tiere", Modality.IMAGE)
    datasets.add_items("d", [item("a.png", "cat")])
    datasets.trash("d")
    assert datasets.all() == [] and datasets.find("Tiere") is None and datasets.find("d") is None
    with pytest.raises(KeyError):
        datasets.get("d")
    datasets.add("other", "Tiere", Modality.IMAGE)
    assert datasets.restore("d").name == "Tiere (2)"
    assert datasets.labels("d") == {"cat": 1}


def test_trashed_datasets_are_deleted_for_good_and_others_stay(project: Project) -> None:
    datasets = project.library.datasets
    for name in ("gone", "kept", "bare"):
        datasets.add(name, name, Modality.IMAGE)
    for name in ("gone", "kept"):
        project.dataset(name).mkdir(parents=True)
    datasets.trash("gone")
    datasets.trash("bare")  # nothing was ever written there
    project.delete_trashed_datasets()
    assert not project.dataset("gone").exists() and project.dataset("kept").exists()
    assert datasets.trashed() == [] and [each.id for each in datasets.all()] == ["kept"]


def test_a_failed_transaction_leaves_nothing(project: Project) -> None:
    assets = project.library.assets
    with pytest.raises(sqlite3.IntegrityError):
        assets.add([asset(1), asset(1)])
    assert assets.count() == 0


def test_the_queue_survives_a_restart_and_resumes_what_ran(project: Project) -> None:
    queue = project.library.queue
    recipe = RunRecipe(
        name="R", family="gan", modality=Modality.IMAGE, dataset=DatasetRef(id="d", name="D")
    )
    first, second = queue.add("first", recipe), queue.add("second", recipe)
    queue.set_status(first, QueueStatus.RUNNING, run="run-1")
    folder = project.folder
    project.close()

    again = Project.open(folder)
    (was,) = again.library.queue.reclaim()
    assert was.id == first
    found = again.library.queue.all()
    assert [(entry.id, entry.status, entry.resume) for entry in found] == [
        (first, QueueStatus.WAITING, "run-1"),
        (second, QueueStatus.WAITING, ""),
    ]
    assert found[1].recipe == recipe
    again.library.queue.reorder([second, first])
    following = again.library.queue.next()
    assert following is not None and following.id == second
    again.close()


def test_a_pack_is_read_while_it_grows(tmp_path: Path) -> None:
    path = tmp_path / "items.pack"
    reader = BlobReader(path)
    with BlobWriter(path) as writer:
        first = writer.add(b"one")
        writer.flush()
        assert reader.get(first) == b"one"
        second = writer.add(b"three")
        writer.flush()
        assert reader.get(second) == b"three"
    with BlobWriter(path) as writer:
        assert writer.add(b"x").offset == 8
    with pytest.raises(ValueError, match="shorter"):
        reader.get(Span(0, 100))
    reader.close()
