"""GAN: a generator that learns to make pictures which a critic cannot tell from real ones.

This file is how the two learn and how samples are made. Its settings are in `gan_recipe.py`, the
turns they take in `families/adversarial.py`, the games in `families/adversarial_losses.py`, its
networks in `gan_networks.py`, and its texts in `gan_info.py`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn.utils.parametrize import cached

from studio.core.errors import StudioError
from studio.core.recipe import DataSpec
from studio.families.adversarial import AdversarialFamily, judged
from studio.families.adversarial_losses import GAMES, R1_EVERY, gradient_penalty, r1_penalty
from studio.families.base import Losses, noise
from studio.families.batch import Batch
from studio.families.image.gan_info import INFO
from studio.families.image.gan_networks import BACKBONES
from studio.families.image.gan_recipe import OFTEN, PRESETS, SMALL_SET, GANRecipe
from studio.families.layers.diffaugment import NUMBERS, diffaugment


class GAN(AdversarialFamily[GANRecipe]):
    """Generator and critic in turns; samples come from the generator's averaged weights."""

    info = INFO
    recipe_type = GANRecipe
    presets = PRESETS

    def build(self, spec: DataSpec) -> None:
        """Make generator, critic and their optimisers for square pictures of `spec.shape`."""
        recipe = self.recipe
        shown = recipe.steps * recipe.batch_size * recipe.critic_steps
        by_heart = 0 < spec.count < SMALL_SET and shown > OFTEN * spec.count
        self.augmented = recipe.augment == "on" or (recipe.augment == "auto" and by_heart)
        penalised = recipe.loss == "wasserstein" or recipe.r1 > 0
        if penalised and recipe.critic_norm == "batch":
            raise StudioError(
                "These settings do not go together",
                "A penalty on the critic's slope looks at each picture alone, but batch"
                " normalisation mixes the pictures of a batch.",
                "Set the critic's brake to spectral or none, or switch the penalty off.",
            )
        labels = self.label_slots(recipe.conditional)
        generator, critic = BACKBONES[recipe.backbone]
        self.generator = generator(recipe.code, spec.shape, recipe.width, labels)
        self.critic = critic(spec.shape, recipe.width, labels, recipe.critic_norm)
        self.add_optimisers(beta2=0.999 if recipe.beta1 else 0.9)
        self.game = GAMES[recipe.loss]

    def draws(self, batch: Batch) -> dict[str, Tensor]:
        """Return what mixes real with fake for the penalty, and what augments both."""
        count, device = len(batch), batch.items.device
        return {
            "mix": torch.rand(count, device=device),
            "augment": torch.rand(count, 2 * NUMBERS, device=device),
        }

    def critic_loss(self, batch: Batch) -> tuple[Tensor, Losses]:
        """Return how badly the critic tells real from fake, and its penalty."""
        with torch.no_grad():
            fake = self.generator(batch.draws["code"], batch.labels)
        real_numbers, fake_numbers = batch.draws["augment"].chunk(2, dim=1)
        real = self._seen(batch.items, real_numbers)
        fake = self._seen(fake, fake_numbers)
        with cached():  # spectral normalisation once for both
            real_score = self.critic(real, batch.labels).float()
            fake_score = self.critic(fake, batch.labels).float()
        loss = self.game.critic(real_score, fake_score)
        shown = {"loss_critic": loss} | judged(real_score, fake_score, self.game.boundary)
        # second derivatives need fp32: in bf16 they drown in rounding
        with self.compute.full_precision():
            if self.recipe.loss == "wasserstein" and self.recipe.gradient_penalty:
                mix = batch.draws["mix"]
                penalty = gradient_penalty(self.critic, real, fake.float(), mix, batch.labels)
                loss = loss + self.recipe.gradient_penalty * penalty
                shown["penalty"] = penalty
            elif self.recipe.r1 and self.step % R1_EVERY == 0:
                penalty = r1_penalty(self.critic, real, batch.labels)
                loss = loss + self.recipe.r1 * R1_EVERY * penalty
                shown["penalty"] = penalty
        return loss, shown

    def generator_loss(self, batch: Batch) -> tuple[Tensor, Losses]:
        """Return how badly the generator passes for real."""
        fake = self.generator(batch.draws["code"], batch.labels)
        fake = self._seen(fake, batch.draws["augment"][:, :NUMBERS])
        loss = self.game.generator(self.critic(fake, batch.labels).float())
        return loss, {"loss_generator": loss}

    def _seen(self, pictures: Tensor, numbers: Tensor) -> Tensor:
        return diffaugment(pictures, numbers) if self.augmented else pictures

    @torch.no_grad()
    def validate(self, batch: Batch) -> Losses:
        """Measure how many real pictures that it never saw the critic takes for real."""
        if self.game.boundary is None:
            return {}
        self.critic.eval()
        with self.compute.precision():
            score = self.critic(batch.items, self.labels_of(batch))
        return {"val_critic_real": (score > self.game.boundary).float().mean()}

    def draw(self, seeds: Sequence[int], variety: float, labels: Tensor | None) -> Tensor:
        """Return codes (N, code): normal noise, cut to |z| ≤ v/(1−v) for a variety v < 1.

        The truncation trick (Brock et al. 2019), as a smooth map of the noise instead of drawing
        again, so that a seed keeps its character: z' = Φ⁻¹(Φ(−t) + (Φ(t) − Φ(−t)) Φ(z)).
        """
        code = noise(seeds, (self.recipe.code,), self.compute.device)
        if variety >= 1:
            return code * variety
        limit = variety / (1 - variety)
        inside = math.erf(limit / math.sqrt(2))  # Φ(t) − Φ(−t)
        # with erf: Φ(z) = ½(1 + erf(z/√2)), so z' = √2 · erf⁻¹(inside · erf(z/√2))
        return math.sqrt(2) * torch.erfinv(inside * torch.erf(code / math.sqrt(2)))

    def decode(self, codes: Tensor, labels: Tensor | None) -> Tensor:
        """Return pictures (N, C, H, W) in −1 … 1."""
        self.generator.eval()
        made: Tensor = self.generator(codes, labels)
        return made
