"""How good samples are, by the judge of their dataset: distance, overlap, labels, copies."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch

from studio.core.media import Image, Media
from studio.core.work import Work
from studio.data.image.grid import titled_grid
from studio.data.split import random_part
from studio.data.store import PreparedData
from studio.evaluate.feature_net import shrunk
from studio.evaluate.inception import inception_distance
from studio.evaluate.judge import judge_of, seen, whole_picture
from studio.evaluate.judged import judged, sides
from studio.evaluate.nearest import LearnedPictures, Nearest
from studio.evaluate.result import Quality

_INCEPTION_REFERENCE = 2_048  # real pictures for FID: a large network looks at each
_SEARCHED = 20_000  # learned pictures among which copies are looked for
_SHOWN = 8  # samples that are shown beside what they may copy


def quality(samples: Sequence[Media], data: PreparedData, work: Work) -> Quality:
    """Measure samples beside the pictures that a model learned from and those it never saw.

    Args:
        samples: Made pictures; those that were asked to have a label carry its name.
        data: The model's own data.
        work: Hears how far the judge's training is, the first time.
    """
    judge = judge_of(data, work)
    work.progress("Comparing samples with the data", 0)
    made = torch.from_numpy(np.stack([each.pixels for each in samples if isinstance(each, Image)]))
    made = shrunk(made.permute(0, 3, 1, 2).float() / 127.5 - 1)
    metrics, count, unseen = judged(judge, made, samples, data, "studio_fd", "as_asked")
    learned, _ = sides(data)
    if "studio_fd" in metrics and (fid := _inception(samples, data, learned, work)) is not None:
        metrics["fid"] = fid
    work.gate()
    searched = random_part(learned, _SEARCHED)
    found = LearnedPictures([seen(data, searched)], [seen(data, unseen)]).nearest(made)
    metrics |= {"novelty": found.ratio, "copies": found.copies}
    shown = _copies(samples, found, data, searched)
    return Quality(metrics, judge.hash, judge.learned, count, shown)


def _inception(
    samples: Sequence[Media], data: PreparedData, learned: npt.NDArray[np.int64], work: Work
) -> float | None:
    """Return the FID of samples beside learned pictures at their own size, if it can be known."""
    real = random_part(learned, _INCEPTION_REFERENCE)
    pixels = [each.pixels for each in samples if isinstance(each, Image)]
    return inception_distance(
        (torch.from_numpy(each).permute(2, 0, 1).float() / 127.5 - 1 for each in pixels),
        (whole_picture(data, place) for place in real),
        len(pixels) + len(real),
        work,
    )


def _copies(
    samples: Sequence[Media], found: Nearest, data: PreparedData, places: npt.NDArray[np.int64]
) -> Image:
    """Return the samples that come nearest to a training picture, above that picture."""
    closest = found.distances.argsort()[:_SHOWN].tolist()
    made = [sample.pixels for sample in samples if isinstance(sample, Image)]
    rows = data.items[places[found.places[closest].numpy()]]
    known = [np.ascontiguousarray(row.transpose(1, 2, 0)) for row in rows]
    titles = [f"{float(found.distances[place]):.0%}" for place in closest]
    return titled_grid([[made[place] for place in closest], known], ["made", "learned"], titles)
