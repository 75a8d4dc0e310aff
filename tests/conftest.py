"""What all tests share: tiny data, tiny recipes, and a check that nothing is left behind."""

from __future__ import annotations

import gc
import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import psutil
import pytest
from PIL import Image

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
# tiny models gain nothing from a second thread, and two that wait for each other lose a lot
os.environ.setdefault("OMP_NUM_THREADS", "1")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the files that take longest come first: at the end no process waits for another.

    Several processes take whole files, in this order; a test takes half a second on average, and
    one that is marked as slow a dozen.
    """
    seconds = Counter[Path]()
    for item in items:
        seconds[item.path] += 12.0 if item.get_closest_marker("slow") else 0.5
    items.sort(key=lambda item: -seconds[item.path])


@pytest.fixture(autouse=True, scope="session")
def own_folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep settings, caches and logs of the tests away from the user's own."""
    patch = pytest.MonkeyPatch()
    for name in ("CACHE", "CONFIG", "DATA", "STATE"):
        patch.setenv(f"XDG_{name}_HOME", str(tmp_path_factory.mktemp(name.lower())))
    yield
    patch.undo()


@pytest.fixture(scope="session")
def qapp(own_folders: None) -> QApplication:
    """Return the application as the program makes it, with its theme and settings."""
    from studio.ui.app import make_application

    return make_application([])


@pytest.fixture(autouse=True)
def nothing_left_behind() -> Iterator[None]:
    """Fail a test that leaves a thread or a process running."""
    threads = set(threading.enumerate())
    processes = set(psutil.Process().children(recursive=True))
    yield
    left = _settled(lambda: [t for t in threading.enumerate() if t not in threads and t.is_alive()])
    assert not left, f"threads left running: {left}"
    children = _settled(
        lambda: [
            p
            for p in psutil.Process().children(recursive=True)
            if p not in processes and p.is_running() and p.status() != psutil.STATUS_ZOMBIE
        ]
    )
    for process in children:
        process.kill()
    assert not children, f"processes left running: {children}"
    if not gc.isenabled():  # the application collects while it waits for events alone
        from studio.ui.garbage import collect_due

        collect_due()


def _settled(find: Callable[[], list[object]], seconds: float = 3.0) -> list[object]:
    """Return what `find` still finds after giving it a moment to go."""
    deadline = time.monotonic() + seconds
    while (left := find()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return left


@pytest.fixture
def project(tmp_path: Path, pictures: Path) -> Path:
    """Return a project, in a folder with spaces and umlauts, that holds the dataset *Shapes*."""
    from studio.core.protocol import ImportFiles, Outcome
    from studio.headless import ensure_project, run_with
    from studio.terminal import Sink

    folder = tmp_path / "Kater Überblick.studio"
    ensure_project(folder)
    command = ImportFiles(project=str(folder), name="Shapes", paths=[str(pictures)])
    assert run_with(command, Sink()).outcome == Outcome.DONE
    return folder


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of 96 tiny pictures in two label folders: bright discs and dark squares."""
    folder = tmp_path_factory.mktemp("pictures")
    generator = np.random.default_rng(0)
    for label in ("disc", "square"):
        (folder / label).mkdir()
        for index in range(48):
            pixels = generator.integers(0, 40, (16, 16), dtype=np.uint8)
            y, x = generator.integers(5, 11, 2)
            rows, columns = np.mgrid[:16, :16]
            inside = (
                (rows - y) ** 2 + (columns - x) ** 2 < 16
                if label == "disc"
                else (abs(rows - y) < 3) & (abs(columns - x) < 3)
            )
            pixels[inside] = 230 if label == "disc" else 130
            Image.fromarray(pixels).save(folder / label / f"{index:03d}.png")
    return folder
