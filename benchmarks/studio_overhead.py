"""What the studio costs: steps per second of a whole run against the family's bare step.

A run reports, draws and measures samples, keeps averages and writes checkpoints; the bare step
does nothing but learn from the same batches. Both are timed in turns of a few seconds, in one
process:

    python -m benchmarks.studio_overhead [--steps 400] [--rounds 3]
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import torch

from studio.core.project import Project
from studio.core.protocol import ImportSample, Outcome, Train
from studio.core.recipe import RunRecipe
from studio.core.runs import Run
from studio.core.work import Work
from studio.data.store import prepare
from studio.engine import schedule
from studio.engine.feed import Feed, seed_of
from studio.engine.registry import family_recipe, make_family
from studio.engine.runtime import choose_compute, choose_device, prepare_process
from studio.families.base import Family, Losses
from studio.families.batch import Batch
from studio.headless import ensure_project, recipe, run_with
from studio.terminal import Sink

_BLOCK = 50


class BareSteps:
    """Takes the family's bare steps in turns with a run's own, so that both meet the same machine.

    The machine's speed drifts by the second; a ratio of two separate runs would measure that.
    """

    def __init__(self, project: Path, made: RunRecipe) -> None:
        prepare_process()
        options = family_recipe(made)
        opened = Project.open(project)
        data = prepare(opened, made.dataset.id, made.preparation, Work())
        opened.close()
        feed = Feed(data, options.batch_size, made.seed, choose_device())
        compute = choose_compute(
            made, options, data.spec, lambda c: make_family(made, c), feed.batch(0)
        )
        torch.manual_seed(seed_of(made.seed))
        self.family = make_family(made, compute)
        self.family.setup(data.spec)
        self.batches = [feed.batch(step) for step in range(8)]
        self.steps = 0
        self.seconds = 0.0
        self._take(10)

    @contextmanager
    def run_between(self) -> Iterator[None]:
        """Let every `_BLOCK` steps of a run be followed by as many bare ones.

        The run's schedule of samples and checkpoints, which goes by time, does not see them.
        """
        own_step = type(self.family).train_step
        done = 0

        def step_and_sometimes_bare(family: Family[Any], batch: Batch) -> Losses:
            nonlocal done
            losses = own_step(family, batch)
            done += family is not self.family
            if family is not self.family and done % _BLOCK == 0:
                before = time.perf_counter()
                self._take(_BLOCK)
                self.seconds += time.perf_counter() - before
                self.steps += _BLOCK
            return losses

        own_time = SimpleNamespace(monotonic=lambda: time.monotonic() - self.seconds)
        with (
            patch.object(type(self.family), "train_step", step_and_sometimes_bare),
            patch.object(schedule, "time", own_time),
        ):
            yield

    def _take(self, count: int) -> None:
        for number in range(count):
            self.family.step = number
            self.family.train_step(self.batches[number % 8])


def compare(project: Path, made: RunRecipe) -> tuple[float, float]:
    """Return steps per second of bare steps and of a whole run, first step to last checkpoint."""
    bare = BareSteps(project, made)
    with bare.run_between():
        finished = run_with(Train(project=str(project), recipe=made), Sink())
    if finished.outcome != Outcome.DONE:
        raise SystemExit(f"the run failed: {finished.error}")
    state = Run.find(project / "runs", finished.result["run"]).state()
    return bare.steps / bare.seconds, state.step / (state.seconds - bare.seconds)


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
        settings = [f"steps={arguments.steps}", "minutes=0", "conditional=false", *arguments.set]
        made = recipe(project, "Shapes", "gan", "quick", settings, 0, "Bench")
        ratios = []
        for _round in range(arguments.rounds):
            bare, whole = compare(project, made)
            ratios.append(whole / bare)
            print(f"bare {bare:6.2f} steps/s   studio {whole:6.2f} steps/s   {whole / bare:.3f}")
        print(f"median ratio {statistics.median(ratios):.3f}")


if __name__ == "__main__":
    main()
