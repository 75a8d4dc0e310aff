"""Recordings on the Data page: lengths and rates, how they are cut, hearing items and slices."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from music_maker import cards
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog
from pytestqt.qtbot import QtBot
from sound_maker import tone, write

from studio.core.media import Sound
from studio.core.project import Project
from studio.core.protocol import ImportFiles, Outcome
from studio.headless import ensure_project, run_with
from studio.terminal import Sink
from studio.ui import settings
from studio.ui.context import Studio
from studio.ui.pages.data import DataPage
from studio.ui.pages.data_audio import AudioBench
from studio.ui.pages.data_audio_cuts import gaps
from studio.ui.side_work import side_work
from studio.ui.sound import player
from studio.ui.views.audio import AudioView
from studio.ui.views.audio_dataset import AudioDatasetView
from studio.ui.views.sound_reading import recording_reader, sights

LEFT = Qt.MouseButton.LeftButton
TOGETHER = 8000  # milliseconds of patience


def spoken(path: Path, seconds: float, hertz: float = 300.0) -> Path:
    """Write half a second of silence, a tone, and a second of silence."""
    silence = np.zeros((4000, 1), np.float32)
    samples = np.concatenate([silence, tone(seconds, hertz=hertz).samples, silence, silence])
    return write(path, Sound(samples, 8000))


@pytest.fixture
def studio(qapp: QApplication, fake_engine: list[str], tmp_path: Path) -> Iterator[Studio]:
    """Return a project with three recordings under two labels."""
    settings.settings().clear()
    folder = tmp_path / "Töne.studio"
    ensure_project(folder)
    paths = [spoken(tmp_path / "in" / "a" / "one.wav", 3.1)]
    paths += [spoken(tmp_path / "in" / "a" / "two.wav", 1.0, 500.0)]
    paths += [spoken(tmp_path / "in" / "b" / "three.wav", 2.0, 900.0)]
    brought = run_with(
        ImportFiles(project=str(folder), name="Sounds", paths=[str(tmp_path / "in")]), Sink()
    )
    assert brought.outcome is Outcome.DONE, brought.error
    with cards():
        made = Studio(Project.open(folder), fake_engine)
        yield made
        recording_reader().wait()
        sights().wait()
        side_work().wait()
        made.close()
        made.deleteLater()


@pytest.fixture
def page(studio: Studio, qtbot: QtBot) -> DataPage:
    """Return the Data page with the recordings."""
    made = DataPage(studio)
    qtbot.addWidget(made)
    made.resize(1280, 760)
    made.show()
    qtbot.waitUntil(lambda: made.browser.grid.source.count() == 3, timeout=TOGETHER)
    return made


def bench_of(page: DataPage, qtbot: QtBot) -> AudioBench:
    """Return the card of slices, once a recording is cut."""
    (bench,) = page.findChildren(AudioBench)
    qtbot.waitUntil(lambda: bench._shown is not None, timeout=TOGETHER)
    return bench


def test_the_page_says_how_much_sound_there_is(page: DataPage, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: "8 kHz" in page.header.subtitle(), timeout=TOGETHER)
    assert page.header.subtitle().startswith("3 recordings · 0:10.6 of sound · 8 kHz")
    sizes = page.findChild(AudioDatasetView)
    assert sizes is not None
    assert "2s" in sizes._lengths.accessibleName() or "2.00 s" in sizes._lengths.accessibleName()


def test_a_recording_is_shown_with_its_slices(page: DataPage, studio: Studio, qtbot: QtBot) -> None:
    table = studio.project.library.datasets
    table.set_preparation(table.all()[0].id, {"seconds": 1.024, "rate": 8000})
    studio.library_changed.emit("datasets")
    bench = bench_of(page, qtbot)
    qtbot.waitUntil(lambda: bench._shown.preparation.seconds == 1.024, timeout=TOGETHER)
    cuts = bench._shown
    assert cuts is not None and cuts.items == 3
    first, last = cuts.slices[0][0], cuts.slices[-1][1]
    assert first == pytest.approx(0.45, abs=0.03), "silence goes, but for a little air"
    assert last == pytest.approx(
        0.5 + {"one": 3.1, "two": 1.0, "three": 2.0}[cuts.name[:-4].split("/")[-1]], abs=0.1
    )
    assert f"{len(cuts.slices)} slice" in bench.words.text()
    assert "of silence left out" in bench.words.text()
    before = cuts.name
    bench._steps[1].click()
    qtbot.waitUntil(lambda: bench._shown.name != before, timeout=TOGETHER)


def test_a_slice_is_heard_as_the_model_hears_it(
    page: DataPage, studio: Studio, qtbot: QtBot
) -> None:
    bench = bench_of(page, qtbot)
    with qtbot.waitSignal(player().ended, timeout=TOGETHER) as ended:
        where = bench.cuts.box(0).center().toPoint()
        QTest.mouseClick(bench.cuts, LEFT, pos=where)
        assert bench.hear.text() == "Hold"
    made = ended.args[0].source
    assert made.rate == bench._shown.preparation.rate
    assert np.abs(made.samples).max() == pytest.approx(0.95, abs=0.01), "as loud as all others"
    assert bench.hear.text() == "Hear a slice"
    bench.cuts.setFocus()
    QTest.keyClick(bench.cuts, Qt.Key.Key_Space)
    assert player().plays()
    page.hide()
    assert not player().plays()


def test_items_are_heard_in_the_grid_and_opened_large(
    page: DataPage, studio: Studio, qtbot: QtBot
) -> None:
    grid = page.browser.grid
    grid.setFocus()
    grid.setCurrentIndex(grid.model().index(0, 0))
    QTest.keyClick(grid, Qt.Key.Key_Space)
    qtbot.waitUntil(player().plays, timeout=TOGETHER)
    QTest.keyClick(grid, Qt.Key.Key_Space)
    assert not player().plays()
    page.browser.look(1)
    (dialog,) = (each for each in page.findChildren(QDialog) if each.isVisible())
    view = dialog.findChild(AudioView)
    assert view is not None
    qtbot.waitUntil(lambda: view.canvas.recording is not None, timeout=TOGETHER)
    dialog.reject()


def test_words_of_recordings() -> None:
    sizes = {(1500, 8000): 2, (60_000, 44_100): 60}
    assert AudioDatasetView.size_words(sizes) == "1:00:03 of sound · 8 kHz to 44.1 kHz"
    assert AudioDatasetView.extent_words(2400, 22_050) == "2.40 s · 22.05 kHz"
    assert AudioDatasetView.note_words("clipped") == "Clipped"
    assert AudioDatasetView.note_words("of-tomorrow") == "Of tomorrow"


def test_what_is_in_no_slice() -> None:
    assert gaps([(1.0, 2.0), (1.5, 3.0)], 4.0) == [(0.0, 1.0), (3.0, 4.0)]
    assert gaps([], 2.0) == [(0.0, 2.0)] and gaps([(0.0, 2.0)], 2.0) == []
