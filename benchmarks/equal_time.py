"""Which kind of model draws best after the same time, on pictures of your own.

    python -m benchmarks.equal_time PATH [--family gan --family stylegan] [--minutes 2.8]

Trains the Quick presets one after the other at 32 × 32 pixels, each for the same time, and prints
the Studio-FD of checkpoints along the way: smaller is closer to the held-out real pictures. All are
measured by the same judge; its floor is two parts of the real pictures against each other, its
ceiling pictures of noise.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from studio.core.protocol import Evaluate, ImportFiles, Outcome, Train
from studio.core.runs import Run
from studio.headless import ensure_project, recipe, run_with
from studio.terminal import QuietSink

_FAMILIES = ("gan", "stylegan", "vqvae", "vaegan")


def main() -> None:
    """Train and measure each family."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", type=Path)
    parser.add_argument("--family", action="append")
    parser.add_argument("--minutes", type=float, default=2.8)
    parser.add_argument("--keep", type=Path, help="project to make, for a look at the samples")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="studio-equal-") as scratch:
        project = arguments.keep or Path(scratch) / "bench.studio"
        ensure_project(project)
        files = ImportFiles(project=str(project), name="Set", paths=[str(arguments.path)])
        run_with(files, QuietSink())
        settings = [
            f"minutes={arguments.minutes}",
            "size=32",
            "keep_checkpoints=100",
        ]
        for family in arguments.family or _FAMILIES:
            made = recipe(project, "Set", family, "quick", settings, 0, family)
            trained = run_with(Train(project=str(project), recipe=made), QuietSink())
            assert trained.outcome == Outcome.DONE, trained.error
            run = Run.find(project / "runs", trained.result["run"])
            measured = run_with(
                Evaluate(project=str(project), model=run.id, every=True), QuietSink()
            )
            assert measured.outcome == Outcome.DONE, measured.error
            print(f"{family}: {run.state().step} steps in {trained.seconds:.0f} s")
            for found in run.evaluations():
                shown = ("studio_fd", "studio_fd_floor", "kid", "precision", "recall")
                values = "  ".join(f"{name} {found.metrics[name]:.3g}" for name in shown)
                print(f"  step {found.step:6}: {values}", flush=True)


if __name__ == "__main__":
    main()
