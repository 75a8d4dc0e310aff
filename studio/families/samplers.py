"""Samplers of diffusion models: from noise to pictures, step by step.

All work on one form of the problem, in which every kind of diffusion is the same: x = x₀ + σ ε with
noise ε of variance 1, a list of falling noise levels σ that ends in 0, and a denoiser D(x; σ) that
says what it expects x₀ to be. Other forms are this one divided by their scale: x = xₜ / √ᾱₜ with
σ = √((1 − ᾱₜ)/ᾱₜ) for DDPM, x = xₜ / (1 − t) with σ = t / (1 − t) for flows (Karras et al. 2022,
"Elucidating the Design Space of Diffusion-Based Generative Models", appendix C).

A sampler yields x after each step, so that whoever asks can say how far it is, or stop. `draw`
returns fresh normal noise of the shape of x, for samplers that add some in between.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor

#: D(x; σ): the expected picture (N, …) behind noisy pictures x of noise level σ.
Denoise = Callable[[Tensor, float], Tensor]
Draw = Callable[[], Tensor]
Sampler = Callable[[Denoise, Tensor, Sequence[float], Draw], Iterator[Tensor]]

# ------------------------------------------------------------------------------------- samplers


def ddpm(denoise: Denoise, x: Tensor, sigmas: Sequence[float], draw: Draw) -> Iterator[Tensor]:
    """Draw from the posterior of the next level (Ho et al. 2020, algorithm 2, variance β̃).

    Equations 6 and 7, over √ᾱ: q(x' | x, x₀) = N(x₀ + (σ'/σ)² (x − x₀), σ'² (1 − (σ'/σ)²)).
    """
    for sigma, following in pairwise(sigmas):
        guess = denoise(x, sigma)
        kept = (following / sigma) ** 2
        x = guess + kept * (x - guess)
        if following:
            x = x + following * math.sqrt(1 - kept) * draw()
        yield x


def ddim(denoise: Denoise, x: Tensor, sigmas: Sequence[float], _draw: Draw) -> Iterator[Tensor]:
    """Keep the picture and the noise that the model sees (Song et al. 2021, equation 12, η = 0).

    x' = x̂₀ + σ' ε̂ with ε̂ = (x − x̂₀)/σ: in this form the very step that `euler` takes. What
    differs is the list of noise levels that it is used with.
    """
    for sigma, following in pairwise(sigmas):
        guess = denoise(x, sigma)
        x = guess + following * (x - guess) / sigma
        yield x


def euler(denoise: Denoise, x: Tensor, sigmas: Sequence[float], _draw: Draw) -> Iterator[Tensor]:
    """Follow the slope (Karras et al. 2022, algorithm 1 with Euler's steps).

    dx/dσ = (x − D(x; σ))/σ   (equation 3 with σ(t) = t, s = 1).
    """
    for sigma, following in pairwise(sigmas):
        slope = (x - denoise(x, sigma)) / sigma
        x = x + (following - sigma) * slope
        yield x


def euler_ancestral(
    denoise: Denoise, x: Tensor, sigmas: Sequence[float], draw: Draw
) -> Iterator[Tensor]:
    """Follow the slope too far down, then add noise back up (k-diffusion's ancestral sampler).

    σ'² = σ_down² + σ_up² with σ_up = σ' √(1 − (σ'/σ)²), the spread of DDPM's posterior, so that
    σ_down = σ'²/σ. In this form the very step that `ddpm` takes, on another list of noise levels.
    """
    for sigma, following in pairwise(sigmas):
        slope = (x - denoise(x, sigma)) / sigma
        up = following * math.sqrt(1 - (following / sigma) ** 2)
        down = following**2 / sigma
        x = x + (down - sigma) * slope
        if up:
            x = x + up * draw()
        yield x


def heun(denoise: Denoise, x: Tensor, sigmas: Sequence[float], _draw: Draw) -> Iterator[Tensor]:
    """Follow the mean of the slopes here and there (Karras et al. 2022, algorithm 1).

    Heun's method of second order: two evaluations a step, one in the last.
    """
    for sigma, following in pairwise(sigmas):
        slope = (x - denoise(x, sigma)) / sigma
        there = x + (following - sigma) * slope
        if following:
            slope = 0.5 * (slope + (there - denoise(there, following)) / following)
            there = x + (following - sigma) * slope
        x = there
        yield x


def dpmpp_2m(denoise: Denoise, x: Tensor, sigmas: Sequence[float], _draw: Draw) -> Iterator[Tensor]:
    """Go on along the line through the last two guesses (Lu et al. 2022, DPM-Solver++(2M)).

    Algorithm 2 in λ = −ln σ, with h = λ' − λ and r = h_before/h:
    D̂ = (1 + 1/(2r)) D − 1/(2r) D_before,  x' = (σ'/σ) x − (e⁻ʰ − 1) D̂.
    The first step has no guess before it, and the last, to σ' = 0, takes D as it is.
    """
    before: tuple[Tensor, float] | None = None
    for sigma, following in pairwise(sigmas):
        guess = denoise(x, sigma)
        if not following:
            x = guess
        else:
            h = math.log(sigma / following)
            ahead = guess
            if before is not None:
                half = h / (2 * before[1])  # 1/(2r)
                ahead = (1 + half) * guess - half * before[0]
            x = (following / sigma) * x - math.expm1(-h) * ahead
            before = (guess, h)
        yield x


# ----------------------------------------------------------------------------------- schedules

SIGMA_MIN, SIGMA_MAX = 0.002, 80.0
_RHO = 7.0
#: Variances of DDPM's 1000 steps grow linearly from 10⁻⁴ to 0.02; here per unit of time.
BETA_MIN, BETA_MAX = 0.1, 20.0


def karras(share: float) -> float:
    """Return the noise level at a share of the way, 0 least to 1 most noise.

    σ = (σ_min^(1/ρ) + share · (σ_max^(1/ρ) − σ_min^(1/ρ)))^ρ   (Karras et al. 2022, equation 5).
    """
    low, high = SIGMA_MIN ** (1 / _RHO), SIGMA_MAX ** (1 / _RHO)
    return float((low + share * (high - low)) ** _RHO)


def linear_beta(share: float) -> float:
    """Return the noise level of DDPM's linear schedule at a share of its time.

    ᾱ(t) = exp(−β_min t − ½ (β_max − β_min) t²)   (Song et al. 2021, "Score-Based Generative
    Modeling through Stochastic Differential Equations", equation 33), σ² = 1/ᾱ − 1.
    """
    return math.sqrt(math.expm1(BETA_MIN * share + 0.5 * (BETA_MAX - BETA_MIN) * share**2))


@dataclass(frozen=True)
class Method:
    """A sampler with the list of noise levels that it is used with.

    Attributes:
        run: The sampler.
        level: Noise level at a share of the way, 0 least to 1 most noise.
        reaches_zero: Whether the least noise is none.
    """

    run: Sampler
    level: Callable[[float], float]
    reaches_zero: bool = False

    def sigmas(self, steps: int, start: float = 1.0) -> list[float]:
        """Return `steps` falling noise levels and a 0 at the end.

        Args:
            start: Share of the whole way at which it begins; 1 is noise alone.
        """
        last = steps if self.reaches_zero else max(steps - 1, 1)
        return [self.level(start * (1 - index / last)) for index in range(steps)] + [0.0]


METHODS: dict[str, Method] = {
    "ddpm": Method(ddpm, linear_beta, reaches_zero=True),
    "ddim": Method(ddim, linear_beta, reaches_zero=True),
    "euler": Method(euler, karras),
    "euler_ancestral": Method(euler_ancestral, karras),
    "heun": Method(heun, karras),
    "dpmpp_2m": Method(dpmpp_2m, karras),
}

# --------------------------------------------------------------------------------------- noise


class SeededNoise:
    """Normal noise for a batch, each item's a function of its own seed and of how often it asked.

    The first draw equals `families.base.noise` for the same seeds. It is drawn on the CPU, so that
    a seed means the same on every device.
    """

    def __init__(self, seeds: Sequence[int], shape: tuple[int, ...], device: torch.device) -> None:
        self._generators = [torch.Generator().manual_seed(seed) for seed in seeds]
        self._shape = shape
        self._device = device

    def __call__(self) -> Tensor:
        """Return the next noise, (N, *shape)."""
        rows = [torch.randn(self._shape, generator=each) for each in self._generators]
        return torch.stack(rows).to(self._device)
