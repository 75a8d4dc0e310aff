"""What a user sets for a recurrent writer of music, and the presets."""

from __future__ import annotations

from studio.core.family_info import Preset
from studio.core.options import option
from studio.families.layers.recurrent import Cell
from studio.families.writing import WriterRecipe


class MusicRNNRecipe(WriterRecipe):
    """Settings of a recurrent writer of music."""

    steps: int = option(
        450,
        title="Steps",
        help="How many times the model is corrected. More steps, better results, more time.",
        group="Duration",
        term="optimiser steps",
        main=True,
        ge=1,
        le=10_000_000,
    )
    cell: Cell = option(
        "lstm",
        title="Memory",
        help="LSTM remembers longest, GRU is a little lighter, the plain one forgets soonest.",
        group="Size",
        term="recurrent cell",
        main=True,
        choices={"rnn": "Plain (RNN)", "lstm": "LSTM", "gru": "GRU"},
    )
    width: int = option(
        256,
        title="Width",
        help="Numbers that the model remembers. Wider knows more and is slower.",
        group="Size",
        term="hidden units",
        main=True,
        ge=16,
        le=4096,
    )
    depth: int = option(
        2,
        title="Depth",
        help="Layers of memory, one upon the other.",
        group="Size",
        term="recurrent layers",
        ge=1,
        le=8,
    )


PRESETS = (
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
