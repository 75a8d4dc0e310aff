"""How alike two sets of pictures are, patch by patch, where none belongs to another."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

_DIRECTIONS = 32
_PATCH = 5  # pixels
_SCALES = (1, 2, 4)


def patch_distance(made: Tensor, real: Tensor) -> Tensor:
    """Return how far the patches of two sets of as many pictures are apart, a number ≥ 0.

    Pictures are (B, C, H, W) in −1 … 1.

    The sliced Wasserstein distance of patches (Rabin et al. 2012; of pictures, Karras et al.
    2018): E over directions θ of ∫ |F⁻¹(q) − G⁻¹(q)| dq, with F and G the distributions of ⟨θ, p⟩
    over all patches p of 5 × 5 pixels. The pictures are looked at in three sizes, and the
    directions are always the same.
    """
    generator = torch.Generator().manual_seed(0)
    shape = (_DIRECTIONS, made.shape[1], _PATCH, _PATCH)
    directions = torch.randn(shape, generator=generator)
    directions /= directions.square().sum((1, 2, 3), keepdim=True).sqrt()
    directions = directions.to(made.device)
    found = []
    with torch.autocast(made.device.type, enabled=False):
        side = min(made.shape[2:])
        for scale in (each for each in _SCALES if side // each >= _PATCH):
            sorted_ = [
                functional.conv2d(functional.avg_pool2d(each.float(), scale), directions)
                .transpose(0, 1)
                .flatten(1)
                .sort(dim=1)
                .values  # (directions, patches)
                for each in (made, real)
            ]
            found.append((sorted_[0] - sorted_[1]).abs().mean())
    return torch.stack(found).mean()
