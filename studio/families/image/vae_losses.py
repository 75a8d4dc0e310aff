"""The terms of a VAE's loss, each with its equation; all in nats."""

from __future__ import annotations

import math

from torch import Tensor
from torch.nn import functional


def kl_divergence(mean: Tensor, log_variance: Tensor) -> Tensor:
    """Return KL(N(μ, σ²) ‖ N(0, 1)) of each part of each code, (B, code), in nats.

    ½ (μ² + σ² − 1 − log σ²)   (Kingma & Welling 2014, appendix B)
    """
    return 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance)


def bernoulli_cost(logits: Tensor, target: Tensor) -> Tensor:
    """Return −log p(x|z) of each item, (B,), in nats, for grey values x in 0 … 1.

    −Σ x log p + (1 − x) log(1 − p), p = σ(logits): the usual bound for grey MNIST.
    """
    cost = functional.binary_cross_entropy_with_logits(logits, target, reduction="none")
    return cost.flatten(1).sum(1)


def gaussian_cost(mean: Tensor, log_deviation: Tensor, target: Tensor) -> Tensor:
    """Return −log P(x|z) of each item, (B,), in nats, for pixels of 256 steps in 0 … 1.

    Σ ½ ((x − μ)/σ)² + log σ + ½ log 2π + log 255: the density at a pixel times the step's width.
    """
    error = ((target - mean) / log_deviation.exp()).square()
    constant = log_deviation + 0.5 * math.log(2 * math.pi) + math.log(255)
    return (0.5 * error + constant).flatten(1).sum(1)
