"""How promptly the window answers while a model trains and 5,000 JPEGs are imported.

A user looks around meanwhile: every four seconds another page comes into sight.

A timer that should fire every millisecond is watched; the delay is what a click would wait.

    python -m benchmarks.event_loop [--seconds 20]
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from itertools import cycle
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PIL import Image
from PySide6.QtCore import QEventLoop, QObject, Qt, QTimer, Slot

from studio.core.protocol import ImportFiles, ImportSample
from studio.headless import ensure_project, recipe, run_with
from studio.terminal import Sink
from studio.ui.app import make_application
from studio.ui.main_window import MainWindow

JPEGS = 5000


def make_jpegs(folder: Path, count: int) -> None:
    """Write random JPEGs of 64 × 64."""
    folder.mkdir()
    generator = np.random.default_rng(0)
    for index in range(count):
        small = generator.integers(0, 255, (8, 8, 3), dtype=np.uint8)
        Image.fromarray(small).resize((64, 64)).save(folder / f"{index:05d}.jpg", quality=85)


class Watch(QObject):
    """Measures how late a timer of one millisecond fires."""

    def __init__(self) -> None:
        super().__init__()
        self.delays: list[float] = []
        self._last = time.perf_counter()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self._timer.start(1)

    @Slot()
    def _tick(self) -> None:
        now = time.perf_counter()
        self.delays.append((now - self._last) * 1000 - 1)
        self._last = now


def main() -> None:
    """Print percentiles of the delay in milliseconds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20.0)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        project = Path(place) / "bench.studio"
        ensure_project(project)
        run_with(ImportSample(project=str(project), sample="shapes", name="Shapes"), Sink())
        jpegs = Path(place) / "jpegs"
        make_jpegs(jpegs, JPEGS)
        _application = make_application([])  # kept: Qt needs it to live
        window = MainWindow()
        window.resize(1280, 800)
        window.show()
        window.open_project(project)
        studio = window.studio
        if studio is None:
            raise SystemExit("the project did not open")
        studio.queue.add(recipe(project, "Shapes", "gan", "quick", ["steps=100000"], 0, "Bench"))
        for page in ("data", "gallery", "generate", "train"):
            window.show_page(page)  # made at their first sight, which is not what is measured
        metrics: list[object] = []
        imported: list[object] = []
        studio.trainer.metrics.connect(metrics.append)
        studio.maker.job_finished.connect(imported.append)
        starting = QEventLoop()  # processEvents in a loop would keep the engine's thread out
        studio.trainer.metrics.connect(starting.quit)
        starting.exec()
        studio.maker.submit(ImportFiles(project=str(project), name="JPEGs", paths=[str(jpegs)]))
        watch = Watch()
        pages = cycle(("data", "gallery", "generate", "train"))
        turner = QTimer()  # a user who looks around meanwhile
        turner.timeout.connect(lambda: window.show_page(next(pages)))
        turner.start(4000)
        watching = QEventLoop()  # quitting the application would ask what to do with the run
        QTimer.singleShot(round(arguments.seconds * 1000), watching.quit)
        watching.exec()
        turner.stop()
        delays = np.maximum(watch.delays[10:], 0)
        p50, p99 = np.percentile(delays, [50, 99])
        state = "done" if imported else "still running"
        print(f"{len(metrics)} metric events, import of {JPEGS:,} {state}")
        print(f"delay ms: median {p50:.2f}  p99 {p99:.2f}  max {delays.max():.2f}")
        window._leave_project()
        window.close()


if __name__ == "__main__":
    main()
