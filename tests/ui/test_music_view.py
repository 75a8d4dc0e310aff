"""Music in views: files, sheets of samples, items of a dataset, comparing, hearing from a grid."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from asset_maker import add_pictures
from music_maker import Card, Tone, cards, scale
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QVBoxLayout
from pytestqt.qtbot import QtBot

from studio.core.blobs import BlobWriter
from studio.core.datasets import ITEMS_PACK
from studio.core.items import NewItem
from studio.core.media import Modality, Music
from studio.core.project import Project
from studio.data.modality import modality_data
from studio.data.music import midi
from studio.ui.asset_source import AssetSource
from studio.ui.dialogs.compare_music import CompareMusicDialog
from studio.ui.played_hover import PlayedHover, heard_asset
from studio.ui.side_work import side_work, slow_work
from studio.ui.sound import player
from studio.ui.views.music import MusicView
from studio.ui.views.music_dataset import MusicDatasetView
from studio.ui.views.registry import make_view
from studio.ui.widgets.grid import VirtualGrid

TOGETHER = 8000  # milliseconds of patience


@pytest.fixture(autouse=True)
def sound(qapp: QApplication) -> Iterator[list[Card]]:
    """Play through cards that are none, a tone for every piece."""
    with cards(Tone(60.0)) as made:
        yield made
        side_work().wait()
        slow_work().wait()


def write(path: Path, music: Music) -> Path:
    """Write a piece as a MIDI file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(midi.write(music))
    return path


def shown(qtbot: QtBot, path: Path) -> MusicView:
    """Return a view of a file, once it is read."""
    view = make_view(Modality.MUSIC)
    assert isinstance(view, MusicView)
    qtbot.addWidget(view)
    view.resize(700, 360)
    with qtbot.waitExposed(view):
        view.show()
    view.show_media(path)
    qtbot.waitUntil(lambda: len(view.roll.table) > 0, timeout=TOGETHER)
    return view


def test_a_file_is_shown_and_plays_while_it_is_seen(qtbot: QtBot, tmp_path: Path) -> None:
    view = shown(qtbot, write(tmp_path / "tune.mid", scale()))
    assert view.bar._time.text() == "0:00 / 0:08"
    assert view.bar._play.accessibleName() == "Play (Space)"
    QTest.keyClick(view.roll, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: view.bar.position() > 0.2, timeout=TOGETHER)
    assert view.bar._play.accessibleName() == "Hold (Space)"
    QTest.keyClick(view.roll, Qt.Key.Key_Space)
    assert not player().plays()
    resting = view.bar.position()
    QTest.keyClick(view.roll, Qt.Key.Key_Right)
    assert view.bar.position() == pytest.approx(resting + 0.5)
    view.toggle()
    view.hide()
    assert not player().plays(), "nobody sees what would play"


def test_what_cannot_be_read_is_said_in_its_place(qtbot: QtBot, tmp_path: Path) -> None:
    view = shown(qtbot, write(tmp_path / "tune.mid", scale()))
    broken = tmp_path / "broken.mid"
    broken.write_bytes(b"MThd nothing")
    view.show_media(broken)
    qtbot.waitUntil(lambda: bool(view.roll._message), timeout=TOGETHER)
    assert len(view.roll.table) == 0
    assert not view.bar._play.isEnabled()
    view.show_media(tmp_path / "gone.mid")
    qtbot.waitUntil(lambda: "No such file" in view.roll._message, timeout=TOGETHER)
    view.clear()
    assert view.roll._message == ""


def test_the_newest_of_several_files_is_shown(qtbot: QtBot, tmp_path: Path) -> None:
    first = write(tmp_path / "one.mid", scale(1))
    view = shown(qtbot, first)
    for bars in (8, 2, 16):
        view.show_media(write(tmp_path / f"{bars}.mid", scale(bars)))
    qtbot.waitUntil(lambda: view.roll.table.bars() == 16, timeout=TOGETHER)
    side_work().wait()
    QTest.qWait(20)
    assert view.roll.table.bars() == 16


def test_samples_of_a_sheet_can_be_gone_through(qtbot: QtBot, tmp_path: Path) -> None:
    data = modality_data(Modality.MUSIC)
    path = data.write_sheet([scale(2), scale(1), scale(4)], tmp_path / "step-00000010")
    view = shown(qtbot, path)
    assert len(view.roll.markers) == 3
    assert view._sample.text() == "Sample 1 of 3"
    QTest.keyClick(view.roll, Qt.Key.Key_PageDown)
    assert view._sample.text() == "Sample 2 of 3"
    assert view.bar.position() == pytest.approx(
        view.roll.table.seconds_at(view.roll.markers[1].tick)
    )
    view.go(5)
    assert view.sample() == 2
    view.show_item(midi.write(scale()), "an item")
    qtbot.waitUntil(lambda: not view.roll.markers, timeout=TOGETHER)
    assert not view._sample.isVisible()


def test_space_plays_in_a_dialog_wherever_the_keyboard_is(qtbot: QtBot, tmp_path: Path) -> None:
    dialog = QDialog()
    qtbot.addWidget(dialog)
    view = MusicView()
    QVBoxLayout(dialog).addWidget(view)
    with qtbot.waitExposed(dialog):
        dialog.show()
    view.show_media(write(tmp_path / "tune.mid", scale()))
    qtbot.waitUntil(lambda: len(view.roll.table) > 0, timeout=TOGETHER)
    QTest.keyClick(dialog, Qt.Key.Key_Space)
    assert view.bar.playing()
    dialog.reject()
    assert not player().plays()


def test_a_dataset_says_lengths_keys_and_tempos(qtbot: QtBot, tmp_path: Path) -> None:
    project = Project.open(tmp_path / "Noten.studio", create=True)
    table = project.library.datasets
    table.add("tunes", "Tunes", Modality.MUSIC)
    folder = project.dataset("tunes")
    folder.mkdir(parents=True)
    items = []
    with BlobWriter(folder / ITEMS_PACK) as pack:
        for number in range(4):
            (probed,) = modality_data(Modality.MUSIC).probe(midi.write(scale(4 + number)), "a.mid")
            place = pack.add(probed.stored)
            size = (probed.width, probed.height)
            items.append(NewItem(f"{number}", "", "", *size, (), bytes(32), 0, place, place))
    table.add_items("tunes", items)
    sizes = table.sizes("tunes")
    project.close()
    view = MusicDatasetView()
    qtbot.addWidget(view)
    view.show()
    view.show_sizes(sizes)
    view.look_into(project.folder, "tunes")
    qtbot.waitUntil(view._keys.isVisible, timeout=TOGETHER)
    assert "C major 4" in view._keys.accessibleName()
    assert view._facts["tempo"]._value.text() == "120"
    assert view._facts["instruments"]._value.text() == "Bass 100%, Piano 100%"
    assert MusicDatasetView.size_words(sizes) == "0:44 of music · 110 notes"
    assert MusicDatasetView.extent_words(66, 379) == "1:06 · 379 notes"
    assert MusicDatasetView.note_words("tempo-changes") == "Changing tempo"


def test_two_pieces_are_compared_at_the_same_second(qtbot: QtBot, tmp_path: Path) -> None:
    paths = [write(tmp_path / f"{bars}.mid", scale(bars)) for bars in (8, 2)]
    dialog = CompareMusicDialog(paths, ["long", "short"], None)  # type: ignore[arg-type]
    qtbot.addWidget(dialog)
    with qtbot.waitExposed(dialog):
        dialog.show()
    qtbot.waitUntil(lambda: all(len(view.roll.table) for view in dialog.views), timeout=TOGETHER)
    dialog.views[0].bar.seek(3.0)
    QTest.keyClick(dialog.views[0].roll, Qt.Key.Key_Space)
    qtbot.waitUntil(dialog.views[0].bar.playing, timeout=TOGETHER)
    dialog.other.click()
    assert dialog.heard() == 1 and dialog.views[1].bar.playing()
    assert not dialog.views[0].bar.playing()
    assert 3.0 <= dialog.views[1].bar.position() <= 4.0
    dialog.views[0].toggle()
    assert dialog.heard() == 0, "the bar of the other piece was pressed"
    dialog.reject()
    assert not player().plays()


def test_pieces_in_a_grid_are_heard(qtbot: QtBot, tmp_path: Path) -> None:
    project = Project.open(tmp_path / "Noten.studio", create=True)
    path = write(project.assets / "tune.mid", scale())
    (music,) = add_pictures(project, 1, path=project.relative(path), modality=Modality.MUSIC)
    (picture,) = add_pictures(project, 1)
    source = AssetSource(project, [picture, music])
    grid = VirtualGrid("Everything", cell=120, captions=True)
    qtbot.addWidget(grid)
    grid.resize(500, 300)
    grid.set_source(source)
    hover = PlayedHover(grid, partial(heard_asset, source))
    with qtbot.waitExposed(grid):
        grid.show()
    grid.entered.emit(grid.model().index(0, 0))
    assert not hover.button.isVisible(), "a picture is not heard"
    grid.entered.emit(grid.model().index(1, 0))
    assert hover.button.isVisible()
    assert grid.visualRect(grid.model().index(1, 0)).contains(hover.button.geometry())
    hover.button.click()
    qtbot.waitUntil(player().plays, timeout=TOGETHER)
    assert "Hold" in hover.button.accessibleName()
    hover.button.click()
    assert not player().plays()
    grid.setCurrentIndex(grid.model().index(1, 0))
    QTest.keyClick(grid, Qt.Key.Key_Space)
    assert player().plays()
    # a view that shows the same file moves its playhead: it is one piece
    player().pause()
    view = shown(qtbot, project.folder / source.asset(1).path)  # type: ignore[union-attr]
    QTest.keyClick(grid, Qt.Key.Key_Space)
    assert view.bar.playing()
    grid.hide()
    assert not player().plays()
    source.close()
    project.close()
