"""Differentiable augmentation (Zhao et al. 2020, arXiv:2006.10738), for critics of small sets.

The critic sees real and made pictures through the same random changes, and gradients pass back
through them to the generator, so that the changes never show up in what it makes.
"""

from __future__ import annotations

import torch
from torch import Tensor

#: Random numbers that one picture takes.
NUMBERS = 7


def diffaugment(pictures: Tensor, numbers: Tensor) -> Tensor:
    """Change pictures in colour, place and by a cut-out square.

    Args:
        pictures: (B, C, H, W) in −1 … 1.
        numbers: (B, NUMBERS) uniform in 0 … 1; they alone decide what happens.
    """
    brightness, saturation, contrast, dy, dx, cy, cx = numbers.unbind(1)
    coloured = colour(pictures, brightness, saturation, contrast)
    return cutout(translate(coloured, dy, dx), cy, cx)


def colour(pictures: Tensor, brightness: Tensor, saturation: Tensor, contrast: Tensor) -> Tensor:
    """Change brightness by ±0.5, saturation by 0 … 2 and contrast by 0.5 … 1.5."""
    brightness, saturation, contrast = (
        each.to(pictures.dtype)[:, None, None, None] for each in (brightness, saturation, contrast)
    )
    x = pictures + (brightness - 0.5)
    grey = x.mean(dim=1, keepdim=True)
    x = grey + (x - grey) * (2 * saturation)
    mean = x.mean(dim=(1, 2, 3), keepdim=True)
    return mean + (x - mean) * (contrast + 0.5)


def translate(pictures: Tensor, down: Tensor, right: Tensor) -> Tensor:
    """Move by up to an eighth of the size; what comes in from outside is 0."""
    for dim, share in ((2, down), (3, right)):
        size = pictures.shape[dim]
        reach = round(size / 8)
        shift = (share * (2 * reach + 1)).floor().long().clamp(max=2 * reach) - reach
        source = torch.arange(size, device=pictures.device) - shift[:, None]  # (B, size)
        inside = (source >= 0) & (source < size)
        where = (len(pictures), 1, size, 1) if dim == 2 else (len(pictures), 1, 1, size)
        index = source.clamp(0, size - 1).view(where)
        pictures = pictures.take_along_dim(index, dim) * inside.view(where)
    return pictures


def cutout(pictures: Tensor, y: Tensor, x: Tensor) -> Tensor:
    """Set a square of half the size to 0; its centre lies anywhere in the picture."""
    height, width = pictures.shape[2:]
    inside = []
    for size, centre in ((height, y), (width, x)):
        place = torch.arange(size, device=pictures.device)
        inside.append((place - (centre * size).floor()[:, None]).abs() < size / 4)  # (B, size)
    hole = inside[0][:, None, :, None] & inside[1][:, None, None, :]
    return pictures * ~hole
