"""From a dropped folder to a training: import, edit, prepare, choose, forecast, start."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from studio.core.items import ItemFilter
from studio.core.runs import Run, RunStatus
from studio.ui import settings
from studio.ui.main_window import MainWindow
from studio.ui.pages.data import DataPage
from studio.ui.pages.models import ModelsPage

LEFT = Qt.MouseButton.LeftButton
PATIENCE = 60_000  # milliseconds; the engine's first job waits for torch to be imported


@pytest.fixture
def window(qtbot: QtBot, own_folders: None, tmp_path: Path) -> Iterator[MainWindow]:
    """Return the real window with an empty project and real engines."""
    settings.settings().clear()
    made = MainWindow()
    made.resize(1280, 800)
    made.show()
    assert made.open_project(tmp_path / "Reise.studio", create=True)
    yield made
    made._leave_project()
    made.close()
    made.deleteLater()


def drop(page: QWidget, folder: Path) -> None:
    """Drag a folder over the middle of a page and let go."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(folder))])
    place = QPoint(page.width() // 2, page.height() // 2)
    copy, none = Qt.DropAction.CopyAction, Qt.KeyboardModifier(0)
    QApplication.sendEvent(page, QDragEnterEvent(place, copy, data, LEFT, none))
    QApplication.sendEvent(page, QDropEvent(QPointF(place), copy, data, LEFT, none))


def button(parent: QWidget, text: str) -> QPushButton:
    """Return the button in sight that begins so."""
    found = (b for b in parent.findChildren(QPushButton) if b.text().startswith(text))
    return next(b for b in found if b.isVisible())


@pytest.mark.slow
def test_from_a_folder_to_a_training(
    qapp: QApplication, window: MainWindow, qtbot: QtBot, pictures: Path
) -> None:
    studio = window.studio
    assert studio is not None
    page = window.page("data")
    assert isinstance(page, DataPage)
    drop(page, pictures)
    qtbot.waitUntil(lambda: studio.dataset != "", timeout=PATIENCE)
    table = studio.project.library.datasets
    dataset = studio.dataset
    assert table.labels(dataset) == {"disc": 48, "square": 48}
    qtbot.waitUntil(lambda: page._facts is not None and page._facts.count == 96)
    assert "96 pictures · 16 × 16 · 2 labels" in page.header._subtitle.text()

    qtbot.mouseClick(button(page.browser, "square 48"), LEFT)
    grid = page.browser.grid
    assert grid.source.count() == 48
    grid.setFocus()
    qtbot.keyClick(grid, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    qtbot.mouseClick(button(page.browser, "Leave out"), LEFT)
    assert table.count(dataset, ItemFilter(problem="excluded")) == 48
    qtbot.mouseClick(button(page, "Undo"), LEFT)
    assert table.count(dataset, ItemFilter(problem="excluded")) == 0

    mirror = page.prepare.form.control("mirror").widget
    mirror.setFocus()
    qtbot.keyClick(mirror, Qt.Key.Key_Space)
    assert table.get(dataset).preparation["mirror"] is True
    qtbot.waitUntil(lambda: not page.prepare._sheet._picture.isNull(), timeout=PATIENCE)

    qtbot.mouseClick(button(page, "Choose a model"), LEFT)
    models = window.page("models")
    assert isinstance(models, ModelsPage) and models.isVisible()
    assert models.settings.form is not None
    for name, value in (("steps", 6), ("width", 8), ("batch_size", 8)):
        control = models.settings.form.control(name)
        control.set_value(value)
        control.settled.emit()
    qtbot.waitUntil(
        lambda: "parameters" in models.settings.forecast._parameters._value.text(),
        timeout=PATIENCE,
    )
    qtbot.mouseClick(models.settings.start, LEFT)
    assert window.page("train").isVisible()
    runs = studio.project.runs

    def done() -> bool:
        return [run.state().status for run in Run.all(runs)] == [RunStatus.DONE]

    qtbot.waitUntil(done, timeout=PATIENCE)
    recipe = Run.all(runs)[0].recipe()
    assert recipe.options["steps"] == 6 and recipe.preparation["mirror"] is True
    window.show_page("models")
    opener = f"Open in Generate: {recipe.name}"
    found = models.trained.findChildren(QPushButton)
    qtbot.mouseClick(next(b for b in found if b.accessibleName() == opener), LEFT)
    assert window.page("generate").isVisible()
    assert studio.model == Run.all(runs)[0].id
