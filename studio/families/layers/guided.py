"""Enlarging what a network made of a small copy, with the detail of the whole picture."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

_RADIUS = 3  # pixels of the small copy around which a line is fitted
_RIDGE = 1e-3  # of values in −1 … 1: contrast of less than 0.03 counts as flat


def resized(pictures: Tensor, size: tuple[int, int]) -> Tensor:
    """Return pictures (B, C, H, W) in −1 … 1 at another size, without aliasing."""
    if tuple(pictures.shape[2:]) == size:
        return pictures
    found = functional.interpolate(pictures, size=size, mode="bicubic", antialias=True)
    return found.clamp(-1, 1)


def enlarged_with_detail(made: Tensor, small: Tensor, whole: Tensor) -> Tensor:
    """Return what was made of a small copy at the size of the whole, (1, D, H, W).

    ↑made + Σ ↑a · (whole − ↑small): what the small copy lost, through the line along which
    colours went there, y ≈ a x + b around each pixel: the coefficients of the guided filter
    (He, Sun, Tang 2013, equations 14 and 15), found on the small copy (He & Sun 2015). What was
    made stays as it is, which the filter itself would smooth.

    Args:
        made: (1, D, h, w), what the network made of `small`.
        small: (1, C, h, w).
        whole: (1, C, H, W), of which `small` is a copy.
    """
    size = (whole.shape[2], whole.shape[3])
    found = _enlarged(made, size)
    for channel, slope in enumerate(_slopes(small, made)):
        of = slice(channel, channel + 1)
        detail = whole[:, of] - _enlarged(small[:, of], size)
        found.addcmul_(_enlarged(slope[None], size), detail)
    return found.clamp_(-1, 1)


def _slopes(x: Tensor, y: Tensor) -> Tensor:
    """Return a with y ≈ Σ a x + b around each pixel, (C, D, h, w).

    a = (Σ + ε I)⁻¹ Cov(x, y) with Σ the covariance of x, each over a small window.
    """
    channels, out, height, width = x.shape[1], y.shape[1], *x.shape[2:]
    mean_x, mean_y = _around(x), _around(y)
    pairs = [(i, j) for i in range(channels) for j in range(channels)]
    covariance = torch.cat(
        [_around(x[:, [i]] * x[:, [j]]) - mean_x[:, [i]] * mean_x[:, [j]] for i, j in pairs]
    )
    shared = torch.cat(
        [_around(x[:, [i]] * y) - mean_x[:, [i]] * mean_y for i in range(channels)]
    )  # (C, D, h, w)
    matrix = covariance.view(channels, channels, -1).permute(2, 0, 1)  # (h w, C, C)
    matrix = matrix + _RIDGE * torch.eye(channels, device=x.device)
    slopes = torch.linalg.solve(matrix, shared.view(channels, out, -1).permute(2, 0, 1))
    slopes = slopes.permute(1, 2, 0).reshape(channels, out, height, width)
    return _around(slopes)


def _around(x: Tensor) -> Tensor:
    """Return the mean over a square window, (B, C, h, w); beyond the edge nothing counts."""
    return functional.avg_pool2d(x, 2 * _RADIUS + 1, 1, _RADIUS, count_include_pad=False)


def _enlarged(x: Tensor, size: tuple[int, int]) -> Tensor:
    return functional.interpolate(x, size=size, mode="bicubic", antialias=True)
