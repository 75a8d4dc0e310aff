"""What the numbers of models that write music mean."""

from __future__ import annotations

from studio.core.family_info import Metric

#: Metrics of every model that foresees the tokens of music.
WRITING_METRICS: dict[str, Metric] = {
    "nats": Metric(
        title="Surprise while learning",
        help="How surprised the model is by the next token of what it learns from (cross entropy).",
        unit="nats",
        better="lower",
    ),
    "val_nats_per_token": Metric(
        title="Surprise by unseen music",
        help="The same on music that it never learned from. While it falls, the model gets better;"
        " when it rises again, the model learns by heart.",
        unit="nats",
        better="lower",
    ),
    "val_nats_per_note": Metric(
        title="Surprise by an unseen note",
        help="The same for each note with all that is written of it: where it stands, its pitch and"
        " its length. It can be compared between models of one notation.",
        unit="nats",
        better="lower",
    ),
    "clipped_steps": Metric(
        title="Cut corrections",
        help="Share of the steps whose correction was too long and was cut.",
        percent=True,
    ),
}
