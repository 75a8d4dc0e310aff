"""Motion by rule: clips without a network, in the colours of the user's own.

This file is how clips are asked for. The rules and their drawing are in
`studio/data/video/motion.py`, how the palette is learned in `families/palette.py`, the
settings in `motion_recipe.py`, and the texts in `motion_info.py`.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from studio.core.media import Clip, Media
from studio.data.image.pattern_colours import PALETTES
from studio.data.video.motion import drawn, motion
from studio.families.base import SampleRequest, Tick
from studio.families.palette import PaletteFamily
from studio.families.video.films import rate_of
from studio.families.video.motion_info import INFO
from studio.families.video.motion_recipe import PRESETS, RULE_SETS, MotionRecipe, MotionSettings


class Motion(PaletteFamily[MotionRecipe]):
    """Rules move shapes and scenes; learned are their colours alone."""

    info = INFO
    recipe_type = MotionRecipe
    presets = PRESETS
    sampling_type = MotionSettings

    def sample(self, request: SampleRequest, tick: Tick) -> Iterator[Media]:
        """Draw a clip for each seed."""
        self.refuse_other_tasks(request)
        settings = request.settings
        if not isinstance(settings, MotionSettings):
            settings = MotionSettings()
        learned = settings.palette == "learned"
        palette = self.palette.palette() if learned else PALETTES[settings.palette]
        mixed = settings.rule == "mixed"
        rules = RULE_SETS[self.recipe.rules] if mixed else (settings.rule,)
        channels, frames, height, width = self.spec.shape
        if settings.size:
            height = width = settings.size
        for done, seed in enumerate(request.seeds, 1):
            wanted = motion(seed, rules=rules, speed=settings.speed)
            clip = drawn(
                wanted, palette, settings.length or frames, width, height, loop=settings.loop
            )
            if channels == 1 and learned:
                clip = clip.mean(3, keepdims=True).round().astype(np.uint8)
            tick(done, len(request.seeds))
            yield Clip(clip, rate_of(self.spec), facts={"seed": seed, "rule": wanted.rule})
