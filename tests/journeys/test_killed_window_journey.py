"""A window that is killed while it trains: the engines end, and the next window goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.core.catalogue import new_recipe
from studio.core.project import Project
from studio.core.runs import Run, RunStatus
from studio.ui.main_window import MainWindow

SETTINGS = {"steps": 3000, "width": 8, "batch_size": 8, "checkpoint_every": 40, "precision": "fp32"}


def wait_for(check: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="SIGKILL is a word of POSIX")
def test_engines_end_and_the_run_goes_on(project: Path, qapp: QApplication, qtbot: QtBot) -> None:
    opened = Project.open(project)
    (dataset,) = opened.library.datasets.all()
    recipe = new_recipe(dataset, "gan", "quick", options=SETTINGS, preparation={"size": 28})
    opened.library.queue.add("Shapes", recipe)
    opened.close()
    first = subprocess.Popen(
        [sys.executable, "-c", WINDOW, str(project)], stdout=subprocess.DEVNULL
    )
    runs = project / "runs"
    wait_for(lambda: any(run.checkpoint_paths() for run in Run.all(runs)), 90)
    engines = psutil.Process(first.pid).children(recursive=True)
    assert engines
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    _gone, alive = psutil.wait_procs(engines, timeout=2.0)
    assert not alive, "an engine outlived its window"

    (run,) = Run.all(runs)
    assert run.state().status is RunStatus.INTERRUPTED
    saved = max(run.checkpoint_paths())
    window = MainWindow()
    window.show()
    assert window.open_project(project)
    assert window.studio is not None
    (entry,) = window.studio.queue.entries()
    assert entry.resume == run.id
    window.studio.queue.go_on()
    qtbot.waitUntil(lambda: max(run.checkpoint_paths()) > saved, timeout=60_000)
    window._leave_project()
    window.close()
    window.deleteLater()


#: A window that starts what waits in its queue, as after *Start training*.
WINDOW = """
import sys
from pathlib import Path
from studio.ui.app import make_application
from studio.ui.main_window import MainWindow
application = make_application([])
window = MainWindow()
window.show()
window.open_project(Path(sys.argv[1]))
window.studio.queue.go_on()
application.exec()
"""
