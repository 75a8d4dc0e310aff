"""CycleGAN: learns to turn pictures of one kind into another kind, without any pairs.

This file is how the four networks learn. Their make is in `translation_networks.py`, the settings
in `cyclegan_recipe.py`, the texts in `cyclegan_info.py`; `translation.py` has how whole pictures
are translated.

In names, *there* is from the first dataset's kind to the second's, *back* the other way round.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import torch
from torch import Tensor, nn
from torch.nn import functional

from studio.core.media import Media
from studio.core.recipe import DataSpec
from studio.data.modality import modality_data
from studio.evaluate.fidelity import psnr
from studio.families.adversarial_losses import LEAST_SQUARES
from studio.families.base import Losses
from studio.families.batch import Batch
from studio.families.exportable import Exportable
from studio.families.image.cyclegan_info import INFO
from studio.families.image.cyclegan_pool import PicturePool
from studio.families.image.cyclegan_recipe import PRESETS, CycleGANRecipe, CycleGANSettings
from studio.families.image.translation_networks import PatchCritic, ResNetGenerator
from studio.families.layers.likeness import patch_distance
from studio.families.translation import (
    TranslationFamily,
    TranslationSettings,
    both,
    decay_late,
    partner_shape,
    side_by_side,
    translator,
)

#: One step of the 256 that a file can hold, for pixels in −1 … 1.
LEVEL = 2 / 255


class CycleGAN(TranslationFamily[CycleGANRecipe]):
    """Two generators, one for each direction, and two critics, one for each kind."""

    info = INFO
    recipe_type = CycleGANRecipe
    presets = PRESETS
    sampling_type = CycleGANSettings
    averaged = ("there", "back")

    def build(self, spec: DataSpec) -> None:
        """Make generators, critics, their optimisers and the pools of older pictures."""
        recipe = self.recipe
        first, second = self.seen_shapes(spec)
        self.there = self.generator(first[0], second[0])
        self.back = self.generator(second[0], first[0])
        self.critic_first = self.critic(first)
        self.critic_second = self.critic(second)
        self.pool_first = PicturePool(first, recipe.batch_size)
        self.pool_second = PicturePool(second, recipe.batch_size)
        self.comparable = first == second
        betas = (0.5, 0.999)
        self.generator_optimiser = torch.optim.Adam(
            [*self.there.parameters(), *self.back.parameters()],
            lr=recipe.learning_rate,
            betas=betas,
            fused=True,
        )
        self.critic_optimiser = torch.optim.Adam(
            [*self.critic_first.parameters(), *self.critic_second.parameters()],
            lr=recipe.learning_rate * recipe.critic_rate,
            betas=betas,
            fused=True,
        )

    def seen_shapes(self, spec: DataSpec) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Return the shapes of what is seen of an item in a step, of both kinds."""
        return spec.shape, partner_shape(spec)

    def generator(self, channels: int, out: int) -> nn.Module:
        """Return a generator from pictures of so many colours to others."""
        return ResNetGenerator(channels, out, self.recipe.width, self.recipe.blocks)

    def critic(self, shape: tuple[int, ...]) -> nn.Module:
        """Return a critic of what is seen of one kind."""
        return PatchCritic(shape[0], self.recipe.width, shape[-1])

    # ------------------------------------------------------------------------------ learning

    def train_step(self, batch: Batch) -> Losses:
        """Correct both generators once, then both critics on what was made and on older ones."""
        recipe = self.recipe
        done = self.step / recipe.steps
        decay_late(self.generator_optimiser, recipe.learning_rate, done)
        decay_late(self.critic_optimiser, recipe.learning_rate * recipe.critic_rate, done)
        first, second = both(batch)
        if recipe.cycle_noise:
            noise = {"there": torch.randn_like(second), "back": torch.randn_like(first)}
            batch = replace(batch, draws=noise)
        made: list[tuple[Tensor, Tensor]] = []
        shown = self.minimise(
            self.generator_optimiser, lambda part: self._generator_loss(part, made), batch
        )
        fake_first, fake_second = (torch.cat(parts) for parts in zip(*made, strict=True))
        if recipe.pool:
            fake_first = self.pool_first.exchange(fake_first)
            fake_second = self.pool_second.exchange(fake_second)
        fakes = {"first": fake_first, "second": fake_second}
        return shown | self.minimise(
            self.critic_optimiser, self._critic_loss, replace(batch, draws=fakes)
        )

    def _generator_loss(
        self, batch: Batch, made: list[tuple[Tensor, Tensor]]
    ) -> tuple[Tensor, Losses]:
        """Return the loss of both generators; appends what they made to `made`."""
        first, second = both(batch)
        identity = self.recipe.identity if self.comparable else 0.0
        if identity:  # both at once: pictures do not see each other, and larger is quicker
            fake_second, same_second = self.there(torch.cat((first, second))).chunk(2)
            fake_first, same_first = self.back(torch.cat((second, first))).chunk(2)
        else:
            fake_second, fake_first = self.there(first), self.back(second)
        made.append((fake_first.detach().float(), fake_second.detach().float()))
        # E[(D(G(x)) − 1)²], the paper's without the half of Mao et al. (Zhu et al. 2017, §4)
        fooled = 2 * (
            LEAST_SQUARES.generator(self.critic_second(fake_second).float())
            + LEAST_SQUARES.generator(self.critic_first(fake_first).float())
        )
        sent, returned = fake_second, fake_first
        if "there" in batch.draws:
            sent = sent + self.recipe.cycle_noise * batch.draws["there"]
            returned = returned + self.recipe.cycle_noise * batch.draws["back"]
        # E‖F(G(x)) − x‖₁ + E‖G(F(y)) − y‖₁   (equation 2)
        cycle = _distance(self.back(sent), first) + _distance(self.there(returned), second)
        loss = fooled + self.recipe.cycle * cycle
        shown = {"loss_generator": fooled, "cycle": cycle}
        if identity:
            # E‖G(y) − y‖₁ + E‖F(x) − x‖₁   (§5.2, "photo generation from paintings")
            same = _distance(same_second, second) + _distance(same_first, first)
            loss = loss + self.recipe.cycle * identity * same
            shown["identity"] = same
        for name, (weight, term) in self.further(first, second, fake_second, fake_first).items():
            loss = loss + weight * term
            shown[name] = term
        return loss, shown

    def further(
        self, first: Tensor, second: Tensor, fake_second: Tensor, fake_first: Tensor
    ) -> dict[str, tuple[float, Tensor]]:
        """Return what else counts in what the generators made: weights and terms by metric."""
        return {}

    def _critic_loss(self, batch: Batch) -> tuple[Tensor, Losses]:
        first, second = both(batch)
        losses, right = [], []
        for critic, real, fake in (
            (self.critic_first, first, batch.draws["first"]),
            (self.critic_second, second, batch.draws["second"]),
        ):
            real_score, fake_score = critic(torch.cat((real, fake))).float().chunk(2)
            losses.append(LEAST_SQUARES.critic(real_score, fake_score))
            right += [(real_score > 0.5).float().mean(), (fake_score < 0.5).float().mean()]
        loss = losses[0] + losses[1]
        return loss, {"loss_critic": loss, "critic_right": torch.stack(right).mean()}

    @torch.no_grad()
    def validate(self, batch: Batch) -> Losses:
        """Measure the way there and back, and how close what is made comes to the other kind."""
        first, second = self.held_out(batch)
        made_second, made_first = self.there(first).float(), self.back(second).float()
        cycle_first, cycle_second = self.back(made_second), self.there(made_first)
        cycle = _distance(cycle_first, first) + _distance(cycle_second, second)
        # one level of a file's 256 up or down: what nobody sees must not carry the picture
        disturbed = _distance(self.back(_disturbed(made_second)), first)
        disturbed = disturbed + _distance(self.there(_disturbed(made_first)), second)
        apart = patch_distance(made_second, second) + patch_distance(made_first, first)
        shown = {
            "val_cycle": cycle,
            "val_cycle_psnr": (_psnr(cycle_first, first) + _psnr(cycle_second, second)) / 2,
            "val_hidden": disturbed / cycle.clamp_min(LEVEL),
            "val_distance": apart / 2,
        }
        if self.comparable:
            # in shares of the way from black to white
            moved = _distance(made_second, first) + _distance(made_first, second)
            shown["val_changed"] = moved / 4
        return shown

    def held_out(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Return the pictures (N, C, H, W) of both kinds that are measured on."""
        return both(batch)

    # ------------------------------------------------------------------------------- making

    def way(self, settings: TranslationSettings) -> tuple[nn.Module, int]:
        """Return the generator of a direction and the colours that it wants."""
        if isinstance(settings, CycleGANSettings) and settings.direction == "back":
            return self.back, self.spec.partner_shape[0]
        return self.there, self.spec.shape[0]

    def exported(self) -> dict[str, Exportable]:
        """Return both generators."""
        first, second = self.spec.shape, self.spec.partner_shape
        return {
            "there": translator(self.there, first, "the first kind into the second"),
            "back": translator(self.back, second, "the second kind into the first"),
        }

    @torch.inference_mode()
    def show(self, batch: Batch) -> Iterator[Media]:
        """Show items beside what they became: the first half of one kind, the rest of the other."""
        first, second = both(batch)
        half = (len(batch) + 1) // 2
        data = modality_data(self.spec.modality)
        for network, items in ((self.there, first[:half]), (self.back, second[half:])):
            with self.compute.precision():
                made = network(items)
            pairs = side_by_side(items, made)
            yield from data.to_media(pairs, [{} for _ in pairs], self.spec)


def _distance(made: Tensor, wanted: Tensor) -> Tensor:
    return functional.l1_loss(made.float(), wanted)


def _psnr(made: Tensor, wanted: Tensor) -> Tensor:
    return psnr((made.clamp(-1, 1) + 1) / 2, (wanted + 1) / 2).mean()


def _disturbed(pictures: Tensor) -> Tensor:
    """Return pictures with every value one level up or down, always the same way."""
    generator = torch.Generator().manual_seed(0)
    signs = torch.randint(0, 2, pictures.shape[1:], generator=generator).to(pictures.device)
    return pictures + LEVEL * (2 * signs - 1)
