"""The program's entry: a second start raises the first, errors are said, numbers keep their dot."""

from __future__ import annotations

import gc
import locale
import os
import subprocess
import sys
import threading
import time
import weakref
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from studio.core.errors import StudioError
from studio.ui import faults, words
from studio.ui.garbage import collect_due
from studio.ui.main_window import MainWindow
from studio.ui.single_instance import raise_other

SECOND = """
import sys
from pathlib import Path
from studio.ui.app import main
sys.exit(main(Path(sys.argv[1]), []))
"""


WARM = """
import sys
import psutil
from PySide6.QtCore import QTimer
from studio.ui import app
def look():
    if "studio.ui.pages.gallery" in sys.modules:
        engines = len(psutil.Process().children())
        print("pyqtgraph" in sys.modules, "torch" in sys.modules, engines, flush=True)
        timer.stop()
        windows[0].close()
timer = QTimer()
timer.timeout.connect(look)
windows = []
show = app.MainWindow.show
def show_and_look(window):
    windows.append(window)
    show(window)
    timer.start(20)
app.MainWindow.show = show_and_look
app.main(None, [])
"""


@pytest.fixture
def window(qtbot: QtBot, fake_engine: list[str]) -> MainWindow:
    """Return a window without a project."""
    made = MainWindow(fake_engine)
    qtbot.addWidget(made)
    return made


def test_widgets_in_a_cycle_never_end_in_another_thread(qapp: QApplication) -> None:
    ended: list[int] = []

    def make() -> None:
        widget = QWidget()
        weakref.finalize(widget, lambda: ended.append(threading.get_ident()))
        widget.itself = widget  # type: ignore[attr-defined]

    kept: list[list[int]] = []
    gc.collect()
    make()
    thread = threading.Thread(target=lambda: kept.extend([] for _ in range(200_000)))
    thread.start()
    thread.join()
    assert not ended
    collect_due()
    assert ended == [threading.get_ident()]


def test_numbers_keep_their_dot(qapp: QApplication) -> None:
    assert locale.localeconv()["decimal_point"] == "."


def test_the_program_opens_and_a_second_start_ends_at_once(tmp_path: Path) -> None:
    project = tmp_path / "Zwei mal.studio"
    command = [sys.executable, "-c", SECOND, str(project)]
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen"}
    with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as first:
        try:
            deadline = time.monotonic() + 60
            while not raise_other(project) and time.monotonic() < deadline:
                assert first.poll() is None
            second = subprocess.run(command, env=environment, timeout=60, check=False)
            assert second.returncode == 0
            assert first.poll() is None
        finally:
            first.kill()


def test_curves_are_loaded_behind_the_window_and_engines_started(tmp_path: Path) -> None:
    """Nobody waits for them later; the window's own process never loads torch."""
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen"}
    command = [sys.executable, "-c", WARM]
    ended = subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=60, check=True
    )
    assert ended.stdout.split() == ["True", "False", "2"], ended.stderr


def test_unanswered_errors_are_said(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    faults.show_faults_in(window)
    error = StudioError("Disk full", "There is no room.", "Make room.")
    sys.excepthook(StudioError, error, None)
    sys.excepthook(KeyError, KeyError("x"), None)
    said = [toast.accessibleName() for toast in window.notices.notices()]
    assert said[0] == "Disk full. There is no room. Make room."
    assert "KeyError" in said[1]


def test_errors_of_other_threads_are_said_in_the_window(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    faults.show_faults_in(window)
    error = StudioError("Disk full", "There is no room.", "Make room.")
    worker = threading.Thread(target=lambda: sys.excepthook(StudioError, error, None))
    worker.start()
    worker.join()
    assert window.notices.notices() == [], "a widget is made in the window's thread alone"
    qtbot.waitUntil(lambda: len(window.notices.notices()) == 1)


def test_numbers_in_words() -> None:
    assert [words.duration(s) for s in (45, 69, 7500, 200_000)] == [
        "45 s",
        "1 min 09 s",
        "2 h 05 min",
        "2 days",
    ]
    assert [words.size(b) for b in (900, 38e6, 2.1e9)] == ["900 bytes", "38 MB", "2.1 GB"]
    assert [words.amount(n) for n in (950, 12_400, 1.9e6)] == ["950", "12,400", "1.9 M"]
    assert words.percent(0.624) == "62 %"
