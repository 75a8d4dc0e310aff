"""The judge of a dataset: a network that learned from it once, and is kept with its prepared data.

It says how far made pictures are from real ones and, where there are labels, what they show. It
lies in the folder of the prepared data, whose name is a hash of all that it learned from, so it
goes when that goes and is never asked about other data.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save, save_file
from torch import Tensor
from torch.nn import functional

from studio.core.files import replacing
from studio.core.media import NOUNS
from studio.core.work import Work
from studio.data.modality import modality_data
from studio.data.split import random_part
from studio.data.store import PreparedData
from studio.evaluate.feature_net import JudgeNet, Learned, View, taught
from studio.evaluate.views import view_of

log = logging.getLogger(__name__)

#: A picture is accepted when the judge is this sure of its label.
SURE = 0.9

_VERSION = 2  # of network and training; a new one makes kept judges unused
_SEED = 0
_CHECKED = 2_000  # items on which its accuracy is measured, at most
_FEWEST_NAMED = 10  # items per label from which it can learn labels
_READ = 256  # items that are read at once
_HASH_DIGITS = 12
_FACTS = "facts"


@dataclass(frozen=True)
class Verdict:
    """What the judge says of items.

    Attributes:
        chances: How likely each label is, (N, labels).
    """

    chances: Tensor

    def statistics(
        self, names: Sequence[str], asked: Sequence[int] | None = None, right: str = "as_asked"
    ) -> dict[str, float]:
        """Return `accepted`, the share of each label among the accepted, and `as_asked`.

        Args:
            names: The labels' names.
            asked: The label that each item was asked to have, when one was.
            right: Name of the share of items in which it sees that label.
        """
        chance, label = self.chances.max(1)
        sure = chance >= SURE
        found = {"accepted": float(sure.float().mean())}
        counts = torch.bincount(label[sure], minlength=len(names)).float()
        for name, share in zip(names, (counts / counts.sum().clamp_min(1)).tolist(), strict=True):
            found[f"share_{name}"] = share
        if asked is not None:
            found[right] = float((label == torch.tensor(list(asked))).float().mean())
        return found

    def score(self) -> float:
        """Return how clear each item and how various all are, from 1 to the number of labels.

        exp E[KL(p(y|x) ‖ p(y))], the Inception score (Salimans et al. 2016) with this judge in
        place of the Inception network.
        """
        chances = self.chances.double().clamp_min(1e-12)
        usual = chances.mean(0, keepdim=True)
        return float((chances * (chances / usual).log()).sum(1).mean().exp())


@dataclass(frozen=True)
class Judge:
    """A network that learned from a dataset.

    Attributes:
        view: How it looks at items.
        learned: What it learned.
        accuracy: Share of real items that it never saw and names right, or knows again among
            all; None where it learned nothing or there are no such items.
    """

    network: JudgeNet
    view: View
    learned: Learned
    accuracy: float | None

    @property
    def hash(self) -> str:
        """Twelve hex digits that name these weights: numbers of another judge mean nothing."""
        weights = save(_weights(self.network))
        return hashlib.sha256(weights).hexdigest()[:_HASH_DIGITS]

    def verdict(self, features: Tensor) -> Verdict:
        """Say what items are, from their features; only for a judge that learned labels."""
        return Verdict(self.network.chances(features))


def judge_of(data: PreparedData, work: Work, device: torch.device | None = None) -> Judge:
    """Return the judge of items: the one that is kept with the data, else a new one.

    Args:
        work: Hears how far the training is; StopRequested at a gate leaves nothing behind.
        device: Where it computes; left out, the CPU.
    """
    device = device or torch.device("cpu")
    path = data.folder / f"judge-{_VERSION}-{_SEED}.safetensors"
    if path.exists():
        try:
            return _read(path, data, device)
        except (SafetensorError, OSError, KeyError, ValueError, RuntimeError) as error:
            log.warning("%s is damaged and made anew: %s", path.name, error)
    judge = _train(data, work, device)
    try:
        _write(path, judge)
    except OSError as error:  # a full disk: what it says is worth more than keeping it
        log.warning("the judge was not kept: %s", error)
    return judge


def seen(data: PreparedData, places: npt.NDArray[np.int64]) -> Tensor:
    """Return what the judge sees of prepared items, such as small pictures (N, C, H, W)."""
    kind, view = modality_data(data.spec.modality), view_of(data.spec.modality)
    parts = []
    for start in range(0, len(places), _READ):
        rows = torch.from_numpy(data.items[places[start : start + _READ]])
        items = kind.to_tensor(rows, data.preparation, augment=False)
        parts.append(view.see(items, data.spec))
    return torch.cat(parts) if parts else torch.empty(0, *_seen_shape(data, view))


def _seen_shape(data: PreparedData, view: View) -> torch.Size:
    return view.see(torch.zeros(1, *data.spec.shape), data.spec).shape[1:]


def whole_picture(data: PreparedData, place: int) -> Tensor:
    """Return a prepared item (C, H, W) in −1 … 1 at its own size."""
    row = torch.from_numpy(data.items[place : place + 1])
    kind = modality_data(data.spec.modality)
    return kind.to_tensor(row, data.preparation, augment=False)[0]


def _train(data: PreparedData, work: Work, device: torch.device) -> Judge:
    view = view_of(data.spec.modality)
    learned, places = _lesson(data, view)
    stage = "Training a judge on your labels"
    if learned == "pictures":
        stage = f"Training a judge on your {NOUNS[data.spec.modality].many}"
    labelled = learned == "labels"
    network = taught(
        seen(data, places),
        torch.from_numpy(data.labels[places]) if labelled else None,
        len(data.spec.labels) if labelled else 1,
        learned=learned,
        device=device,
        seed=_SEED,
        gate=lambda done, total: work.progress(stage, done, total),
        view=view,
    )
    return Judge(network, view, learned, _accuracy(data, network, view, learned))


def _lesson(data: PreparedData, view: View) -> tuple[Learned, npt.NDArray[np.int64]]:
    """Return what there is to learn from the data, and from which items."""
    labelled = data.train[data.labels[data.train] >= 0]
    names = len(data.spec.labels)
    if names > 1 and len(labelled) >= _FEWEST_NAMED * names:
        return "labels", random_part(labelled, view.most)
    places = data.train if len(data.train) else data.validation
    return ("pictures" if len(places) >= view.fewest else "nothing"), random_part(places, view.most)


def _accuracy(data: PreparedData, network: JudgeNet, view: View, learned: Learned) -> float | None:
    if learned == "nothing":
        return None
    if learned == "labels":
        places = random_part(data.validation[data.labels[data.validation] >= 0], _CHECKED)
        if not len(places):
            return None
        named = network.chances(network.look(seen(data, places))).argmax(1)
        return float((named == torch.from_numpy(data.labels[places])).float().mean())
    places = random_part(data.validation, _CHECKED)
    if len(places) < 2:
        return None
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(_SEED)
        items, _ = view.lesson(seen(data, places), None, 0)
        views = [functional.normalize(network.look(view.varied(items)), dim=1) for _ in range(2)]
    return float(((views[0] @ views[1].T).argmax(1) == torch.arange(len(items))).float().mean())


def _weights(network: JudgeNet) -> dict[str, Tensor]:
    return {key: tensor.detach().cpu() for key, tensor in network.state_dict().items()}


def _write(path: Path, judge: Judge) -> None:
    # one entry: the format keeps no order, and the same judge is to be the same file
    facts = {_FACTS: json.dumps({"learned": judge.learned, "accuracy": judge.accuracy})}
    with replacing(path) as temporary:
        save_file(_weights(judge.network), temporary, facts)


def _read(path: Path, data: PreparedData, device: torch.device) -> Judge:
    with safe_open(path, "pt") as file:
        facts = json.loads((file.metadata() or {})[_FACTS])
        weights = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118 - no mapping
    view = view_of(data.spec.modality)
    learned: dict[str, Learned] = {each: each for each in ("labels", "pictures", "nothing")}
    with torch.random.fork_rng(devices=[]):
        network = view.network(_seen_shape(data, view), view.labels_in(weights))
    network.load_state_dict(weights)
    return Judge(network.to(device).eval(), view, learned[facts["learned"]], facts["accuracy"])
