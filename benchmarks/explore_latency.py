"""How long a drag in the latent explorer waits for its picture, through both processes.

The point on the map is moved as soon as the picture before is there; each time is the whole round
trip: command, engine, PNG file, event, picture in the window. With `--training` a model trains in
the other engine meanwhile.

    python -m benchmarks.explore_latency [--looks 200] [--training] [PACKAGE ...]
"""

from __future__ import annotations

import argparse
import math
import os
import tempfile
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PySide6.QtCore import QEventLoop, QTimer

from studio.core.project import Project
from studio.core.protocol import ImportSample, Metrics, Train
from studio.headless import recipe, run_with
from studio.terminal import Sink
from studio.ui.app import make_application
from studio.ui.context import Studio
from studio.ui.pages.explore_live import Live
from studio.ui.pages.explore_state import Explorer

MODELS = [Path("models") / f"{name}.studiomodel" for name in ("digits-gan", "digits-vae")]
_WARM_UP = 10  # first looks, which load the model and are left out


def measure(studio: Studio, model: str, looks: int) -> list[float]:
    """Return the milliseconds of each look at a point that goes round on the map."""
    explorer, live = Explorer(studio), Live(studio)
    explorer.open(model)
    live.set_model(model)
    milliseconds: list[float] = []
    loop = QEventLoop()
    began = 0.0

    def look() -> None:
        nonlocal began
        angle = len(milliseconds) / 10
        explorer.go_on_map(0.5 + 0.3 * math.sin(angle), 0.5 + 0.2 * math.cos(1.7 * angle))
        began = time.perf_counter()
        live.show(explorer.place())

    def shown() -> None:
        milliseconds.append((time.perf_counter() - began) * 1000)
        if len(milliseconds) < looks + _WARM_UP:
            QTimer.singleShot(0, look)
        else:
            loop.quit()

    live.shown.connect(shown)
    live.failed.connect(lambda why: (print(why), loop.quit()))
    look()
    loop.exec()
    return milliseconds[_WARM_UP:]


def start_training(studio: Studio, project: Path) -> None:
    """Train until the benchmark is over; returns when the first steps are done."""
    run_with(ImportSample(project=str(project), sample="digits", name="Digits"), Sink())
    endless = recipe(
        project, "Digits", "gan", "quick", ["minutes=0", "steps=1000000"], 0, "Endless"
    )
    loop = QEventLoop()

    def steps(event: Metrics) -> None:
        if event.step > 0:
            loop.quit()

    studio.trainer.metrics.connect(steps)
    studio.trainer.submit(Train(project=str(project), recipe=endless))
    loop.exec()


def main() -> None:
    """Print percentiles of the round trip in milliseconds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("models", nargs="*", type=Path, default=MODELS)
    parser.add_argument("--looks", type=int, default=200)
    parser.add_argument("--training", action="store_true")
    arguments = parser.parse_args()
    _application = make_application([])  # kept: without it there are no pictures
    with tempfile.TemporaryDirectory() as place:
        project = Path(place) / "bench.studio"
        studio = Studio(Project.open(project, create=True))
        if arguments.training:
            start_training(studio, project)
        for model in arguments.models:
            found = measure(studio, str(model.absolute()), arguments.looks)
            p50, p95, most = np.percentile(found, [50, 95, 100])
            print(f"{model.stem}: p50 {p50:.0f} ms, p95 {p95:.0f} ms, longest {most:.0f} ms")
        studio.close()


if __name__ == "__main__":
    main()
