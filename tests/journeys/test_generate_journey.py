"""From the first launch to a file: generate with a ready model, rate, export; two clicks to see."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image as Pillow
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from studio.core.catalogue import new_recipe
from studio.core.project import Project
from studio.core.protocol import ExportModel, Outcome, Train
from studio.data.image.files import read_recipe
from studio.headless import run_with
from studio.terminal import Sink
from studio.ui import settings
from studio.ui.dialogs.export_assets import ExportAssetsDialog
from studio.ui.main_window import MainWindow
from studio.ui.pages.gallery import GalleryPage
from studio.ui.pages.generate import GeneratePage

LEFT = Qt.MouseButton.LeftButton
PATIENCE = 60_000  # milliseconds; the engine's first job waits for torch to be imported


@pytest.fixture
def ready_model(project: Path, tmp_path: Path) -> Path:
    """Return a model package from two steps of training."""
    opened = Project.open(project)
    (dataset,) = opened.library.datasets.all()
    opened.close()
    options = {"steps": 2, "batch_size": 8, "precision": "fp32"}
    recipe = new_recipe(dataset, "vae", "quick", options=options, preparation={"size": 28})
    trained = run_with(Train(project=str(project), recipe=recipe), Sink())
    assert trained.outcome is Outcome.DONE, trained.error
    (run,) = (project / "runs").iterdir()
    path = tmp_path / "ready.studiomodel"
    command = ExportModel(project=str(project), model=run.name, path=str(path))
    assert run_with(command, Sink()).outcome is Outcome.DONE
    return path


@pytest.fixture
def window(
    qtbot: QtBot,
    own_folders: None,
    ready_model: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[MainWindow]:
    """Return the window of a first launch, with one model that ships with the program."""
    settings.settings().clear()
    for module in ("studio.ui.first_steps", "studio.ui.pages.welcome", "studio.core.model_choices"):
        monkeypatch.setattr(f"{module}.starter_models", lambda: [ready_model])
    monkeypatch.setattr("studio.ui.first_steps.default_projects_dir", lambda: tmp_path / "Studio")
    made = MainWindow()
    made.resize(1280, 800)
    made.show()
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
def test_first_launch_to_an_exported_picture(
    qapp: QApplication, window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    qtbot.mouseClick(button(window, "Open a ready model"), LEFT)
    page = window.page("generate")
    assert isinstance(page, GeneratePage)
    qtbot.mouseClick(button(window, "Generate 16"), LEFT)
    qtbot.waitUntil(lambda: page.results._source.count() == 16, timeout=PATIENCE)
    qtbot.waitUntil(page.make.generate.isVisible, timeout=PATIENCE)
    assert page.results._pill.text().startswith("16 of 16 · ")

    window.show_page("gallery")
    gallery = window.page("gallery")
    assert isinstance(gallery, GalleryPage)
    assert len(gallery.ids()) == 16
    best = gallery.ids()[3]
    cell = gallery.grid.visualRect(gallery.grid.model().index(3, 0))
    qtbot.mouseClick(gallery.grid.viewport(), LEFT, pos=cell.center())
    assert gallery.chosen_ids() == [best]
    QTest.keyClick(gallery.grid, Qt.Key.Key_5)
    gallery.filters.set_rating(5)
    assert gallery.ids() == [best]
    gallery.grid.select_keys([best], best)

    qtbot.mouseClick(button(gallery, "Export…"), LEFT)
    dialog = gallery.findChild(ExportAssetsDialog)
    assert dialog is not None
    dialog.choose("png")
    dialog.set_place(tmp_path / "exported")
    assert window.studio is not None
    with qtbot.waitSignal(window.studio.maker.job_finished, timeout=PATIENCE):
        qtbot.mouseClick(button(dialog, "Export"), LEFT)
    (written,) = (tmp_path / "exported").iterdir()
    with Pillow.open(written) as picture:
        assert picture.size == (28, 28)
    recipe = read_recipe(written)
    assert recipe is not None
    asset = window.studio.project.library.assets.get([best])[0]
    assert recipe["facts"]["seed"] == asset.seed
    # the picture leads back to the settings that made it
    gallery.take([written])
    qtbot.mouseClick(gallery.details.use, LEFT)
    assert page.make.seed() == asset.seed
