"""What restoration's Quick preset reaches on pictures of your own, for every kind of damage.

    python -m benchmarks.restore_quality PATH [--damage upscale2] [--set NAME=VALUE]

Prints training time and what `evaluate` measures on pictures that the model never saw: PSNR in
dB, its gain over the spoiled picture (over bicubic where it is enlarged), SSIM and, where the size
allows, MS-SSIM and VIF. All colours count alike (RGB), the data range is 255 levels, no border is
left out, and every picture is spoiled by the full strength of the recipe, such as noise of σ = 25,
without the model being told.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from studio.core.protocol import Evaluate, ImportFiles, Train
from studio.core.runs import Run
from studio.families.image.restore_damage import DAMAGES
from studio.headless import ensure_project, recipe, run_with
from studio.terminal import QuietSink


def main() -> None:
    """Train and measure for each kind of damage."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", type=Path)
    parser.add_argument("--damage", action="append", choices=list(DAMAGES))
    parser.add_argument("--set", action="append", default=[])
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        project = Path(place) / "bench.studio"
        ensure_project(project)
        files = ImportFiles(project=str(project), name="Set", paths=[str(arguments.path)])
        run_with(files, QuietSink())
        for damage in arguments.damage or DAMAGES:
            settings = [f"damage={damage}", *arguments.set]
            made = recipe(project, "Set", "restore", "quick", settings, arguments.seed, damage)
            trained = run_with(Train(project=str(project), recipe=made), QuietSink())
            run = Run.find(project / "runs", trained.result["run"])
            measured = run_with(Evaluate(project=str(project), model=run.id), QuietSink())
            said = "  ".join(f"{name} {value:.4g}" for name, value in measured.result.items())
            print(f"{damage:9} {run.state().step} steps in {trained.seconds:.0f} s:  {said}")


if __name__ == "__main__":
    main()
