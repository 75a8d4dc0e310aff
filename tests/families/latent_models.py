"""Families with a latent space that are so small that what they make is known by hand."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from studio.core.family_info import FamilyInfo, Task
from studio.core.media import Image, Media, Modality
from studio.core.options import FamilyRecipe
from studio.core.recipe import DataSpec
from studio.families.base import Losses, SampleRequest, noise
from studio.families.batch import Batch
from studio.families.compute import Compute
from studio.families.latent import LatentFamily

SHAPE = (1, 8, 8)
CODE = 6
#: All tasks of a latent family.
TASKS = (Task.GENERATE, Task.INTERPOLATE, Task.RECONSTRUCT, Task.MORPH, Task.PROJECT)


class Linear(LatentFamily[FamilyRecipe]):
    """Items are A z, with columns of A at right angles and of lengths 6, 5, 4 …, over 20."""

    info = FamilyInfo(
        id="linear", title="Linear", modality=Modality.IMAGE, tasks=TASKS, summary="", needs=""
    )
    averaged = ("network",)

    def build(self, spec: DataSpec) -> None:
        self.network = nn.Linear(CODE, 64, bias=False)
        generator = torch.Generator().manual_seed(0)
        basis, _ = torch.linalg.qr(torch.randn(64, CODE, generator=generator))
        lengths = torch.arange(CODE, 0, -1.0) / 20 * 8
        with torch.no_grad():
            self.network.weight.copy_(basis * lengths)
        self.label_slots(wanted=True)

    def train_step(self, batch: Batch) -> Losses:
        return {}

    def draw(self, seeds: Sequence[int], variety: float, labels: Tensor | None) -> Tensor:
        return variety * noise(seeds, (CODE,), self.compute.device)

    def decode(self, codes: Tensor, labels: Tensor | None) -> Tensor:
        items: Tensor = self.network(codes).view(-1, *SHAPE)
        # a label makes items a little brighter
        return items if labels is None else items + 0.02 * labels[:, None, None, None]


class Mirror(Linear):
    """Codes are the items themselves, and it guesses no labels."""

    def draw(self, seeds: Sequence[int], variety: float, labels: Tensor | None) -> Tensor:
        return noise(seeds, (64,), self.compute.device)

    def encode(self, items: Tensor, labels: Tensor | None) -> Tensor:
        return items.flatten(1)

    def decode(self, codes: Tensor, labels: Tensor | None) -> Tensor:
        return codes.view(-1, *SHAPE)


class Layered(Linear):
    """Codes are styles for four layers, of which items show the mean."""

    def draw(self, seeds: Sequence[int], variety: float, labels: Tensor | None) -> Tensor:
        styles = super().draw(seeds, variety, labels)
        return (styles * torch.arange(CODE, 0, -1.0))[:, None].repeat(1, 4, 1)

    def decode(self, codes: Tensor, labels: Tensor | None) -> Tensor:
        return super().decode(codes.mean(1), labels)


def ready(kind: type[Linear], labels: tuple[str, ...] = ()) -> Linear:
    """Return a family that is set up."""
    family = kind(FamilyRecipe(), Compute())
    family.setup(DataSpec(modality=Modality.IMAGE, shape=SHAPE, labels=labels))
    return family


def made(family: Linear, request: SampleRequest) -> list[Media]:
    """Return what a request makes."""
    return list(family.sample(request, lambda _done, _total: None))


def pixels(media: Sequence[Media]) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """Return the pixels of pictures, (N, H, W, C)."""
    return np.stack([each.pixels for each in media if isinstance(each, Image)])
