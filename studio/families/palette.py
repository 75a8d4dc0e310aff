"""Families that draw by rule in the user's own colours: what they learn is a palette.

The rules are each family's own; finding the colours of pictures or clips is the same for all.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import ClassVar, Generic, TypeVar

import torch
from torch import Tensor

from studio.core.options import FamilyRecipe, option
from studio.core.recipe import DataSpec
from studio.families.base import Family, Losses
from studio.families.batch import Batch
from studio.families.layers.palette import LearnedPalette

#: Pixels of each item that a step looks at.
_PIXELS = 64
#: About how many pixels of an item are checked, evenly spread over it.
_CHECKED = 1024


class PaletteRecipe(FamilyRecipe):
    """How a palette is learned."""

    steps: int = option(
        200,
        title="Steps",
        help="How often the palette is corrected; it settles within a hundred steps.",
        group="Duration",
        term="mini-batch steps",
        main=True,
        ge=1,
        le=100_000,
    )
    colours: int = option(
        12,
        title="Colours",
        help="Colours that are learned from your own files. Rules use some of them at a time.",
        group="Size",
        term="clusters of k-means",
        main=True,
        ge=2,
        le=64,
    )
    learning_rate: float = option(
        0.03,
        title="Learning rate",
        help="How far colours move in one step, at first.",
        group="Learning",
        term="learning rate of Adam",
        gt=0,
        le=1,
    )


R = TypeVar("R", bound=PaletteRecipe)


class PaletteFamily(Family[R], Generic[R]):
    """Rules draw; learned are their colours alone.

    Attributes:
        palette: The colours that items gather around.
    """

    averaged: ClassVar[tuple[str, ...]] = ("palette",)

    def build(self, spec: DataSpec) -> None:
        """Make a palette of greys, to be moved to the colours of the data."""
        self.palette = LearnedPalette(self.recipe.colours)
        self.optimiser = torch.optim.Adam(
            self.palette.parameters(), lr=self.recipe.learning_rate, betas=(0.8, 0.99)
        )

    def train_step(self, batch: Batch) -> Losses:
        """Move each colour towards the pixels that are nearest to it."""
        colours = self._colours(batch.items)  # (B, P, 3)
        if self.step == 0:
            chance = torch.rand(self.recipe.colours, device=colours.device)
            self.palette.start(colours.flatten(0, 1), chance)
        # cosine decay to zero (Loshchilov & Hutter 2017)
        rate = 0.5 * (1 + math.cos(math.pi * min(self.step / self.recipe.steps, 1)))
        for group in self.optimiser.param_groups:
            group["lr"] = self.recipe.learning_rate * max(rate, 0.01)
        drawn = replace(batch, draws={"colours": colours})
        shown = self.minimise(self.optimiser, self._loss, drawn)
        self.palette.count(colours.flatten(0, 1), max(1 / (self.step + 1), 0.02))
        shares = self.palette.shares
        # the perplexity of the shares: exp(−Σ p ln p)
        shown["colours_used"] = torch.exp(torch.special.entr(shares).sum())
        return shown

    def _colours(self, items: Tensor) -> Tensor:
        """Return random pixels of items (B, C, …) as OKLab (B, P, 3)."""
        pixels = items.flatten(2)  # (B, C, all places)
        place = torch.randint(pixels.shape[2], (len(items), 1, _PIXELS), device=items.device)
        chosen = pixels.gather(2, place.expand(-1, pixels.shape[1], -1)).transpose(1, 2)
        with self.compute.full_precision():
            lab = self.palette.to_oklab(chosen.flatten(0, 1))
        return lab.view(len(items), _PIXELS, 3)

    def _loss(self, batch: Batch) -> tuple[Tensor, Losses]:
        """Return the quantisation error, of which k-means is the descent.

        E = ½ Σₙ minₖ ‖xₙ − cₖ‖²   (Bottou & Bengio 1995, equation 1)
        """
        squared, _ = self.palette(batch.draws["colours"].flatten(0, 1))
        return 0.5 * squared.mean(), {"palette_error": 100 * squared.mean().sqrt()}

    @torch.no_grad()
    def validate(self, batch: Batch) -> Losses:
        """Measure the colour error on items that were kept for checking."""
        with self.compute.full_precision():
            pixels = batch.items.flatten(2)
            spread = pixels[:, :, :: max(1, pixels.shape[2] // _CHECKED)]
            colours = self.palette.to_oklab(spread.transpose(1, 2).flatten(0, 1))
            squared, _ = self.palette(colours)
        return {"val_palette_error": 100 * squared.mean().sqrt()}
