"""A game kit from the window: queued, made by a real engine, in the gallery and a folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.core.assets import AssetFilter
from studio.core.batch_recipes import MANIFEST
from studio.core.files import read_json
from studio.core.media import Modality
from studio.core.project import Project
from studio.ui import settings
from studio.ui.dialogs.batch import BatchDialog
from studio.ui.main_window import MainWindow
from studio.ui.pages.generate import GeneratePage

PATIENCE = 90_000  # milliseconds; the engine's first job waits for torch to be imported


@pytest.fixture
def window(qtbot: QtBot, own_folders: None, tmp_path: Path) -> Iterator[MainWindow]:
    settings.settings().clear()
    folder = tmp_path / "Quest.studio"
    Project.open(folder, create=True).close()
    made = MainWindow()
    made.resize(1280, 800)
    made.show()
    made.open_project(folder)
    yield made
    made._leave_project()
    made.close()
    made.deleteLater()


@pytest.mark.slow
def test_a_game_kit_is_made_from_the_queue(window: MainWindow, qtbot: QtBot) -> None:
    window.show_page("generate")
    page = window.page("generate")
    studio = window.studio
    assert isinstance(page, GeneratePage)
    assert studio is not None
    page._batch.click()
    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, BatchDialog)
    dialog.kit.click()
    for row in range(dialog.parts.count()):
        dialog.parts.setCurrentRow(row)
        dialog.editor.count.setValue(2)
    recipe = dialog.recipe()
    assert recipe is not None
    said: list[str] = []
    studio.noticed.connect(lambda _severity, title, *_rest: said.append(title))
    with qtbot.waitSignal(studio.queue.batch_ended, timeout=PATIENCE):
        dialog.accept()
    assert said[0].endswith("is in the queue")
    assert said[-1] == "The batch is ready"
    assets = studio.project.library.assets
    counts = assets.counts()
    assert counts[Modality.IMAGE] == counts[Modality.TEXT] == counts[Modality.MUSIC] == 2
    (manifest,) = studio.project.assets.rglob(MANIFEST)
    told = read_json(manifest)
    assert len(told["files"]) == recipe.total == len(assets.ids(AssetFilter()))
    assert not told["failed"]
    assert studio.queue.entries() == []
