"""How much of the made lies among the real, and how much of the real is reached: by neighbours."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

#: Neighbours whose distance is the radius of an item's ball, as the papers have it.
NEAREST_PRECISION = 3
NEAREST_DENSITY = 5

_BLOCK = 1024  # rows of a distance matrix that are held at once


@dataclass(frozen=True)
class Overlap:
    """How two sets of features lie in each other.

    Attributes:
        precision: Share of the made that lie in the ball of a real one: how real they look.
        recall: Share of the real that lie in the ball of a made one: how much is reached.
        density: How many balls of real ones each made one lies in, over those expected; above 1
            where they crowd in the middle.
        coverage: Share of the real whose ball holds a made one.
    """

    precision: float
    recall: float
    density: float
    coverage: float


def overlap(made: Tensor, real: Tensor) -> Overlap:
    """Return how two sets of features (N, D) and (M, D) lie in each other.

    Precision and recall after Kynkäänniemi et al. 2019, density and coverage after Naeem et al.
    2020. Each needs more items on either side than neighbours.
    """
    made_3, _ = _radii(made)
    real_3, real_5 = _radii(real)
    precise, covering = torch.zeros(len(made), dtype=torch.bool), 0
    recalled = torch.zeros(len(real), dtype=torch.bool)
    covered = torch.zeros(len(real), dtype=torch.bool)
    for start, distances in _distances(made, real):
        rows = slice(start, start + len(distances))
        precise[rows] = (distances <= real_3).any(1)
        recalled |= (distances <= made_3[rows, None]).any(0)
        inside = distances <= real_5
        covering += int(inside.sum())
        covered |= inside.any(0)
    return Overlap(
        precision=float(precise.float().mean()),
        recall=float(recalled.float().mean()),
        density=covering / (NEAREST_DENSITY * len(made)),
        coverage=float(covered.float().mean()),
    )


def _radii(features: Tensor) -> tuple[Tensor, Tensor]:
    """Return each item's distance to its 3rd and its 5th nearest other, (N,) each."""
    found = []
    nearest = min(NEAREST_DENSITY, len(features) - 1)
    for _start, distances in _distances(features, features):
        # the nearest of all is the item itself, at 0
        found.append(distances.topk(nearest + 1, largest=False).values)
    sorted_ones = torch.cat(found)
    return sorted_ones[:, min(NEAREST_PRECISION, nearest)], sorted_ones[:, nearest]


def _distances(a: Tensor, b: Tensor) -> Iterator[tuple[int, Tensor]]:
    """Yield (first row, distances (rows, M)) of all pairs, some rows at a time."""
    for start in range(0, len(a), _BLOCK):
        # exact, so that an item is at 0 from itself
        yield (
            start,
            torch.cdist(a[start : start + _BLOCK], b, compute_mode="donot_use_mm_for_euclid_dist"),
        )
