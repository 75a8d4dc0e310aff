"""What the Quick presets reach on a labelled set of your own, such as the MNIST files.

    python -m benchmarks.quick_quality PATH [--family gan] [--family vae]

Prints training time and what `evaluate` measures on items that the model never saw: the share of
1,000 samples that a classifier trained on the real items accepts (p ≥ 0.9), the share of each
label, and for the VAE the bound −ELBO in nats.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from studio.core.protocol import Evaluate, ImportFiles, Train
from studio.core.runs import Run
from studio.headless import ensure_project, recipe, run_with
from studio.terminal import QuietSink


def main() -> None:
    """Train and measure each family."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", type=Path)
    parser.add_argument("--family", action="append")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        project = Path(place) / "bench.studio"
        ensure_project(project)
        files = ImportFiles(project=str(project), name="Set", paths=[str(arguments.path)])
        run_with(files, QuietSink())
        for family in arguments.family or ["gan", "vae"]:
            made = recipe(project, "Set", family, "quick", [], arguments.seed, family)
            trained = run_with(Train(project=str(project), recipe=made), QuietSink())
            run = Run.find(project / "runs", trained.result["run"])
            measured = run_with(Evaluate(project=str(project), model=run.id), QuietSink())
            print(f"{family}: {run.state().step} steps in {trained.seconds:.0f} s")
            for name, value in measured.result.items():
                if isinstance(value, float):
                    print(f"  {name:20} {value:10.4g}")


if __name__ == "__main__":
    main()
