"""How good samples are, by the judge of their dataset: distance, overlap, labels, copies."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from studio.core.media import Image, Media
from studio.core.work import Work
from studio.data.picture_grid import titled_grid
from studio.data.split import random_part
from studio.data.store import PreparedData
from studio.evaluate.distance import frechet_distance, kernel_distance
from studio.evaluate.feature_net import shrunk
from studio.evaluate.inception import inception_distance
from studio.evaluate.judge import Judge, judge_of, pictures, whole_picture
from studio.evaluate.manifold import overlap
from studio.evaluate.nearest import LearnedPictures, Nearest
from studio.evaluate.result import Quality

_REFERENCE = 5_000  # real pictures that both samples and unseen pictures are compared with
_INCEPTION_REFERENCE = 2_048  # real pictures for FID: a large network looks at each
_SEARCHED = 20_000  # learned pictures among which copies are looked for
_FEWEST = 50  # of each kind, below which a distance says nothing
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
    learned, unseen = _parts(data)
    count = min(len(made), len(unseen))
    unseen = random_part(unseen, count)
    real = pictures(data, unseen)
    features = judge.network.look(made)
    metrics: dict[str, float] = {}
    if count >= _FEWEST:
        reference = judge.network.look(pictures(data, random_part(learned, _REFERENCE)))
        generator = torch.Generator().manual_seed(0)
        noise = torch.rand(made[:count].shape, generator=generator) * 2 - 1
        looks = [judge.network.look(each) for each in (real, noise)]
        metrics |= _distances(features[:count], looks[0], looks[1], reference)
        if (fid := _inception(samples, data, learned, work)) is not None:
            metrics["fid"] = fid
    if judge.learned == "labels":
        metrics |= _named(judge, samples, features, data.spec.labels)
    work.gate()
    searched = random_part(learned, _SEARCHED)
    found = LearnedPictures([pictures(data, searched)], [real]).nearest(made)
    metrics |= {"novelty": found.ratio, "copies": found.copies}
    shown = _copies(samples, found, data, searched)
    return Quality(metrics, judge.hash, judge.learned, count, shown)


def _parts(data: PreparedData) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return places to compare with and places that were not learned from, as far as there are."""
    if len(data.validation) >= _FEWEST:
        return data.train, data.validation
    # nothing was kept for checking: halves of what was learned, one beside the other
    order = np.random.default_rng(0).permutation(data.train)
    return order[: len(order) // 2], order[len(order) // 2 :]


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


def _distances(made: Tensor, unseen: Tensor, noise: Tensor, reference: Tensor) -> dict[str, float]:
    """Return the distances of samples, with floor and ceiling, and how both sets overlap.

    Samples, unseen pictures and noise are as many, so that what small sets add to a distance is
    the same for all.
    """
    lies = overlap(made, unseen)
    return {
        "studio_fd": frechet_distance(made, reference),
        "studio_fd_floor": frechet_distance(unseen, reference),
        "studio_fd_ceiling": frechet_distance(noise, reference),
        "kid": kernel_distance(made, unseen),
        "precision": lies.precision,
        "recall": lies.recall,
        "density": lies.density,
        "coverage": lies.coverage,
    }


def _named(
    judge: Judge, samples: Sequence[Media], features: Tensor, names: Sequence[str]
) -> dict[str, float]:
    """Return what the judge says that samples show."""
    asked = [picture.facts["label"] for picture in samples if "label" in picture.facts]
    numbers = [names.index(name) for name in asked] if len(asked) == len(samples) else None
    verdict = judge.verdict(features)
    found = verdict.statistics(names, numbers) | {"judge_score": verdict.score()}
    if judge.accuracy is not None:
        found["judge_accuracy"] = judge.accuracy
    return found


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
