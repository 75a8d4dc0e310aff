"""Moving pictures on the Generate page: the player, the batch, the original beside, export."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from asset_maker import add_pictures, recipe_of
from film_maker import write_film
from music_maker import cards
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from studio.core.blobs import Span
from studio.core.family_info import Task
from studio.core.items import Item
from studio.core.media import Modality
from studio.core.model_choices import Model
from studio.core.project import Project
from studio.core.protocol import (
    AssetMade,
    AttachSound,
    GenerateRequest,
    JobFinished,
    Outcome,
    Progress,
)
from studio.ui import settings
from studio.ui.asset_actions import AssetActions
from studio.ui.context import Studio
from studio.ui.dialogs.add_sound import AddSoundDialog
from studio.ui.dialogs.export_assets import ExportAssetsDialog
from studio.ui.dialogs.look_closer import LargeView
from studio.ui.forms import NO_SETTINGS
from studio.ui.pages.generate_inputs import InputDrop
from studio.ui.pages.generate_make import MakePanel
from studio.ui.pages.generate_middle import Around
from studio.ui.pages.generate_middles import middle_of
from studio.ui.pages.generate_tasks import task_words
from studio.ui.pages.generate_video import VideoMiddle
from studio.ui.side_work import side_work
from studio.ui.views.video_dataset import Length, VideoDatasetView, length_in

TOGETHER = 8000  # milliseconds of patience


@pytest.fixture
def studio(qapp: QApplication, fake_engine: list[str], tmp_path: Path) -> Iterator[Studio]:
    """Return an empty project."""
    settings.settings().clear()
    with cards():
        made = Studio(Project.open(tmp_path / "Filme.studio", create=True), fake_engine)
        yield made
        side_work().wait()
        made.close()
        made.deleteLater()


def add_films(studio: Studio, count: int, own: Path | None = None) -> list[int]:
    """Write clips as the engine does and enter them; made of a file where one is given."""
    ids: list[int] = []
    studio.project.assets.mkdir(exist_ok=True)
    for number in range(count):
        path = write_film(studio.project.assets / f"film-{number}.mp4", 10)
        recipe = recipe_of(number)
        if own is not None:
            recipe["request"] |= {"inputs": [str(own)], "task": "translate"}
            recipe["facts"] = {"input": 0}
        fields: dict[str, Any] = {
            "path": studio.project.relative(path),
            "modality": Modality.VIDEO,
            "recipe": recipe,
            "title": f"shapes · seed {number}",
            "width": 192,
            "height": 108,
        }
        ids += add_pictures(studio.project, 1, **fields)
    return ids


def shown(studio: Studio, qtbot: QtBot) -> VideoMiddle:
    """Return the middle, with nothing made yet."""
    assert middle_of(Modality.VIDEO) is VideoMiddle
    page = QWidget()
    qtbot.addWidget(page)
    middle = VideoMiddle(Around(studio, MakePanel(studio), AssetActions(studio, page)))
    qtbot.addWidget(middle)
    middle.resize(900, 700)
    with qtbot.waitExposed(middle):
        middle.show()
    return middle


def make(studio: Studio, middle: VideoMiddle, ids: list[int], task: Task) -> None:
    """Let these be what a job makes."""
    middle.begin(GenerateRequest(model="run", task=task), len(ids))
    for index, asset in enumerate(ids):
        found = studio.project.library.assets.get([asset])[0]
        event = AssetMade(job_id="j", asset=asset, path="", index=index, total=len(ids))
        middle.asset_made(event, found)
    middle.finished(JobFinished(job_id="j", outcome=Outcome.DONE, seconds=2.0))


def test_a_batch_plays_and_the_chosen_one_is_large(studio: Studio, qtbot: QtBot) -> None:
    middle = shown(studio, qtbot)
    ids = add_films(studio, 4)
    make(studio, middle, ids, Task.GENERATE)
    stage = middle.stage
    assert stage.title.text() == "shapes · seed 0"
    qtbot.waitUntil(lambda: stage.view.canvas.frames == 10, timeout=TOGETHER)
    wall = middle.results._wall
    assert wall is not None
    qtbot.waitUntil(lambda: wall.playing == 4, timeout=TOGETHER)
    middle.results.grid.select_keys([ids[2]], ids[2])
    assert stage.title.text() == "shapes · seed 2"
    assert stage.beside.isHidden(), "it was made of nothing"
    assert not middle.results._compare.isEnabled()
    middle.results.grid.select_keys(ids[:2], ids[0])
    assert middle.results._compare.isEnabled()


def test_what_was_made_of_a_file_stands_beside_it(
    studio: Studio, qtbot: QtBot, tmp_path: Path
) -> None:
    own = write_film(tmp_path / "holiday.mp4", 20)
    middle = shown(studio, qtbot)
    ids = add_films(studio, 1, own)
    middle.begin(GenerateRequest(model="run", task=Task.TRANSLATE, inputs=[str(own)]), 1)
    middle.progress(
        Progress(job_id="j", stage="Restyling", done=30, total=60, unit="frames", seconds_left=75)
    )
    assert middle.stage._words.text() == "Restyling · 30 of 60 frames · 1 min 15 s left"
    make(studio, middle, ids, Task.TRANSLATE)
    stage = middle.stage
    assert stage._words.isHidden()
    assert stage.beside.isChecked()
    pair = stage.pair.canvas
    qtbot.waitUntil(lambda: [track.count for track in pair.tracks] == [20, 10], timeout=TOGETHER)
    stage.beside.setChecked(False)
    qtbot.waitUntil(lambda: stage.view.canvas.frames == 10, timeout=TOGETHER)
    large = LargeView(studio.project, ids, 0, middle)
    qtbot.addWidget(large)
    large.show()
    assert large._pair is not None
    canvas = large._pair.canvas
    qtbot.waitUntil(lambda: [track.count for track in canvas.tracks] == [20, 10], timeout=TOGETHER)
    large.close()


def test_clips_are_exported_at_a_rate_and_quality(
    studio: Studio, qtbot: QtBot, tmp_path: Path
) -> None:
    ids = add_films(studio, 2)
    page = QWidget()
    qtbot.addWidget(page)
    dialog = ExportAssetsDialog(studio.project, ids, page)
    keys = [each.key for each in dialog._formats]
    assert keys[:6] == ["mp4", "webm", "av1", "gif", "webp", "png"]
    dialog.choose("webm")
    assert not dialog._film.isHidden()
    dialog._film.choose(30, 95)
    command = dialog.command()
    assert (command.format, command.fps, command.quality) == ("webm", 30.0, 95)
    dialog.choose("zip")
    assert dialog._film.isHidden()
    assert dialog.command().fps == 0.0
    again = ExportAssetsDialog(studio.project, ids, page, form="mp4")
    assert again.command().fps == 30.0, "it is remembered"
    pictures = ExportAssetsDialog(studio.project, add_pictures(studio.project, 1), page)
    pictures.choose("png")
    assert pictures._film.isHidden()


def test_own_films_are_dropped_and_seen(qtbot: QtBot, tmp_path: Path) -> None:
    own = write_film(tmp_path / "own.mp4", 5)
    drop = InputDrop(tmp_path / "masks")
    qtbot.addWidget(drop)
    drop.set_modality(Modality.VIDEO, [".mp4"])
    drop.add([own, tmp_path / "text.txt"])
    assert drop.files() == [str(own)]
    before = drop._items()[0].icon().cacheKey()
    qtbot.waitUntil(lambda: drop._items()[0].icon().cacheKey() != before, timeout=TOGETHER)


def test_a_picture_is_taken_where_it_is_set_in_motion(
    studio: Studio, qtbot: QtBot, tmp_path: Path
) -> None:
    foreseer = Model(
        reference="run",
        title="Foreseer",
        family="video_transformer",
        modality=Modality.VIDEO,
        steps=(),
        best=0,
        tasks=(Task.CONTINUE, Task.RECONSTRUCT),
        labels=(),
        sampling=NO_SETTINGS,
    )
    panel = MakePanel(studio)
    qtbot.addWidget(panel)
    panel.models.set_models([foreseer])
    assert panel.problem() == "Drop 1 clip or more to start from, or a picture."
    assert "a picture" in panel.inputs._hint.text()
    Image.new("RGB", (40, 30), (200, 40, 40)).save(tmp_path / "first.jpg")
    panel.inputs.add([tmp_path / "first.jpg"])
    assert panel.request().inputs == [str(tmp_path / "first.jpg")]
    colour = panel.inputs._items()[0].icon().pixmap(20, 20).toImage().pixelColor(10, 10)
    assert colour.red() > 150 > colour.blue(), "the picture itself, not the sign of a file"
    panel._task.setCurrentIndex(1)
    assert panel.task() is Task.RECONSTRUCT
    assert panel.inputs.files() == [] and not panel.inputs.takes(tmp_path / "first.jpg")


def test_tasks_speak_of_films() -> None:
    words = task_words(Task.CONTINUE, Modality.VIDEO)
    assert words.title == "Say what follows" and words.button(2) == "Continue 2"
    assert task_words(Task.TRANSLATE, Modality.VIDEO).title == "Restyle a film"
    assert task_words(Task.RESTORE, Modality.IMAGE).title == "Repair my pictures"


def test_lengths_and_notes_of_films_in_words(qtbot: QtBot) -> None:
    assert length_in(("sound", "frames=50", "fps=25")) == Length(50, 25.0)
    assert length_in(("frames=x", "fps=25")) is None
    view = VideoDatasetView()
    qtbot.addWidget(view)
    view.show_sizes({(64, 64): 3})
    assert view._sizes_title.text() == "All 64 × 64 pixels"
    view._show_lengths([Length(32, 16.0), Length(32, 16.0), Length(48, 16.0)])
    assert view._whole._value.text() == "7 s · 112 frames"
    assert view._lengths_title.text() == "Length in frames" and not view._lengths.isHidden()
    view._show_lengths([Length(32, 16.0)])
    assert view._lengths_title.text() == "All 32 frames long" and view._lengths.isHidden()
    assert view._rates._value.text() == "16 a second"
    assert VideoDatasetView.note_words("variable-rate") == "Frame rate changes"
    assert VideoDatasetView.size_words({(64, 64): 1, (320, 240): 2}) == "64 to 320 pixels wide"
    nowhere = Span(0, 0)
    item = Item(
        id=1,
        name="a.mp4",
        label="",
        caption="",
        width=64,
        height=48,
        notes=("frames=50", "fps=25"),
        duplicate_of=None,
        item=nowhere,
        thumb=nowhere,
        excluded=False,
    )
    assert VideoDatasetView.item_words(item) == "64 × 48 · 2.0 s · 50 frames at 25 a second"


def test_a_clip_gets_a_sound(
    studio: Studio, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[object] = []

    def submit(job: object) -> str:
        sent.append(job)
        return "j"

    monkeypatch.setattr(studio.maker, "submit", submit)
    middle = shown(studio, qtbot)
    assert middle.stage.sound.isHidden(), "there is no clip yet"
    (clip,) = add_films(studio, 1)
    make(studio, middle, [clip], Task.GENERATE)
    qtbot.waitUntil(lambda: middle.results.grid.source.count() == 1)
    middle.results.grid.setFocus()
    middle.results.grid.select_keys([clip], clip)
    opened = [
        lambda: qtbot.keyClick(middle.results.grid, Qt.Key.Key_A),
        lambda: qtbot.mouseClick(middle.stage.sound, Qt.MouseButton.LeftButton),
    ]
    for ask in opened:
        ask()
        dialog = middle._actions._page.findChildren(AddSoundDialog)[-1]
        assert not dialog.isHidden() and not dialog._add.isEnabled()
        assert dialog._list.isHidden(), "nothing was made that could be heard"
        dialog.choose(str(tmp_path / "tune.mid"))
        assert not dialog._list.isHidden() and dialog._nothing.isHidden()
        dialog.accept()
        job = sent.pop()
        assert isinstance(job, AttachSound) and not sent
        assert (job.video, job.sound) == (str(clip), str(tmp_path / "tune.mid"))
