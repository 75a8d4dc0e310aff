"""Notes from what a generator draws: soft while it learns, or binary neurons."""

from __future__ import annotations

import torch
from torch import Tensor


def soft(logits: Tensor, _numbers: Tensor) -> Tensor:
    """Return notes as shades in −1 … 1: 2 σ(s) − 1 = tanh(s/2)."""
    return torch.tanh(logits / 2)


def deterministic(logits: Tensor, _numbers: Tensor) -> Tensor:
    """Return −1 or 1: whether σ(s) > ½ (Dong & Yang 2018, deterministic binary neurons)."""
    return straight_through(logits, logits > 0)


def stochastic(logits: Tensor, numbers: Tensor) -> Tensor:
    """Return −1 or 1: whether σ(s) > u with u uniform (Dong & Yang 2018, stochastic ones)."""
    return straight_through(logits, logits.sigmoid() > numbers)


def straight_through(logits: Tensor, on: Tensor) -> Tensor:
    """Return 1 where `on`, else −1, with the slope of σ in place of the step's, which has none.

    The sigmoid-adjusted straight-through estimator: ∂b/∂s ≈ σ'(s)   (Bengio et al. 2013)
    """
    shade = soft(logits, logits)
    return shade + (2 * on.to(shade.dtype) - 1 - shade).detach()


NEURONS = {"soft": soft, "deterministic": deterministic, "stochastic": stochastic}
