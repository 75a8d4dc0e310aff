"""A training from start to end with the mouse: pause, resume, stop and save, go on, star."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.core.catalogue import new_recipe
from studio.core.recipe import RunRecipe
from studio.core.runs import Run, RunStatus
from studio.core.state import EngineState
from studio.ui import settings
from studio.ui.main_window import MainWindow
from studio.ui.pages.train import TrainPage

LEFT = Qt.MouseButton.LeftButton
PATIENCE = 60_000  # milliseconds; the engine's first job waits for torch to be imported


@pytest.fixture
def window(qtbot: QtBot, own_folders: None, project: Path) -> Iterator[MainWindow]:
    """Return the real window with a small dataset and real engines."""
    settings.settings().clear()
    made = MainWindow()
    made.resize(1280, 800)
    made.show()
    assert made.open_project(project)
    yield made
    made._leave_project()
    made.close()
    made.deleteLater()


def tiny(window: MainWindow) -> RunRecipe:
    """Return the recipe of a run that lasts long enough to be paused."""
    assert window.studio is not None
    (dataset,) = window.studio.project.library.datasets.all()
    options = {
        "steps": 300,
        "width": 8,
        "batch_size": 8,
        "sample_every": 80,
        "checkpoint_every": 20,
        "precision": "fp32",
    }
    return new_recipe(
        dataset, "gan", "quick", name="Shapes", options=options, preparation={"size": 28}
    )


@pytest.mark.slow
def test_train_pause_stop_go_on_and_star(
    qapp: QApplication, window: MainWindow, qtbot: QtBot
) -> None:
    studio = window.studio
    assert studio is not None
    window.show_page("train")
    page = window.page("train")
    assert isinstance(page, TrainPage)
    studio.queue.add(tiny(window))

    hold, stop = page.buttons.hold, page.buttons.stop
    qtbot.waitUntil(lambda: page.samples.step() is not None, timeout=PATIENCE)
    run = Run(studio.project.runs / studio.run)
    qtbot.mouseClick(hold, LEFT)
    qtbot.waitUntil(lambda: studio.trainer.state is EngineState.PAUSED, timeout=3000)
    qtbot.waitUntil(lambda: hold.text() == "Resume")
    assert page.runs.cards()[0].listed.words == "paused"
    qtbot.mouseClick(hold, LEFT)
    qtbot.waitUntil(lambda: studio.trainer.state is EngineState.RUNNING, timeout=3000)

    qtbot.waitUntil(lambda: stop.isEnabled() and bool(run.checkpoint_paths()), timeout=PATIENCE)
    qtbot.mouseClick(stop, LEFT)
    qtbot.waitUntil(lambda: run.state().status is RunStatus.STOPPED, timeout=PATIENCE)
    qtbot.waitUntil(lambda: page.runs.cards()[0].listed.words.startswith("stopped at"))
    stopped_at, steps = run.state().step, run.state().steps
    assert steps == 300
    assert max(run.checkpoint_paths()) == stopped_at < 300

    qtbot.waitUntil(lambda: hold.isVisible() and hold.text() == "Resume")
    qtbot.mouseClick(hold, LEFT)
    qtbot.waitUntil(lambda: run.state().status is RunStatus.DONE, timeout=PATIENCE)
    qtbot.waitUntil(lambda: page.checkpoints.rows()[0].saved.step == 300)
    qtbot.waitUntil(lambda: page.samples.step() == 300)
    tail = page.losses.tail
    assert tail is not None
    qtbot.waitUntil(lambda: tail.history.last_step == 300)
    read = tail.history.series["loss_critic"].steps
    assert all(read[:-1] < read[1:])  # what was resumed is not counted twice

    qtbot.mouseClick(page.checkpoints.rows()[0].star, LEFT)
    assert studio.project.library.stars.of_run(run.id) == {300}
    assert page.buttons.generate.isEnabled()
