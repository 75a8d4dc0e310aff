"""The one place that knows the machine: device, precision, memory layout, processes.

Precision and layout are chosen by timing real steps of the real model for two seconds; the
result is cached per machine and model shape.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import platform
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import cache
from math import inf
from pathlib import Path
from typing import Any

import psutil
import torch
from torch import nn

from studio.core.errors import StudioError
from studio.core.files import read_json, write_json
from studio.core.options import FamilyRecipe
from studio.core.paths import cache_dir
from studio.core.protocol import DeviceInfo
from studio.core.recipe import DataSpec, RunRecipe
from studio.families.base import Family
from studio.families.batch import Batch
from studio.families.compute import Compute

log = logging.getLogger(__name__)

_BENCHMARK_SECONDS = 2.0
_WARM_UP_STEPS = 2
#: Runs of fewer steps begin at once: what the fastest saves them is less than measuring takes.
_WORTH_MEASURING = 150
#: Settings that every family has and that do not change what one step computes.
_NOT_OF_A_STEP = frozenset(FamilyRecipe.model_fields) - {"batch_size", "precision"}

MakeFamily = Callable[[Compute], Family[Any]]


def choose_device(wish: str = "auto") -> torch.device:
    """Return the device to compute on.

    Raises:
        StudioError: The device that was asked for is not in this machine.
    """
    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if wish == "auto":
        wish = next((kind for kind, found in there.items() if found), "cpu")
    if not there.get(wish, True):
        raise StudioError(
            "That device is not there",
            f"The settings ask for {wish!r}, which this computer does not offer.",
            "Set Device to automatic, or install the graphics card's driver.",
        )
    if wish == "cuda" and "LOCAL_RANK" in os.environ:
        return torch.device("cuda", int(os.environ["LOCAL_RANK"]))
    return torch.device(wish)


@cache
def prepare_process() -> None:
    """Set torch's process-wide switches, once."""
    # numbers too small for the normal format are slow on processors and mean nothing here
    torch.set_flush_denormal(True)
    torch.set_float32_matmul_precision("high")
    torch.backends.cudnn.benchmark = True


def device_info() -> DeviceInfo:
    """Return what the window shows of the device."""
    device = choose_device()
    if device.type == "cuda":
        properties = torch.cuda.get_device_properties(device)
        return DeviceInfo(kind="cuda", name=properties.name, memory=properties.total_memory)
    memory = psutil.virtual_memory().total
    if device.type == "mps":
        return DeviceInfo(kind="mps", name=platform.processor() or "Apple", memory=memory)
    return DeviceInfo(
        kind="cpu", name=_processor_name(), memory=memory, threads=torch.get_num_threads()
    )


def memory_used(device: torch.device) -> int:
    """Return the bytes that this process takes on a device, at its peak where that is known."""
    if device.type == "cuda":
        return int(torch.cuda.max_memory_allocated(device))
    if device.type == "mps":
        return int(torch.mps.driver_allocated_memory())
    used: int = psutil.Process().memory_info().rss
    return used


def memory_total(device: torch.device) -> int:
    """Return the bytes of memory that a device has."""
    if device.type == "cuda":
        return int(torch.cuda.get_device_properties(device).total_memory)
    total: int = psutil.virtual_memory().total
    return total


def synchronize(device: torch.device) -> None:
    """Wait until the device has done what it was given, for timing."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()


def release_memory(device: torch.device) -> None:
    """Give cached device memory back to the system."""
    if device.type == "cuda":
        torch.cuda.empty_cache()
    elif device.type == "mps":
        torch.mps.empty_cache()


# ------------------------------------------------------------------------------ many processes


class Processes:
    """This process among those that `torchrun` started; alone when it did not.

    Lightning Fabric sets up the process group; gradients are averaged by hand after the backward
    pass, which, unlike a wrapper around the network, also suits penalties with a second one.
    """

    def __init__(self, device: torch.device) -> None:
        self.world = int(os.environ.get("WORLD_SIZE", "1"))
        self.rank = int(os.environ.get("RANK", "0"))
        self._fabric: Any = None
        if self.world > 1:
            from lightning.fabric import Fabric

            per_node = int(os.environ.get("LOCAL_WORLD_SIZE", self.world))
            self._fabric = Fabric(
                accelerator=device.type,
                devices=per_node,
                num_nodes=self.world // per_node,
                strategy="ddp",
            )
            self._fabric.launch()

    @property
    def speaks(self) -> bool:
        """Whether this process writes files and sends events."""
        return self.rank == 0

    def average(self, parameters: Sequence[nn.Parameter]) -> None:
        """Average gradients over the processes."""
        if self._fabric is None:
            return
        grads = [p.grad for p in parameters if p.grad is not None]
        flat = torch.cat([grad.flatten() for grad in grads])
        flat = self._fabric.all_reduce(flat, reduce_op="mean")
        for grad, part in zip(grads, flat.split([g.numel() for g in grads]), strict=True):
            grad.copy_(part.view_as(grad))

    def first_speaks(self) -> AbstractContextManager[Any]:
        """Return a context that the speaking process goes through before all others."""
        return nullcontext() if self._fabric is None else self._fabric.rank_zero_first()

    def broadcast(self, value: Any) -> Any:
        """Return the speaking process's value in every process."""
        return value if self._fabric is None else self._fabric.broadcast(value)

    def close(self) -> None:
        """Leave the process group."""
        if self._fabric is not None:
            torch.distributed.destroy_process_group()


# -------------------------------------------------------------------------- precision and layout


def choose_compute(
    recipe: RunRecipe,
    options: FamilyRecipe,
    spec: DataSpec,
    make_family: MakeFamily,
    batch: Batch,
) -> Compute:
    """Return precision and layout for a run: as asked for, else the fastest by measurement.

    Short runs take the plain ones, and the layout is measured where a network has maps to lay out.

    Args:
        make_family: Makes a throw-away family that is not yet set up.
        batch: A real batch on the device.
    """
    device = batch.items.device
    candidates = _candidates(device, options.precision)
    if len(candidates) == 1 or options.steps < _WORTH_MEASURING:
        return candidates[0]
    key = _benchmark_key(recipe, spec, len(batch), device)
    path = cache_dir() / "benchmarks.json"
    results: dict[str, list[float]] = _read_results(path)
    if len(results.get(key, [])) != len(candidates):
        budget = _BENCHMARK_SECONDS / len(candidates)
        results[key] = [
            _seconds_per_step(make_family(candidate), spec, batch, budget)
            for candidate in candidates
        ]
        write_json(path, results)
    times = results[key]
    return candidates[times.index(min(times))]


def precision_name(compute: Compute) -> str:
    """Return a compute's precision as people and recipes name it."""
    return "bf16" if compute.autocast is torch.bfloat16 else "fp32"


def _candidates(device: torch.device, wish: str) -> list[Compute]:
    precisions: list[torch.dtype | None] = []
    if wish in ("fp32", "auto"):
        precisions.append(None)
    if wish in ("bf16", "auto"):
        precisions.append(torch.bfloat16)
    if device.type == "mps" and wish == "auto":
        precisions = [None]  # autocast on MPS covers too few operations to be trusted unasked
    return [
        Compute(device=device, autocast=precision, channels_last=channels_last)
        for precision in precisions
        for channels_last in (False, True)
    ]


def _has_maps(family: Family[Any]) -> bool:
    """Tell whether a family's networks have weights of pictures, which can lie in two ways."""
    networks = family.networks().values()
    return any(each.dim() == 4 for network in networks for each in network.parameters())


def _seconds_per_step(family: Family[Any], spec: DataSpec, batch: Batch, budget: float) -> float:
    """Return the time of one training step; takes about `budget` seconds.

    It is infinite on failure, and for a layout of maps where there are none.
    """
    device = batch.items.device
    try:
        family.setup(spec)
        if family.compute.channels_last and not _has_maps(family):
            return inf
        best = inf
        started = time.perf_counter()
        for step in range(10_000):
            before = time.perf_counter()
            family.step = step
            family.train_step(batch)
            synchronize(device)
            after = time.perf_counter()
            if step >= _WARM_UP_STEPS or after - before > budget:
                best = min(best, after - before)
            if after - started > budget and best < inf:
                break
    except RuntimeError as error:  # a precision or layout that this build cannot do, or no memory
        log.info("benchmark: %s", error)
        return inf
    return best


def _benchmark_key(recipe: RunRecipe, spec: DataSpec, batch: int, device: torch.device) -> str:
    machine = [device_info().name, device.type, torch.get_num_threads(), torch.__version__]
    options = {k: v for k, v in recipe.options.items() if k not in _NOT_OF_A_STEP}
    shapes = [spec.shape, spec.partner_shape, spec.caption_length, len(spec.labels)]
    model = [recipe.family, options, shapes, batch]
    text = json.dumps([machine, model], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _read_results(path: Path) -> dict[str, list[float]]:
    try:
        found: dict[str, list[float]] = read_json(path)
    except (OSError, ValueError):  # not there yet, or damaged: measure again
        return {}
    return found


@cache
def _processor_name() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine() or "CPU"
