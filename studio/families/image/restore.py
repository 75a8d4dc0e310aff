"""Restoration: a network that learns to undo damage that it does to clean pictures itself.

This file is how it learns, measures and repairs. Its settings are in `restore_recipe.py`, the
damage in `restore_damage.py` and `degradations.py`, how errors count in `restore_losses.py`, its
networks in `restore_networks.py`, and its texts in `restore_info.py`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from studio.core.errors import StudioError
from studio.core.media import Image, Media
from studio.core.recipe import DataSpec
from studio.data.image.picture import MAX_PIXELS
from studio.data.modality import modality_data
from studio.evaluate.fidelity import fidelity, psnr, sharpness
from studio.families.adversarial_losses import GAMES
from studio.families.base import Family, Losses, SampleRequest, Tick, part_of
from studio.families.batch import Batch
from studio.families.exportable import Exportable
from studio.families.image.degradations import eight_bits, enlarge, fill
from studio.families.image.restore_damage import DAMAGES, UNKNOWN, Damaged, pieces, turned
from studio.families.image.restore_export import exportable
from studio.families.image.restore_info import INFO
from studio.families.image.restore_losses import ERRORS, difference
from studio.families.image.restore_networks import EDSR, NAFNet, Restorer
from studio.families.image.restore_recipe import PRESETS, RestoreRecipe, RestoreSettings
from studio.families.image.translation_networks import PatchCritic
from studio.families.tiling import Tiling, in_tiles

#: Damages that call for a network that looks far around.
_FAR = ("blur", "holes")
_CRITIC_WIDTH = 32
_FEATHER = 16  # pixels over which tiles fade into each other
_SMALLEST = 4  # pixels a side of what a network sees while it learns


class Restore(Family[RestoreRecipe]):
    """A restorer that learns from pairs of spoiled and clean pieces, perhaps against a critic."""

    info = INFO
    recipe_type = RestoreRecipe
    presets = PRESETS
    sampling_type = RestoreSettings
    averaged = ("restorer",)

    @property
    def frames(self) -> int:
        """How many pictures the network sees at once, to repair the middle one."""
        return 1

    def build(self, spec: DataSpec) -> None:
        """Make the restorer, its optimiser, and a critic where one is asked for."""
        recipe = self.recipe
        self.damage = DAMAGES[recipe.damage](recipe)
        scale = self.damage.scale
        self.masked = self.damage.guide == "mask"
        side = min(recipe.crop, *spec.shape[-2:]) // scale
        if side < _SMALLEST:
            raise StudioError(
                "The pictures are too small to learn this",
                f"Made {scale} times smaller, a piece of {side * scale} pixels has {side} left.",
                f"Set the size of the pictures to {_SMALLEST * scale} pixels or more.",
            )
        self.piece = side * scale
        far = recipe.network == "nafnet" or (recipe.network == "auto" and recipe.damage in _FAR)
        kind: type[EDSR | NAFNet] = NAFNet if far else EDSR
        self.restorer: Restorer = kind(
            spec.shape[0], scale, self.damage.guide, recipe.width, recipe.blocks, side, self.frames
        )
        self.optimiser = torch.optim.AdamW(
            self.restorer.parameters(),
            lr=recipe.learning_rate,
            betas=(0.9, 0.99),
            weight_decay=1e-4,
            fused=True,
        )
        self.critic: PatchCritic | None = None
        if recipe.critic:
            self.critic = PatchCritic(spec.shape[0], _CRITIC_WIDTH, self.piece)
            self.critic_optimiser = torch.optim.Adam(
                self.critic.parameters(), lr=recipe.learning_rate, betas=(0.5, 0.99), fused=True
            )
        self.game = GAMES["hinge"]
        self.error = ERRORS[recipe.loss]

    # ------------------------------------------------------------------------------ learning

    def train_step(self, batch: Batch) -> Losses:
        """Correct the restorer once, and the critic before it where there is one."""
        # cosine decay to zero (Loshchilov & Hutter 2017)
        rate = 0.5 * (1 + math.cos(math.pi * min(self.step / self.recipe.steps, 1)))
        for optimiser in self.optimisers().values():
            for group in optimiser.param_groups:
                group["lr"] = self.recipe.learning_rate * max(rate, 0.01)
        pairs = self._pairs(batch)
        shown: Losses = {}
        if self.critic is not None:
            shown |= self.minimise(self.critic_optimiser, self._critic_loss, pairs)
        return shown | self.minimise(self.optimiser, self._loss, pairs, clip=1.0)

    @torch.no_grad()
    def _pairs(self, batch: Batch) -> Batch:
        """Return clean pieces of the pictures, with spoiled ones and their guide as draws.

        All of it for the whole batch, so that a step that is cut into parts learns the same.
        """
        clean = pieces(batch.items, self.piece)
        if self.recipe.turn:
            clean = turned(clean)
        damaged = self.damage.apply(clean, self.damage.draw(clean))
        draws = {"spoiled": damaged.pictures}
        if damaged.guide is not None:
            draws["guide"] = damaged.guide
        return replace(batch, items=clean, draws=draws)

    def _loss(self, pairs: Batch) -> tuple[Tensor, Losses]:
        restored = self._restored(pairs)
        error = self.error(difference(restored, pairs.items)).mean()
        if self.critic is None:
            return error, {"loss": error}
        demand = self.game.generator(self.critic(restored.clamp(-1, 1)).float())
        return error + self.recipe.critic * demand, {"loss": error, "loss_generator": demand}

    def _critic_loss(self, pairs: Batch) -> tuple[Tensor, Losses]:
        assert self.critic is not None
        with torch.no_grad():
            restored = self._restored(pairs).clamp(-1, 1)
        real, fake = self.critic(pairs.items).float(), self.critic(restored).float()
        loss = self.game.critic(real, fake)
        return loss, {
            "loss_critic": loss,
            "critic_real": (real > 0).float().mean(),
            "critic_fake": (fake < 0).float().mean(),
        }

    def _restored(self, pairs: Batch) -> Tensor:
        restored: Tensor = self.restorer(pairs.draws["spoiled"], pairs.draws.get("guide"))
        return restored

    # ----------------------------------------------------------------------------- measuring

    @torch.no_grad()
    def validate(self, batch: Batch) -> Losses:
        """Measure how close repaired pictures come, and how much closer than spoiled ones."""
        clean, damaged = self._spoiled(batch)
        restored = eight_bits(self.restorer(damaged.pictures, damaged.guide))
        shown, baseline, wanted = (
            (each + 1) / 2 for each in (restored, self._baseline(damaged), clean)
        )
        found = {f"val_{name}": value.mean() for name, value in fidelity(shown, wanted).items()}
        found["val_psnr_gain"] = (psnr(shown, wanted) - psnr(baseline, wanted)).mean()
        return found | {"val_sharpness": sharpness(shown, wanted)}

    @torch.no_grad()
    def show(self, batch: Batch) -> Iterator[Media]:
        """Make pictures of spoiled | repaired | clean, side by side; holes are white."""
        clean, damaged = self._spoiled(batch)
        with self.compute.precision():
            restored = self.restorer(damaged.pictures, damaged.guide)
        spoiled = self._baseline(damaged)
        if self.masked:
            assert damaged.guide is not None
            spoiled = torch.maximum(spoiled, 2 * damaged.guide - 1)
        made = torch.cat([spoiled, restored, clean], 3)
        facts = [{"input": index} for index in range(len(made))]
        yield from modality_data(self.spec.modality).to_media(made, facts, self.spec)

    def _spoiled(self, batch: Batch) -> tuple[Tensor, Damaged]:
        """Return held-out pictures, cut to whole multiples of the scale, and spoiled ones."""
        height, width = (side - side % self.damage.scale for side in batch.items.shape[2:])
        clean = batch.items[:, :, :height, :width]
        with self.compute.full_precision():  # waves and blurs of the damage need it
            return clean, self.damage.apply(clean, self.damage.fixed(clean))

    def _baseline(self, damaged: Damaged) -> Tensor:
        """Return what there is without the model: the spoiled picture, enlarged where small."""
        if self.damage.scale == 1:
            return damaged.pictures
        return eight_bits(enlarge(damaged.pictures, self.damage.scale))

    # ----------------------------------------------------------------------------- repairing

    @torch.inference_mode()
    def sample(self, request: SampleRequest, tick: Tick) -> Iterator[Media]:
        """Repair pictures one after the other, each at its own size, tile by tile."""
        self.refuse_other_tasks(request)
        pictures = [medium for medium in request.media if isinstance(medium, Image)]
        if not pictures:
            raise StudioError(
                "Nothing to repair",
                "This task starts from your own pictures and none were given.",
                "Drop one or more pictures on the Make panel.",
            )
        masks = self._masks(request, pictures)
        asked = request.settings
        settings = asked if isinstance(asked, RestoreSettings) else self.sampling_type()
        self.restorer.eval()
        for index, (picture, mask) in enumerate(zip(pictures, masks, strict=True)):
            pixels = self._repaired(picture, mask, settings, part_of(tick, index, len(pictures)))
            yield Image(pixels, facts={"input": index})

    def _masks(self, request: SampleRequest, pictures: list[Image]) -> list[Tensor | None]:
        """Return a mask (1, H, W) for each picture; None for models that need none."""
        if not self.masked:
            return [None] * len(pictures)
        if len(request.masks) != len(pictures):
            raise StudioError(
                "Nothing is marked",
                f"This model fills holes; there are {len(pictures)} pictures and"
                f" {len(request.masks)} masks that say where.",
                "Paint over what is to be made anew, in each picture.",
            )
        for mask, picture in zip(request.masks, pictures, strict=True):
            if mask.shape != picture.pixels.shape[:2]:
                raise StudioError(
                    "The mask does not fit the picture",
                    f"The mask has {mask.shape[1]} × {mask.shape[0]} pixels, the picture"
                    f" {picture.pixels.shape[1]} × {picture.pixels.shape[0]}.",
                    "Paint the mask on this very picture.",
                )
        return [torch.from_numpy(mask > 0.5).float()[None] for mask in request.masks]

    def _repaired(
        self, picture: Image, mask: Tensor | None, settings: RestoreSettings, tick: Tick
    ) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
        """Return the pixels (H, W, C) of a picture, repaired."""
        height, width, colours = picture.pixels.shape
        scale = self.damage.scale
        if height * width * scale**2 > MAX_PIXELS:
            raise StudioError(
                "The picture would become too large",
                f"{width * scale:,} × {height * scale:,} pixels are more than"
                f" {MAX_PIXELS // 1_000_000} million.",
                "Cut the picture into parts, or make it smaller first.",
            )
        pixels = torch.from_numpy(np.array(picture.pixels)).permute(2, 0, 1)
        whole = pixels.float() / 127.5 - 1  # (C, H, W)
        if mask is not None:
            whole = torch.cat([fill(whole[None], mask[None])[0], mask])
        elif self.damage.guide == "level":
            level = settings.noise / self.recipe.noise if settings.noise else UNKNOWN
            whole = torch.cat([whole, torch.full((1, height, width), level)])

        def process(tile: Tensor) -> Tensor:
            return self._blended(tile.to(self.compute.device), colours, settings.strength)

        made = in_tiles(process, whole, self.tiling(settings.tile), tick, scale=scale)
        levels = made.add_(1).mul_(127.5).round_().clamp_(0, 255).to(torch.uint8)
        return levels.permute(1, 2, 0).contiguous().numpy()

    def _blended(self, tile: Tensor, colours: int, strength: float) -> Tensor:
        """Return a tile (1, C, H, W) repaired, with its guide as the last plane where there is one.

        A model of grey pictures repairs each colour by itself; a model of colours sees a grey
        picture as three equal ones.
        """
        picture, guide = (tile, None) if not self.damage.guide else (tile[:, :-1], tile[:, -1:])
        base = picture if self.damage.scale == 1 else enlarge(picture, self.damage.scale)
        learned = self.spec.shape[0]
        made: Tensor
        with self.compute.precision():
            if learned == colours:
                made = self.restorer(picture, guide)
            elif learned == 1:
                each = None if guide is None else guide.expand(colours, -1, -1, -1)
                made = self.restorer(picture.transpose(0, 1), each).transpose(0, 1)
            else:
                made = self.restorer(picture.expand(-1, learned, -1, -1), guide)
                made = made.mean(1, keepdim=True)
        return base + strength * (made.float() - base)

    def exported(self) -> dict[str, Exportable]:
        """Return the restorer for other programs."""
        return exportable(self.restorer, self.piece // self.damage.scale, self.frames)

    def tiling(self, size: int) -> Tiling:
        """Return how pictures are cut into tiles of a size, or of the smallest that serves."""
        multiple = 2**NAFNet.HALVINGS if isinstance(self.restorer, NAFNet) else 1
        margin = self.restorer.reach
        smallest = Tiling.smallest(margin, _FEATHER, multiple)
        return Tiling(max(size, smallest), margin, _FEATHER, multiple)
