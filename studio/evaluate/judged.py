"""What a dataset's judge says of samples of any modality: distance, overlap and labels."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from studio.core.media import Media
from studio.data.split import random_part
from studio.data.store import PreparedData
from studio.evaluate.distance import frechet_distance, kernel_distance
from studio.evaluate.judge import Judge, seen
from studio.evaluate.manifold import overlap

_REFERENCE = 5_000  # real items that both samples and unseen items are compared with
_FEWEST = 50  # of each kind, below which a distance says nothing


def sides(data: PreparedData) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return places to compare with and places that were not learned from, as far as there are."""
    if len(data.validation) >= _FEWEST:
        return data.train, data.validation
    # nothing was kept for checking: halves of what was learned, one beside the other
    order = np.random.default_rng(0).permutation(data.train)
    return order[: len(order) // 2], order[len(order) // 2 :]


def judged(
    judge: Judge, made: Tensor, samples: Sequence[Media], data: PreparedData, name: str, asked: str
) -> tuple[dict[str, float], int, npt.NDArray[np.int64]]:
    """Return what the judge says, of how many samples, and the unseen places beside them.

    Args:
        made: What the judge sees of the samples.
        samples: The samples; those that were asked to have a label carry its name.
        name: Of the distance.
        asked: Name of the share of labelled samples in which the judge sees their label.
    """
    learned, unseen = sides(data)
    count = min(len(made), len(unseen))
    unseen = random_part(unseen, count)
    features = judge.network.look(made)
    metrics: dict[str, float] = {}
    if count >= _FEWEST:
        real = seen(data, unseen)
        reference = judge.network.look(seen(data, random_part(learned, _REFERENCE)))
        generator = torch.Generator().manual_seed(0)
        noise = judge.view.noise(made[:count], data.spec, generator)
        looks = [judge.network.look(each) for each in (real, noise)]
        metrics |= _distances(features[:count], looks[0], looks[1], reference, name)
    if judge.learned == "labels":
        metrics |= _named(judge, samples, features, data.spec.labels, asked)
    return metrics, count, unseen


def _distances(
    made: Tensor, unseen: Tensor, noise: Tensor, reference: Tensor, name: str
) -> dict[str, float]:
    """Return the distances of samples, with floor and ceiling, and how both sets overlap.

    Samples, unseen items and noise are as many, so that what small sets add to a distance is the
    same for all.
    """
    lies = overlap(made, unseen)
    return {
        name: frechet_distance(made, reference),
        f"{name}_floor": frechet_distance(unseen, reference),
        f"{name}_ceiling": frechet_distance(noise, reference),
        "kid": kernel_distance(made, unseen),
        "precision": lies.precision,
        "recall": lies.recall,
        "density": lies.density,
        "coverage": lies.coverage,
    }


def _named(
    judge: Judge, samples: Sequence[Media], features: Tensor, names: Sequence[str], asked: str
) -> dict[str, float]:
    """Return what the judge says that samples are."""
    wanted = [each.facts["label"] for each in samples if "label" in each.facts]
    numbers = [names.index(name) for name in wanted] if len(wanted) == len(samples) else None
    verdict = judge.verdict(features)
    found = verdict.statistics(names, numbers, asked) | {"judge_score": verdict.score()}
    if judge.accuracy is not None:
        found["judge_accuracy"] = judge.accuracy
    return found
