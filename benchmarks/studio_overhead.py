"""What the studio costs: steps per second of a whole run against the family's bare step.

A run reports, draws and measures samples, keeps averages and writes checkpoints; the bare step
does nothing but learn from the same batches. Both are timed in turns, in one process:

    python -m benchmarks.studio_overhead [--steps 400] [--rounds 3]
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path

import torch

from studio.core.project import Project
from studio.core.protocol import ImportSample, Outcome, Train
from studio.core.recipe import RunRecipe
from studio.core.runs import Run
from studio.core.work import Work
from studio.data.store import prepare
from studio.engine.feed import Feed, seed_of
from studio.engine.registry import family_recipe, make_family
from studio.engine.runtime import choose_compute, choose_device, prepare_process
from studio.headless import ensure_project, recipe, run_with
from studio.terminal import Sink


def bare_rate(project: Path, made: RunRecipe, steps: int) -> float:
    """Return steps per second of `train_step` alone, in the precision that the studio takes."""
    prepare_process()
    options = family_recipe(made)
    opened = Project.open(project)
    data = prepare(opened, made.dataset.id, made.preparation, Work())
    opened.close()
    device = choose_device()
    feed = Feed(data, options.batch_size, made.seed, device)
    compute = choose_compute(
        made, options, data.spec, lambda c: make_family(made, c), feed.batch(0)
    )
    torch.manual_seed(seed_of(made.seed))
    family = make_family(made, compute)
    family.setup(data.spec)
    batches = [feed.batch(step) for step in range(8)]
    for step in range(10):
        family.train_step(batches[step % 8])
    started = time.perf_counter()
    for step in range(steps):
        family.step = step
        family.train_step(batches[step % 8])
    return steps / (time.perf_counter() - started)


def studio_rate(project: Path, made: RunRecipe) -> float:
    """Return steps per second of a whole run, from its first step to its last checkpoint."""
    finished = run_with(Train(project=str(project), recipe=made), Sink())
    if finished.outcome != Outcome.DONE:
        raise SystemExit(f"the run failed: {finished.error}")
    state = Run.find(project / "runs", finished.result["run"]).state()
    return state.step / state.seconds


def main() -> None:
    """Print the two rates and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=1500, help="steps of a whole run")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--set", action="append", default=[], help="a setting: name=value")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder) / "bench.studio"
        ensure_project(project)
        run_with(ImportSample(project=str(project), sample="shapes", name="Shapes"), Sink())
        settings = [f"steps={arguments.steps}", "conditional=false", *arguments.set]
        made = recipe(project, "Shapes", "gan", "quick", settings, 0, "Bench")
        ratios = []
        for _round in range(arguments.rounds):
            bare = bare_rate(project, made, arguments.steps // 4)
            whole = studio_rate(project, made)
            ratios.append(whole / bare)
            print(f"bare {bare:6.2f} steps/s   studio {whole:6.2f} steps/s   {whole / bare:.3f}")
        print(f"median ratio {statistics.median(ratios):.3f}")


if __name__ == "__main__":
    main()
