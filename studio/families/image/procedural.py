"""Patterns by rule: pictures without a network, in the colours of the user's own.

This file is how pictures are asked for. The rules and their drawing are in
`studio/data/image/patterns.py`, how the palette is learned in `families/palette.py`, the settings
in `procedural_recipe.py`, and the texts in `procedural_info.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import torch

from studio.core.family_info import Task
from studio.core.media import Image, Media
from studio.data.image.pattern_colours import PALETTES
from studio.data.image.patterns import Between, Pattern, drawn, pattern
from studio.families.base import SampleRequest, Tick
from studio.families.image.procedural_info import INFO
from studio.families.image.procedural_recipe import (
    PRESETS,
    RULE_SETS,
    ProceduralRecipe,
    ProceduralSettings,
)
from studio.families.palette import PaletteFamily


class Procedural(PaletteFamily[ProceduralRecipe]):
    """Rules draw the pictures; learned are their colours alone."""

    info = INFO
    recipe_type = ProceduralRecipe
    presets = PRESETS
    sampling_type = ProceduralSettings

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
