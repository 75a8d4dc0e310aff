"""A Gaussian mixture that is fitted after training and then drawn from."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

_ROUNDS = 60
_KEPT = 0.99  # share of a running mean that stays when a point comes
_RIDGE = 1e-4  # added to each variance, so that a part on few points keeps a volume


class GaussianMixture(nn.Module):
    """p(z) = Σₖ wₖ N(z; μₖ, Σₖ) with full covariances, kept as buffers.

    Attributes:
        weights: (K,), adding up to 1.
        means: (K, D).
        factors: (K, D, D), lower triangular Lₖ with Σₖ = Lₖ Lₖᵀ.
        fitted: 1 after `fit`, else 0.
    """

    weights: Tensor
    means: Tensor
    factors: Tensor
    fitted: Tensor

    def __init__(self, parts: int, size: int) -> None:
        super().__init__()
        self.register_buffer("weights", torch.full((parts,), 1 / parts))
        self.register_buffer("means", torch.zeros(parts, size))
        self.register_buffer("factors", torch.eye(size).repeat(parts, 1, 1))
        self.register_buffer("fitted", torch.tensor(0))

    @property
    def is_fitted(self) -> bool:
        """Whether there is a density to draw from; waits for the device."""
        return bool(self.fitted)

    @torch.no_grad()
    def fit(self, points: Tensor) -> None:
        """Fit to points (N, D) by expectation-maximisation (Dempster, Laird, Rubin 1977).

        The parts start around points drawn from the global generator. With fewer points than
        parts there is nothing to fit, and the mixture stays as it was.
        """
        parts, size = self.means.shape
        if len(points) < parts:
            return
        # E.M. in double precision: the covariances of unused parts of a code are nearly singular
        x = points.double()
        ridge = _RIDGE * torch.eye(size, device=x.device, dtype=x.dtype)
        spread = torch.cov(x.T, correction=0).reshape(size, size) + ridge
        means = x[torch.randperm(len(x), device=x.device)[:parts]]
        factors = torch.linalg.cholesky(spread).repeat(parts, 1, 1)
        weights = torch.full((parts,), 1 / parts, device=x.device, dtype=x.dtype)
        for _ in range(_ROUNDS):
            # E: rₙₖ = wₖ N(xₙ; μₖ, Σₖ) / Σⱼ wⱼ N(xₙ; μⱼ, Σⱼ)
            shares = (weights.log() + log_density(x, means, factors)).softmax(1)  # (N, K)
            # M: Nₖ = Σₙ rₙₖ,  μₖ = Σₙ rₙₖ xₙ / Nₖ,  Σₖ = Σₙ rₙₖ (xₙ − μₖ)(xₙ − μₖ)ᵀ / Nₖ.
            # Each part also gets D pseudo-points of the whole spread, so that it never collapses
            counts = shares.sum(0)
            weights = (counts + 1e-6) / (counts + 1e-6).sum()
            means = shares.T @ x / (counts + 1e-6)[:, None]
            scatter = torch.stack(
                [
                    ((x - mean) * share[:, None]).T @ (x - mean)
                    for mean, share in zip(means, shares.T, strict=True)
                ]
            )
            covariances = (scatter + size * spread) / (counts + size)[:, None, None] + ridge
            factors = torch.linalg.cholesky(covariances)
        self.weights.copy_(weights)
        self.means.copy_(means)
        self.factors.copy_(factors)
        self.fitted.fill_(1)

    @torch.no_grad()
    def follow(self, points: Tensor, labels: Tensor) -> None:
        """Move part k towards the points (N, D) whose labels (N,) are k, while they still change.

        Means and variances, each part a round, are running ones over some hundred points; what
        varies together in a part is left to `fit_labelled`.
        """
        parts, _size = self.means.shape
        x, own = points.float(), torch.nn.functional.one_hot(labels, parts).float()  # (N, K)
        counts = own.sum(0)[:, None]
        share = 1 - _KEPT**counts  # (K, 1), 0 for labels without points
        mean = own.T @ x / counts.clamp_min(1)
        self.means.lerp_(mean, share)
        # around the part's mean as it is now
        off = (x - self.means[labels]).square()
        variance = self.factors.diagonal(dim1=1, dim2=2).square()
        variance = variance.lerp(own.T @ off / counts.clamp_min(1), share)
        self.factors.copy_(torch.diag_embed(variance.clamp_min(_RIDGE).sqrt()))
        self.fitted.fill_(1)

    @torch.no_grad()
    def fit_labelled(self, points: Tensor, labels: Tensor) -> None:
        """Give each part the points (N, D) of one label: part k those with labels (N,) = k.

        Σₖ is that of the label's points with D pseudo-points of what all labels share, so that
        a label with few points keeps a volume. Labels without points get the place of all.
        """
        parts, size = self.means.shape
        if not len(points):
            return
        x = points.double()
        mean = x.mean(0)
        scatters, means, counts = [], [], []
        for part in range(parts):
            own = x[labels == part]
            means.append(own.mean(0) if len(own) else mean)
            off = own - means[-1]
            scatters.append(off.T @ off)
            counts.append(float(len(own)))
        ridge = _RIDGE * torch.eye(size, device=x.device, dtype=x.dtype)
        shared = torch.stack(scatters).sum(0) / len(x) + ridge  # within labels
        count = torch.tensor(counts, device=x.device, dtype=x.dtype)
        spread = torch.stack(scatters) + size * shared
        covariances = spread / (count + size)[:, None, None] + ridge
        self.weights.copy_((count + 1e-6) / (count + 1e-6).sum())
        self.means.copy_(torch.stack(means))
        self.factors.copy_(torch.linalg.cholesky(covariances))
        self.fitted.fill_(1)

    def place_of(self, part: Tensor, normal: Tensor) -> Tensor:
        """Turn normal noise (N, D) into points of parts (N,): z = μₖ + Lₖ ε."""
        return self.means[part] + (self.factors[part] @ normal[:, :, None]).squeeze(2)

    def place(self, choice: Tensor, normal: Tensor) -> Tensor:
        """Turn normal noise into points: `choice` (N,) chooses the part, `normal` (N, D) the place.

        z = μₖ + Lₖ ε, with k where Φ(choice) falls among the cumulative weights.
        """
        share = torch.special.ndtr(choice)
        part = torch.searchsorted(self.weights.cumsum(0), share).clamp(max=len(self.weights) - 1)
        return self.place_of(part, normal)


def log_density(points: Tensor, means: Tensor, factors: Tensor) -> Tensor:
    """Return log N(xₙ; μₖ, Lₖ Lₖᵀ), (N, K)."""
    columns = []
    for mean, factor in zip(means, factors, strict=True):
        scaled = torch.linalg.solve_triangular(factor, (points - mean).T, upper=False)  # (D, N)
        log_volume = factor.diagonal().log().sum()
        columns.append(-0.5 * scaled.square().sum(0) - log_volume)
    return torch.stack(columns, dim=1) - 0.5 * means.shape[1] * math.log(2 * math.pi)
