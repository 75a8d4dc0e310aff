"""Folders, archives, IDX files, tables and captions become datasets, all or nothing."""

from __future__ import annotations

import io
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest
from made import Stopping, encoded, files_below, idx, items, noise, rejects

from studio.core.blobs import BlobReader
from studio.core.datasets import ITEMS_PACK
from studio.core.errors import StopRequested, StudioError
from studio.core.items import ItemFilter
from studio.core.project import Project
from studio.core.work import Work
from studio.data.importer import import_paths


def fill(folder: Path, labels: str = "cat dog", count: int = 3) -> None:
    """Write pictures into one folder per label."""
    for number, label in enumerate(labels.split()):
        (folder / label).mkdir(parents=True, exist_ok=True)
        for index in range(count):
            path = folder / label / f"{index}.png"
            path.write_bytes(encoded(noise(100 * number + index)))


def test_sub_folders_become_labels(opened: Project, tmp_path: Path) -> None:
    fill(tmp_path / "pets")
    result = import_paths(opened, "Pets", [tmp_path / "pets"], Work())
    assert (result.taken, result.rejected, result.items) == (6, 0, 6)
    assert opened.library.datasets.labels(result.dataset_id) == {"cat": 3, "dog": 3}
    first = items(opened, result.dataset_id)[0]
    reader = BlobReader(opened.dataset(result.dataset_id) / ITEMS_PACK)
    assert reader.get(first.item) == (tmp_path / "pets" / first.name).read_bytes()
    reader.close()


def test_several_dropped_folders_are_labels(opened: Project, tmp_path: Path) -> None:
    fill(tmp_path)
    result = import_paths(opened, "Pets", [tmp_path / "cat", tmp_path / "dog"], Work())
    assert opened.library.datasets.labels(result.dataset_id) == {"cat": 3, "dog": 3}


@pytest.mark.parametrize(
    ("places", "labels"),
    [
        (["pets/cat/1.png", "pets/dog/2.png"], ["cat", "dog"]),  # a wrapper holds all
        (["train/cat/1.png", "test/dog/2.png"], ["cat", "dog"]),  # splits are no labels
        (["holiday/1.png", "holiday/2.png"], ["", ""]),  # an archive packs one folder
        (["1.png", "2.png"], ["", ""]),
    ],
)
def test_labels_in_an_archive(
    opened: Project, tmp_path: Path, places: list[str], labels: list[str]
) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for number, place in enumerate(places):
            archive.writestr(place, encoded(noise(number)))
    result = import_paths(opened, "A", [tmp_path / "a.zip"], Work())
    assert [item.label for item in items(opened, result.dataset_id)] == labels


@pytest.mark.parametrize("suffix", ["tar", "tar.gz", "tar.bz2", "tar.xz"])
def test_tar_archives(opened: Project, tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a.{suffix}"
    mode = f"w:{suffix[4:]}"
    with tarfile.open(path, mode) as archive:
        for label in ("cat", "dog"):
            raw = encoded(noise(len(label) + ord(label[0])))
            member = tarfile.TarInfo(f"./{label}/1.png")
            member.size = len(raw)
            archive.addfile(member, io.BytesIO(raw))
    result = import_paths(opened, "A", [path], Work())
    assert [item.label for item in items(opened, result.dataset_id)] == ["cat", "dog"]


def test_idx_images_and_labels_are_paired(opened: Project, tmp_path: Path) -> None:
    pictures = np.random.default_rng(0).integers(0, 256, (12, 28, 28), dtype=np.uint8)
    folder = tmp_path / "digits"
    folder.mkdir()
    (folder / "t10k-images-idx3-ubyte.gz").write_bytes(idx(pictures))
    (folder / "t10k-labels-idx1-ubyte.gz").write_bytes(idx(np.arange(12) % 10))
    (folder / "train-labels-idx1-ubyte.gz").write_bytes(idx(np.arange(5)))
    result = import_paths(opened, "Digits", [folder], Work())
    found = items(opened, result.dataset_id)
    assert [item.label for item in found] == [str(n % 10) for n in range(12)]
    assert (result.taken, result.helpers, result.rejected) == (12, 2, 1)
    (reject,) = rejects(opened, result.dataset_id).values()
    assert reject.reason == "unpaired-labels"


def test_tables_and_captions(opened: Project, tmp_path: Path) -> None:
    folder = tmp_path / "art"
    folder.mkdir()
    for number in range(3):
        (folder / f"{number}.png").write_bytes(encoded(noise(number)))
    (folder / "labels.csv").write_text(
        "caption,file,label\n"
        '"a hill, at dawn",0.png,hill\n'
        ",1.png,sea\n"
        "gone,9.png,sea\n"
        "outside,../secret.png,sea\n"
    )
    (folder / "1.txt").write_text("the sea\nin winter")
    (folder / "stray.txt").write_text("belongs to nothing")
    result = import_paths(opened, "Art", [folder], Work())
    facts = [(item.label, item.caption) for item in items(opened, result.dataset_id)]
    assert facts == [("hill", "a hill, at dawn"), ("sea", "the sea in winter"), ("", "")]
    reasons = {name: r.reason for name, r in rejects(opened, result.dataset_id).items()}
    assert reasons == {
        "stray.txt": "no-item",
        "labels.csv: 9.png": "missing",
        "labels.csv: ../secret.png": "outside",
    }
    assert result.helpers == 2


def test_a_table_alone_brings_its_files(opened: Project, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(encoded(noise(1)))
    (tmp_path / "b.png").write_bytes(encoded(noise(2)))
    table = tmp_path / "list.csv"
    table.write_text("a.png,first\nb.png,second\n")
    result = import_paths(opened, "Listed", [table], Work())
    assert [item.label for item in items(opened, result.dataset_id)] == ["first", "second"]


def test_duplicates_exact_and_alike(opened: Project, tmp_path: Path) -> None:
    picture = noise(1, 80, 80)
    folder = tmp_path / "twins"
    folder.mkdir()
    (folder / "a.png").write_bytes(encoded(picture))
    (folder / "b.png").write_bytes(encoded(picture))
    (folder / "c.jpg").write_bytes(encoded(picture, "JPEG", quality=80))
    (folder / "d.png").write_bytes(encoded(noise(2, 80, 80)))
    result = import_paths(opened, "Twins", [folder], Work())
    assert (result.taken, result.rejected, result.lookalikes) == (3, 1, 1)
    assert rejects(opened, result.dataset_id)["b.png"].reason == "duplicate"
    first, copy, other = items(opened, result.dataset_id)
    assert copy.duplicate_of == first.id
    assert first.duplicate_of is other.duplicate_of is None
    assert opened.library.datasets.ids(result.dataset_id, ItemFilter(problem="duplicate"))


def test_adding_to_a_dataset_knows_what_is_there(opened: Project, tmp_path: Path) -> None:
    fill(tmp_path / "one", "cat")
    first = import_paths(opened, "Pets", [tmp_path / "one"], Work())
    (tmp_path / "one" / "cat" / "0.jpg").write_bytes(
        encoded(noise(0), "JPEG", quality=98, subsampling=0)
    )
    fill(tmp_path / "one", "cat", count=4)
    second = import_paths(opened, "pets", [tmp_path / "one"], Work())
    assert second.dataset_id == first.dataset_id
    assert (second.taken, second.rejected, second.lookalikes) == (2, 3, 1)
    assert len(items(opened, first.dataset_id)) == 5


def test_cancel_of_a_new_dataset_leaves_nothing(opened: Project, tmp_path: Path) -> None:
    fill(tmp_path / "pets", count=80)
    gates = 0
    while True:
        work = Stopping(after=gates)
        try:
            import_paths(opened, "Pets", [tmp_path / "pets"], work)
        except StopRequested:
            assert not opened.library.datasets.all()
            assert not files_below(opened.folder / "datasets")
            gates += 1
        else:
            break
    assert gates > 5  # it could be stopped at every stage


def test_cancel_of_an_addition_restores_the_packs(opened: Project, tmp_path: Path) -> None:
    fill(tmp_path / "pets")
    first = import_paths(opened, "Pets", [tmp_path / "pets"], Work())
    folder = opened.dataset(first.dataset_id)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    fill(tmp_path / "pets", count=90)
    with pytest.raises(StopRequested):
        import_paths(opened, "Pets", [tmp_path / "pets"], Stopping(after=6))
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert len(items(opened, first.dataset_id)) == 6


def test_live_counts(opened: Project, tmp_path: Path) -> None:
    fill(tmp_path / "pets", count=40)
    (tmp_path / "pets" / "bad.png").write_bytes(b"no picture")
    said: list[tuple[int, int, dict[str, int]]] = []

    class Listening(Work):
        def progress(
            self,
            stage: str,
            done: int,
            total: int = 0,
            unit: str = "",
            counts: dict[str, int] | None = None,
        ) -> None:
            if stage == "Reading files":
                said.append((done, total, counts or {}))

    import_paths(opened, "Pets", [tmp_path / "pets"], Listening())
    assert len(said) > 2
    assert said[-1] == (81, 81, {"taken": 80, "rejected": 1, "duplicates": 0})


def test_user_errors(opened: Project, tmp_path: Path) -> None:
    with pytest.raises(StudioError, match="does not exist"):
        import_paths(opened, "X", [tmp_path / "nowhere"], Work())
    (tmp_path / "empty").mkdir()
    with pytest.raises(StudioError, match="no file"):
        import_paths(opened, "X", [tmp_path / "empty"], Work())
    assert not opened.library.datasets.all()
    assert not files_below(opened.folder / "datasets")
