"""What the numbers of models that write texts mean."""

from __future__ import annotations

from studio.core.family_info import Metric

#: Metrics of every model that foresees the tokens of texts.
WRITING_METRICS: dict[str, Metric] = {
    "nats": Metric(
        title="Surprise while learning",
        help="How surprised the model is by the next token of what it learns from (cross entropy).",
        unit="nats",
        better="lower",
    ),
    "val_nats_per_token": Metric(
        title="Surprise by unseen text",
        help="The same on text that it never learned from. While it falls, the model gets better;"
        " when it rises again, the model learns by heart.",
        unit="nats",
        better="lower",
    ),
    "val_bits_per_byte": Metric(
        title="Bits per byte",
        help="Bits that the model needs for each byte of unseen text. The one number that can be"
        " compared between models, whatever their tokens are.",
        unit="bits",
        better="lower",
    ),
    "val_perplexity": Metric(
        title="Choices per token",
        help="Among how many equally likely tokens the model is torn on unseen text (perplexity).",
        better="lower",
    ),
    "clipped_steps": Metric(
        title="Cut corrections",
        help="Share of the steps whose correction was too long and was cut.",
        percent=True,
    ),
}
