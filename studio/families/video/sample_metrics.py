"""What the numbers measured on clips mean; `studio/evaluate/video.py` measures them."""

from __future__ import annotations

from typing import Literal

from studio.core.family_info import Metric
from studio.families.judged_metrics import judged_metrics

Better = Literal["lower", "higher", ""]


def _one(
    title: str, text: str, better: Better = "", *, percent: bool = False, unit: str = ""
) -> Metric:
    return Metric(
        title=title, help=text, better=better, percent=percent, unit=unit, about="samples"
    )


def _beside_data(
    name: str, title: str, text: str, better: Better = "", *, percent: bool = False
) -> dict[str, Metric]:
    """Return a measure of samples and the same measure of the data, which is where it should be."""
    return {
        name: _one(title, text, better, percent=percent),
        f"data_{name}": _one(
            f"{title}, your clips",
            "The same measured on as many of your own clips.",
            percent=percent,
        ),
    }


SAMPLE_METRICS: dict[str, Metric] = {
    "sample_distance": _one(
        "Distance to your clips",
        "How far samples as a whole are from your clips, by plain features of their frames and of"
        " what changes between them. It falls as samples get better, and compares checkpoints of"
        " one dataset only.",
        "lower",
    ),
    "motion": _one(
        "Motion",
        "How much changes from frame to frame, where your clips have 1. Near 0, samples stand"
        " still.",
    ),
    "flicker_ratio": _one(
        "Flicker",
        "How restlessly frames change, where your clips have 1: far above, samples flicker or"
        " tremble.",
    ),
    **_beside_data(
        "frozen",
        "Frozen",
        "Share of clips in which hardly anything moves.",
        "lower",
        percent=True,
    ),
    **_beside_data(
        "loops",
        "Loops",
        "Share of clips that repeat themselves after a few frames.",
        percent=True,
    ),
    "diversity": _one(
        "Variety",
        "How different samples are from each other, where your clips are 1. Far below, the model"
        " makes the same few clips again and again.",
        "higher",
    ),
    "twins": _one(
        "Twins",
        "Share of samples that have a twin among the other samples, beyond that of your clips.",
        "lower",
        percent=True,
    ),
    "sharpness": _one(
        "Sharpness", "How much fine contrast frames have, where those of your clips have 1."
    ),
    "contrast": _one(
        "Contrast",
        "How far values are spread, where your clips have 1. Far below, samples look pale.",
    ),
    "clipped": _one(
        "Burnt out",
        "Share of values that are fully dark or bright, beyond that of your clips.",
        "lower",
        percent=True,
    ),
    **judged_metrics(
        "studio_fvd", "Studio-FVD", "clips", "Fréchet Video Distance", "label_accuracy"
    ),
    "novelty": _one(
        "Newness",
        "How far samples are from the nearest clip that was learned, where real new ones are 1."
        " Far below, the model repeats your files.",
    ),
    "copies": _one(
        "Copies",
        "Share of samples that are hardly anything else than a clip that was learned.",
        "lower",
        percent=True,
    ),
}
