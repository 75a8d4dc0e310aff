"""Starting a run from the weights of another model: a fork, or a transfer to other data."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load, load_file
from torch import Tensor

from studio.core.errors import StudioError
from studio.core.packages import ModelPackage
from studio.core.project import Project
from studio.core.recipe import Fork, RunRecipe
from studio.core.runs import Run
from studio.engine.averaging import Averaging, state_of
from studio.engine.checkpoint import AVERAGES, TRAINER, WEIGHTS
from studio.families.base import Family

_SHOWN = 3  # names in a sentence


@dataclass(frozen=True)
class Transfer:
    """What came over from another model.

    Attributes:
        taken: Tensors that were taken over.
        anew: Names of those that start anew: the other model has none of that name and shape.
    """

    taken: int
    anew: tuple[str, ...]

    def words(self) -> str:
        """Say what starts anew, by network."""
        parts = Counter(name.partition(".")[0] for name in self.anew)
        several = ", ".join(f"{count} of {network}" for network, count in parts.items())
        shown = ", ".join(self.anew[:_SHOWN]) + (" …" if len(self.anew) > _SHOWN else "")
        return (
            f"{self.taken} of {self.taken + len(self.anew)} tensors are taken over."
            f" The others start anew, {several}: {shown}."
        )


def take_over(
    project: Project, recipe: RunRecipe, fork: Fork, family: Family[Any], averaging: Averaging
) -> Transfer:
    """Take over the weights and averages of another model that fit a family's networks.

    The optimisers' moments come along when a run goes on with all of its parent's shapes;
    learning rates and other settings are those of the new run.

    Raises:
        StudioError: The model is gone, of another kind, or none of its tensors fits.
    """
    if fork.package:
        package = ModelPackage(Path(fork.package))
        _check_family(package.manifest.recipe.family, recipe.family, fork)
        weights = averages = load(package.weights())
        path = None
    else:
        run = Run.find(project.runs, fork.run)
        _check_family(run.recipe().family, recipe.family, fork)
        path = run.checkpoint(fork.step)
        weights, averages = load_file(path / WEIGHTS), load_file(path / AVERAGES)
    own = state_of(family.networks())
    anew = _copy_fitting(weights, own)
    _copy_fitting(averages, averaging.weights)
    if len(anew) == len(own):
        raise StudioError(
            "Nothing of that model fits",
            f"None of the tensors of {fork.source} has the name and shape of one of this model.",
            "Choose the settings that it was trained with, or start with fresh weights.",
        )
    if path is not None and not anew and not fork.anew:
        _copy_moments(path, family)
    return Transfer(len(own) - len(anew), tuple(anew))


def _check_family(theirs: str, ours: str, fork: Fork) -> None:
    if theirs != ours:
        raise StudioError(
            "That is another kind of model",
            f"{fork.source} is of the kind {theirs}, and this run is of the kind {ours}.",
            "Start from a model of the same kind, or with fresh weights.",
        )


def _copy_fitting(stored: dict[str, Tensor], own: dict[str, Tensor]) -> list[str]:
    """Copy what fits; returns the names of what does not."""
    anew = []
    with torch.no_grad():
        for key, tensor in own.items():
            if key in stored and stored[key].shape == tensor.shape:
                tensor.copy_(stored[key])
            else:
                anew.append(key)
    return anew


def _copy_moments(path: Path, family: Family[Any]) -> None:
    # weights_only: a checkpoint that somebody was sent cannot run code
    trainer = torch.load(path / TRAINER, map_location=family.compute.device, weights_only=True)
    for name, optimiser in family.optimisers().items():
        if name in trainer["optimisers"]:
            groups = optimiser.state_dict()["param_groups"]
            moments = trainer["optimisers"][name]["state"]
            optimiser.load_state_dict({"state": moments, "param_groups": groups})
