"""Recordings from a folder to the ear: data, slices, a run, a batch, a comparison, an export."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import soundfile
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog
from pytestqt.qtbot import QtBot

from studio.core.catalogue import new_recipe
from studio.core.project import Project
from studio.core.protocol import ImportFiles, Outcome, Train
from studio.headless import ensure_project, run_with
from studio.terminal import Sink
from studio.ui import settings
from studio.ui.dialogs.compare_sounds import CompareSoundsDialog
from studio.ui.dialogs.export_assets import ExportAssetsDialog
from studio.ui.main_window import MainWindow
from studio.ui.pages.data import DataPage
from studio.ui.pages.data_audio import AudioBench
from studio.ui.pages.gallery import GalleryPage
from studio.ui.pages.generate import GeneratePage
from studio.ui.pages.generate_audio import AudioMiddle
from studio.ui.side_work import side_work, slow_work
from studio.ui.sound import player
from studio.ui.views.audio import AudioView
from studio.ui.views.sound_reading import recording_reader, sights

sys.path.insert(0, str(Path(__file__).parent.parent / "ui"))
from music_maker import cards
from sound_maker import tone, write

LEFT = Qt.MouseButton.LeftButton
PATIENCE = 60_000  # milliseconds; the engine's first job waits for torch to be imported


@pytest.fixture
def brought(tmp_path: Path) -> Path:
    """Return a project with recordings under two labels, and what makes sounds by rule."""
    folder = tmp_path / "Töne.studio"
    for number in range(12):
        label = "coin" if number % 2 else "kick"  # of both there are rules: nothing to search
        made = tone(0.6 + number / 20, hertz=150.0 + 60 * number)
        write(tmp_path / "in" / label / f"{number}.wav", made)
    ensure_project(folder)
    command = ImportFiles(project=str(folder), name="Tones", paths=[str(tmp_path / "in")])
    done = run_with(command, Sink())
    assert done.outcome is Outcome.DONE, done.error
    opened = Project.open(folder)
    (dataset,) = opened.library.datasets.all()
    opened.close()
    recipe = new_recipe(dataset, "synth", "quick", options={"steps": 1, "tries": 1})
    done = run_with(Train(project=str(folder), recipe=recipe), Sink())
    assert done.outcome is Outcome.DONE, done.error
    return folder


@pytest.fixture
def window(
    qtbot: QtBot, own_folders: None, brought: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[MainWindow]:
    """Return the window with that project, and a sound card that is none."""
    settings.settings().clear()
    monkeypatch.setattr("studio.core.model_choices.starter_models", list)
    with cards():
        made = MainWindow()
        made.resize(1280, 800)
        made.show()
        assert made.open_project(brought)
        yield made
        made._leave_project()
        made.close()
        made.deleteLater()
        for reader in (recording_reader(), sights(), side_work(), slow_work()):
            reader.wait()


@pytest.mark.slow
def test_recordings_are_heard_cut_compared_and_exported(
    qapp: QApplication, window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    window.show_page("data")
    data = window.page("data")
    assert isinstance(data, DataPage)
    qtbot.waitUntil(lambda: data.browser.grid.source.count() == 12, timeout=PATIENCE)
    words = "of sound · 8 kHz · 2 labels"
    qtbot.waitUntil(lambda: words in data.header.subtitle(), timeout=PATIENCE)
    # an item is heard in the grid, and seen large
    grid = data.browser.grid
    grid.setFocus()
    grid.setCurrentIndex(grid.model().index(3, 0))
    QTest.keyClick(grid, Qt.Key.Key_Space)
    assert player().plays()
    QTest.keyClick(grid, Qt.Key.Key_Space)
    QTest.keyClick(grid, Qt.Key.Key_Return)
    (dialog,) = (each for each in data.findChildren(QDialog) if each.isVisible())
    view = dialog.findChild(AudioView)
    assert view is not None
    qtbot.waitUntil(lambda: view.canvas.recording is not None, timeout=PATIENCE)
    QTest.keyClick(dialog, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: view.bar.position() > 0.1, timeout=PATIENCE)
    dialog.reject()
    assert not player().plays()
    # how it is cut, in numbers and for the ear
    (bench,) = data.findChildren(AudioBench)
    qtbot.waitUntil(lambda: bench._shown is not None, timeout=PATIENCE)
    assert "slice" in bench.words.text()
    qtbot.mouseClick(bench.hear, LEFT)
    assert player().plays()

    # the samples of the run can be gone through on the Train page
    window.show_page("train")
    assert not player().plays(), "what plays is always in sight"
    train = window.page("train")
    qtbot.waitUntil(lambda: bool(train.findChildren(AudioView)), timeout=PATIENCE)
    (sheet,) = train.findChildren(AudioView)
    qtbot.waitUntil(lambda: len(sheet.starts()) > 1, timeout=PATIENCE)
    sheet.go(1)
    assert sheet.bar.position() == pytest.approx(sheet.starts()[1])

    # a batch, heard row by row
    window.show_page("generate")
    page = window.page("generate")
    assert isinstance(page, GeneratePage)
    middle = page.middle
    assert isinstance(middle, AudioMiddle)
    page.make._count.setValue(3)
    qtbot.mouseClick(page.make.generate, LEFT)
    qtbot.waitUntil(lambda: len(middle._source.ids) == 3, timeout=PATIENCE)
    qtbot.waitUntil(page.make.generate.isVisible, timeout=PATIENCE)
    qtbot.waitUntil(lambda: middle.view.canvas.recording is not None, timeout=PATIENCE)
    middle.batch.heard.emit(2)
    qtbot.waitUntil(lambda: middle.batch.playing(2), timeout=PATIENCE)
    middle.batch.selectAll()
    assert not middle._compare.isEnabled(), "three are too many"
    ids = list(middle._source.ids)

    window.show_page("gallery")
    assert not player().plays()
    assert window.studio is not None
    gallery = window.page("gallery")
    assert isinstance(gallery, GalleryPage)
    qtbot.waitUntil(lambda: len(gallery.ids()) == 3, timeout=PATIENCE)
    gallery.grid.setFocus()
    gallery.grid.select_keys([ids[1]], ids[1])
    shown = gallery.details.findChild(AudioView)
    assert shown is not None
    qtbot.waitUntil(lambda: shown.canvas.recording is not None, timeout=PATIENCE)
    QTest.keyClick(gallery.grid, Qt.Key.Key_Space)
    assert shown.bar.playing(), "the grid plays what is seen large"
    # two of them with one playhead
    gallery.grid.select_keys(ids[:2], ids[0])
    gallery.details.compare_wanted.emit()
    pair = gallery.findChild(CompareSoundsDialog)
    assert pair is not None
    views = pair.pair.views
    qtbot.waitUntil(
        lambda: all(each.canvas.recording is not None for each in views), timeout=PATIENCE
    )
    player().set_loop(True)  # sounds by rule are short
    QTest.keyClick(pair, Qt.Key.Key_Space)
    assert views[0].bar.playing()
    qtbot.mouseClick(pair.pair.other, LEFT)
    assert views[1].bar.playing()
    pair.reject()
    # out of the program, in another format
    gallery.grid.select_keys([ids[0]], ids[0])
    gallery.details.export_wanted.emit()
    export = gallery.findChild(ExportAssetsDialog)
    assert export is not None
    offered = {form.key for form in export._formats}
    assert {"wav", "flac", "ogg", "mp3"} <= offered
    export.reject()
    # to the trash and back
    gallery.details.delete_wanted.emit()
    qtbot.waitUntil(lambda: len(gallery.ids()) == 2, timeout=PATIENCE)
    window.studio.undo.undo()
    qtbot.waitUntil(lambda: len(gallery.ids()) == 3, timeout=PATIENCE)
    (path, *_rest) = window.studio.project.assets.rglob("*.wav")
    assert soundfile.info(path).samplerate == 8000
