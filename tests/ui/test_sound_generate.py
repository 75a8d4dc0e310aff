"""Sound on the Generate page: a batch to hear, A and B, what is done with a recording."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from music_maker import cards
from PySide6.QtCore import QItemSelectionModel, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from sound_maker import add_sounds, tone, write

from studio.core.family_info import Task
from studio.core.media import Modality
from studio.core.model_choices import Model
from studio.core.project import Project
from studio.core.protocol import AssetMade, GenerateRequest, JobFinished, Outcome
from studio.ui import settings
from studio.ui.asset_actions import AssetActions
from studio.ui.context import Studio
from studio.ui.pages.generate_audio import AudioMiddle
from studio.ui.pages.generate_batch import play_box
from studio.ui.pages.generate_inputs import InputDrop
from studio.ui.pages.generate_make import MakePanel
from studio.ui.pages.generate_middle import Around
from studio.ui.pages.generate_middles import middle_of
from studio.ui.side_work import side_work, slow_work
from studio.ui.sound import player
from studio.ui.views.sound_reading import recording_reader, sights

LEFT = Qt.MouseButton.LeftButton
TOGETHER = 8000  # milliseconds of patience


@pytest.fixture
def studio(qapp: QApplication, fake_engine: list[str], tmp_path: Path) -> Iterator[Studio]:
    """Return an empty project."""
    settings.settings().clear()
    with cards():
        made = Studio(Project.open(tmp_path / "Töne.studio", create=True), fake_engine)
        yield made
        recording_reader().wait()
        sights().wait()
        side_work().wait()
        made.close()
        made.deleteLater()


def filled(studio: Studio, qtbot: QtBot, count: int = 3) -> AudioMiddle:
    """Return the middle with a batch, its first recording in sight."""
    assert middle_of(Modality.AUDIO) is AudioMiddle
    actions = AssetActions(studio, None)  # type: ignore[arg-type]
    middle = AudioMiddle(Around(studio, MakePanel(studio), actions))
    qtbot.addWidget(middle)
    middle.resize(900, 640)
    with qtbot.waitExposed(middle):
        middle.show()
    ids = add_sounds(studio.project, count)
    middle.begin(GenerateRequest(model="run"), count)
    for index, asset in enumerate(ids):
        middle.asset_made(
            AssetMade(job_id="j", asset=asset, path="", index=index, total=count), None
        )
    middle.finished(JobFinished(job_id="j", outcome=Outcome.DONE, seconds=2.0))
    qtbot.waitUntil(lambda: middle.view.canvas.recording is not None, timeout=TOGETHER)
    return middle


def choose(middle: AudioMiddle, *rows: int) -> None:
    """Choose rows, the keyboard where it is."""
    middle.batch.clearSelection()
    for row in rows:
        index = middle.batch.model().index(row, 0)
        middle.batch.selectionModel().select(index, QItemSelectionModel.SelectionFlag.Select)


def test_a_batch_fills_and_each_recording_is_seen_and_heard(studio: Studio, qtbot: QtBot) -> None:
    middle = filled(studio, qtbot)
    assert middle._pill.text() == "3 of 3 · 2.0 s"
    assert middle._card.title.text() == "Sound 1"
    assert middle._facts.text() == "digits · seed 0 · 2.00 s · 8 kHz"
    assert middle.view.canvas.seconds == 2.0
    QTest.keyClick(middle.batch, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: middle.view.canvas.seconds == 3.0, timeout=TOGETHER)
    QTest.keyClick(middle.batch, Qt.Key.Key_Space)
    assert middle.view.bar.playing() and middle.batch.playing(1)
    # the play button of another row: it is seen and heard
    row = middle.batch.visualRect(middle.batch.model().index(2, 0))
    button = play_box(row).center()
    QTest.mouseClick(middle.batch.viewport(), LEFT, pos=button)
    qtbot.waitUntil(lambda: middle.batch.playing(2), timeout=TOGETHER)
    assert middle.view.canvas.seconds == 4.0
    qtbot.waitUntil(lambda: (middle.batch._position or 0) > 0.1, timeout=TOGETHER)
    QTest.mouseClick(middle.batch.viewport(), LEFT, pos=button)
    assert not player().plays()
    star = QPoint(row.right() - 12, row.center().y())
    QTest.mouseClick(middle.batch.viewport(), LEFT, pos=star)
    (asset,) = studio.project.library.assets.get([middle._source.ids[2]])
    assert asset.rating == 5


def test_rows_show_their_waveforms(studio: Studio, qtbot: QtBot) -> None:
    middle = filled(studio, qtbot)
    qtbot.waitUntil(lambda: all(middle.batch.wave(row) for row in range(3)), timeout=TOGETHER)
    wave = middle.batch.wave(1)
    assert wave is not None and wave.seconds == 3.0
    assert wave.wave.max() == pytest.approx(0.5, abs=0.01)
    assert middle.batch.small(1).seconds == 3.0  # type: ignore[union-attr]


def test_two_are_compared_in_the_place_of_one(studio: Studio, qtbot: QtBot) -> None:
    middle = filled(studio, qtbot)
    assert not middle._compare.isEnabled()
    choose(middle, 0, 2)
    assert middle._compare.isEnabled()
    QTest.mouseClick(middle._compare, LEFT)
    pair = middle.pair
    assert pair.isVisible() and middle._card.title.text() == "A and B"
    assert [title.text() for title in pair._titles] == ["A · Sound 1", "B · Sound 3"]
    qtbot.waitUntil(
        lambda: all(view.canvas.recording is not None for view in pair.views), timeout=TOGETHER
    )
    QTest.keyClick(pair.views[0].canvas, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: pair.views[0].bar.position() > 0.2, timeout=TOGETHER)
    QTest.mouseClick(pair.other, LEFT)
    assert pair.heard() == 1 and pair.views[1].bar.playing()
    assert pair.views[1].bar.position() > 0.15
    QTest.mouseClick(middle.one, LEFT)
    assert middle.view.isVisible() and not player().plays()
    assert middle._card.title.text() == "Sound 1"


def test_what_is_done_with_a_recording(
    studio: Studio, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    middle = filled(studio, qtbot)
    asked: list[Any] = []
    monkeypatch.setattr(middle._make, "show_request", asked.append)
    monkeypatch.setattr(middle._actions, "export", asked.append)
    assert not middle.go_on.isVisible(), "no model that continues"
    middle.go_on.setVisible(True)
    QTest.mouseClick(middle.go_on, LEFT)
    assert asked[0]["task"] == Task.CONTINUE.value
    assert asked[0]["inputs"][0].endswith("sound-0.wav")
    QTest.mouseClick(middle.export, LEFT)
    assert asked[1] == [middle._source.ids[0]]
    middle.batch.setFocus()
    QTest.keyClick(middle.batch, Qt.Key.Key_Delete)
    assert middle.batch.model().rowCount() == 2
    studio.undo.undo()
    assert len(studio.project.library.assets.get(middle._source.ids)) == 2
    assert middle._source.files([0])[0].suffix == ".wav", "can be dragged out"


def test_own_recordings_are_told_apart_where_they_are_dropped(
    studio: Studio, qtbot: QtBot, tmp_path: Path
) -> None:
    drop = InputDrop(tmp_path / "masks")
    qtbot.addWidget(drop)
    drop.set_modality(Modality.AUDIO, {".wav"})
    drop.add([write(tmp_path / "mine.wav", tone(1.0))])
    (item,) = drop._items()
    plain = item.icon().cacheKey()
    qtbot.waitUntil(lambda: item.icon().cacheKey() != plain, timeout=TOGETHER)
    assert drop.files() == [str(tmp_path / "mine.wav")]
    slow_work().wait()


def test_a_path_says_through_how_many_seeds_it_goes(studio: Studio, qtbot: QtBot) -> None:
    make = MakePanel(studio)
    qtbot.addWidget(make)
    middle = AudioMiddle(Around(studio, make, AssetActions(studio, None)))  # type: ignore[arg-type]
    qtbot.addWidget(middle)
    kind = studio.catalogue.family("wavegan")
    info, labels = kind.info, ("kick", "hat")
    make.models.set_models(
        [Model("r", "Drums", info.id, info.modality, (20,), 20, info.tasks, labels, kind.sampling)]
    )
    with qtbot.waitExposed(make):
        make.show()
    make._task.setCurrentIndex(make._task.findData(Task.INTERPOLATE.value))
    assert make._count.isVisible() and make._seed.isVisible() and make._label.isVisible()
    assert "one recording" in make._sentence.text()
    make._count.setValue(1)
    assert make.problem() == "A path needs two or more."
    make._count.setValue(3)
    assert make.generate.text() == "Make a path through 3" and make.generate.isEnabled()
    asked = middle.complete(make.request())
    assert (asked.task, asked.count, asked.frames) == (Task.INTERPOLATE, 3, 4)
    assert middle.complete(make.request(Task.GENERATE)).frames == GenerateRequest(model="r").frames
