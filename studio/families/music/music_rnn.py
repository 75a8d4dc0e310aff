"""Music LSTM: a recurrent network that foresees the next token of a piece, and writes by drawing.

How music is written, continued and varied is in `music_writer.py`, texts in `music_rnn_info.py`.
"""

from __future__ import annotations

from torch import nn

from studio.core.family_info import Preset
from studio.core.recipe import DataSpec
from studio.families.layers.recurrent import Recurrent
from studio.families.music.music_rnn_info import INFO
from studio.families.music.music_writer import MusicWriter
from studio.families.writing_settings import RecurrentRecipe


class MusicRNN(MusicWriter[RecurrentRecipe]):
    """RNN, LSTM or GRU trained on −log p(next token)."""

    info = INFO
    recipe_type = RecurrentRecipe
    presets = (
        Preset(
            id="quick",
            title="Quick",
            summary="Tunes in the manner of yours within 3 minutes on a processor.",
            options={"steps": 450, "minutes": 2.8},
            preparation={"size": 256},
        ),
        Preset(
            id="balanced",
            title="Balanced",
            summary="A larger memory: minutes on a card, an evening on a processor.",
            options={
                "steps": 4000,
                "width": 512,
                "depth": 3,
                "batch_size": 64,
                "dropout": 0.2,
                "learning_rate": 2e-3,
            },
            preparation={"size": 512},
        ),
        Preset(
            id="best",
            title="Best",
            summary="As far as this kind goes; meant for a graphics card.",
            options={
                "steps": 12_000,
                "width": 1024,
                "depth": 3,
                "batch_size": 128,
                "dropout": 0.4,
                "learning_rate": 1e-3,
            },
            preparation={"size": 512},
        ),
    )

    def network(self, spec: DataSpec, context: int) -> nn.Module:
        """Return the recurrent network."""
        recipe = self.recipe
        return Recurrent(
            spec.vocabulary, recipe.width, recipe.depth, recipe.cell, dropout=recipe.dropout
        )
