"""Music LSTM: a recurrent network that foresees the next token of a piece, and writes by drawing.

How music is written, continued and varied is in `music_writer.py`; settings are in
`music_rnn_recipe.py`, and texts in `music_rnn_info.py`.
"""

from __future__ import annotations

from torch import nn

from studio.core.recipe import DataSpec
from studio.families.layers.recurrent import Recurrent
from studio.families.music.music_rnn_info import INFO
from studio.families.music.music_rnn_recipe import PRESETS, MusicRNNRecipe
from studio.families.music.music_writer import MusicWriter


class MusicRNN(MusicWriter[MusicRNNRecipe]):
    """RNN, LSTM or GRU trained on −log p(next token)."""

    info = INFO
    recipe_type = MusicRNNRecipe
    presets = PRESETS

    def network(self, spec: DataSpec, context: int) -> nn.Module:
        """Return the recurrent network."""
        recipe = self.recipe
        return Recurrent(
            spec.vocabulary, recipe.width, recipe.depth, recipe.cell, dropout=recipe.dropout
        )
