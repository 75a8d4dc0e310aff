"""Samplers against diffusers, from the same noise and with the same denoiser."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import diffusers
import pytest
import torch
from torch import Tensor

from studio.families.base import noise
from studio.families.samplers import (
    METHODS,
    SIGMA_MAX,
    SIGMA_MIN,
    Sampler,
    SeededNoise,
    ddim,
    ddpm,
    dpmpp_2m,
    euler,
    euler_ancestral,
    heun,
    karras,
    linear_beta,
)

# diffusers hands torch tensors to numpy in the old way
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

SHAPE = (4, 1, 6, 6)
STEPS = 12
CENTRES = torch.randn(5, *SHAPE[1:], generator=torch.Generator().manual_seed(3)).double()


@pytest.fixture(autouse=True)
def double() -> Iterator[None]:
    """Compute in double precision, so that what differs is the algorithm."""
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


def best_guess(x: Tensor, sigma: float) -> Tensor:
    """Return E[x₀ | x] when pictures are near one of five centres: the exact denoiser.

    For a mixture of N(μₖ, s²): Σₖ p(k | x) (μₖ + s²/(s² + σ²) (x − μₖ)).
    """
    spread = 0.1
    total = spread**2 + sigma**2
    away = (x[:, None] - CENTRES).flatten(2).square().sum(2)  # (N, K)
    chances = (-away / (2 * total)).softmax(1)[..., None, None, None]
    near = CENTRES + spread**2 / total * (x[:, None] - CENTRES)
    return (chances * near).sum(1)


class SameNoise:
    """What diffusers draws from a generator, draw by draw."""

    def __init__(self) -> None:
        self.generator = torch.Generator().manual_seed(7)

    def __call__(self) -> Tensor:
        return torch.randn(SHAPE, generator=self.generator)


def start() -> Tensor:
    return torch.randn(SHAPE, generator=torch.Generator().manual_seed(1))


def last(steps: Iterator[Tensor]) -> Tensor:
    *_, x = steps
    return x


def in_their_scale(scheduler: Any, scales: Callable[[float], float]) -> tuple[Tensor, list[float]]:
    """Return what diffusers ends at, and the noise levels that it went through.

    Args:
        scales: Their x is ours times this factor of the noise level.
    """
    sigmas = _levels(scheduler)
    x = start() * sigmas[0] * scales(sigmas[0])
    same = SameNoise()
    takes = "generator" in inspect.signature(scheduler.step).parameters
    for timestep, sigma in zip(scheduler.timesteps, sigmas, strict=True):
        if hasattr(scheduler, "sigmas") and not isinstance(scheduler, FLOW):
            scheduler.scale_model_input(x, timestep)
        ours = x / scales(sigma)
        guess = best_guess(ours, sigma)
        told = (ours - guess) / sigma  # ε
        if isinstance(scheduler, FLOW):
            told = told - guess  # ε − x₀
        more = {"generator": same.generator} if takes else {}
        x = scheduler.step(told, timestep, x, **more).prev_sample
    return x, [*dict.fromkeys(sigmas), 0.0]


FLOW = diffusers.FlowMatchEulerDiscreteScheduler


def _levels(scheduler: Any) -> list[float]:
    """Return the noise level of each of diffusers' steps, in our form."""
    if isinstance(scheduler, FLOW):
        scheduler.set_timesteps(sigmas=[0.98 - 0.08 * step for step in range(STEPS)])
        return [t / (1 - t) for t in scheduler.sigmas[:-1].tolist()]
    scheduler.set_timesteps(STEPS)
    if hasattr(scheduler, "sigmas"):
        return scheduler.sigmas[:-1].tolist()  # type: ignore[no-any-return]
    kept = scheduler.alphas_cumprod[scheduler.timesteps].tolist()
    return [math.sqrt((1 - alpha) / alpha) for alpha in kept]


def _preserving(sigma: float) -> float:
    return 1 / math.sqrt(1 + sigma**2)


def _exploding(_sigma: float) -> float:
    return 1.0


def _straight(sigma: float) -> float:
    return 1 / (1 + sigma)


@pytest.mark.parametrize(
    ("sampler", "scheduler", "scales"),
    [
        (ddpm, partial(diffusers.DDPMScheduler, clip_sample=False), _preserving),
        (ddim, partial(diffusers.DDIMScheduler, clip_sample=False), _preserving),
        (euler, partial(diffusers.EulerDiscreteScheduler, use_karras_sigmas=True), _exploding),
        (euler_ancestral, diffusers.EulerAncestralDiscreteScheduler, _exploding),
        (heun, partial(diffusers.HeunDiscreteScheduler, use_karras_sigmas=True), _exploding),
        (dpmpp_2m, diffusers.DPMSolverMultistepScheduler, _preserving),
        (euler, FLOW, _straight),
    ],
    ids=["ddpm", "ddim", "euler", "euler_ancestral", "heun", "dpmpp_2m", "flow"],
)
def test_ends_where_diffusers_does(
    sampler: Sampler, scheduler: Callable[[], Any], scales: Callable[[float], float]
) -> None:
    theirs, sigmas = in_their_scale(scheduler(), scales)
    ours = last(sampler(best_guess, start() * sigmas[0], sigmas, SameNoise()))
    assert len(sigmas) == STEPS + 1
    torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-4)
    assert ours.abs().max() > 0.5


def test_two_names_of_one_step() -> None:
    """On the same noise levels DDIM is Euler's method, and DDPM is ancestral Euler."""
    sigmas = METHODS["euler"].sigmas(STEPS)
    x = start() * sigmas[0]
    first = last(ddim(best_guess, x, sigmas, SameNoise()))
    torch.testing.assert_close(first, last(euler(best_guess, x, sigmas, SameNoise())))
    first = last(ddpm(best_guess, x, sigmas, SameNoise()))
    torch.testing.assert_close(first, last(euler_ancestral(best_guess, x, sigmas, SameNoise())))


@pytest.mark.parametrize("name", METHODS)
def test_a_single_picture_is_found_exactly(name: str) -> None:
    """Where only one picture is possible, every sampler ends at it."""
    only = CENTRES[:1].expand(SHAPE)
    method = METHODS[name]
    sigmas = method.sigmas(5)
    steps = list(method.run(lambda _x, _s: only, start() * sigmas[0], sigmas, SameNoise()))
    assert len(steps) == 5
    torch.testing.assert_close(steps[-1], only)


@pytest.mark.parametrize(("name", "order"), [("euler", 1), ("heun", 2), ("dpmpp_2m", 2)])
def test_halving_the_steps_divides_the_error_by_the_order(name: str, order: int) -> None:
    """For pictures drawn from N(0, s²) the way is known: x(σ) = x(σ₀) √((s² + σ²)/(s² + σ₀²))."""
    spread, high, low = 0.5, 4.0, 0.1

    def exact(x: Tensor, sigma: float) -> Tensor:
        return spread**2 / (spread**2 + sigma**2) * x

    def error(steps: int) -> float:
        # evenly spaced in ln σ, for the orders to show
        sigmas = [high * (low / high) ** (step / steps) for step in range(steps + 1)]
        found = last(METHODS[name].run(exact, torch.ones(1), sigmas, SameNoise()))
        known = math.sqrt((spread**2 + low**2) / (spread**2 + high**2))
        return abs(found.item() - known)

    assert math.log2(error(64) / error(128)) == pytest.approx(order, abs=0.25)


def test_noise_levels() -> None:
    assert karras(1) == pytest.approx(SIGMA_MAX)
    assert karras(0) == pytest.approx(SIGMA_MIN)
    # 18 steps of the paper's CIFAR-10 settings
    assert METHODS["heun"].sigmas(18)[:3] == pytest.approx([80.0, 57.586, 40.786], rel=1e-4)
    assert linear_beta(0) == 0
    kept = diffusers.DDPMScheduler().alphas_cumprod
    for step in (99, 499, 999):
        theirs = math.sqrt((1 - kept[step].item()) / kept[step].item())
        assert linear_beta((step + 1) / 1000) == pytest.approx(theirs, rel=0.05)
    for method in METHODS.values():
        for steps in (1, 2, 20):
            sigmas = method.sigmas(steps)
            assert len(sigmas) == steps + 1
            assert sigmas[-1] == 0
            assert sigmas == sorted(sigmas, reverse=True)
            assert method.sigmas(steps, 0.5)[0] == pytest.approx(method.level(0.5))


def test_each_pictures_noise_follows_from_its_own_seed() -> None:
    torch.set_default_dtype(torch.float32)
    device = torch.device("cpu")
    among, alone = SeededNoise([3, 7], (1, 6, 6), device), SeededNoise([7], (1, 6, 6), device)
    for draw in range(3):
        first, second = among(), alone()
        assert torch.equal(first[1:], second)
        if not draw:
            assert torch.equal(first, noise([3, 7], (1, 6, 6), device))
