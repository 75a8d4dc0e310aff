"""Pix2pix: learns from pairs of pictures to turn the one into the other.

This file is how it learns. Its networks are in `translation_networks.py`, its settings in
`pix2pix_recipe.py`, its texts in `pix2pix_info.py`; `translation.py` has how whole pictures are
translated.
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
from studio.evaluate.fidelity import SMALLEST_SSIM, psnr, ssim
from studio.families.adversarial_losses import LEAST_SQUARES
from studio.families.base import Losses
from studio.families.batch import Batch
from studio.families.exportable import Exportable
from studio.families.image.pix2pix_info import INFO
from studio.families.image.pix2pix_recipe import PRESETS, Pix2PixRecipe
from studio.families.image.translation_networks import PatchCritic, UNetGenerator
from studio.families.layers.colour import coloured
from studio.families.translation import (
    TranslationFamily,
    TranslationSettings,
    both,
    decay_late,
    partner_shape,
    side_by_side,
    translator,
)


class Pix2Pix(TranslationFamily[Pix2PixRecipe]):
    """A U-Net, and a critic that sees the input beside the result."""

    info = INFO
    recipe_type = Pix2PixRecipe
    presets = PRESETS
    averaged = ("generator",)

    def build(self, spec: DataSpec) -> None:
        """Make the generator, the critic where one is asked for, and their optimisers."""
        recipe, given, wanted = self.recipe, spec.shape, partner_shape(spec)
        self.generator = UNetGenerator(given[0], wanted[0], recipe.width, given[-1])
        self.optimiser = self._adam(self.generator)
        self.critic: PatchCritic | None = None
        if recipe.critic:
            self.critic = PatchCritic(given[0] + wanted[0], recipe.width, given[-1])
            self.critic_optimiser = self._adam(self.critic)

    def _adam(self, network: nn.Module) -> torch.optim.Adam:
        rate = self.recipe.learning_rate
        return torch.optim.Adam(network.parameters(), lr=rate, betas=(0.5, 0.999), fused=True)

    # ------------------------------------------------------------------------------ learning

    def train_step(self, batch: Batch) -> Losses:
        """Correct the critic once, where there is one, then the generator."""
        for optimiser in self.optimisers().values():
            decay_late(optimiser, self.recipe.learning_rate, self.step / self.recipe.steps)
        shown: Losses = {}
        if self.critic is not None:
            with torch.no_grad(), self.compute.precision():
                made = self.generator(batch.items).float()
            told = replace(batch, draws={"made": made})
            shown |= self.minimise(self.critic_optimiser, self._critic_loss, told)
        return shown | self.minimise(self.optimiser, self._loss, batch)

    def _loss(self, batch: Batch) -> tuple[Tensor, Losses]:
        given, wanted = both(batch)
        made = self.generator(given)
        # λ E‖y − G(x)‖₁   (Isola et al. 2017, equation 3)
        difference = functional.l1_loss(made.float(), wanted)
        loss = self.recipe.closeness * difference
        if self.critic is None:
            return loss, {"difference": difference}
        score = self.critic(torch.cat((given, made), dim=1)).float()
        fooled = LEAST_SQUARES.generator(score)
        return loss + fooled, {"difference": difference, "loss_generator": fooled}

    def _critic_loss(self, batch: Batch) -> tuple[Tensor, Losses]:
        assert self.critic is not None
        given, wanted = both(batch)
        made = batch.draws["made"]
        pairs = torch.cat((torch.cat((given, wanted), dim=1), torch.cat((given, made), dim=1)))
        real_score, fake_score = self.critic(pairs).float().chunk(2)
        loss = LEAST_SQUARES.critic(real_score, fake_score)
        right = torch.stack(((real_score > 0.5).float().mean(), (fake_score < 0.5).float().mean()))
        return loss, {"loss_critic": loss, "critic_right": right.mean()}

    @torch.no_grad()
    def validate(self, batch: Batch) -> Losses:
        """Measure how close results come to the wanted pictures, beside the inputs themselves."""
        given, wanted = both(batch)
        made = self.generator(given).float().clamp(-1, 1)
        unchanged = coloured(given, wanted.shape[1])
        made, wanted, unchanged = ((each + 1) / 2 for each in (made, wanted, unchanged))
        close = psnr(made, wanted)
        shown = {
            "val_psnr": close.mean(),
            "val_psnr_gain": (close - psnr(unchanged, wanted)).mean(),
        }
        if min(wanted.shape[2:]) >= SMALLEST_SSIM:
            shown["val_ssim"] = ssim(made, wanted).mean()
        return shown

    # ------------------------------------------------------------------------------- making

    def way(self, settings: TranslationSettings) -> tuple[nn.Module, int]:
        """Return the generator and the colours that it wants."""
        return self.generator, self.spec.shape[0]

    def exported(self) -> dict[str, Exportable]:
        """Return the generator."""
        return {
            "generator": translator(
                self.generator, self.spec.shape, "the first dataset into those of the second"
            )
        }

    @torch.inference_mode()
    def show(self, batch: Batch) -> Iterator[Media]:
        """Show given | made | wanted pictures, side by side."""
        given, wanted = both(batch)
        with self.compute.precision():
            made = self.generator(given)
        shown = side_by_side(given, made, wanted)
        facts = [{"input": index} for index in range(len(shown))]
        yield from modality_data(self.spec.modality).to_media(shown, facts, self.spec)
