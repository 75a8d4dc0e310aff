"""How a diffusion model makes pictures: from noise, from the user's own, or around a mask."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from studio.families.image.diffusion_networks import Condition
from studio.families.image.diffusion_recipe import DiffusionSampling
from studio.families.samplers import METHODS, Denoise, SeededNoise

#: Where the passes of an inpainting begin, as shares of the way: what was made is noised again and
#: made once more with its surroundings in view (Lugmayr et al. 2022, "RePaint").
INPAINT_STARTS = (1.0, 0.6, 0.45)


@dataclass(frozen=True)
class Plan:
    """What is to be made, one row per picture.

    Attributes:
        noise: (N, C, H, W) that each begins with.
        seeds: That later noise follows from.
        labels: (N,) label numbers; None for any.
        captions: (N, L) tokens; None for anything.
        base: (N, C, H, W) that the noise is put on.
        starts: Where each pass begins, as a share of the way; 1 is noise alone.
        masks: (N, 1, H, W) in 0 … 1, or what spreads out to it, 1 where `base` is made anew; None
            for everywhere.
    """

    noise: Tensor
    seeds: Sequence[int]
    base: Tensor
    labels: Tensor | None = None
    captions: Tensor | None = None
    starts: tuple[float, ...] = (1.0,)
    masks: Tensor | None = None

    def __len__(self) -> int:
        return len(self.noise)

    def parts(self, at_once: int) -> Iterator[Plan]:
        """Cut into plans of `at_once` pictures."""
        for start in range(0, len(self), at_once):
            part = slice(start, start + at_once)

            def cut(rows: Tensor | None, part: slice = part) -> Tensor | None:
                return rows[part] if rows is not None else None

            yield Plan(
                noise=self.noise[part],
                seeds=self.seeds[part],
                base=self.base[part],
                labels=cut(self.labels),
                captions=cut(self.captions),
                starts=self.starts,
                masks=cut(self.masks),
            )


class Looking(Protocol):
    """What says what noisy items show: a `Denoiser`, or one that is told more."""

    def condition(self, count: int, labels: Tensor | None, captions: Tensor | None, /) -> Condition:
        """Read what `count` items are to show."""
        ...

    def __call__(self, x: Tensor, sigma: Tensor, condition: Condition, /) -> Tensor:
        """Return D(x; σ) of items (B, …) of noise levels (B,)."""
        ...


def make(
    denoiser: Looking, plan: Plan, settings: DiffusionSampling, step: Callable[[], None]
) -> Tensor:
    """Return the pictures of a plan, (N, C, H, W) in −1 … 1.

    Args:
        step: Called after each step of the sampler, `settings.steps` times per pass.
    """
    method = METHODS[settings.sampler]
    denoise = guided(denoiser, plan, settings.guidance)
    fresh = SeededNoise(plan.seeds, plan.noise.shape[1:], plan.noise.device)
    fresh()  # the first is what a seed's picture begins with
    x = plan.base
    for number, start in enumerate(plan.starts):
        sigmas = method.sigmas(settings.steps, start)
        noisy = x + sigmas[0] * (fresh() if number else plan.noise)
        for x in method.run(denoise, noisy, sigmas, fresh):  # noqa: B007 - the last one counts
            step()
    return x


def guided(denoiser: Looking, plan: Plan, guidance: float) -> Denoise:
    """Return D(x; σ) for what a plan asks for.

    Classifier-free guidance (Ho & Salimans 2022, equation 6, with their w = guidance − 1):
    D = D(x | nothing) + guidance · (D(x | asked) − D(x | nothing)).
    """
    count = len(plan)
    condition = denoiser.condition(count, plan.labels, plan.captions)
    asked = plan.labels is not None or plan.captions is not None
    twice = asked and guidance != 1
    if twice:
        nothing = None if plan.captions is None else torch.zeros_like(plan.captions)
        condition = condition.joined(denoiser.condition(count, None, nothing))

    def denoise(x: Tensor, sigma: float) -> Tensor:
        if twice:
            levels = torch.full((2 * count,), sigma, device=x.device)
            told, untold = denoiser(torch.cat([x, x]), levels, condition).chunk(2)
            guess = torch.lerp(untold, told, guidance)
        else:
            guess = denoiser(x, torch.full((count,), sigma, device=x.device), condition)
        # pixels end at −1 and 1, so no guess beyond can be right (Ho et al. 2020, section 3.3)
        guess = guess.clamp(-1, 1)
        # what is to stay is known, so there the guess is the picture itself: noise on it falls as
        # everywhere else (the replacement of Lugmayr et al. 2022, equation 8, at every level)
        return guess if plan.masks is None else torch.lerp(plan.base, guess, plan.masks)

    return denoise
