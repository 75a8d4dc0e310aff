"""The grid with 100,000 pictures: opening, scrolling, memory, selection."""

from __future__ import annotations

import io
import random
import time
from pathlib import Path

import numpy as np
import psutil
import pytest
from PIL import Image
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.ui.widgets.grid import VirtualGrid
from studio.ui.widgets.grid_source import GridSource, PictureCache, decode

MANY = 100_000


class Pictures(GridSource):
    """Many pictures out of a few files; counts what is asked for."""

    def __init__(self, count: int = MANY) -> None:
        generator = np.random.default_rng(0)
        self.files = []
        for _ in range(64):
            pixels = np.kron(generator.integers(0, 255, (16, 16, 3)), np.ones((8, 8, 1)))
            stream = io.BytesIO()
            Image.fromarray(pixels.astype(np.uint8)).save(stream, "JPEG")
            self.files.append(stream.getvalue())
        self.keys = list(range(count))
        self.read: list[int] = []

    def count(self) -> int:
        """Return how many there are."""
        return len(self.keys)

    def key(self, index: int) -> int:
        """Return the number of a picture."""
        return self.keys[index]

    def thumbnail(self, index: int) -> bytes:
        """Return a file."""
        self.read.append(index)
        return self.files[self.keys[index] % len(self.files)]

    def caption(self, index: int) -> str:
        """Return its number."""
        return f"picture {self.keys[index]}"


@pytest.fixture
def grid(qtbot: QtBot) -> VirtualGrid:
    """Return an empty grid in sight."""
    made = VirtualGrid("Pictures", captions=True, cell=140)
    made.resize(900, 640)
    qtbot.addWidget(made)
    made.show()
    return made


def test_many_open_at_once_and_scroll_smoothly(grid: VirtualGrid, qapp: QApplication) -> None:
    """Process time is counted, so that other work on the machine does not decide."""
    source = Pictures()
    memory = psutil.Process().memory_info().rss
    began = time.process_time()
    grid.set_source(source)
    qapp.processEvents()
    assert time.process_time() - began < 0.5
    frames = []
    places = [step * 40 for step in range(100)]
    places += random.Random(0).sample(range(grid.verticalScrollBar().maximum()), 100)
    for place in places:
        began = time.process_time()
        grid.verticalScrollBar().setValue(place)
        qapp.processEvents()
        frames.append(time.process_time() - began)
    assert np.percentile(frames, 95) < 0.016
    assert psutil.Process().memory_info().rss - memory < 400e6
    assert len(source.read) < 10_000, "only what came into sight was read"


def test_pictures_that_found_no_time_come_later(grid: VirtualGrid, qtbot: QtBot) -> None:
    source = Pictures(60)
    grid.set_source(source)
    shown = {grid.indexAt(grid.viewport().rect().center()).row(), 0}
    qtbot.waitUntil(lambda: shown <= set(source.read))
    assert len(source.read) == len(set(source.read)), "each was decoded once"


def test_selection_by_keys_survives_new_things(grid: VirtualGrid, qtbot: QtBot) -> None:
    source = Pictures(1000)
    grid.set_source(source)
    grid.setFocus()
    grid.setCurrentIndex(grid.model().index(2, 0))
    qtbot.keyClick(grid, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert grid.selected() == [2, 3]
    source.keys = [5000, 5001, *source.keys]
    grid.refresh()
    assert grid.selected_keys() == [2, 3]
    assert grid.selected() == [4, 5]


def test_choosing_all_of_many_is_quick(grid: VirtualGrid, qapp: QApplication) -> None:
    grid.set_source(Pictures())
    began = time.process_time()
    grid.selectAll()
    qapp.processEvents()
    assert len(grid.selected()) == MANY
    assert time.process_time() - began < 0.5


def test_keys_open_and_mark_places(grid: VirtualGrid, qtbot: QtBot) -> None:
    grid.set_source(Pictures(10))
    grid.setFocus()
    index = grid.model().index(3, 0)
    flag = QItemSelectionModel.SelectionFlag.ClearAndSelect
    with qtbot.waitSignal(grid.current_changed) as seen:
        grid.selectionModel().setCurrentIndex(index, flag)
    assert seen.args == [3]
    with qtbot.waitSignal(grid.opened) as seen:
        qtbot.keyClick(grid, Qt.Key.Key_Return)
    assert seen.args == [3]
    assert grid.model().data(index, Qt.ItemDataRole.AccessibleTextRole) == "picture 3"


def test_dragging_out_hands_over_files(
    grid: VirtualGrid, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from PySide6.QtGui import QDrag

    dragged: list[str] = []
    monkeypatch.setattr(
        QDrag,
        "exec",
        lambda drag, _action: dragged.extend(url.toLocalFile() for url in drag.mimeData().urls()),
    )
    grid.set_source(Pictures(5))
    grid.select_keys([1, 4])
    grid.startDrag(Qt.DropAction.CopyAction)
    assert dragged == [], "nothing leaves without files_of"
    grid.files_of = lambda places: [tmp_path / f"{place}.png" for place in places]
    grid.startDrag(Qt.DropAction.CopyAction)
    assert dragged == [str(tmp_path / "1.png"), str(tmp_path / "4.png")]


def test_cache_forgets_the_oldest(qapp: QApplication, grid: VirtualGrid) -> None:
    cache = PictureCache(limit=3 * 20 * 20 * 4)
    size = grid.picture_size()
    data = Pictures(1).files[0]
    for key in "abcd":
        picture = decode(data, size, 1.0, crop=True).copy(0, 0, 20, 20)
        cache.add(key, size, picture)
    assert cache.get("a") is None
    assert all(cache.get(key) is not None for key in "bcd")


def test_a_broken_thumbnail_is_an_empty_cell(grid: VirtualGrid, qapp: QApplication) -> None:
    source = Pictures(3)
    source.files = [b"no picture"]
    grid.set_source(source)
    grid.grab()
    assert grid.picture(0) is not None
    assert grid.picture(0).isNull()
