"""Games of a generator against a critic that GANs of every modality play in the same turns.

The losses are in `adversarial_losses.py`; a family adds its networks and what they look at.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import replace
from typing import ClassVar, TypeVar

import torch
from torch import Tensor, nn

from studio.core.options import FamilyRecipe, option
from studio.families.base import Losses
from studio.families.batch import Batch
from studio.families.latent import LatentFamily


class AdversarialRecipe(FamilyRecipe):
    """Settings of the game."""

    code: int = option(
        128,
        title="Code length",
        help="Random numbers from which one item is made.",
        group="Size",
        term="latent dimension",
        ge=2,
        le=1024,
    )
    learning_rate: float = option(
        5e-4,
        title="Learning rate",
        help="How large each correction of the generator is. Too large shakes, too small crawls.",
        group="Learning",
        term="learning rate of Adam",
        gt=0,
        le=0.1,
    )
    critic_rate: float = option(
        1.0,
        title="Critic's rate",
        help="The critic's learning rate as a multiple of the generator's.",
        group="Learning",
        term="learning-rate ratio (two time-scale update rule)",
        gt=0,
        le=20,
    )
    critic_steps: int = option(
        1,
        title="Critic's turns",
        help="Corrections of the critic per correction of the generator.",
        group="Learning",
        term="n_critic",
        ge=1,
        le=20,
    )
    beta1: float = option(
        0.5,
        title="Momentum",
        help="How much of the last corrections carries on. 0 is calmest for a strong critic.",
        group="Learning",
        term="Adam β₁",
        ge=0,
        lt=1,
    )


R = TypeVar("R", bound=AdversarialRecipe)


class AdversarialFamily(LatentFamily[R]):
    """Generator and critic in turns; samples come from the generator's averaged weights.

    Attributes:
        generator: Codes (B, code) and labels (B,) or None become items.
        critic: Items and labels become scores (B,).
    """

    averaged: ClassVar[tuple[str, ...]] = ("generator",)
    generator: nn.Module
    critic: nn.Module

    def add_optimisers(self, beta2: float) -> None:
        """Make an Adam for each side, once the networks are made."""
        recipe = self.recipe
        betas = (recipe.beta1, beta2)
        self.generator_optimiser = torch.optim.Adam(
            self.generator.parameters(), lr=recipe.learning_rate, betas=betas, fused=True
        )
        self.critic_optimiser = torch.optim.Adam(
            self.critic.parameters(),
            lr=recipe.learning_rate * recipe.critic_rate,
            betas=betas,
            fused=True,
        )

    @abstractmethod
    def draws(self, batch: Batch) -> dict[str, Tensor]:
        """Return what is random in a turn beside the codes, a row per item."""

    @abstractmethod
    def critic_loss(self, batch: Batch) -> tuple[Tensor, Losses]:
        """Return what the critic is corrected by; `batch.draws["code"]` are the fakes' codes."""

    @abstractmethod
    def generator_loss(self, batch: Batch) -> tuple[Tensor, Losses]:
        """Return what the generator is corrected by."""

    @property
    def batches_per_step(self) -> int:
        """One batch for each of the critic's turns; the generator's turn uses the last one."""
        return self.recipe.critic_steps

    def train_step(self, batch: Batch) -> Losses:
        """Correct the critic `critic_steps` times, then the generator once."""
        self.generator.train()
        self.critic.train()
        shown: Losses = {}
        turns = [self.with_draws(part) for part in batch.split(self.recipe.critic_steps)]
        for turn in turns:
            shown |= self.minimise(self.critic_optimiser, self.critic_loss, turn)
        again = self.with_draws(turns[-1])
        shown |= self.minimise(self.generator_optimiser, self.generator_loss, again)
        gradients = [p.grad for p in self.generator.parameters() if p.grad is not None]
        shown["gradient_generator"] = nn.utils.get_total_norm(gradients)
        return shown

    def with_draws(self, batch: Batch) -> Batch:
        """Draw what is random in a turn for the whole batch, so that parts see the same."""
        code = torch.randn(len(batch), self.recipe.code, device=batch.items.device)
        draws = {"code": code} | self.draws(batch)
        return replace(batch, labels=self.labels_of(batch), draws=draws)


def judged(real: Tensor, fake: Tensor, boundary: float | None) -> Losses:
    """Return the shares of real and fake items that a critic tells apart.

    Args:
        real: Scores (B,) of real items.
        fake: Scores (B,) of made ones.
        boundary: The score between the two; None, where a game has none, takes the middle.
    """
    middle = (real.mean() + fake.mean()) / 2 if boundary is None else boundary
    return {
        "critic_real": (real > middle).float().mean(),
        "critic_fake": (fake < middle).float().mean(),
    }
