"""What the window and the docs say of fine-tuning."""

from __future__ import annotations

from studio.core.family_info import FamilyInfo, Paper, Task
from studio.core.media import Modality
from studio.families.text.infill_info import MASKED_METRICS
from studio.families.text.sample_metrics import SAMPLE_METRICS
from studio.families.text.text_info import WRITING_METRICS

INFO = FamilyInfo(
    id="pretrained_lm",
    title="Fine-tuned model",
    modality=Modality.TEXT,
    tasks=(Task.GENERATE, Task.FILL),
    summary="Goes on from a language model that you have on disk, of the GPT-2 or BERT kind, and"
    " brings it to your texts.",
    needs="A checkpoint in Hugging Face's format, and texts in its language.",
    caution="Models of the GPT-2 kind write and those of the BERT kind fill blanks; each does one"
    " of the two.",
    typical_time="Quick: 3 minutes on a processor for a small checkpoint; an hour on a graphics"
    " card for a thorough one.",
    papers=(
        Paper(
            title="LoRA: Low-Rank Adaptation of Large Language Models",
            authors="Hu et al.",
            year=2022,
            url="https://arxiv.org/abs/2106.09685",
        ),
        Paper(
            title="Language Models are Unsupervised Multitask Learners",
            authors="Radford et al.",
            year=2019,
            url="https://openai.com/index/better-language-models/",
        ),
        Paper(
            title="BERT: Pre-training of Deep Bidirectional Transformers for Language"
            " Understanding",
            authors="Devlin et al.",
            year=2019,
            url="https://arxiv.org/abs/1810.04805",
        ),
    ),
    explains="learn/pretrained_lm.md",
    metrics=WRITING_METRICS | MASKED_METRICS | SAMPLE_METRICS,
    best="val_nats_per_token",
    figures=("val_nats_per_token", "val_bits_per_byte"),
    place=60,
)
#: The same of a model that fills blanks.
FILLS = INFO.model_copy(
    update={
        "tasks": (Task.FILL,),
        "best": "val_masked_nats",
        "figures": ("val_masked_nats", "val_masked_accuracy", "val_baseline_accuracy"),
    }
)
#: The same of a model that writes.
WRITES = INFO.model_copy(update={"tasks": (Task.GENERATE,)})
