"""Losses of the GAN: four games and two penalties, each under its equation and its paper.

D(x) is the critic's score of a picture, G(z) the picture made from the code z, E the mean.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional


@dataclass(frozen=True)
class Game:
    """The two losses of a GAN from scores (B,), and the score between fake and real if any."""

    critic: Callable[[Tensor, Tensor], Tensor]
    generator: Callable[[Tensor], Tensor]
    boundary: float | None


# Goodfellow et al. 2014, "Generative Adversarial Nets", with σ(D) the chance of being real:
#   L_D = E[−log σ(D(x))] + E[−log(1 − σ(D(G(z))))],   L_G = E[−log σ(D(G(z)))]
# where −log σ(s) = softplus(−s).
NON_SATURATING = Game(
    critic=lambda real, fake: functional.softplus(-real).mean() + functional.softplus(fake).mean(),
    generator=lambda fake: functional.softplus(-fake).mean(),
    boundary=0.0,
)

# Mao et al. 2017, "Least Squares Generative Adversarial Networks", equation 9 (a=0, b=c=1):
#   L_D = ½ E[(D(x) − 1)²] + ½ E[D(G(z))²],   L_G = ½ E[(D(G(z)) − 1)²]
LEAST_SQUARES = Game(
    critic=lambda real, fake: 0.5 * (real - 1).square().mean() + 0.5 * fake.square().mean(),
    generator=lambda fake: 0.5 * (fake - 1).square().mean(),
    boundary=0.5,
)

# Arjovsky et al. 2017, "Wasserstein GAN"; the penalty of Gulrajani et al. 2017 is added below:
#   L_D = E[D(G(z))] − E[D(x)],   L_G = −E[D(G(z))]
WASSERSTEIN = Game(
    critic=lambda real, fake: fake.mean() - real.mean(),
    generator=lambda fake: -fake.mean(),
    boundary=None,
)

# Lim & Ye 2017, "Geometric GAN"; Miyato et al. 2018, equations 16 and 17:
#   L_D = E[max(0, 1 − D(x))] + E[max(0, 1 + D(G(z)))],   L_G = −E[D(G(z))]
HINGE = Game(
    critic=lambda real, fake: functional.relu(1 - real).mean() + functional.relu(1 + fake).mean(),
    generator=lambda fake: -fake.mean(),
    boundary=0.0,
)

GAMES = {
    "non-saturating": NON_SATURATING,
    "least-squares": LEAST_SQUARES,
    "wasserstein": WASSERSTEIN,
    "hinge": HINGE,
}

Score = Callable[[Tensor, Tensor | None], Tensor]


def slopes(critic: Score, items: Tensor, labels: Tensor | None) -> Tensor:
    """Return ‖∇ₓ D(x)‖² of each item, (B,), in a form that can be differentiated again."""
    items = items.detach().float().requires_grad_(True)
    (gradient,) = torch.autograd.grad(critic(items, labels).sum(), items, create_graph=True)
    return gradient.square().flatten(1).sum(1)


def gradient_penalty(
    critic: Score, real: Tensor, fake: Tensor, mix: Tensor, labels: Tensor | None
) -> Tensor:
    """Return E[(‖∇D(x̂)‖ − 1)²] at x̂ = ε x + (1 − ε) G(z), ε uniform (Gulrajani et al. 2017)."""
    share = mix.view(-1, *[1] * (real.dim() - 1))
    between = share * real + (1 - share) * fake
    # the root has no slope at 0, where a critic may begin
    return ((slopes(critic, between, labels) + 1e-12).sqrt() - 1).square().mean()


#: Steps between two R1 penalties; each then weighs this much more (Karras et al. 2020, appendix B).
R1_EVERY = 16


def r1_weight(strength: float, shape: tuple[int, ...], batch: int) -> float:
    """Return γ = strength · 0.0002 · height · width / batch.

    A rule of thumb that holds over sizes and batches (Karras et al. 2020-ADA, appendix C).

    Args:
        shape: (C, H, W) of the pictures.
        batch: Pictures a step.
    """
    return strength * 2e-4 * shape[1] * shape[2] / batch


def r1_penalty(critic: Score, real: Tensor, labels: Tensor | None) -> Tensor:
    """Return ½ E[‖∇D(x)‖²] on real pictures (Mescheder et al. 2018, equation 9, without γ)."""
    return 0.5 * slopes(critic, real, labels).mean()
