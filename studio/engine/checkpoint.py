"""Checkpoints: a folder that is complete or not there, from which a run goes on exactly.

What makes going on exact: weights, averages and optimisers are stored bit for bit; the order of
the data and every random number of a step are functions of (seed, step), so there is no generator
state to store.
"""

from __future__ import annotations

import io
import time
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load, load_file, save
from torch import Tensor

from studio.core.errors import StudioError
from studio.core.files import replacing_folder, write_json
from studio.core.runs import CheckpointInfo, read_checkpoint
from studio.core.thumbnails import preview_content, preview_name
from studio.engine.averaging import Averaging, state_of
from studio.families.base import Family

WEIGHTS, AVERAGES, TRAINER = "weights.safetensors", "ema.safetensors", "trainer.pt"


def write_checkpoint(
    path: Path,
    family: Family[Any],
    averaging: Averaging,
    step: int,
    seconds: float,
    metrics: dict[str, float],
    preview: bytes,
) -> None:
    """Write a checkpoint folder atomically; raises OSError when the disk is full.

    Args:
        path: The folder to make.
        step: Steps done.
        seconds: Training time so far.
        metrics: The newest value of each metric.
        preview: Samples as a thumbnail.
    """
    optimisers = {name: each.state_dict() for name, each in family.optimisers().items()}
    trainer = io.BytesIO()
    torch.save({"optimisers": optimisers}, trainer)
    info = CheckpointInfo(
        step=step,
        seconds=seconds,
        created=time.time(),
        metrics=metrics,
        spec=family.spec,
        labelled=family.labelled,
        prompted=family.prompted,
        masked=family.masked,
        tasks=family.info.tasks,
    )
    with replacing_folder(path) as folder:
        (folder / WEIGHTS).write_bytes(save(_contiguous(state_of(family.networks()))))
        (folder / AVERAGES).write_bytes(save(_contiguous(averaging.weights)))
        (folder / TRAINER).write_bytes(trainer.getvalue())
        (folder / preview_name(preview)).write_bytes(preview_content(preview))
        write_json(folder / CheckpointInfo.FILE, info.model_dump(mode="json"))


def restore(path: Path, family: Family[Any], averaging: Averaging) -> CheckpointInfo:
    """Bring a family and its averages to the state of a checkpoint, to go on exactly."""
    load_weights(family, load_file(path / WEIGHTS), tuple(family.networks()))
    averaging.load(load_file(path / AVERAGES))
    # weights_only: a checkpoint that somebody was sent cannot run code
    trainer = torch.load(path / TRAINER, map_location=family.compute.device, weights_only=True)
    for name, optimiser in family.optimisers().items():
        optimiser.load_state_dict(trainer["optimisers"][name])
    return read_checkpoint(path)


def load_averages(path: Path, family: Family[Any]) -> None:
    """Load the averaged weights of a checkpoint, to make samples."""
    load_weights(family, load_file(path / AVERAGES), family.averaged)


def load_package_weights(weights: bytes, family: Family[Any]) -> None:
    """Load the weights of a model package.

    Raises:
        StudioError: They are not the ones that this family's networks need.
    """
    load_weights(family, load(weights), family.averaged)


def load_weights(
    family: Family[Any], weights: dict[str, Tensor], networks: tuple[str, ...]
) -> None:
    """Copy weights into the named networks after checking every name and shape.

    Raises:
        StudioError: A tensor is missing, unknown, or of another shape.
    """
    wanted = state_of({name: family.networks()[name] for name in networks})
    for key in sorted(set(wanted) ^ set(weights)):
        raise _unfit(f"the tensor {key} is {'missing' if key in wanted else 'not known'}")
    for key, tensor in wanted.items():
        if weights[key].shape != tensor.shape:
            raise _unfit(
                f"the tensor {key} has shape {tuple(weights[key].shape)}"
                f" where {tuple(tensor.shape)} is needed"
            )
    with torch.no_grad():
        for key, tensor in wanted.items():
            tensor.copy_(weights[key])


def _contiguous(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return tensors as safetensors wants them: in plain layout, each with its own memory."""
    return {
        key: tensor.detach().to("cpu").clone(memory_format=torch.contiguous_format)
        for key, tensor in weights.items()
    }


def _unfit(reason: str) -> StudioError:
    return StudioError(
        "The weights do not fit this model",
        f"The file was refused: {reason}.",
        "It was changed or damaged, or made by another version. Export the model again.",
    )
