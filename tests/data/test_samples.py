"""Sample sets come without network; downloads come with progress, cancel and plain errors."""

from __future__ import annotations

import functools
import hashlib
import http.server
import io
import pickle
import tarfile
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torchvision.datasets
from made import Stopping, files_below, idx, items
from PIL import Image

from studio.core.errors import StopRequested, StudioError
from studio.core.media import Modality
from studio.core.paths import cache_dir
from studio.core.project import Project
from studio.core.work import Work
from studio.data.downloads import PUBLIC_DATASETS, download_dataset
from studio.data.image import shapes
from studio.data.samples import SAMPLES, import_sample

#: Kinds of each set, and how many items each has at least; five of 100 in all others.
KINDS = {
    "digits": (10, 100),
    "blue-digits": (10, 100),
    "patterns": (12, 50),
    "styles": (6, 1),
    "fairy-tales": (6, 70),
    "english-german": (8, 250),
    "questions": (6, 15),
    "tunes": (4, 60),
    "chorales": (2, 60),
    "drums": (6, 16),
    "moving-shapes": (6, 40),
    "blue-moving-shapes": (6, 40),
    "game-sounds": (15, 28),
    "syllables": (2, 300),
}
#: Sets that are drawn for seconds: every seventh item shows how all of them are taken.
LONG = ("patterns", "moving-shapes", "blue-moving-shapes", "game-sounds", "syllables")


@pytest.mark.parametrize("sample_id", SAMPLES)
def test_samples_have_labels_and_captions(
    opened: Project, monkeypatch: pytest.MonkeyPatch, sample_id: str
) -> None:
    sample = SAMPLES[sample_id]
    kinds, each = KINDS.get(sample_id, (5, 100))
    if sample_id in LONG:
        entries = list(sample.entries())
        assert len({entry.name for entry in entries}) == sample.count
        labelled = Counter(entry.label for entry in entries)
        assert (len(labelled), min(labelled.values()) >= each) == (kinds, True)
        sample = replace(sample, entries=lambda: iter(entries[::7]), count=len(entries[::7]))
        monkeypatch.setitem(SAMPLES, sample_id, sample)
        each //= 7
    result = import_sample(opened, sample_id, "", Work())
    assert max(result.taken, result.items) > 0.99 * sample.count  # a table holds many texts
    dataset = opened.library.datasets.get(result.dataset_id)
    assert (dataset.name, dataset.licence) == (sample.title, sample.licence)
    labels = opened.library.datasets.labels(result.dataset_id)
    assert len(labels) == kinds
    assert min(labels.values()) >= each
    for item in items(opened, result.dataset_id)[:20]:
        if sample.modality is Modality.IMAGE:
            assert item.label in item.caption
        elif sample.modality in {Modality.AUDIO, Modality.VIDEO}:
            assert item.label and item.caption
        else:
            assert item.label and not item.caption


def test_a_shape_is_always_the_same() -> None:
    assert shapes.drawn(shapes.shape(7)) == shapes.drawn(shapes.shape(7))
    assert shapes.shape(7) != shapes.shape(12)


def test_an_outline_lies_where_its_shape_lies() -> None:
    """The middle of what is drawn is at the same place in both pictures of a pair."""

    def middle(png: bytes) -> tuple[float, float]:
        grey = np.asarray(Image.open(io.BytesIO(png)).convert("L"), np.float32)
        rows, columns = np.nonzero(np.abs(grey - grey[0, 0]) > 20)
        return (rows.min() + rows.max()) / 2, (columns.min() + columns.max()) / 2

    for index in range(5):
        shape = shapes.shape(index)
        assert middle(shapes.outlined(shape)) == pytest.approx(middle(shapes.drawn(shape)), abs=1.1)


def test_unknown_names_are_said(opened: Project) -> None:
    with pytest.raises(StudioError, match="digits"):
        import_sample(opened, "nothing", "", Work())
    with pytest.raises(StudioError, match="cifar-10"):
        download_dataset(opened, "nothing", "", Work())


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments: object) -> None:
        """Say nothing."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """Return the folder and the address of a server on this machine."""
    folder = tmp_path / "served"
    folder.mkdir()
    handler = functools.partial(_Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield folder, f"http://127.0.0.1:{running.server_address[1]}/"
        running.shutdown()
        thread.join()


def md5(raw: bytes) -> str:
    return hashlib.md5(raw, usedforsecurity=False).hexdigest()


def serve_mnist(monkeypatch: pytest.MonkeyPatch, folder: Path, mirrors: list[str]) -> None:
    """Put a tiny MNIST on the server."""
    draw = np.random.default_rng(0)
    resources = []
    for part, count in (("train", 20), ("t10k", 10)):
        for name, array in (
            (f"{part}-images-idx3-ubyte.gz", draw.integers(0, 256, (count, 28, 28))),
            (f"{part}-labels-idx1-ubyte.gz", np.arange(count) % 10),
        ):
            raw = idx(array)
            (folder / name).write_bytes(raw)
            resources.append((name, md5(raw)))
    monkeypatch.setattr(torchvision.datasets.MNIST, "mirrors", mirrors)
    monkeypatch.setattr(torchvision.datasets.MNIST, "resources", resources)
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder.parent / "cache"))


def test_download_takes_the_next_mirror_and_is_kept(
    opened: Project, server: tuple[Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, address = server
    serve_mnist(monkeypatch, folder, [address + "gone/", address])
    result = download_dataset(opened, "mnist", "", Work())
    assert (result.taken, result.name) == (30, "MNIST")
    assert opened.library.datasets.labels(result.dataset_id) == {str(n): 3 for n in range(10)}
    assert opened.library.datasets.get(result.dataset_id).licence == "CC BY-SA 3.0"
    for path in folder.iterdir():
        path.unlink()
    assert download_dataset(opened, "mnist", "Again", Work()).taken == 30


def test_cifar(opened: Project, server: tuple[Path, str], monkeypatch: pytest.MonkeyPatch) -> None:
    folder, address = server
    kind = torchvision.datasets.CIFAR10
    draw = np.random.default_rng(0)
    packed = io.BytesIO()
    lists: dict[str, list[list[str]]] = {"train_list": [], "test_list": []}
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:

        def add(name: str, value: object) -> str:
            raw = pickle.dumps(value)
            member = tarfile.TarInfo(f"{kind.base_folder}/{name}")
            member.size = len(raw)
            archive.addfile(member, io.BytesIO(raw))
            return md5(raw)

        for listed, names in (("train_list", ["data_batch_1"]), ("test_list", ["test_batch"])):
            for name in names:
                data = draw.integers(0, 256, (4, 3072), dtype=np.uint8)
                lists[listed].append([name, add(name, {"data": data, "labels": [0, 1, 2, 9]})])
        names = ["plane", "car", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]
        meta = kind.meta | {"md5": add("batches.meta", {"label_names": names})}
    (folder / "cifar.tar.gz").write_bytes(packed.getvalue())
    for name, value in {
        **lists,
        "meta": meta,
        "url": address + "cifar.tar.gz",
        "tgz_md5": md5(packed.getvalue()),
    }.items():
        monkeypatch.setattr(kind, name, value)
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder.parent / "cache"))
    result = download_dataset(opened, "cifar-10", "Tiny", Work())
    assert opened.library.datasets.labels(result.dataset_id) == {
        "plane": 2, "car": 2, "bird": 2, "truck": 2,
    }  # fmt: skip


@pytest.mark.parametrize("trouble", ["offline", "missing", "damaged"])
def test_trouble_is_said_and_leaves_no_file(
    opened: Project, server: tuple[Path, str], monkeypatch: pytest.MonkeyPatch, trouble: str
) -> None:
    folder, address = server
    serve_mnist(monkeypatch, folder, ["http://127.0.0.1:9/"] if trouble == "offline" else [address])
    first = folder / "train-images-idx3-ubyte.gz"
    if trouble == "missing":
        first.unlink()
    elif trouble == "damaged":
        first.write_bytes(first.read_bytes()[:-20])
    with pytest.raises(StudioError) as caught:
        download_dataset(opened, "mnist", "", Work())
    assert "MNIST" in caught.value.title
    assert "sample set" in caught.value.hint
    assert not files_below(cache_dir())
    assert not opened.library.datasets.all()


def test_cancel_during_a_silent_download(
    opened: Project, server: tuple[Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, address = server
    serve_mnist(monkeypatch, folder, [address])
    released = threading.Event()

    def silent(handler: http.server.SimpleHTTPRequestHandler) -> None:
        released.wait(20)

    monkeypatch.setattr(_Quiet, "do_GET", silent)
    with pytest.raises(StopRequested):
        download_dataset(opened, "mnist", "", Stopping(after=3))
    released.set()
    assert not files_below(cache_dir())


def test_every_public_dataset_exists_in_torchvision() -> None:
    for public in PUBLIC_DATASETS.values():
        assert hasattr(torchvision.datasets, public.class_name)
