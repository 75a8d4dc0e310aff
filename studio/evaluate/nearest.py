"""Whether a model copies what it learned, or itself: the nearest other picture of each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

_SIDE = 16  # pictures are compared at this size, pixel by pixel
_COPY = 0.25  # of the usual distance of a new picture: nearer is no accident
_TWIN = 0.15  # of what real pictures are from each other: hardly to be told apart
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


class LearnedPictures:
    """What a model learned from, kept small enough to be searched again and again.

    Args:
        learned, unseen: Pictures in −1 … 1 in parts (N, C, H, W); `unseen` are real and were not
            learned from, so that their distances show what is usual.
    """

    def __init__(self, learned: Iterable[Tensor], unseen: Iterable[Tensor]) -> None:
        self._rows = torch.cat([_small(part) for part in learned])
        rows = torch.cat([_small(part) for part in unseen])
        self._usual = _search(rows, self._rows)[0].median().clamp_min(1e-6)

    def nearest(self, made: Tensor) -> Nearest:
        """Return the nearest learned picture of each made one (N, C, H, W) in −1 … 1."""
        distances, places = _search(_small(made), self._rows)
        return Nearest(places, distances / self._usual)


def twins(made: Tensor, real: Tensor) -> float:
    """Return the share of made pictures that have a twin among the made, beyond that of real ones.

    The birthday paradox test of Arora & Zhang 2018 ("Do GANs Learn the Distribution? Some Theory
    and Empirics"): who knows N pictures shows one of them twice in about √N. A twin is nearer
    than `_TWIN` of what real pictures usually are from their nearest.

    Args:
        made, real: Pictures (N, C, H, W) in −1 … 1, at least two of each.
    """
    usual = _to_others(real)
    near = _TWIN * usual.median().clamp_min(1e-6)
    found = (_to_others(made) < near).float().mean() - (usual < near).float().mean()
    return max(float(found), 0.0)


def _to_others(pictures: Tensor) -> Tensor:
    """Return each picture's distance to the nearest of the others, (N,)."""
    rows = _small(pictures)
    # exact, so that equal pictures are at 0
    distances = torch.cdist(rows, rows, compute_mode="donot_use_mm_for_euclid_dist")
    return distances.fill_diagonal_(float("inf")).min(1).values


def _small(pictures: Tensor) -> Tensor:
    size = (_SIDE, _SIDE)
    shrunk = functional.interpolate(pictures, size=size, mode="bilinear", antialias=True)
    return shrunk.flatten(1)


def _search(rows: Tensor, known: Tensor) -> tuple[Tensor, Tensor]:
    """Return each row's distance to the nearest known one, and its place."""
    found = [torch.cdist(part, known).min(1) for part in torch.split(rows, _BLOCK)]
    return torch.cat([f.values for f in found]), torch.cat([f.indices for f in found])
