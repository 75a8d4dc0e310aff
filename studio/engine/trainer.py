"""The training loop: steps, averages, samples, checkpoints, and the user's wishes in between."""

from __future__ import annotations

import logging
import time
from pathlib import Path
from typing import Any

import torch

from studio.core.errors import StopRequested, StudioError
from studio.core.project import Project
from studio.core.protocol import ComputeChosen, Severity
from studio.core.recipe import RunRecipe
from studio.core.runs import Run, RunStatus, step_name
from studio.data.store import PreparedData
from studio.data.weights import fetch_weights
from studio.engine import checkpoint
from studio.engine.averaging import Averaging
from studio.engine.control import Services
from studio.engine.errors import is_out_of_memory, report
from studio.engine.feed import Feed, seed_of
from studio.engine.job import JobContext
from studio.engine.preview import Preview
from studio.engine.record import RunRecord
from studio.engine.registry import family_recipe, make_family, prepared_data
from studio.engine.run_compute import compute_of_run, write_compute
from studio.engine.runtime import (
    Processes,
    choose_device,
    memory_total,
    memory_used,
    precision_name,
    prepare_process,
    release_memory,
)
from studio.engine.schedule import Schedule
from studio.engine.transfer import take_over
from studio.engine.validation import Validation
from studio.families.base import Family, Losses
from studio.families.compute import Compute

log = logging.getLogger(__name__)

_PAUSE_SECONDS = 0.5  # a gate that held for longer was a pause


class Trainer(Services):
    """One run from its first or last step to its end.

    Every random number of a step is drawn from a stream that is a function of (seed, step), so a
    run that goes on from a checkpoint equals one that was never ended, bit for bit on the CPU,
    and samples drawn in between change nothing.

    Args:
        resume: Checkpoint folder to go on from.

    Attributes:
        step: Steps done.
    """

    def __init__(
        self,
        project: Project,
        run: Run,
        job: JobContext,
        processes: Processes,
        resume: Path | None = None,
    ) -> None:
        self.project = project
        self.run = run
        self.job = job
        self.processes = processes
        self.recipe: RunRecipe = run.recipe()
        self.options = family_recipe(self.recipe)
        self.step = 0
        self._resume = resume
        self._record = RunRecord(project, run, self.options, job, resumed=resume is not None)
        self._ready = False  # whether set-up is through
        self._finished = False  # whether the family did what comes after the last step
        self._memory_retried = False
        self._waited = 0.0  # seconds for data since the last report

    # ------------------------------------------------------------------------------- the whole

    def train(self) -> dict[str, Any]:
        """Train to the end; returns the run's id, last step and newest metrics.

        Raises:
            StopRequested: The user ended the run; it is saved when that was the wish.
        """
        self._record.write_status(RunStatus.RUNNING, self.step)
        try:
            self._set_up()
            self._loop()
            self._finish()
        except StopRequested as stop:
            if stop.save and self.step and self._ready:
                self.save_now()
            ended = RunStatus.STOPPED if stop.save else RunStatus.INTERRUPTED
            self._record.write_status(ended, self.step)
            raise
        except Exception as error:
            log.exception("the run failed")
            self._record.write_status(RunStatus.FAILED, self.step, report(error))
            raise
        finally:
            if self._ready:
                self.feed.close()
            self._record.close()
        return {"run": self.run.id, "step": self.step, "metrics": self._record.newest}

    # ------------------------------------------------------------------------------ the stages

    def _set_up(self) -> None:
        prepare_process()
        device = choose_device(self.options.device)
        with self.processes.first_speaks():
            self.data = self._prepared_data()
        self.job.progress("Getting ready", 0)
        self.feed = self._make_feed(device)
        with self.processes.first_speaks():  # the others find its measurements in the cache
            self.compute = compute_of_run(
                self.run, self.recipe, self.options, self.data.spec, self.feed.batch(0)
            )
        self.compute.average = self.processes.average
        precision = precision_name(self.compute)
        self.job.emit(ComputeChosen(job_id=self.job.job_id, precision=precision))
        torch.manual_seed(seed_of(self.recipe.seed))
        self.family: Family[Any] = make_family(self.recipe, self.compute)
        self.family.setup(self.data.spec)
        self.averaging = Averaging(self.family, self.options.ema)
        seconds = self._take_over()
        self._record.open(self.family.info, self.data.spec, self.step)
        self._preview = Preview(self.run, self.family, self.data, self.feed, self.job)
        self._validation = Validation(self.family, self.feed, self.averaging)
        self._samples = Schedule.of_samples(self.options.sample_every, self.options.steps)
        self._saves = Schedule.of_checkpoints(self.options.checkpoint_every, self.options.steps)
        self._record.clock.start(seconds)
        self._ready = True
        log.info(
            "%s: %d steps of %d items on %s in %s",
            self.recipe.name,
            self.options.steps,
            self.options.batch_size,
            device,
            precision,
        )

    def _loop(self) -> None:
        while self.step < self.options.steps and not self._out_of_time():
            self._gate()
            losses = self._one_step()
            self.step += 1
            self.averaging.update(self.step)
            self._record.reporter.add(losses)
            if self._record.reporter.due:
                self._report()
            if self._samples.due(self.step):
                self.sample_now()
            if self._validation.due(self.step):
                self._validate()
            if self._saves.due(self.step):
                self.save_now()

    def _finish(self) -> None:
        with self.averaging.applied():
            self.family.finish(self.feed.learned(256, 20_000))
            self.averaging.take_buffers()
        self._finished = True
        self._validation.forget()
        self.sample_now()
        self.save_now()
        self._record.write_status(RunStatus.DONE, self.step)

    # -------------------------------------------------------------------------------- one step

    def _one_step(self) -> Losses:
        """Take a step; one that does not fit into memory is tried once more in half."""
        parts = self.compute.micro_batches * 2
        try:
            return self._train_step()
        except RuntimeError as error:
            last_try = self._memory_retried or parts > self.options.batch_size
            if not is_out_of_memory(error) or last_try:
                raise
            log.warning("out of memory: %s", error)
        # outside the except block, whose traceback would keep the step's tensors alive
        self._memory_retried = True
        release_memory(self.compute.device)
        self.compute.micro_batches = parts
        write_compute(self.run, self.compute)
        self.job.notice(
            Severity.WARNING,
            "Memory ran out; going on in smaller parts",
            f"Each step now goes through in {parts} parts, which takes the same total and less"
            " memory.",
            "For the next run choose a smaller batch or size.",
        )
        return self._train_step()

    def _train_step(self) -> Losses:
        self.family.step = self.step
        torch.manual_seed(seed_of(self.recipe.seed, self.step, self.processes.rank))
        before = time.perf_counter()
        batch = self.feed.batch(self.step)
        self._waited += time.perf_counter() - before
        return self.family.train_step(batch)

    def _gate(self) -> None:
        if self.processes.world > 1:  # all processes must leave the loop at the same step
            if self.processes.broadcast(self.job.control.stop_wanted):
                raise StopRequested(save=True)
            return
        before = time.monotonic()
        self.job.control.gate(self)
        held = time.monotonic() - before
        if held > _PAUSE_SECONDS:
            self._record.clock.take_out(held)
            self._record.reporter.forget_speed()

    def _out_of_time(self) -> bool:
        limit = self.options.minutes * 60
        return bool(limit) and self._record.clock.seconds >= limit

    def _report(self) -> None:
        if not self.processes.speaks:
            return
        reporter = self._record.reporter
        if not self.feed.resident:
            reporter.add_plain({"data_wait": min(self._waited / reporter.since_flush, 1.0)})
        self._waited = 0.0
        self._record.report(self.step)

    # ---------------------------------------------------------------- services at every gate

    def sample_now(self) -> None:
        """Draw a sample sheet and measure the samples."""
        if not self.processes.speaks:
            return
        before = time.monotonic()
        with self.averaging.applied():
            statistics = self._record.keep_trying(lambda: self._preview.draw(self.step))
        self._record.reporter.add_plain(statistics)
        self._report()  # they belong to this step, not to the next one that is reported
        self._samples.done(time.monotonic() - before)

    def _validate(self) -> None:
        """Measure on held-out items."""
        if self.processes.speaks:
            self._record.reporter.add_plain(self._validation.measured(self.step))
            self._report()

    def save_now(self) -> None:
        """Measure on held-out items, write a checkpoint, and apply the retention rule."""
        if not self.processes.speaks:
            return
        before = time.monotonic()
        share = memory_used(self.compute.device) / memory_total(self.compute.device)
        self._record.reporter.add_plain({"memory_share": share})
        self._validate()
        path = self.run.checkpoints / step_name(self.step)
        self._record.keep_trying(
            lambda: checkpoint.write_checkpoint(
                path,
                self.family,
                self.averaging,
                self.step,
                self._record.clock.seconds,
                self._record.newest,
                self._preview.strip(),
            )
        )
        self._record.note_checkpoint(self.step, last=self._finished)
        self._saves.done(time.monotonic() - before)

    def park(self) -> None:
        """Move everything to host memory and free the device."""
        self._move(torch.device("cpu"))
        release_memory(self.compute.device)

    def unpark(self) -> None:
        """Move everything back to the device."""
        self._move(self.compute.device)

    def _move(self, device: torch.device) -> None:
        for network in self.family.networks().values():
            network.to(device)
        for optimiser in self.family.optimisers().values():
            for state in optimiser.state.values():
                for key, value in state.items():
                    if isinstance(value, torch.Tensor) and value.dim():
                        state[key] = value.to(device)
        self.averaging.to(device)

    # ----------------------------------------------------------------------------------- parts

    def _prepared_data(self) -> PreparedData:
        data = prepared_data(self.project, self.recipe, self.job)
        if not len(data.train):
            raise StudioError(
                "There is nothing to learn from",
                f"The dataset {self.recipe.dataset.name} has no items left.",
                "Add files on the Data page, or take excluded items in again.",
            )
        for weights in make_family(self.recipe, Compute()).published(None):
            fetch_weights(weights, self.job)
        return data

    def _make_feed(self, device: torch.device) -> Feed:
        turns = make_family(self.recipe, Compute(device=device)).batches_per_step
        return Feed(
            self.data,
            self.options.batch_size * turns,
            self.recipe.seed,
            device,
            rank=self.processes.rank,
            world=self.processes.world,
        )

    def _take_over(self) -> float:
        """Take over weights from a checkpoint, the run's own or a fork's; returns its seconds."""
        if self._resume is not None:
            info = checkpoint.restore(self._resume, self.family, self.averaging)
            self.step = info.step
            return info.seconds
        fork = self.recipe.fork
        if fork is None:
            return 0.0
        if not fork.anew:
            if fork.step >= self.options.steps:
                raise StudioError(
                    "The fork has no steps left",
                    f"It starts at step {fork.step:,} and ends at {self.options.steps:,}.",
                    "Raise Steps, or fork from an earlier checkpoint.",
                )
            self.step = fork.step
        transfer = take_over(self.project, self.recipe, fork, self.family, self.averaging)
        if transfer.anew:
            self.job.notice(Severity.INFO, "Some parts of the model start anew", transfer.words())
        log.info("from %s: %d tensors taken over", fork.source, transfer.taken)
        return 0.0
