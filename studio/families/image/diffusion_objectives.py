"""What the network of a diffusion model is asked for, and on which noise levels it is trained.

With x = x₀ + σ ε, every objective makes the same kind of denoiser out of a network F:
D(x; σ) = c_skip(σ) x + c_out(σ) F(c_in(σ) x; σ)   (Karras et al. 2022, equation 7). They differ in
the three factors and in how often each noise level is trained. F is to say (x₀ − c_skip x)/c_out,
and its mean squared error is the loss, equally weighted at all levels.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from studio.families.samplers import BETA_MAX, BETA_MIN

#: ln(σ / σ_data) ~ N(0.9, 1.4²), noisier than what the papers chose for photos. What a plain
#: picture shows is decided at high levels, where its few corners drown, and short runs must see
#: enough of these: of captioned shapes 65 % came out as asked after 4,500 steps of 32 pictures,
#: where N(0.1, 1.6²) gave 58 % after 4,500 steps of 48.
_MEAN, _SPREAD = 0.9, 1.4
#: The ends of the levels: u is kept this far from 0 and 1.
_MARGIN = 1e-3


@dataclass(frozen=True)
class Factors:
    """c_skip, c_out and c_in, each of the shape of the noise levels."""

    skip: Tensor
    out: Tensor
    scale: Tensor


@dataclass(frozen=True)
class Objective:
    """One way to ask.

    Attributes:
        level: Turns u in 0 … 1, evenly spread, and the data's standard deviation into noise
            levels σ, rising.
        factors: Turns noise levels and the data's standard deviation into the factors.
    """

    level: Callable[[Tensor, float], Tensor]
    factors: Callable[[Tensor, float], Factors]


def _edm_level(u: Tensor, data: float) -> Tensor:
    """ln σ = P_mean + P_std Φ⁻¹(u)   (Karras et al. 2022, table 1), in units of the data's σ."""
    return data * torch.exp(_MEAN + _SPREAD * torch.special.ndtri(u))


def _edm(sigma: Tensor, data: float) -> Factors:
    """Factors for which input and target of F have variance 1 (Karras et al. 2022, table 1)."""
    total = (sigma**2 + data**2).sqrt()
    return Factors(skip=data**2 / total**2, out=sigma * data / total, scale=1 / total)


def _linear_beta_level(u: Tensor, _data: float) -> Tensor:
    """σ² = 1/ᾱ(u) − 1 on DDPM's schedule; see `samplers.linear_beta`."""
    return torch.expm1(BETA_MIN * u + 0.5 * (BETA_MAX - BETA_MIN) * u**2).sqrt()


def _epsilon(sigma: Tensor, _data: float) -> Factors:
    """F = ε: xₜ = √ᾱ x with √ᾱ = 1/√(1 + σ²), D = x − σ F   (Ho et al. 2020, equation 15)."""
    ones = torch.ones_like(sigma)
    return Factors(skip=ones, out=-sigma, scale=1 / (1 + sigma**2).sqrt())


def _cosine_level(u: Tensor, _data: float) -> Tensor:
    """σ = tan(π u / 2), the cosine schedule (Salimans & Ho 2022, section 4)."""
    return torch.tan(0.5 * math.pi * u)


def _v(sigma: Tensor, _data: float) -> Factors:
    """F = v = α ε − σₜ x₀, x₀ = α xₜ − σₜ v with α = 1/√(1 + σ²), σₜ = σ α (same, appendix D)."""
    alpha = 1 / (1 + sigma**2).sqrt()
    return Factors(skip=alpha**2, out=-sigma * alpha, scale=alpha)


def _flow_level(u: Tensor, _data: float) -> Tensor:
    """σ = t/(1 − t) with t = u, evenly spread."""
    return u / (1 - u)


def _flow(sigma: Tensor, _data: float) -> Factors:
    """F = ε − x₀ on the straight way xₜ = (1 − t) x₀ + t ε, x₀ = xₜ − t F.

    Lipman et al. 2023, equation 22 with σ_min = 0; Liu et al. 2023, equation 1; with t = σ/(1 + σ).
    """
    rest = 1 / (1 + sigma)  # 1 − t
    return Factors(skip=rest, out=-sigma * rest, scale=rest)


OBJECTIVES: dict[str, Objective] = {
    "edm": Objective(_edm_level, _edm),
    "epsilon": Objective(_linear_beta_level, _epsilon),
    "v": Objective(_cosine_level, _v),
    "flow": Objective(_flow_level, _flow),
}


def spread_evenly(count: int, start: Tensor) -> Tensor:
    """Return u (count,) in 0 … 1, evenly spread by additive recurrence from `start` in 0 … 1.

    uᵢ = frac(u₀ + i/φ) with the golden ratio φ: with a random start each is uniform, and every
    part of a batch covers all levels, which takes most of the noise out of the loss (as the
    low-discrepancy sampler of Kingma et al. 2021, "Variational Diffusion Models", appendix I.1).
    """
    golden = (math.sqrt(5) - 1) / 2
    u = (start + golden * torch.arange(count, device=start.device)) % 1
    return _MARGIN + (1 - 2 * _MARGIN) * u
