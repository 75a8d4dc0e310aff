"""What the window and the docs say of models that fill blanks."""

from __future__ import annotations

from studio.core.family_info import FamilyInfo, Metric, Paper, Task
from studio.core.media import Modality
from studio.families.text.text_info import WRITING_METRICS

#: Metrics of every model that guesses hidden tokens.
MASKED_METRICS: dict[str, Metric] = {
    "masked_nats": Metric(
        title="Surprise at hidden tokens",
        help="How surprised the model is by the tokens that were hidden from it, in what it learns"
        " from.",
        unit="nats",
        better="lower",
    ),
    "val_masked_nats": Metric(
        title="Surprise, unseen text",
        help="The same on text that it never learned from, with single tokens hidden, 15 % of them,"
        " so that models can be compared.",
        unit="nats",
        better="lower",
    ),
    "val_masked_accuracy": Metric(
        title="Guessed right",
        help="Share of the hidden tokens of unseen text that it guesses at once.",
        better="higher",
        percent=True,
    ),
    "val_baseline_nats": Metric(
        title="Surprise of who only counts",
        help="The surprise of somebody who knows how common each token is and does not read.",
        unit="nats",
    ),
    "val_baseline_accuracy": Metric(
        title="Right by always saying the same",
        help="Share that the commonest token alone would be right for. A model that reads should"
        " be right three times as often.",
        percent=True,
    ),
    "clipped_steps": WRITING_METRICS["clipped_steps"],
}

INFO = FamilyInfo(
    id="infill",
    title="Blank filler",
    modality=Modality.TEXT,
    tasks=(Task.FILL,),
    summary="Learns to guess hidden words from both sides, and fills the blanks in your text.",
    needs="One long text or many short ones, 200,000 characters or more.",
    caution="Single letters are easily guessed from those beside them. Look at the sheet to see"
    " whether whole words fit.",
    typical_time="Quick: 3 minutes on a processor. Balanced: an hour on a graphics card.",
    papers=(
        Paper(
            title="BERT: Pre-training of Deep Bidirectional Transformers for Language"
            " Understanding",
            authors="Devlin et al.",
            year=2019,
            url="https://arxiv.org/abs/1810.04805",
        ),
        Paper(
            title="Mask-Predict: Parallel Decoding of Conditional Masked Language Models",
            authors="Ghazvininejad et al.",
            year=2019,
            url="https://arxiv.org/abs/1904.09324",
        ),
        Paper(
            title="SpanBERT: Improving Pre-training by Representing and Predicting Spans",
            authors="Joshi et al.",
            year=2020,
            url="https://arxiv.org/abs/1907.10529",
        ),
        Paper(
            title="Masked Language Model Scoring",
            authors="Salazar et al.",
            year=2020,
            url="https://arxiv.org/abs/1910.14659",
        ),
    ),
    explains="learn/infill.md",
    metrics=MASKED_METRICS,
    best="val_masked_nats",
    figures=("val_masked_nats", "val_masked_accuracy", "val_baseline_accuracy"),
    place=50,
)
