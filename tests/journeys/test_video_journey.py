"""Clips from a folder to the gallery: a model, a batch that plays, two at one time."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from studio.core.catalogue import new_recipe
from studio.core.media import Clip, Modality
from studio.core.project import Project
from studio.core.protocol import ImportFiles, Outcome, Train
from studio.data.video.clips import save_clip
from studio.headless import ensure_project, run_with
from studio.terminal import Sink
from studio.ui import settings
from studio.ui.dialogs.compare_films import CompareFilmsDialog
from studio.ui.main_window import MainWindow
from studio.ui.pages.data import DataPage
from studio.ui.pages.data_video import VideoBench
from studio.ui.pages.gallery import GalleryPage
from studio.ui.pages.generate import GeneratePage
from studio.ui.pages.generate_video import VideoMiddle
from studio.ui.side_work import side_work, slow_work
from studio.ui.views.video import ClipView

sys.path.insert(0, str(Path(__file__).parent.parent / "ui"))
from music_maker import Tone, cards

PATIENCE = 60_000  # milliseconds; the engine's first job waits for torch to be imported


@pytest.fixture
def trained(tmp_path: Path) -> Path:
    """Return a project with clips, and a model of two steps that moves shapes by rule."""
    folder = tmp_path / "Filme.studio"
    films = tmp_path / "films"
    films.mkdir()
    for number in range(12):
        pixels = np.zeros((20, 64, 64, 3), np.uint8)
        for place in range(20):
            left = 2 * place + number
            pixels[place, 20:34, left : left + 12] = (250, 20 * number, 90)
        save_clip(Clip(pixels, 16.0), films / f"{number}.mp4")
    ensure_project(folder)
    brought = run_with(ImportFiles(project=str(folder), name="Films", paths=[str(films)]), Sink())
    assert brought.outcome is Outcome.DONE, brought.error
    opened = Project.open(folder)
    (dataset,) = opened.library.datasets.all()
    opened.close()
    recipe = new_recipe(dataset, "motion", "quick", options={"steps": 2})
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


@pytest.mark.slow
def test_clips_come_in_are_made_and_compared(window: MainWindow, qtbot: QtBot) -> None:
    studio = window.studio
    assert studio is not None
    window.show_page("data")
    data = window.page("data")
    assert isinstance(data, DataPage)
    (bench,) = data.findChildren(VideoBench)
    qtbot.waitUntil(lambda: "20 frames" in bench.words.text(), timeout=PATIENCE)
    assert "1 scene" in bench.words.text()

    window.show_page("generate")
    page = window.page("generate")
    assert isinstance(page, GeneratePage)
    middle = page.middle
    assert isinstance(middle, VideoMiddle)
    page.make._count.setValue(4)
    page.make.generate.click()
    assets = studio.project.library.assets
    qtbot.waitUntil(lambda: len(middle.results.ids()) == 4, timeout=PATIENCE)
    qtbot.waitUntil(lambda: not page._job_id, timeout=PATIENCE)
    wall = middle.results._wall
    assert wall is not None
    qtbot.waitUntil(lambda: wall.playing == 4, timeout=PATIENCE)
    qtbot.waitUntil(lambda: middle.stage.view.canvas.frames > 1, timeout=PATIENCE)
    assert {asset.modality for asset in assets.get(middle.results.ids())} == {Modality.VIDEO}

    window.show_page("gallery")
    gallery = window.page("gallery")
    assert isinstance(gallery, GalleryPage)
    qtbot.waitUntil(lambda: len(gallery.ids()) == 4, timeout=PATIENCE)
    first, second = gallery.ids()[:2]
    gallery.grid.select_keys([first], first)
    view = gallery.details._stage.currentWidget()
    assert isinstance(view, ClipView)
    qtbot.waitUntil(lambda: view.canvas.frame > 0, timeout=PATIENCE)
    gallery.grid.select_keys([first, second], first)
    gallery.details._compare.click()
    dialog = gallery.findChild(CompareFilmsDialog)
    assert dialog is not None
    tracks = dialog.pair.canvas.tracks
    qtbot.waitUntil(lambda: all(track.image is not None for track in tracks), timeout=PATIENCE)
    dialog.close()
