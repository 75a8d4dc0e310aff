"""What the numbers measured on clips mean; `studio/evaluate/video.py` measures them."""

from __future__ import annotations

from studio.core.family_info import Metric
from studio.families.judged_metrics import judged_metrics
from studio.families.measured import BesideData, of_samples

beside_data = BesideData("your clips", "The same measured on as many of your own clips.")

SAMPLE_METRICS: dict[str, Metric] = {
    "sample_distance": of_samples(
        "Distance to your clips",
        "How far samples as a whole are from your clips, by plain features of their frames and of"
        " what changes between them. It falls as samples get better, and compares checkpoints of"
        " one dataset only.",
        "lower",
    ),
    "motion": of_samples(
        "Motion",
        "How much changes from frame to frame, where your clips have 1. Near 0, samples stand"
        " still.",
    ),
    "flicker_ratio": of_samples(
        "Flicker",
        "How restlessly frames change, where your clips have 1: far above, samples flicker or"
        " tremble.",
    ),
    **beside_data(
        "frozen",
        "Frozen",
        "Share of clips in which hardly anything moves.",
        "lower",
        percent=True,
    ),
    **beside_data(
        "loops",
        "Loops",
        "Share of clips that repeat themselves after a few frames.",
        percent=True,
    ),
    "diversity": of_samples(
        "Variety",
        "How different samples are from each other, where your clips are 1. Far below, the model"
        " makes the same few clips again and again.",
        "higher",
    ),
    "twins": of_samples(
        "Twins",
        "Share of samples that have a twin among the other samples, beyond that of your clips.",
        "lower",
        percent=True,
    ),
    "sharpness": of_samples(
        "Sharpness", "How much fine contrast frames have, where those of your clips have 1."
    ),
    "contrast": of_samples(
        "Contrast",
        "How far values are spread, where your clips have 1. Far below, samples look pale.",
    ),
    "clipped": of_samples(
        "Burnt out",
        "Share of values that are fully dark or bright, beyond that of your clips.",
        "lower",
        percent=True,
    ),
    **judged_metrics(
        "studio_fvd", "Studio-FVD", "clips", "Fréchet Video Distance", "label_accuracy"
    ),
    "novelty": of_samples(
        "Newness",
        "How far samples are from the nearest clip that was learned, where real new ones are 1."
        " Far below, the model repeats your files.",
    ),
    "copies": of_samples(
        "Copies",
        "Share of samples that are hardly anything else than a clip that was learned.",
        "lower",
        percent=True,
    ),
}
