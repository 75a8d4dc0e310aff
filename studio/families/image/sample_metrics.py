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
    "studio_fd": Metric(
        title="Studio-FD",
        help="How far samples as a whole are from real pictures, by what a judge of your own"
        " dataset looks at (a Fréchet distance). Compare it with the floor and the ceiling; it is"
        " no FID and means nothing beside numbers of another judge.",
        better="lower",
        about="samples",
    ),
    "studio_fd_floor": Metric(
        title="Studio-FD, floor",
        help="The same distance of real pictures that the model never saw: better is luck.",
        about="samples",
    ),
    "studio_fd_ceiling": Metric(
        title="Studio-FD, ceiling",
        help="The same distance of plain noise.",
        about="samples",
    ),
    "fid": Metric(
        title="FID",
        help="The Fréchet distance of published papers. It is measured where you have put the"
        " weights of the Inception network; with few samples it is too large.",
        better="lower",
        about="samples",
    ),
    "kid": Metric(
        title="Kernel distance",
        help="Another distance to real pictures, fair for few samples too: about 0 for real ones"
        " (maximum mean discrepancy, as in KID, on the judge's own features).",
        better="lower",
        about="samples",
    ),
    "precision": Metric(
        title="Look real",
        help="Share of samples that lie among real pictures (precision).",
        better="higher",
        percent=True,
        about="samples",
    ),
    "recall": Metric(
        title="Reach",
        help="Share of real pictures that samples come near to (recall).",
        better="higher",
        percent=True,
        about="samples",
    ),
    "density": Metric(
        title="Density",
        help="How densely samples lie where real pictures are; 1 is as real ones do.",
        better="higher",
        about="samples",
    ),
    "coverage": Metric(
        title="Coverage",
        help="Share of real pictures that have a sample in their neighbourhood.",
        better="higher",
        percent=True,
        about="samples",
    ),
    "judge_score": Metric(
        title="Clear and various",
        help="From 1 to the number of labels: high when each sample clearly shows one label and"
        " all labels come (an Inception score with the judge of your data).",
        better="higher",
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
        percent=True,
        about="samples",
    ),
}
