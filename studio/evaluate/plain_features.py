"""Features that need no training, and how far two sets of them are from each other.

They follow a run from sheet to sheet; a judge of the dataset says more, once it was trained.
"""

from __future__ import annotations

from functools import cache

import torch
from torch import Tensor, nn
from torch.nn import functional

from studio.evaluate.distance import symmetric_root

_MEASURED_SIZE = 32  # pictures are shrunk to this for the features
_DIRECTIONS = 48  # of the real items' spread, that the distance looks along
_RIDGE = 1e-3


@cache
def _random_network(colours: int) -> nn.Sequential:
    """Return a convolutional network with fixed random weights.

    Even untrained, such networks tell textures and shapes apart well enough to follow a run.
    """
    generator = torch.Generator().manual_seed(20)
    layers: list[nn.Module] = []
    for channels, out in ((colours, 16), (16, 32), (32, 64)):
        layer = nn.Conv2d(channels, out, 3, stride=2, padding=1)
        fan_in = channels * 9
        weight = torch.randn(layer.weight.shape, generator=generator) * (2 / fan_in) ** 0.5
        bias = torch.randn(out, generator=generator) * 0.1
        layer.weight.data.copy_(weight)
        assert layer.bias is not None
        layer.bias.data.copy_(bias)
        layers += [layer, nn.LeakyReLU(0.1)]
    return nn.Sequential(*layers).eval()


def features(pixels: Tensor) -> Tensor:
    """Return fixed random features (N, 1024) of pictures (N, C, H, W) in 0 … 1."""
    size = (_MEASURED_SIZE, _MEASURED_SIZE)
    small = functional.interpolate(pixels, size=size, mode="bilinear", antialias=True)
    found: Tensor = _random_network(pixels.shape[1])(2 * small - 1)
    return found.flatten(1)


def sample_distance(made: Tensor, real: Tensor) -> float:
    """Return a Fréchet distance between two sets of features (N, D).

    ‖μ₁ − μ₂‖² + tr(Σ₁ + Σ₂ − 2 (Σ₁ Σ₂)^½)   (Dowson & Landau 1982), along the directions in which
    the real ones spread most, each counted in units of their spread, and with the distance from
    those directions as one more. Of our own features: never to be called FID.
    """
    centre = real.mean(0)
    deviations = (real - centre).double()
    _, spreads, directions = torch.linalg.svd(deviations, full_matrices=False)
    count = min(_DIRECTIONS, int((spreads > 1e-6 * spreads[0]).sum()), len(real) // 4 + 1)
    directions = directions[:count]

    def along(x: Tensor) -> Tensor:
        deviation = (x - centre).double()
        places = deviation @ directions.T
        outside = (deviation - places @ directions).norm(dim=1, keepdim=True)
        return torch.cat([places, outside], dim=1)

    a, b = along(made), along(real)
    unit = b.std(0) + 1e-6 * float(spreads[0]) + 1e-9
    a, b = a / unit, b / unit
    shift = (a.mean(0) - b.mean(0)).square().sum()
    ridge = _RIDGE * torch.eye(a.shape[1], dtype=a.dtype)
    first, second = torch.cov(a.T) + ridge, torch.cov(b.T) + ridge
    # tr (Σ₁ Σ₂)^½ = Σ √λ of Σ₁^½ Σ₂ Σ₁^½, which is symmetric
    root = symmetric_root(first)
    overlap = torch.linalg.eigvalsh(root @ second @ root).clamp_min(0).sqrt().sum()
    return float(shift + first.trace() + second.trace() - 2 * overlap)


def mean_distance(found: Tensor) -> float:
    """Return the mean distance between two different items' features."""
    count = len(found)
    return float(torch.cdist(found, found).sum() / (count * (count - 1)))
