"""The training loop: steps, averages, metrics, samples, checkpoints, and the user's wishes."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from studio.core.errors import StopRequested, StudioError
from studio.core.files import append_json_line, read_json, write_json
from studio.core.project import Project
from studio.core.protocol import Advice, CheckpointSaved, CoachAdvised, Metrics, Severity
from studio.core.recipe import RunRecipe
from studio.core.runs import Run, RunState, RunStatus, step_name
from studio.data.store import prepare
from studio.engine import checkpoint
from studio.engine.averaging import Averaging
from studio.engine.coach.coach import Coach
from studio.engine.control import Services
from studio.engine.errors import is_disk_full, is_out_of_memory, report
from studio.engine.feed import Feed, seed_of
from studio.engine.job import JobContext
from studio.engine.preview import Preview
from studio.engine.registry import family_recipe, make_family
from studio.engine.reporter import Reporter
from studio.engine.retention import apply_retention
from studio.engine.runtime import (
    Processes,
    choose_compute,
    choose_device,
    memory_total,
    memory_used,
    precision_name,
    prepare_process,
    release_memory,
)
from studio.engine.schedule import Schedule
from studio.families.base import Compute, Family, Losses

log = logging.getLogger(__name__)

_VALIDATION_ITEMS = 1000
_STATUS_SECONDS = 5.0
_DISK_RETRY_SECONDS = 2.0


class Trainer(Services):
    """One run from its first or last step to its end.

    Every random number of a step is drawn from a stream that is a function of (seed, step), so a
    run that goes on from a checkpoint equals one that was never ended, bit for bit on the CPU,
    and samples drawn in between change nothing.

    Attributes:
        step: Steps done.
        seconds: Training time so far, pauses left out.
    """

    def __init__(self, project: Project, run: Run, job: JobContext, processes: Processes) -> None:
        self.project = project
        self.run = run
        self.job = job
        self.processes = processes
        self.recipe: RunRecipe = run.recipe()
        self.options = family_recipe(self.recipe)
        self.step = 0
        self.seconds = 0.0
        self._clock = 0.0
        self._status_written = 0.0
        self._memory_retried = False
        self._waited = 0.0
        self._state = RunState(
            status=RunStatus.RUNNING, steps=self.options.steps, created=time.time()
        )

    # ------------------------------------------------------------------------------- the whole

    def train(self, resume: Path | None = None) -> dict[str, Any]:
        """Train to the end; returns the run's id, last step and newest metrics.

        Args:
            resume: Checkpoint folder to go on from.

        Raises:
            StopRequested: The user ended the run; it is saved when that was the wish.
        """
        if resume is not None:
            self._state = self.run.state()
            self._state.error = None
        self._write_state(RunStatus.RUNNING)
        try:
            self._set_up(resume)
            self._loop()
            self._finish()
        except StopRequested as stop:
            if stop.save and self.step and self._ready:
                self.save_now()
            self._write_state(RunStatus.STOPPED if stop.save else RunStatus.INTERRUPTED)
            raise
        except BaseException as error:
            log.exception("the run failed")
            self._state.error = report(error)
            self._write_state(RunStatus.FAILED)
            raise
        finally:
            self._close()
        return {"run": self.run.id, "step": self.step, "metrics": self._reporter.newest}

    # ------------------------------------------------------------------------------ the stages

    _ready = False  # whether set-up is through

    def _set_up(self, resume: Path | None) -> None:
        prepare_process()
        device = choose_device(self.options.device)
        self.processes = Processes(device)
        self.data = prepare(self.project, self.recipe.dataset.id, self.recipe.preparation, self.job)
        if not len(self.data.train):
            raise StudioError(
                "There is nothing to learn from",
                f"The dataset {self.recipe.dataset.name} has no items left.",
                "Add files on the Data page, or take excluded items in again.",
            )
        self.job.progress("Getting ready", 0)
        throw_away = make_family(self.recipe, Compute(device=device))
        batch = self.options.batch_size * throw_away.batches_per_step
        self.feed = Feed(
            self.data,
            batch,
            self.recipe.seed,
            device,
            rank=self.processes.rank,
            world=self.processes.world,
        )
        with self.processes.first_speaks():  # the others find its measurements in the cache
            self.compute = self._choose_compute()
        torch.manual_seed(seed_of(self.recipe.seed))
        self.family: Family[Any] = make_family(self.recipe, self.compute)
        self.family.setup(self.data.spec)
        self.averaging = Averaging(self.family, self.options.ema)
        if resume is not None:
            info = checkpoint.restore(resume, self.family, self.averaging)
            self.step, self.seconds = info.step, info.seconds
        elif self.recipe.fork is not None:
            self._fork()
        self._reporter = Reporter(self.run.metrics_path, self.step)
        self._preview = Preview(self.run, self.family, self.data, self.job)
        self._coach = Coach(
            self.recipe.options, self.family.info, self.run.advice() if resume else []
        )
        self._samples = Schedule.of_samples(self.options.sample_every, self.options.steps)
        self._saves = Schedule.of_checkpoints(self.options.checkpoint_every, self.options.steps)
        self._ready = True
        log.info(
            "%s: %d steps of %d items on %s in %s",
            self.recipe.name,
            self.options.steps,
            batch,
            device,
            precision_name(self.compute),
        )

    def _loop(self) -> None:
        self._clock = time.monotonic()
        while self.step < self.options.steps and not self._out_of_time():
            self._gate()
            losses = self._one_step()
            self.step += 1
            self.averaging.update(self.step)
            self._reporter.add(losses)
            if self._reporter.due:
                self._report()
            if self._samples.due(self.step):
                self.sample_now()
            if self._saves.due(self.step):
                self.save_now()

    def _finish(self) -> None:
        self._report()
        with self.averaging.applied():
            self.family.finish(self.feed.learned(256, 20_000))
            self.averaging.take_buffers()
        self.sample_now()
        self.save_now()
        self._write_state(RunStatus.DONE)

    # -------------------------------------------------------------------------------- one step

    def _one_step(self) -> Losses:
        try:
            return self._train_step()
        except RuntimeError as error:
            parts = self.compute.micro_batches * 2
            if not is_out_of_memory(error) or self._memory_retried:
                raise
            if parts > self.options.batch_size:
                raise
            self._memory_retried = True
            log.warning("out of memory: %s", error)
        # outside the except block, whose traceback would keep the step's tensors alive
        release_memory(self.compute.device)
        self.compute.micro_batches = parts
        self._write_compute()
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
        if held > 0.5:  # a pause: it is not training time
            self._clock += held
            self._reporter.forget_speed()

    def _out_of_time(self) -> bool:
        return bool(self.options.minutes) and self._elapsed() >= self.options.minutes * 60

    def _elapsed(self) -> float:
        return self.seconds + (time.monotonic() - self._clock if self._clock else 0.0)

    # ------------------------------------------------------------------------------- reporting

    def _report(self) -> None:
        if not self.processes.speaks:
            return
        seconds = self._elapsed()
        left = self._reporter.seconds_left(self.step, self.options.steps)
        if left:
            speed = (self.options.steps - self.step) / left
            self._reporter.add_plain({"steps_per_second": speed})
        if not self.feed.resident:
            since = max(seconds - getattr(self, "_reported_at", 0.0), 1e-9)
            self._reporter.add_plain({"data_wait": min(self._waited / since, 1.0)})
        self._waited, self._reported_at = 0.0, seconds
        values = self._keep_going(lambda: self._reporter.flush(self.step, seconds))
        finite = {name: value for name, value in values.items() if math.isfinite(value)}
        self.job.emit(
            Metrics(job_id=self.job.job_id, step=self.step, seconds=seconds, values=finite)
        )
        self.job.say_progress(
            "Training", self.step, self.options.steps, "steps", self._time_left(left, seconds), {}
        )
        self._advise(values)
        if len(finite) < len(values):
            strange = ", ".join(sorted(set(values) - set(finite)))
            raise StudioError(
                "A number became too large to store",
                f"{strange} is no longer a number at step {self.step:,}; the model is spoiled from"
                " here on. Its checkpoints before are good.",
                "Fork from the last checkpoint with half the learning rate.",
            )
        if time.monotonic() - self._status_written > _STATUS_SECONDS:
            self._write_state(RunStatus.RUNNING)

    def _time_left(self, left: float | None, seconds: float) -> float | None:
        if not self.options.minutes:
            return left
        budget = self.options.minutes * 60 - seconds
        return budget if left is None else min(left, budget)

    def _advise(self, values: dict[str, float]) -> None:
        for advice in self._coach.observe(self.step, values):
            found = advice.model_copy(update={"fork_step": self._fork_step(advice)})
            append_json_line(self.run.coach_path, found.model_dump(mode="json"))
            self.job.emit(CoachAdvised(job_id=self.job.job_id, step=self.step, advice=found))

    def _fork_step(self, advice: Advice) -> int | None:
        """Return the newest checkpoint from before the trouble, else the oldest there is."""
        saved = list(self.run.checkpoint_paths())
        before = [step for step in saved if step <= advice.since]
        return max(before) if before else min(saved, default=None)

    # ---------------------------------------------------------------- services at every gate

    def sample_now(self) -> None:
        """Draw a sample sheet and measure the samples."""
        if not self.processes.speaks:
            return
        before = time.monotonic()
        with self.averaging.applied():
            statistics = self._keep_going(lambda: self._preview.draw(self.step))
        self._reporter.add_plain(statistics)
        self._samples.done(time.monotonic() - before)

    def save_now(self) -> None:
        """Measure on held-out items, write a checkpoint, and apply the retention rule."""
        if not self.processes.speaks:
            return
        before = time.monotonic()
        self._reporter.add_plain(self._validate())
        self._reporter.add_plain(
            {"memory_share": memory_used(self.compute.device) / memory_total(self.compute.device)}
        )
        self._report()
        self._note_best()
        path = self.run.checkpoints / step_name(self.step)
        self._keep_going(
            lambda: checkpoint.write_checkpoint(
                path,
                self.family,
                self.averaging,
                self.step,
                self._elapsed(),
                self._reporter.newest,
                self._preview.strip(),
            )
        )
        self._write_state(RunStatus.RUNNING)
        removed = apply_retention(self.project, self.run, self.options.keep_checkpoints)
        self.job.emit(
            CheckpointSaved(
                job_id=self.job.job_id,
                step=self.step,
                path=str(path),
                best=self._state.best_step == self.step,
                removed=removed,
            )
        )
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

    def _choose_compute(self) -> Compute:
        """Return precision and layout; those of the run's start, so that it goes on exactly."""
        path = self.run.folder / "compute.json"
        device = choose_device(self.options.device)
        if path.exists():
            stored = read_json(path)
            if stored["device"] == device.type:
                autocast = torch.bfloat16 if stored["precision"] == "bf16" else None
                return Compute(
                    device=device,
                    autocast=autocast,
                    channels_last=stored["channels_last"],
                    micro_batches=stored["micro_batches"],
                    average=self.processes.average,
                )
        chosen = choose_compute(
            self.recipe,
            self.options,
            self.data.spec,
            lambda compute: make_family(self.recipe, compute),
            self.feed.batch(0),
        )
        chosen.average = self.processes.average
        self.compute = chosen
        self._write_compute()
        return chosen

    def _write_compute(self) -> None:
        write_json(
            self.run.folder / "compute.json",
            {
                "device": self.compute.device.type,
                "precision": precision_name(self.compute),
                "channels_last": self.compute.channels_last,
                "micro_batches": self.compute.micro_batches,
            },
        )

    def _fork(self) -> None:
        """Take over what fits from the checkpoint that this run was forked from."""
        fork = self.recipe.fork
        if fork is None:
            return
        path = Run.find(self.project.runs, fork.run).checkpoint(fork.step)
        left = checkpoint.transfer(path, self.family, self.averaging)
        self.step = fork.step
        if self.step >= self.options.steps:
            raise StudioError(
                "The fork has no steps left",
                f"It starts at step {fork.step:,} and ends at {self.options.steps:,}.",
                "Raise Steps, or fork from an earlier checkpoint.",
            )
        if left:
            self.job.notice(
                Severity.INFO,
                "Some parts start anew",
                f"{left} tensors of the model have another shape than in {fork.run}.",
            )

    def _validate(self) -> dict[str, float]:
        batches = self.feed.held_out(min(256, self.options.batch_size), _VALIDATION_ITEMS)
        with self.averaging.applied():
            return validation_metrics(self.family, batches)

    def _note_best(self) -> None:
        metric = self.family.info.best
        value = self._reporter.newest.get(metric)
        if value is None:
            return
        higher = self.family.info.metric(metric).better == "higher"
        best = self._state.best_value
        if best is None or (value > best if higher else value < best):
            self._state.best_step, self._state.best_value = self.step, value

    def _write_state(self, status: RunStatus) -> None:
        self._status_written = time.monotonic()
        self._state.status = status
        self._state.step = self.step
        self._state.seconds = self._elapsed()
        self._keep_going(lambda: self.run.write_state(self._state))

    def _keep_going(self, write: Callable[[], Any]) -> Any:
        """Do something that writes; while the disk is full, hold the run and try again."""
        while True:
            try:
                return write()
            except OSError as error:
                if not is_disk_full(error):
                    raise
                log.warning("disk full: %s", error)
            self.job.notice(
                Severity.ERROR,
                "The disk is full; the run is paused",
                "Nothing is lost: earlier checkpoints are good and the model is in memory.",
                "Free some space. The run goes on by itself, or when you press Resume.",
            )
            began = time.monotonic()
            self.job.control.hold(
                None, until=lambda: _writable(self.run.folder), every=_DISK_RETRY_SECONDS
            )
            if self._clock:
                self._clock += time.monotonic() - began

    def _close(self) -> None:
        if hasattr(self, "feed"):
            self.feed.close()
        if hasattr(self, "_reporter"):
            self._reporter.close()


def validation_metrics(family: Family[Any], batches: Any) -> dict[str, float]:
    """Return the mean of each held-out metric, weighted by the size of the batches."""
    sums: dict[str, float] = {}
    seen = 0
    with torch.inference_mode(), family.compute.precision():
        for batch in batches:
            for name, value in family.validate(batch).items():
                sums[name] = sums.get(name, 0.0) + float(value) * len(batch)
            seen += len(batch)
    return {name: total / seen for name, total in sums.items()} if seen else {}


def _writable(folder: Path) -> bool:
    """Tell whether the disk takes a megabyte again."""
    probe = folder / ".space"
    try:
        probe.write_bytes(b"\0" * (1 << 20))
    except OSError:
        return False
    finally:
        probe.unlink(missing_ok=True)
    return True
