"""Precision and layout of a run: chosen once, stored with it, so that it goes on exactly."""

from __future__ import annotations

import torch

from studio.core.files import read_json, write_json
from studio.core.options import FamilyRecipe
from studio.core.recipe import DataSpec, RunRecipe
from studio.core.runs import Run
from studio.engine.registry import make_family
from studio.engine.runtime import choose_compute, precision_name
from studio.families.batch import Batch
from studio.families.compute import Compute

FILE = "compute.json"


def compute_of_run(
    run: Run, recipe: RunRecipe, options: FamilyRecipe, spec: DataSpec, batch: Batch
) -> Compute:
    """Return what the run began with on this kind of device, else choose and store it.

    Args:
        batch: A real batch on the device, to measure with.
    """
    path = run.folder / FILE
    device = batch.items.device
    if path.exists():
        stored = read_json(path)
        if stored["device"] == device.type:
            return Compute(
                device=device,
                autocast=torch.bfloat16 if stored["precision"] == "bf16" else None,
                channels_last=stored["channels_last"],
                micro_batches=stored["micro_batches"],
            )
    chosen = choose_compute(recipe, options, spec, lambda c: make_family(recipe, c), batch)
    write_compute(run, chosen)
    return chosen


def write_compute(run: Run, compute: Compute) -> None:
    """Store how a run computes."""
    write_json(
        run.folder / FILE,
        {
            "device": compute.device.type,
            "precision": precision_name(compute),
            "channels_last": compute.channels_last,
            "micro_batches": compute.micro_batches,
        },
    )
