"""What the numbers mean that the judge of a dataset gives samples, of pictures, sound and clips."""

from __future__ import annotations

from studio.core.family_info import Metric


def judged_metrics(
    name: str, title: str, items: str, published: str, asked: str
) -> dict[str, Metric]:
    """Return the metrics of `evaluate/judged.py`.

    Args:
        name, title: Of the distance.
        items: What people call what the judge learned from.
        published: The distance of papers that it must not be taken for.
        asked: Name of the share of labelled samples that show their label.
    """
    return {
        name: Metric(
            title=title,
            help=f"How far samples as a whole are from real {items}, by what a judge of your own"
            " dataset looks at (a Fréchet distance). Compare it with the floor and the ceiling; it"
            f" is no {published} and means nothing beside numbers of another judge.",
            better="lower",
            about="samples",
        ),
        f"{name}_floor": Metric(
            title=f"{title}, floor",
            help=f"The same distance of real {items} that the model never saw: better is luck.",
            about="samples",
        ),
        f"{name}_ceiling": Metric(
            title=f"{title}, ceiling",
            help="The same distance of plain noise.",
            about="samples",
        ),
        "kid": Metric(
            title="Kernel distance",
            help=f"Another distance to real {items}, fair for few samples too: about 0 for real"
            " ones (maximum mean discrepancy, as in KID, on the judge's own features).",
            better="lower",
            about="samples",
        ),
        "precision": Metric(
            title="Look real" if items == "pictures" else "Seem real",
            help=f"Share of samples that lie among real {items} (precision).",
            better="higher",
            percent=True,
            about="samples",
        ),
        "recall": Metric(
            title="Reach",
            help=f"Share of real {items} that samples come near to (recall).",
            better="higher",
            percent=True,
            about="samples",
        ),
        "density": Metric(
            title="Density",
            help=f"How densely samples lie where real {items} are; 1 is as real ones do.",
            better="higher",
            about="samples",
        ),
        "coverage": Metric(
            title="Coverage",
            help=f"Share of real {items} that have a sample in their neighbourhood.",
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
        asked: Metric(
            title="As asked",
            help="Share of samples in which the judge sees the label that was asked for.",
            better="higher",
            percent=True,
            about="samples",
        ),
        "judge_accuracy": Metric(
            title="The judge is right",
            help=f"Share of real {items} kept for checking that the judge names right. It can be"
            " trusted no further than that.",
            percent=True,
            about="samples",
        ),
    }
