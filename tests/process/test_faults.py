"""Full disks, full memory, spoiled numbers: the run, and all that was saved, come through."""

from __future__ import annotations

import math
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from studio.core.protocol import (
    CheckpointSaved,
    ExportModel,
    ImportFiles,
    ImportSample,
    JobFinished,
    Message,
    Notice,
    Outcome,
    StateChanged,
    Train,
)
from studio.core.recipe import Fork, RunRecipe
from studio.core.runs import Run, RunStatus
from studio.families.base import Losses
from studio.families.batch import Batch
from studio.families.image.vae import VAE
from studio.headless import ensure_project, recipe, run_with, starting_from
from studio.terminal import Sink

TINY = ["batch_size=8", "size=28", "width=4", "code=4", "precision=fp32"]


class Recorder(Sink):
    """Keeps every event."""

    def __init__(self) -> None:
        self.events: list[Message] = []

    def __call__(self, event: Message) -> None:
        self.events.append(event)

    def of(self, kind: type[Message]) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]


def tiny(project: Path, *settings: str, family: str = "vae") -> RunRecipe:
    return recipe(project, "Shapes", family, "quick", [*TINY, *settings], 1, "Tiny")


def trained(project: Path, made: RunRecipe, sink: Sink) -> tuple[JobFinished, Run]:
    finished = run_with(Train(project=str(project), recipe=made), sink)
    return finished, Run.all(project / "runs")[0]


# ------------------------------------------------------------------------------------ disk full


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Return a folder on a file system of 24 MB of its own."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(place)]
    if os.name != "posix" or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("this machine does not let a test mount a small disk")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


class FillsTheDisk(Recorder):
    """Fills the disk after the first checkpoint and frees it when told that it is full."""

    def __init__(self, disk: Path) -> None:
        super().__init__()
        self._filler = disk / "filler"

    def __call__(self, event: Message) -> None:
        super().__call__(event)
        if isinstance(event, CheckpointSaved) and len(self.of(CheckpointSaved)) == 1:
            free = shutil.disk_usage(self._filler.parent).free
            self._filler.write_bytes(b"\0" * (free - 4096))
        elif isinstance(event, Notice) and "disk" in event.title:
            run = Run.all(self._filler.parent / "p.studio" / "runs")[0]
            (first,) = run.checkpoint_paths().values()
            load_file(first / "weights.safetensors")  # it stays good while the disk is full
            self._filler.unlink()


def test_a_full_disk_pauses_the_run_and_nothing_is_lost(small_disk: Path, pictures: Path) -> None:
    project = small_disk / "p.studio"
    ensure_project(project)
    files = ImportFiles(project=str(project), name="Shapes", paths=[str(pictures)])
    assert run_with(files, Sink()).outcome == Outcome.DONE
    sink = FillsTheDisk(small_disk)
    made = tiny(project, "steps=40", "checkpoint_every=20", "sample_every=1000")
    finished, run = trained(project, made, sink)
    assert finished.outcome == Outcome.DONE, finished.error
    assert any("disk is full" in notice.title for notice in sink.of(Notice))
    assert sorted(run.checkpoint_paths()) == [20, 40]
    for path in run.checkpoint_paths().values():
        load_file(path / "ema.safetensors")


# ---------------------------------------------------------------------------------- out of memory


def make_hungry(patch: pytest.MonkeyPatch, parts_needed: int) -> None:
    """Let the VAE run out of memory unless its batch goes through in so many parts."""
    original = VAE.train_step

    def hungry(family: VAE, batch: Batch) -> Losses:
        if family.step >= 5 and family.compute.micro_batches < parts_needed:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")
        return original(family, batch)

    patch.setattr(VAE, "train_step", hungry)


def test_out_of_memory_is_tried_again_in_half_and_said(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_hungry(monkeypatch, parts_needed=2)
    sink = Recorder()
    finished, run = trained(project, tiny(project, "steps=12"), sink)
    assert finished.outcome == Outcome.DONE, finished.error
    assert [notice.title for notice in sink.of(Notice)] == [
        "Memory ran out; going on in smaller parts"
    ]
    assert run.state().status == RunStatus.DONE
    assert '"micro_batches": 2' in (run.folder / "compute.json").read_text()


def test_out_of_memory_twice_fails_with_advice(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_hungry(monkeypatch, parts_needed=99)
    finished, run = trained(project, tiny(project, "steps=12"), Recorder())
    assert finished.outcome == Outcome.FAILED
    assert finished.error is not None and finished.error.kind == "memory"
    assert "smaller batch" in finished.error.hint
    assert run.state().status == RunStatus.FAILED


def test_half_a_batch_at_a_time_learns_the_same(project: Path) -> None:
    """The gradient of a batch is the sum of its parts', so weights agree to rounding."""
    made = tiny(project, "steps=6", "backbone=mlp", "checkpoint_every=6")
    _finished, whole = trained(project, made, Sink())
    shutil.copytree(whole.folder, project / "runs" / "second")
    second = Run(project / "runs" / "second")
    shutil.rmtree(second.checkpoints)
    second.checkpoints.mkdir()
    compute = second.folder / "compute.json"
    compute.write_text(compute.read_text().replace('"micro_batches": 1', '"micro_batches": 2'))
    assert run_with(Train(project=str(project), resume="second"), Sink()).outcome == Outcome.DONE
    one = load_file(whole.checkpoint(6) / "weights.safetensors")
    two = load_file(second.checkpoint(6) / "weights.safetensors")
    for name, tensor in one.items():
        torch.testing.assert_close(two[name], tensor, rtol=1e-3, atol=1e-4)


# ------------------------------------------------------------------------------- spoiled numbers


def test_a_number_that_is_none_ends_the_run_before_it_spoils_a_checkpoint(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = VAE.train_step

    def spoiled(family: VAE, batch: Batch) -> Losses:
        losses = original(family, batch)
        return losses | {"neg_elbo": losses["neg_elbo"] * math.nan} if family.step > 9 else losses

    monkeypatch.setattr(VAE, "train_step", spoiled)
    made = tiny(project, "steps=5000", "checkpoint_every=5")
    finished, run = trained(project, made, Recorder())
    assert finished.outcome == Outcome.FAILED
    assert finished.error is not None and "too large" in finished.error.title
    assert max(run.checkpoint_paths()) <= 10
    for row in run.metrics():
        assert all(math.isfinite(value) for value in row["values"].values())


# ------------------------------------------------------------------------------------- forks


def test_a_fork_takes_over_the_weights_and_goes_on_from_their_step(project: Path) -> None:
    made = tiny(project, "steps=20", "checkpoint_every=10")
    _finished, parent = trained(project, made, Sink())
    changed = made.model_copy(
        update={
            "fork": Fork(run=parent.id, step=10),
            "options": made.options | {"learning_rate": 1e-9, "steps": 12},
        }
    )
    finished, child = trained(project, changed, Sink())
    assert finished.outcome == Outcome.DONE, finished.error
    assert child.state().step == 12
    before = load_file(parent.checkpoint(10) / "weights.safetensors")
    after = load_file(child.checkpoint(12) / "weights.safetensors")
    name = next(key for key in before if key.endswith("weight") and before[key].dim() > 1)
    torch.testing.assert_close(after[name], before[name], rtol=0, atol=1e-6)


def test_a_fork_with_another_shape_takes_what_fits_and_says_so(project: Path) -> None:
    made = tiny(project, "steps=10", "checkpoint_every=10")
    _finished, parent = trained(project, made, Sink())
    changed = made.model_copy(
        update={
            "fork": Fork(run=parent.id, step=10),
            "options": made.options | {"code": 6, "steps": 12},
        }
    )
    sink = Recorder()
    finished, _child = trained(project, changed, sink)
    assert finished.outcome == Outcome.DONE, finished.error
    assert any("start anew" in notice.title for notice in sink.of(Notice))


def test_a_package_starts_a_run_on_other_data(project: Path, tmp_path: Path) -> None:
    _finished, parent = trained(project, tiny(project, "steps=10"), Sink())
    package = tmp_path / "parent.studiomodel"
    export = ExportModel(project=str(project), model=parent.id, path=str(package))
    assert run_with(export, Sink()).outcome == Outcome.DONE
    other = tmp_path / "other.studio"
    sample = ImportSample(project=str(other), sample="digits", name="Digits")
    ensure_project(other)
    assert run_with(sample, Sink()).outcome == Outcome.DONE
    settings = [*TINY, "steps=1", "learning_rate=1e-9", "colour=colour"]
    made = recipe(other, "Digits", "vae", "quick", settings, 1, "Child")
    begun = starting_from(other, made, str(package))
    assert begun.fork == Fork(package=str(package), step=10, anew=True)
    finished, child = trained(other, begun, Sink())
    assert finished.outcome == Outcome.DONE, finished.error
    assert child.state().step == 1  # its steps are its own
    before = load_file(parent.checkpoint(10) / "ema.safetensors")
    after = load_file(child.checkpoint(1) / "ema.safetensors")
    name = next(key for key in before if key.startswith("decoder") and before[key].dim() > 1)
    torch.testing.assert_close(after[name], before[name], rtol=0, atol=1e-6)


def test_a_model_of_another_kind_is_no_start(project: Path) -> None:
    _finished, parent = trained(project, tiny(project, "steps=2"), Sink())
    made = recipe(project, "Shapes", "gan", "quick", ["steps=2", "size=28", "width=8"], 1, "Gan")
    finished, _run = trained(project, starting_from(project, made, parent.id), Sink())
    assert finished.outcome == Outcome.FAILED
    assert finished.error is not None
    assert finished.error.title == "That is another kind of model"


# ---------------------------------------------------------------------------- many processes


@pytest.mark.slow
def test_two_processes_learn_together_and_one_speaks(project: Path) -> None:
    command = [
        sys.executable, "-m", "torch.distributed.run", "--nproc-per-node=2", "--standalone",
        "-m", "studio", "train", str(project), "--dataset", "Shapes", "--family", "vae",
        "--set", "steps=12", "--set", "batch_size=4", "--set", "size=28", "--set", "width=4",
        "--set", "device=cpu", "--set", "precision=fp32", "--json",
    ]  # fmt: skip
    ended = subprocess.run(command, capture_output=True, text=True, timeout=200, check=False)
    assert ended.returncode == 0, ended.stderr[-2000:]
    (run,) = Run.all(project / "runs")
    assert run.state().status == RunStatus.DONE
    assert ended.stdout.count('"type":"job_finished"') == 1


def test_states_follow_the_table_in_a_plain_run(project: Path) -> None:
    sink = Recorder()
    finished, _run = trained(project, tiny(project, "steps=3"), sink)
    assert finished.outcome == Outcome.DONE
    assert not sink.of(StateChanged), "nothing held the run"
