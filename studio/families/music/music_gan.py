"""Music GAN: a generator that learns to draw piano rolls which a critic takes for real ones.

This file is how the two learn and how samples are made. Its settings are in `music_gan_recipe.py`,
the turns they take in `families/adversarial.py`, its networks in `music_gan_networks.py`, how
shades become notes in `music_gan_neurons.py`, and its texts in `music_gan_info.py`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor

from studio.core.recipe import DataSpec
from studio.families.adversarial import AdversarialFamily, judged
from studio.families.adversarial_losses import WASSERSTEIN, gradient_penalty
from studio.families.base import Losses, noise
from studio.families.batch import Batch
from studio.families.music.music_gan_info import INFO
from studio.families.music.music_gan_networks import NETWORKS
from studio.families.music.music_gan_neurons import NEURONS
from studio.families.music.music_gan_recipe import PRESETS, MusicGANRecipe


class MusicGAN(AdversarialFamily[MusicGANRecipe]):
    """WGAN-GP on piano rolls; samples come from the generator's averaged weights."""

    info = INFO
    recipe_type = MusicGANRecipe
    presets = PRESETS

    def build(self, spec: DataSpec) -> None:
        """Make generator, critic and their optimisers for rolls of `spec.shape`."""
        recipe = self.recipe
        labels = self.label_slots(recipe.conditional)
        generator, critic = NETWORKS[recipe.network]
        self.generator = generator(recipe.code, spec.shape, recipe.width, labels)
        self.critic = critic(spec.shape, recipe.width, labels)
        self.neurons = NEURONS[recipe.notes]
        self.add_optimisers(beta2=0.9)  # as Gulrajani et al. 2017, algorithm 1

    def train_step(self, batch: Batch) -> Losses:
        """Correct the critic `critic_steps` times, then the generator once."""
        # cosine decay (Loshchilov & Hutter 2017) in the last half: a game that cools down settles
        late = max(0.0, 2 * self.step / self.recipe.steps - 1)
        share = max(0.05, 0.5 * (1 + math.cos(math.pi * min(late, 1.0))))
        for optimiser, times in (
            (self.generator_optimiser, 1.0),
            (self.critic_optimiser, self.recipe.critic_rate),
        ):
            for group in optimiser.param_groups:
                group["lr"] = self.recipe.learning_rate * times * share
        return super().train_step(batch)

    def draws(self, batch: Batch) -> dict[str, Tensor]:
        """Return what mixes real with fake for the penalty, and what notes are drawn by."""
        return {
            "mix": torch.rand(len(batch), device=batch.items.device),
            "neurons": torch.rand_like(batch.items),
        }

    def critic_loss(self, batch: Batch) -> tuple[Tensor, Losses]:
        """Return how badly the critic tells real from made music, and its penalty."""
        with torch.no_grad():
            fake = self._made(batch)
        real_score = self.critic(batch.items, batch.labels).float()
        fake_score = self.critic(fake, batch.labels).float()
        loss = WASSERSTEIN.critic(real_score, fake_score)
        shown = {"loss_critic": loss} | judged(real_score, fake_score, WASSERSTEIN.boundary)
        # second derivatives need fp32: in bf16 they drown in rounding
        with self.compute.full_precision(), twice_differentiable():
            mix, real = batch.draws["mix"], batch.items.float()
            penalty = gradient_penalty(self.critic, real, fake.float(), mix, batch.labels)
        shown["penalty"] = penalty
        return loss + self.recipe.gradient_penalty * penalty, shown

    def generator_loss(self, batch: Batch) -> tuple[Tensor, Losses]:
        """Return how badly the generator passes for real."""
        loss = WASSERSTEIN.generator(self.critic(self._made(batch), batch.labels).float())
        return loss, {"loss_generator": loss}

    def _made(self, batch: Batch) -> Tensor:
        """Return rolls (B, tracks, steps, pitches) as the critic sees them, in −1 … 1."""
        logits = self.generator(batch.draws["code"], batch.labels).float()
        return self.neurons(logits, batch.draws["neurons"])

    @torch.no_grad()
    def validate(self, batch: Batch) -> Losses:
        """Measure by how much the critic likes unseen music better than made music."""
        self.critic.eval()
        self.generator.eval()
        drawn = self.with_draws(batch)
        with self.compute.precision():
            real = self.critic(batch.items, drawn.labels).float()
            fake = self.critic(self._made(drawn), drawn.labels).float()
        # an estimate of the Wasserstein distance that no learned item took part in
        return {"val_critic_gap": real.mean() - fake.mean()}

    def draw(self, seeds: Sequence[int], variety: float, labels: Tensor | None) -> Tensor:
        """Return codes (N, code) from N(0, variety²)."""
        return variety * noise(seeds, (self.recipe.code,), self.compute.device)

    def decode(self, codes: Tensor, labels: Tensor | None) -> Tensor:
        """Return rolls (N, tracks, steps, pitches) in −1 … 1; above 0 a note sounds."""
        self.generator.eval()
        return torch.tanh(self.generator(codes, labels).float() / 2)


@contextmanager
def twice_differentiable() -> Iterator[None]:
    """Run recurrent layers by torch's own code: cuDNN's have no second derivatives.

    For the penalty alone, so that the scores still come the fast way, and one game serves critics
    of both kinds. Clipping weights instead would cap what the critic can tell apart, and spectral
    normalisation bounds a step of an LSTM but not what repeating it does.
    """
    before = torch.backends.cudnn.enabled
    torch.backends.cudnn.enabled = False
    try:
        yield
    finally:
        torch.backends.cudnn.enabled = before
