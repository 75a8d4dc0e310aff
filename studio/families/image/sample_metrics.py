"""What the numbers measured on image samples mean; `studio/evaluate/image.py` measures them."""

from __future__ import annotations

from studio.core.family_info import Metric

SAMPLE_METRICS = {
    "sample_distance": Metric(
        title="Distance to real pictures",
        help="How far samples as a whole are from real pictures, by plain features of this"
        " program. It falls as samples get better. It compares checkpoints of one dataset only,"
        " and is no FID.",
        better="lower",
        about="samples",
    ),
    "diversity": Metric(
        title="Variety",
        help="How different samples are from each other, where real pictures are 1. Far below, the"
        " model draws the same few pictures again and again.",
        better="higher",
        about="samples",
    ),
    "sharpness": Metric(
        title="Sharpness",
        help="How much fine contrast samples have, where real pictures have 1.",
        about="samples",
    ),
    "checkerboard": Metric(
        title="Grid pattern",
        help="Strength of the finest grid patterns in samples, where real pictures have 1.",
        better="lower",
        about="samples",
    ),
    "accepted": Metric(
        title="Clearly recognised",
        help="Share of samples of which a judge trained on your labels is at least 90 % sure.",
        better="higher",
        percent=True,
        about="samples",
    ),
    "share_*": Metric(
        title="Of these, {}",
        help="Share of this label among the clearly recognised samples.",
        percent=True,
        about="samples",
    ),
    "as_asked": Metric(
        title="As asked",
        help="Share of samples in which the judge sees the label that was asked for.",
        better="higher",
        percent=True,
        about="samples",
    ),
    "judge_accuracy": Metric(
        title="The judge is right",
        help="Share of real pictures kept for checking that the judge names right. It can be"
        " trusted no further than that.",
        better="higher",
        percent=True,
        about="samples",
    ),
}
