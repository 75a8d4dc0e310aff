"""What the numbers measured on image samples mean; `studio/evaluate/image.py` measures them."""

from __future__ import annotations

from studio.core.family_info import Metric
from studio.families.judged_metrics import judged_metrics

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
    "twins": Metric(
        title="Twins",
        help="Share of samples that have a twin among the other samples. Many of them mean that"
        " the model knows a few pictures only.",
        better="lower",
        percent=True,
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
    "contrast": Metric(
        title="Contrast",
        help="How far values are spread, where real pictures have 1. Far below, samples look pale.",
        about="samples",
    ),
    "clipped": Metric(
        title="Burnt out",
        help="Share of values that are fully dark or bright, beyond that of real pictures.",
        better="lower",
        percent=True,
        about="samples",
    ),
    **judged_metrics("studio_fd", "Studio-FD", "pictures", "FID", "as_asked"),
    "fid": Metric(
        title="FID",
        help="The Fréchet distance of published papers. It is measured where you have put the"
        " weights of the Inception network; with few samples it is too large.",
        better="lower",
        about="samples",
    ),
    "novelty": Metric(
        title="Newness",
        help="How far samples are from the nearest picture that was learned, where real new ones"
        " are 1. Far below, the model repeats your files.",
        about="samples",
    ),
    "copies": Metric(
        title="Copies",
        help="Share of samples that are hardly anything else than a picture that was learned.",
        better="lower",
        percent=True,
        about="samples",
    ),
}
