"""Patterns by rule: pictures without a network, in the colours of the user's own.

This file is how the palette is learned and pictures are asked for. The rules and their drawing
are in `studio/data/patterns.py`, the palette in `procedural_palette.py`, the settings in
`procedural_recipe.py`, and the texts in `procedural_info.py`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from torch import Tensor

from studio.core.family_info import Task
from studio.core.media import Image, Media
from studio.core.recipe import DataSpec
from studio.data.pattern_colours import PALETTES
from studio.data.patterns import Between, Pattern, drawn, pattern
from studio.families.base import Family, Losses, SampleRequest, Tick
from studio.families.batch import Batch
from studio.families.image.procedural_info import INFO
from studio.families.image.procedural_palette import LearnedPalette
from studio.families.image.procedural_recipe import (
    PRESETS,
    RULE_SETS,
    ProceduralRecipe,
    ProceduralSettings,
)

#: Pixels of each picture that a step looks at.
_PIXELS = 64
#: About how many pixels of a picture are checked, evenly spread over it.
_CHECKED = 1024


class Procedural(Family[ProceduralRecipe]):
    """Rules draw the pictures; learned are their colours alone."""

    info = INFO
    recipe_type = ProceduralRecipe
    presets = PRESETS
    sampling_type = ProceduralSettings
    averaged = ("palette",)

    def build(self, spec: DataSpec) -> None:
        """Make a palette of greys, to be moved to the colours of the data."""
        self.palette = LearnedPalette(self.recipe.colours)
        self.optimiser = torch.optim.Adam(
            self.palette.parameters(), lr=self.recipe.learning_rate, betas=(0.8, 0.99)
        )

    # ------------------------------------------------------------------------------ learning

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
        """Return random pixels of pictures (B, C, H, W) as OKLab (B, P, 3)."""
        pixels = items.flatten(2)  # (B, C, H·W)
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
        """Measure the colour error on pictures that were kept for checking."""
        with self.compute.full_precision():
            pixels = batch.items.flatten(2)
            spread = pixels[:, :, :: max(1, pixels.shape[2] // _CHECKED)]
            colours = self.palette.to_oklab(spread.transpose(1, 2).flatten(0, 1))
            squared, _ = self.palette(colours)
        return {"val_palette_error": 100 * squared.mean().sqrt()}

    # -------------------------------------------------------------------------------- making

    @torch.inference_mode()
    def sample(self, request: SampleRequest, tick: Tick) -> Iterator[Media]:
        """Draw a picture for each seed, or the path from seed to seed."""
        self.refuse_other_tasks(request)
        settings = request.settings
        if not isinstance(settings, ProceduralSettings):
            settings = ProceduralSettings()
        learned = settings.palette == "learned"
        palette = self.palette.palette() if learned else PALETTES[settings.palette]
        channels, height, width = self.spec.shape
        if settings.size:
            height = width = settings.size
        wanted = list(self._patterns(request, settings))
        for done, (each, facts) in enumerate(wanted, 1):
            picture = drawn(each, palette, width, height)
            if channels == 1 and learned:
                picture = picture.mean(2, keepdims=True).round().astype(np.uint8)
            tick(done, len(wanted))
            yield Image(picture, facts=facts)

    def _patterns(
        self, request: SampleRequest, settings: ProceduralSettings
    ) -> Iterator[tuple[Pattern | Between, dict[str, Any]]]:
        """Yield what is to be drawn, and what its file says of it."""
        mixed = settings.rule == "mixed"
        several = [
            pattern(
                seed,
                rules=RULE_SETS[self.recipe.rules] if mixed else (settings.rule,),
                fold="" if settings.symmetry == "auto" else settings.symmetry,
                scale=settings.scale,
                wildness=request.variety,
            )
            for seed in request.seeds
        ]
        if request.task == Task.GENERATE:
            for seed, each in zip(request.seeds, several, strict=True):
                yield each, {"seed": seed, "rule": each.rule}
            return
        for leg, (first, second) in enumerate(pairwise(several)):
            for frame in range(request.frames):
                share = frame / request.frames
                yield Between(first, second, share), {"place": leg + share}
        yield several[-1], {"place": float(len(several) - 1)}
