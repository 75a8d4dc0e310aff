"""GPT: a Transformer that foresees the next token, and writes by choosing one after the other."""

from __future__ import annotations

from torch import nn

from studio.core.family_info import FamilyInfo, Paper, Task
from studio.core.media import Modality
from studio.core.recipe import DataSpec
from studio.families.layers.transformer import Transformer
from studio.families.text.gpt_recipe import PRESETS, GPTRecipe
from studio.families.text.sample_metrics import SAMPLE_METRICS
from studio.families.text.text_info import WRITING_METRICS
from studio.families.text.text_writer import TextWriter


class GPT(TextWriter[GPTRecipe]):
    """Decoder-only Transformer trained on −log p(next token)."""

    info = FamilyInfo(
        id="gpt",
        title="GPT",
        modality=Modality.TEXT,
        tasks=(Task.GENERATE,),
        summary="Learns what comes next in your texts and writes on in their manner. The best"
        " writer here.",
        needs="One long text or many short ones, 200,000 characters or more.",
        caution="Judge it by the surprise at unseen text: what it learns from it soon knows by"
        " heart.",
        typical_time="Quick: 3 minutes on a processor. Balanced: minutes on a graphics card.",
        papers=(
            Paper(
                title="Attention Is All You Need",
                authors="Vaswani et al.",
                year=2017,
                url="https://arxiv.org/abs/1706.03762",
            ),
            Paper(
                title="Language Models are Unsupervised Multitask Learners",
                authors="Radford et al.",
                year=2019,
                url="https://openai.com/index/better-language-models/",
            ),
            Paper(
                title="RoFormer: Enhanced Transformer with Rotary Position Embedding",
                authors="Su et al.",
                year=2021,
                url="https://arxiv.org/abs/2104.09864",
            ),
            Paper(
                title="Muon: An optimizer for hidden layers in neural networks",
                authors="Jordan et al.",
                year=2024,
                url="https://kellerjordan.github.io/posts/muon/",
            ),
        ),
        explains="learn/gpt.md",
        metrics=WRITING_METRICS | SAMPLE_METRICS,
        best="val_nats_per_token",
        figures=("val_nats_per_token", "val_bits_per_byte"),
        place=10,
    )
    recipe_type = GPTRecipe
    presets = PRESETS

    def network(self, spec: DataSpec, context: int) -> nn.Module:
        """Return the Transformer; raises StudioError for heads that do not fit the width."""
        recipe = self.recipe
        recipe.check_heads()
        return Transformer(
            spec.vocabulary,
            recipe.width,
            recipe.depth,
            recipe.heads,
            context,
            positions=recipe.positions,
            dropout=recipe.dropout,
        )
