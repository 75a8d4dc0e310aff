"""Whether a model copies what it learned: the nearest training picture of each made one."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

_SIDE = 16  # pictures are compared at this size, pixel by pixel
_COPY = 0.25  # of the usual distance of a new picture: nearer is no accident
_BLOCK = 512


@dataclass(frozen=True)
class Nearest:
    """How near made pictures come to those that were learned.

    Attributes:
        places: (N,) the training picture that is nearest to each made one.
        distances: (N,) how far it is, where a new real picture is 1 from its nearest (the median).
        ratio: The median of `distances`: near 1 as new as real ones, far below copied.
        copies: Share of the made that are hardly anything else than a training picture.
    """

    places: Tensor
    distances: Tensor

    @property
    def ratio(self) -> float:
        return float(self.distances.median())

    @property
    def copies(self) -> float:
        return float((self.distances < _COPY).float().mean())


def nearest(made: Tensor, learned: Tensor, unseen: Tensor) -> Nearest:
    """Return the nearest learned picture of each made one, beside those of unseen real ones.

    Args:
        made, learned, unseen: Pictures (N, C, H, W) in −1 … 1; `unseen` are real and were not
            learned from, so that their distances show what is usual.
    """
    known = _small(learned)
    usual = _search(_small(unseen), known)[0].median().clamp_min(1e-6)
    distances, places = _search(_small(made), known)
    return Nearest(places, distances / usual)


def _small(pictures: Tensor) -> Tensor:
    size = (_SIDE, _SIDE)
    shrunk = functional.interpolate(pictures, size=size, mode="bilinear", antialias=True)
    return shrunk.flatten(1)


def _search(rows: Tensor, known: Tensor) -> tuple[Tensor, Tensor]:
    """Return each row's distance to the nearest known one, and its place."""
    found = [torch.cdist(part, known).min(1) for part in torch.split(rows, _BLOCK)]
    return torch.cat([f.values for f in found]), torch.cat([f.indices for f in found])
