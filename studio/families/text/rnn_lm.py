"""RNN, LSTM or GRU that foresees the next token, and writes by choosing one after the other."""

from __future__ import annotations

from torch import nn

from studio.core.family_info import FamilyInfo, Paper, Preset, Task
from studio.core.media import Modality
from studio.core.recipe import DataSpec
from studio.families.layers.recurrent import Recurrent
from studio.families.text.sample_metrics import SAMPLE_METRICS
from studio.families.text.text_info import WRITING_METRICS
from studio.families.text.text_writer import TextWriter
from studio.families.writing_settings import RecurrentRecipe


class RNNWriter(TextWriter[RecurrentRecipe]):
    """Recurrent network trained on −log p(next token)."""

    info = FamilyInfo(
        id="rnn_lm",
        title="LSTM",
        modality=Modality.TEXT,
        tasks=(Task.GENERATE,),
        summary="Reads your texts from front to back with a memory and writes on. Small, and"
        " every token costs the same however long the text.",
        needs="One long text or many short ones, 200,000 characters or more.",
        caution="Judge it by the surprise at unseen text: what it learns from it soon knows by"
        " heart.",
        typical_time="Quick: 3 minutes on a processor. Best: half an hour on a graphics card.",
        papers=(
            Paper(
                title="Long Short-Term Memory",
                authors="Hochreiter, Schmidhuber",
                year=1997,
                url="https://doi.org/10.1162/neco.1997.9.8.1735",
            ),
            Paper(
                title="Learning Phrase Representations using RNN Encoder-Decoder for Statistical"
                " Machine Translation",
                authors="Cho et al.",
                year=2014,
                url="https://arxiv.org/abs/1406.1078",
            ),
            Paper(
                title="Regularizing and Optimizing LSTM Language Models",
                authors="Merity, Keskar, Socher",
                year=2017,
                url="https://arxiv.org/abs/1708.02182",
            ),
        ),
        explains="learn/rnn_lm.md",
        metrics=WRITING_METRICS | SAMPLE_METRICS,
        best="val_nats_per_token",
        figures=("val_nats_per_token", "val_bits_per_byte"),
        place=20,
    )
    recipe_type = RecurrentRecipe
    presets = (
        Preset(
            id="quick",
            title="Quick",
            summary="Words in the manner of your texts within 3 minutes on a processor.",
            options={"steps": 700, "minutes": 2.7},
            preparation={"size": 128},
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
            preparation={"size": 256},
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
            preparation={"size": 256},
        ),
    )

    def network(self, spec: DataSpec, context: int) -> nn.Module:
        """Return the recurrent network."""
        recipe = self.recipe
        return Recurrent(
            spec.vocabulary, recipe.width, recipe.depth, recipe.cell, dropout=recipe.dropout
        )
