"""The judge of a dataset: a classifier trained on its labels once and kept with its prepared data.

It lies in the folder of the prepared data, whose name is a hash of all that the judge learns
from, so it goes when that goes and is never asked about other data.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from studio.core.files import replacing
from studio.core.work import Work
from studio.data.modality import modality_data
from studio.data.split import random_part
from studio.data.store import PreparedData
from studio.evaluate.classifier import Classifier

log = logging.getLogger(__name__)

_VERSION = 1  # of network and training; a new one makes kept judges unused
_SEED = 0
_LEARNED = 10_000  # items that it learns from, at most
_CHECKED = 2_000  # items on which its accuracy is measured, at most
_ACCURACY = "accuracy"


@dataclass(frozen=True)
class Judge:
    """A trained classifier.

    Attributes:
        accuracy: Share of real items that it never saw and names right; None without such items.
    """

    classifier: Classifier
    accuracy: float | None


def judge_of(data: PreparedData, work: Work) -> Judge:
    """Return the judge of labelled data: the one that is kept with it, else a new one.

    Args:
        data: Pictures with labels.
        work: Hears how far the training is; StopRequested at a gate leaves nothing behind.
    """
    path = data.folder / f"judge-{_VERSION}-{_SEED}.safetensors"
    if path.exists():
        try:
            return _read(path)
        except (SafetensorError, OSError, KeyError, ValueError, RuntimeError) as error:
            log.warning("%s is damaged and made anew: %s", path.name, error)
    judge = _train(data, work)
    try:
        _write(path, judge)
    except OSError as error:  # a full disk: what it says is worth more than keeping it
        log.warning("the judge was not kept: %s", error)
    return judge


def _train(data: PreparedData, work: Work) -> Judge:
    items, labels = _labelled(data, data.train, _LEARNED)
    classifier = Classifier.trained_on(
        items,
        labels,
        seed=_SEED,
        gate=lambda done, total: work.progress("Training a judge on your labels", done, total),
    )
    items, labels = _labelled(data, data.validation, _CHECKED)
    if not len(items):
        return Judge(classifier, None)
    return Judge(classifier, float((classifier.judge(items).label == labels).float().mean()))


def _labelled(
    data: PreparedData, places: npt.NDArray[np.int64], limit: int
) -> tuple[Tensor, Tensor]:
    """Return up to `limit` items (N, C, H, W) in −1 … 1 that have a label, with its number (N,)."""
    chosen = random_part(places[data.labels[places] >= 0], limit)
    kind = modality_data(data.spec.modality)
    items = kind.to_tensor(torch.from_numpy(data.items[chosen]), data.preparation, augment=False)
    return items, torch.from_numpy(data.labels[chosen])


def _write(path: Path, judge: Judge) -> None:
    facts = {} if judge.accuracy is None else {_ACCURACY: repr(judge.accuracy)}
    with replacing(path) as temporary:
        save_file(judge.classifier.weights(), temporary, facts)


def _read(path: Path) -> Judge:
    with safe_open(path, "pt") as file:
        facts = file.metadata() or {}
        weights = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118 - no mapping
    accuracy = float(facts[_ACCURACY]) if _ACCURACY in facts else None
    return Judge(Classifier.from_weights(weights), accuracy)
