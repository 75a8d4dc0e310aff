"""Translators that are broken on purpose, shared by the tests of the coach."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from studio.families.base import Family
from studio.families.image.cyclegan import LEVEL, CycleGAN


class Nothing(nn.Module):
    """Returns what it is given; its one weight learns in vain."""

    def __init__(self) -> None:
        super().__init__()
        self.vain = nn.Parameter(torch.zeros(1))

    def forward(self, pictures: Tensor) -> Tensor:
        return pictures + 0 * self.vain


class Writes(nn.Module):
    """Hides a picture in steps below what a file can hold, on a flat ground."""

    def __init__(self) -> None:
        super().__init__()
        self.vain = nn.Parameter(torch.zeros(1))

    def forward(self, pictures: Tensor) -> Tensor:
        return 0.2 + pictures * LEVEL / 8 + 0 * self.vain


class Reads(Writes):
    """Reads it again."""

    def forward(self, pictures: Tensor) -> Tensor:
        return (pictures - 0.2) * 8 / LEVEL + 0 * self.vain


class Trembles(Nothing):
    """Returns what it is given, each frame lighter or darker by chance."""

    def forward(self, pictures: Tensor) -> Tensor:
        lighter = torch.randn(pictures.shape[0], 1, *pictures.shape[2:-2], 1, 1)
        return (super().forward(pictures) + 0.2 * lighter).clamp(-1, 1)


def replaced(there: type[nn.Module], back: type[nn.Module]) -> Callable[[Family[Any], int], None]:
    """Return what puts these in the place of the generators before the first step."""

    def before_step(family: Family[Any], step: int) -> None:
        if step:
            return
        assert isinstance(family, CycleGAN)
        family.there, family.back = there(), back()
        parameters = [*family.there.parameters(), *family.back.parameters()]
        family.generator_optimiser = torch.optim.Adam(parameters, lr=1e-4)

    return before_step
