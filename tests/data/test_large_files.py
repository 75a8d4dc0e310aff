"""Files that are too large for memory: read where they lie, one at a time, in archives too."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from threading import Lock

import numpy as np
import pytest
from made import encoded, items, noise, rejects
from made_films import film, frames
from made_sounds import encoded as sound
from made_sounds import melody

from studio.core.blobs import BlobReader
from studio.core.datasets import ITEMS_PACK
from studio.core.errors import StopRequested
from studio.core.media import Modality
from studio.core.project import Project
from studio.core.work import Work
from studio.data import room
from studio.data.compiling import _chunks
from studio.data.image.modality import ImageData
from studio.data.importer import import_paths
from studio.data.modality import Probed, modality_data
from studio.data.store import prepare
from studio.data.video import film_clips


def write_pictures(folder: Path, count: int) -> None:
    """Write pictures of noise into a folder."""
    folder.mkdir()
    for number in range(count):
        (folder / f"{number}.png").write_bytes(encoded(noise(number, 48, 48)))


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Let every picture be too large for memory; returns the names of those read so."""
    read: list[str] = []
    alone = Lock()

    def probe_file(
        self: ImageData, path: Path, name: str, scratch: Path, tick: Callable[[], None]
    ) -> list[Probed]:
        assert alone.acquire(blocking=False), "another one is being read"
        try:
            tick()
            read.append(name)
            (probed,) = self.probe(path.read_bytes(), name)
        finally:
            alone.release()
        kept = scratch / "kept"
        kept.write_bytes(probed.stored)
        return [Probed(b"", probed.thumbnail, 1, 1, (), probed.perceptual, file=kept)]

    monkeypatch.setattr(ImageData, "in_memory", 1)
    monkeypatch.setattr(ImageData, "largest", 1 << 40)
    monkeypatch.setattr(ImageData, "probe_file", probe_file)
    return read


def test_large_files_are_read_where_they_lie(
    opened: Project, tmp_path: Path, large: list[str]
) -> None:
    write_pictures(tmp_path / "a", 3)
    with zipfile.ZipFile(tmp_path / "a" / "more.zip", "w") as archive:
        for path in sorted((tmp_path / "a").glob("*.png")):
            archive.writestr(f"again-{path.name}", path.read_bytes())
        archive.writestr("other.png", b"this is no picture")
    result = import_paths(opened, "A", [tmp_path / "a"], Work())
    assert len(large) == 7
    assert (result.taken, result.rejected) == (3, 4)
    reasons = sorted(each.reason for each in rejects(opened, result.dataset_id).values())
    assert reasons[:3] == ["duplicate"] * 3
    pack = BlobReader(opened.dataset(result.dataset_id) / ITEMS_PACK)
    found = {item.name: pack.get(item.item) for item in items(opened, result.dataset_id)}
    pack.close()
    assert found == {path.name: path.read_bytes() for path in (tmp_path / "a").glob("*.png")}
    folders = [path.name for path in opened.dataset(result.dataset_id).parent.iterdir()]
    assert folders == [result.dataset_id], "what was written on the way is gone"


def test_stopping_ends_the_large_file_that_is_read(
    opened: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, large: list[str]
) -> None:
    ticks: list[int] = []

    def endless(
        self: ImageData, path: Path, name: str, scratch: Path, tick: Callable[[], None]
    ) -> list[Probed]:
        while True:
            ticks.append(1)
            tick()

    class Stopped(Work):
        def gate(self) -> None:
            if ticks:
                raise StopRequested

    monkeypatch.setattr(ImageData, "probe_file", endless)
    write_pictures(tmp_path / "a", 2)
    with pytest.raises(StopRequested):
        import_paths(opened, "A", [tmp_path / "a"], Stopped())
    assert not list((opened.folder).rglob(".import-*"))


def test_few_large_items_are_in_memory_at_once() -> None:
    small = list(_chunks([1000] * 130))
    assert small == [(0, 64), (64, 128), (128, 130)]
    assert list(_chunks([20 << 20, 20 << 20, 700 << 20, 5])) == [(0, 1), (1, 2), (2, 3), (3, 4)]
    assert list(_chunks([])) == []


@pytest.mark.parametrize("modality", [Modality.AUDIO, Modality.VIDEO])
def test_large_items_are_prepared_where_they_lie(
    opened: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, modality: Modality
) -> None:
    """What would not fit into memory is neither read whole nor kept whole on the way."""
    data = modality_data(modality)
    (tmp_path / "a").mkdir()
    for number in range(2):
        if modality is Modality.AUDIO:
            raw, name = sound(melody(number, 3)), f"{number}.wav"
        else:
            raw, name = film(frames(90, seed=number)), f"{number}.mp4"
        (tmp_path / "a" / name).write_bytes(raw)
    settings = {"seconds": 0.512} if modality is Modality.AUDIO else {"size": 16, "frames": 8}
    dataset = import_paths(opened, "A", [tmp_path / "a"], Work(), modality).dataset_id
    in_memory = prepare(opened, dataset, settings, Work())
    assert len(in_memory.train) > 4
    wanted = np.array(in_memory.items)
    whole = [item.item for item in items(opened, dataset)]
    reader = BlobReader(opened.dataset(dataset) / ITEMS_PACK)
    for span in whole:
        alike = data.signatures([reader.get(span)])[0]
        np.testing.assert_array_equal(data.signature_of(reader.part(span)), alike)
    reader.close()

    shutil.rmtree(in_memory.folder)
    monkeypatch.setattr(type(data), "in_memory", 1)
    monkeypatch.setattr(room, "IN_MEMORY", 1)
    monkeypatch.setattr(film_clips, "IN_MEMORY", 1)
    monkeypatch.setattr(BlobReader, "get", lambda _reader, _span: pytest.fail("it was read whole"))
    again = prepare(opened, dataset, settings, Work())
    np.testing.assert_array_equal(again.items, wanted)
