"""Through a latent space with a real engine: drag, pin, find directions, make a loop, come back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image as Pillow
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from studio.core.paths import program_dir
from studio.core.places import place_of
from studio.core.project import Project
from studio.data.image.files import read_recipe
from studio.ui import settings
from studio.ui.main_window import MainWindow
from studio.ui.pages.gallery import GalleryPage
from studio.ui.pages.generate import GeneratePage

LEFT = Qt.MouseButton.LeftButton
PATIENCE = 60_000  # milliseconds; the engine's first job waits for torch to be imported


@pytest.fixture
def window(
    qtbot: QtBot, own_folders: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[MainWindow]:
    """Return the window of an empty project, with the starter model of digits."""
    settings.settings().clear()
    ready = program_dir() / "models" / "digits-vae.studiomodel"
    monkeypatch.setattr("studio.core.model_choices.starter_models", lambda: [ready])
    folder = tmp_path / "Reise.studio"
    Project.open(folder, create=True).close()
    made = MainWindow()
    made.resize(1280, 800)
    made.show()
    made.open_project(folder)
    yield made
    made._leave_project()
    made.close()
    made.deleteLater()


def button(parent: QWidget, text: str) -> QPushButton:
    """Return the button in sight with that text."""
    (found,) = (
        each
        for each in parent.findChildren(QPushButton)
        if each.text() == text and each.isVisible()
    )
    return found


@pytest.mark.slow
def test_from_a_drag_on_the_map_to_a_loop_and_back(
    qapp: QApplication, window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    window.show_page("generate")
    page = window.page("generate")
    assert isinstance(page, GeneratePage)
    qtbot.mouseClick(button(page, "Explorer"), LEFT)
    view, explorer = page.explore.view, page.explore.explorer
    preview, map_ = view.preview, view.map.map
    qtbot.waitUntil(lambda: preview.seen is not None, timeout=PATIENCE)

    # drag the point; the preview follows
    here = map_._to_screen(*explorer.kept.point).toPoint()
    QTest.mousePress(map_, LEFT, pos=here)
    for step in range(1, 9):
        QTest.mouseMove(map_, here + QPoint(6 * step, 4 * step))
    QTest.mouseRelease(map_, LEFT, pos=here + QPoint(48, 32))
    qtbot.waitUntil(lambda: preview.seen == explorer.place(), timeout=PATIENCE)
    qtbot.waitUntil(lambda: len(view.map._pictures) == len(explorer.kept.anchors))

    # pin it, find what the model can change, and change it
    qtbot.mouseClick(button(view, "Pin"), LEFT)
    pinned = preview.seen
    qtbot.mouseClick(button(view, "To the path"), LEFT)
    qtbot.mouseClick(button(view, "Directions"), LEFT)
    qtbot.mouseClick(button(view, "Find the directions"), LEFT)
    qtbot.waitUntil(lambda: len(view.directions.sliders()) > 5, timeout=PATIENCE)
    view.directions.sliders()[0].slider._slider.setValue(110)
    qtbot.waitUntil(lambda: preview.seen == explorer.place(), timeout=PATIENCE)
    assert preview.seen is not None
    assert preview.seen.directions == {0: 2.5}
    qtbot.mouseClick(button(view, "To the path"), LEFT)

    # the two places become a loop
    path = page.path
    path._form.setCurrentIndex(path._form.findData("gif"))
    path._closed.setChecked(True)
    assert window.studio is not None
    qtbot.mouseClick(path.make, LEFT)
    assets = window.studio.project.library.assets
    qtbot.waitUntil(lambda: assets.count() == 1, timeout=PATIENCE)
    (loop,) = assets.get(assets.ids())
    with Pillow.open(window.studio.project.folder / loop.path) as clip:
        assert getattr(clip, "n_frames") == 24  # noqa: B009 - Pillow's stubs leave it out

    # what is made at a place leads back to it
    qtbot.waitUntil(preview.make.isEnabled, timeout=PATIENCE)
    made_at = preview.seen
    qtbot.mouseClick(preview.make, LEFT)
    qtbot.waitUntil(lambda: assets.count() == 2, timeout=PATIENCE)
    qtbot.waitUntil(preview.make.isEnabled, timeout=PATIENCE)
    qtbot.mouseClick(button(view, "Pins 1"), LEFT)
    cell = view.pins.list.visualItemRect(view.pins.list.item(0)).center()
    qtbot.mouseClick(view.pins.list.viewport(), LEFT, pos=cell)
    assert explorer.place() == pinned
    window.show_page("gallery")
    gallery = window.page("gallery")
    assert isinstance(gallery, GalleryPage)
    (newest,) = (a for a in assets.get(assets.ids()) if a.id != loop.id)
    picture = window.studio.project.folder / newest.path
    assert place_of(read_recipe(picture) or {}) == made_at
    gallery.take([picture])
    qtbot.mouseClick(gallery.details.use, LEFT)
    assert page.explore.is_open
    assert explorer.place() == made_at
    qtbot.waitUntil(lambda: preview.seen == made_at, timeout=PATIENCE)
