"""Tunes from a folder to the ear: a composer, a batch, an edit that is kept, a comparison."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from studio.core.catalogue import new_recipe
from studio.core.media import Modality
from studio.core.project import Project
from studio.core.protocol import ImportFiles, Outcome, Train
from studio.data.music import midi
from studio.headless import ensure_project, run_with
from studio.terminal import Sink
from studio.ui import settings
from studio.ui.main_window import MainWindow
from studio.ui.pages.gallery import GalleryPage
from studio.ui.pages.generate import GeneratePage
from studio.ui.pages.generate_music import MusicMiddle
from studio.ui.side_work import side_work, slow_work
from studio.ui.sound import player
from studio.ui.views.music import MusicView

sys.path.insert(0, str(Path(__file__).parent.parent / "ui"))
from music_maker import Tone, cards, scale

LEFT = Qt.MouseButton.LeftButton
PATIENCE = 60_000  # milliseconds; the engine's first job waits for torch to be imported


@pytest.fixture
def trained(tmp_path: Path) -> Path:
    """Return a project with tunes and a composer that counted in them for two steps."""
    folder = tmp_path / "Noten.studio"
    tunes = tmp_path / "tunes"
    tunes.mkdir()
    for bars in range(8, 32):
        (tunes / f"{bars}.mid").write_bytes(midi.write(scale(bars)))
    ensure_project(folder)
    brought = run_with(ImportFiles(project=str(folder), name="Tunes", paths=[str(tunes)]), Sink())
    assert brought.outcome is Outcome.DONE, brought.error
    opened = Project.open(folder)
    (dataset,) = opened.library.datasets.all()
    opened.close()
    recipe = new_recipe(dataset, "composer", "quick", options={"steps": 2})
    done = run_with(Train(project=str(folder), recipe=recipe), Sink())
    assert done.outcome is Outcome.DONE, done.error
    return folder


@pytest.fixture
def window(
    qtbot: QtBot, own_folders: None, trained: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[MainWindow]:
    """Return the window with that project, and a sound card that is none."""
    settings.settings().clear()
    monkeypatch.setattr("studio.core.model_choices.starter_models", list)
    with cards(Tone(60.0)):
        made = MainWindow()
        made.resize(1280, 800)
        made.show()
        assert made.open_project(trained)
        yield made
        made._leave_project()
        made.close()
        made.deleteLater()
        side_work().wait()
        slow_work().wait()


def button(parent: QWidget, text: str) -> QPushButton:
    """Return the button in sight with that text."""
    (found,) = (
        each
        for each in parent.findChildren(QPushButton)
        if each.text() == text and each.isVisible()
    )
    return found


@pytest.mark.slow
def test_tunes_are_composed_heard_edited_and_kept(
    qapp: QApplication, window: MainWindow, qtbot: QtBot
) -> None:
    # the samples of the run can be heard on the Train page
    window.show_page("train")
    train = window.page("train")
    qtbot.waitUntil(lambda: bool(train.findChildren(MusicView)), timeout=PATIENCE)
    (sheet,) = train.findChildren(MusicView)
    qtbot.waitUntil(lambda: len(sheet.roll.table) > 0, timeout=PATIENCE)
    assert len(sheet.roll.markers) > 1

    window.show_page("generate")
    page = window.page("generate")
    assert isinstance(page, GeneratePage)
    assert isinstance(page.middle, MusicMiddle)
    middle = page.middle
    qtbot.mouseClick(button(window, "Compose 4"), LEFT)
    qtbot.waitUntil(lambda: len(middle._source.ids) == 4, timeout=PATIENCE)
    qtbot.waitUntil(page.make.generate.isVisible, timeout=PATIENCE)
    qtbot.waitUntil(lambda: middle.tune.draft is not None, timeout=PATIENCE)
    assert len(middle.tune.editor.table) > 10

    middle.batch.setFocus()
    QTest.keyClick(middle.batch, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: middle.tune.bar.position() > 0.2, timeout=PATIENCE)
    # all notes an octave up, kept as a new piece while it plays
    before = middle.tune.editor.table.pitch.tolist()
    QTest.keyClick(middle.tune.editor, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(middle.tune.editor, Qt.Key.Key_Up, Qt.KeyboardModifier.ShiftModifier)
    assert middle.tune.editor.table.pitch.tolist() == [pitch + 12 for pitch in before]
    assert middle.tune.bar.playing()
    qtbot.mouseClick(button(window, "Save as new"), LEFT)
    qtbot.waitUntil(lambda: len(middle._source.ids) == 5, timeout=PATIENCE)

    # the original and the edited one, above each other
    assert window.studio is not None
    ids = [middle._source.ids[0], middle._source.ids[-1]]
    pair = window.studio.project.library.assets.get(ids)
    rows = [middle.batch.model().index(row, 0) for row in (0, 4)]
    middle.batch.clearSelection()
    for row in rows:
        middle.batch.selectionModel().select(row, QItemSelectionModel.SelectionFlag.Select)
    qtbot.mouseClick(button(window, "Compare"), LEFT)
    assert not player().plays()
    (dialog,) = (each for each in page.findChildren(QDialog) if each.isVisible())
    views = dialog.findChildren(MusicView)
    qtbot.waitUntil(lambda: all(len(view.roll.table) for view in views), timeout=PATIENCE)
    pitches = [view.roll.table.pitch.tolist() for view in views]
    assert pitches[1] == [pitch + 12 for pitch in pitches[0]]
    dialog.reject()
    assert not player().plays()

    window.show_page("gallery")
    gallery = window.page("gallery")
    assert isinstance(gallery, GalleryPage)
    assert len(gallery.ids()) == 5
    assert {asset.modality for asset in pair} == {Modality.MUSIC}
    gallery.grid.setFocus()
    gallery.grid.select_keys([ids[-1]], ids[-1])
    shown = gallery.details.findChild(MusicView)
    assert shown is not None
    qtbot.waitUntil(lambda: len(shown.roll.table) > 0, timeout=PATIENCE)
    QTest.keyClick(gallery.grid, Qt.Key.Key_Space)
    assert shown.bar.playing()
    assert "edited" in gallery.details._title.text()
    window.show_page("data")
    assert not player().plays(), "what plays is always in sight"
