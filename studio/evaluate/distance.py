"""Distances between two sets of features: Fréchet's and the kernel distance."""

from __future__ import annotations

import torch
from torch import Tensor

_BLOCK = 1024  # rows of a kernel matrix that are held at once


def frechet_distance(made: Tensor, real: Tensor) -> float:
    """Return the Fréchet distance between two sets of features (N, D) and (M, D).

    ‖μ₁ − μ₂‖² + tr(Σ₁ + Σ₂ − 2 (Σ₁ Σ₂)^½)   (Dowson & Landau 1982; Heusel et al. 2017). It grows
    as the sets get smaller, so only distances of equally many items can be compared.
    """
    a, b = made.double(), real.double()
    shift = (a.mean(0) - b.mean(0)).square().sum()
    first, second = torch.cov(a.T), torch.cov(b.T)
    # tr (Σ₁ Σ₂)^½ = Σ √λ of Σ₁^½ Σ₂ Σ₁^½, which is symmetric
    root = symmetric_root(first)
    overlap = torch.linalg.eigvalsh(root @ second @ root).clamp_min(0).sqrt().sum()
    return float(shift + first.trace() + second.trace() - 2 * overlap)


def symmetric_root(matrix: Tensor) -> Tensor:
    """Return the symmetric square root of a symmetric, positive matrix."""
    values, vectors = torch.linalg.eigh(matrix)
    root: Tensor = (vectors * values.clamp_min(0).sqrt()) @ vectors.T
    return root


def kernel_distance(made: Tensor, real: Tensor) -> float:
    """Return the squared maximum mean discrepancy of two sets of features, without bias.

    With k(x, y) = (x·y/D + 1)³ as in the kernel Inception distance (Bińkowski et al. 2018):
    mean of k(x, x') over different x, x' + mean of k(y, y') over different y, y' − 2 mean k(x, y).
    Zero is expected for two sets of one kind, whatever their size; it may fall below.
    """
    a, b = made.double(), real.double()
    n, m = len(a), len(b)
    within_a = (_kernel_sum(a, a) - float(_kernel(a, a, rows=True).sum())) / (n * (n - 1))
    within_b = (_kernel_sum(b, b) - float(_kernel(b, b, rows=True).sum())) / (m * (m - 1))
    return within_a + within_b - 2 * _kernel_sum(a, b) / (n * m)


def _kernel(a: Tensor, b: Tensor, *, rows: bool = False) -> Tensor:
    """Return the kernel of all pairs (N, M), or of row i with row i (N,)."""
    products = (a * b).sum(1) if rows else a @ b.T
    return (products / a.shape[1] + 1) ** 3


def _kernel_sum(a: Tensor, b: Tensor) -> float:
    total = torch.zeros((), dtype=a.dtype)
    for part in torch.split(a, _BLOCK):
        total += _kernel(part, b).sum()
    return float(total)
