"""With a real engine: learn from two datasets, then change a folder of one's own; ask in words."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QComboBox, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from studio.core.family_info import Task
from studio.core.protocol import ImportSample, Outcome
from studio.core.runs import Run, RunStatus
from studio.data.image.files import read_recipe
from studio.headless import ensure_project, run_with
from studio.terminal import Sink
from studio.ui import settings
from studio.ui.main_window import MainWindow
from studio.ui.pages.generate import GeneratePage
from studio.ui.pages.models import ModelsPage
from studio.ui.pages.train import TrainPage

LEFT = Qt.MouseButton.LeftButton
PATIENCE = 60_000  # milliseconds; the engine's first job waits for torch to be imported


@pytest.fixture
def window(qtbot: QtBot, own_folders: None, tmp_path: Path) -> Iterator[MainWindow]:
    """Return the window of a project with captioned shapes and six style pictures."""
    settings.settings().clear()
    folder = tmp_path / "Reise.studio"
    ensure_project(folder)
    for sample in ("styles", "shapes"):
        command = ImportSample(project=str(folder), sample=sample, name=sample.capitalize())
        assert run_with(command, Sink()).outcome is Outcome.DONE
    made = MainWindow()
    made.resize(1280, 800)
    made.show()
    assert made.open_project(folder)
    studio = made.studio
    assert studio is not None
    (shapes,) = (d for d in studio.project.library.datasets.all() if d.name == "Shapes")
    studio.open_page("models", dataset=shapes.id)
    yield made
    made._leave_project()
    made.close()
    made.deleteLater()


def button(parent: QWidget, text: str) -> QPushButton:
    """Return the button in sight with that text."""
    found = (b for b in parent.findChildren(QPushButton) if b.text() == text)
    return next(b for b in found if b.isVisible())


def models_of(window: MainWindow) -> ModelsPage:
    page = window.page("models")
    assert isinstance(page, ModelsPage) and page.isVisible()
    return page


def trained(window: MainWindow, qtbot: QtBot, **options: object) -> Run:
    """Set options, start the training and wait until it is done."""
    page = models_of(window)
    assert page.settings.form is not None
    for name, value in options.items():
        control = page.settings.form.control(name)
        control.set_value(value)
        control.settled.emit()
    qtbot.waitUntil(page.settings.start.isEnabled, timeout=PATIENCE)
    qtbot.mouseClick(page.settings.start, LEFT)
    assert isinstance(window.page("train"), TrainPage)
    assert window.studio is not None
    runs = window.studio.project.runs

    def done() -> bool:
        states = [run.state() for run in Run.all(runs)]
        assert all(state.status != RunStatus.FAILED for state in states), states
        return bool(states) and states[0].status == RunStatus.DONE

    qtbot.waitUntil(done, timeout=2 * PATIENCE)
    (run,) = Run.all(runs)
    return run


def generate_with(window: MainWindow, run: Run) -> GeneratePage:
    """Open the Generate page with a run's model."""
    window.show_page("models")
    opener = f"Open in Generate: {run.recipe().name}"
    found = models_of(window).trained.findChildren(QPushButton)
    qt_button = next(b for b in found if b.accessibleName() == opener)
    qt_button.click()
    page = window.page("generate")
    assert isinstance(page, GeneratePage) and page.isVisible()
    return page


@pytest.mark.slow
def test_a_folder_in_the_style_of_a_mixture(
    qapp: QApplication, window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    page = models_of(window)
    page.chooser._task.setCurrentIndex(page.chooser._task.findData(Task.STYLIZE))
    page.chooser.chosen.emit("style_transfer")
    # the second dataset is found by itself where there is one alone
    box = page.settings.partner.findChild(QComboBox)
    assert box is not None and box.isVisible()
    assert box.currentText() == "Styles"
    run = trained(window, qtbot, steps=12, width=4, batch_size=4, precision="fp32")
    assert run.recipe().partner is not None
    assert list((run.folder / "samples").glob("*.png"))

    generate = generate_with(window, run)
    assert generate.make.styles.isVisible()
    assert "waves" in generate.make.styles.text()
    folder = tmp_path / "Meine Bilder"
    folder.mkdir()
    rng = np.random.default_rng(0)
    for name, size in (("a.png", (40, 52, 3)), ("b.jpg", (61, 33, 3))):
        Pillow.fromarray(rng.integers(0, 255, size, dtype=np.uint8)).save(folder / name)
    generate.make.inputs.add([folder])
    generate.make.styles._sliders[1]._slider.setValue(10)
    qtbot.mouseClick(generate.make.generate, LEFT)
    assert window.studio is not None
    assets = window.studio.project.library.assets
    qtbot.waitUntil(lambda: assets.count() == 2, timeout=PATIENCE)
    paths = [window.studio.project.folder / asset.path for asset in assets.get(assets.ids())]
    sizes = set()
    for path in paths:
        with Pillow.open(path) as picture:
            sizes.add(picture.size)
        recipe = read_recipe(path)
        assert recipe is not None
        assert recipe["request"]["options"]["styles"].startswith("waves: 1 + tiles: 0.5")
    assert sizes == {(52, 40), (33, 61)}  # each at its own size


@pytest.mark.slow
def test_words_become_pictures_and_come_back_from_the_gallery(
    qapp: QApplication, window: MainWindow, qtbot: QtBot
) -> None:
    page = models_of(window)
    page.chooser.chosen.emit("diffusion")
    run = trained(window, qtbot, steps=4, width=16, batch_size=8, precision="fp32")
    generate = generate_with(window, run)
    assert generate.make.prompt.isVisible()
    # a caption of its own data says what words it knows
    assert "Such as: a " in generate.make.prompt.placeholderText()
    generate.make._count.setValue(2)
    qtbot.keyClicks(generate.make.prompt, "a small red ring")
    qtbot.keyClick(generate.make.prompt, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert window.studio is not None
    assets = window.studio.project.library.assets
    qtbot.waitUntil(lambda: assets.count() == 2, timeout=PATIENCE)
    first = window.studio.project.folder / assets.get(assets.ids())[0].path
    recipe = read_recipe(first)
    assert recipe is not None
    assert recipe["request"]["prompt"] == "a small red ring"
    generate.make.prompt.setPlainText("something else")
    generate.make.show_request(recipe["request"])
    assert generate.make.prompt.text() == "a small red ring"
