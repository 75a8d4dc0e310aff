"""How far a picture is from a style and from a content, and how rough it is.

Distances are shares of what is imitated, so that they mean the same whatever features measure
them: 0 is the same, 1 is as far as nothing at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from studio.families.image.style_features import CONTENT

_LEAST = 1e-10  # added to squared lengths: the root of 0 has no slope


@dataclass(frozen=True)
class Moments:
    """What is known of the channels of maps wherever on the picture they are.

    Attributes:
        mean: (B, C).
        covariance: (B, C, C).
    """

    mean: Tensor
    covariance: Tensor

    def expanded(self, count: int) -> Moments:
        """Return the moments of one picture for so many."""
        return Moments(self.mean.expand(count, -1), self.covariance.expand(count, -1, -1))


def moments(found: Tensor) -> Moments:
    """Return mean and covariance of the channels of maps (B, C, H, W) over their places.

    μ_i = E_k[F_ik],  Σ_ij = E_k[(F_ik − μ_i)(F_jk − μ_j)]. Together they hold what the Gram matrix
    of Gatys et al. 2016 (equation 3) holds, G = Σ + μ μᵀ, without the means drowning the rest.
    """
    flat = found.float().flatten(2)
    mean = flat.mean(2)
    centred = flat - mean[..., None]
    return Moments(mean, centred @ centred.transpose(1, 2) / flat.shape[2])


def style_distance(made: Sequence[Moments], wanted: Sequence[Moments]) -> Tensor:
    """Return how far moments per map are from those of a style, (B,).

    The mean over the maps of ½ (‖Σ − Σ'‖ / ‖Σ'‖ + ‖μ − μ'‖ / ‖μ'‖), after Gatys et al. 2016,
    equation 5, whose squares let the first corrections be too large where a style is faint.
    """
    terms = [
        _share(m.covariance - w.covariance, w.covariance) + _share(m.mean - w.mean, w.mean)
        for m, w in zip(made, wanted, strict=True)
    ]
    return torch.stack(terms).mean(0) / 2


def _share(difference: Tensor, wanted: Tensor) -> Tensor:
    """Return ‖difference‖ / ‖wanted‖ of each row, (B,)."""
    length = difference.square().flatten(1).sum(1).add(_LEAST).sqrt()
    return length / wanted.square().flatten(1).sum(1).add(_LEAST).sqrt()


def content_distance(made: Sequence[Tensor], wanted: Sequence[Tensor]) -> Tensor:
    """Return how far the maps of pictures are from those of their content, (B,).

    ‖F − P‖² / ‖P‖² at one map; without its denominator, Gatys et al. 2016, equation 1.
    """
    f, p = made[CONTENT].float(), wanted[CONTENT].float()
    return _share(f - p, p).square()


def roughness(pictures: Tensor) -> Tensor:
    """Return the total variation of pictures (B, C, H, W), (B,): mean squared steps of pixels.

    (Mahendran & Vedaldi 2015, equation 5, with β = 2)
    """
    down, across = pictures.diff(dim=2), pictures.diff(dim=3)
    return down.square().mean((1, 2, 3)) + across.square().mean((1, 2, 3))


def beyond(pictures: Tensor) -> Tensor:
    """Return how far pixels lie outside −1 … 1, squared and averaged, (B,)."""
    return functional.relu(pictures.abs() - 1).square().mean((1, 2, 3))
