"""Music Transformer: foresees the next token of a piece, and writes by drawing.

How music is written, continued and varied is in `music_writer.py`; settings are in
`music_transformer_recipe.py`, relative attention in `music_transformer_networks.py`, and texts in
`music_transformer_info.py`.
"""

from __future__ import annotations

from torch import nn

from studio.core.recipe import DataSpec
from studio.families.layers.transformer import Transformer
from studio.families.music.music_transformer_info import INFO
from studio.families.music.music_transformer_networks import RelativeTransformer
from studio.families.music.music_transformer_recipe import PRESETS, MusicTransformerRecipe
from studio.families.music.music_writer import MusicWriter


class MusicTransformer(MusicWriter[MusicTransformerRecipe]):
    """Decoder-only Transformer trained on −log p(next token)."""

    info = INFO
    recipe_type = MusicTransformerRecipe
    presets = PRESETS

    def network(self, spec: DataSpec, context: int) -> nn.Module:
        """Return the Transformer; raises StudioError for heads that do not fit the width."""
        recipe = self.recipe
        recipe.check_heads()
        kind = RelativeTransformer if recipe.positions == "relative" else Transformer
        return kind(
            spec.vocabulary,
            recipe.width,
            recipe.depth,
            recipe.heads,
            context,
            dropout=recipe.dropout,
        )
