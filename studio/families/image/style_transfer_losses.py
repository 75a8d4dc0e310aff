"""How far a picture is from a style and from a content, and how rough it is.

Distances are shares of what is imitated, so that they mean the same whatever features measure
them: 0 is the same, 1 is as far as nothing at all.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from studio.families.image.style_features import CONTENT


def gram(found: Tensor) -> Tensor:
    """Return the correlations of the channels of maps (B, C, H, W), (B, C, C).

    G_ij = Σ_k F_ik F_jk / (C · H · W)   (Johnson et al. 2016, equation 3)
    """
    flat = found.float().flatten(2)
    return flat @ flat.transpose(1, 2) / (flat.shape[1] * flat.shape[2])


def style_distance(made: Sequence[Tensor], wanted: Sequence[Tensor]) -> Tensor:
    """Return how far correlations (B, C, C) per map are from those of a style, (B,).

    The mean over the maps of ‖G − S‖² / ‖S‖²; without its denominator this is the style loss of
    Gatys et al. 2016, equation 5.
    """
    terms = [
        (g - s).square().sum((1, 2)) / s.square().sum((1, 2)).clamp_min(1e-12)
        for g, s in zip(made, wanted, strict=True)
    ]
    return torch.stack(terms).mean(0)


def content_distance(made: Sequence[Tensor], wanted: Sequence[Tensor]) -> Tensor:
    """Return how far the maps of pictures are from those of their content, (B,).

    ‖F − P‖² / ‖P‖² at one map; without its denominator, Gatys et al. 2016, equation 1.
    """
    f, p = made[CONTENT].float(), wanted[CONTENT].float()
    size = p.square().sum((1, 2, 3)).clamp_min(1e-12)
    return (f - p).square().sum((1, 2, 3)) / size


def roughness(pictures: Tensor) -> Tensor:
    """Return the total variation of pictures (B, C, H, W), (B,): mean squared steps of pixels.

    (Mahendran & Vedaldi 2015, equation 5, with β = 2)
    """
    down, across = pictures.diff(dim=2), pictures.diff(dim=3)
    return down.square().mean((1, 2, 3)) + across.square().mean((1, 2, 3))


def beyond(pictures: Tensor) -> Tensor:
    """Return how far pixels lie outside −1 … 1, squared and averaged, (B,)."""
    return functional.relu(pictures.abs() - 1).square().mean((1, 2, 3))
