"""Sampling for families with a latent space: from seeds, along paths, and from own pictures."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor

from studio.core.errors import StudioError
from studio.core.family_info import Task
from studio.core.media import Media
from studio.data.modality import modality_data
from studio.families.base import Batch, Family, R, SampleRequest, Tick

_BATCH = 64  # items that are decoded at once


class LatentFamily(Family[R]):
    """A family that draws a code z and decodes it; `sample` follows from `draw` and `decode`."""

    @abstractmethod
    def draw(self, seeds: Sequence[int], variety: float, labels: Tensor | None) -> Tensor:
        """Return codes (N, …), each a function of its own seed alone."""

    @abstractmethod
    def decode(self, codes: Tensor, labels: Tensor | None) -> Tensor:
        """Return items (N, *spec.shape) in the networks' range from codes."""

    def encode(self, items: Tensor, labels: Tensor | None) -> Tensor:
        """Return the codes of items; families without an encoder do not offer such tasks."""
        raise StudioError(
            "This model cannot read pictures",
            f"{self.info.title} only makes new items; it has no way back from an item to a code.",
            "Choose a model with an encoder, such as a VAE.",
        )

    def between(self, start: Tensor, end: Tensor, share: Tensor) -> Tensor:
        """Return codes on the way from one to another, one for each share (F,) of the way.

        A great circle suits codes of normal noise; families with codes of another kind override.
        """
        return slerp(start, end, share)

    def label_slots(self, wanted: bool) -> int:
        """Return how many labels networks must tell apart, 0 for none.

        One more than the data has: items without a label share the last.
        """
        self.labelled = wanted and len(self.spec.labels) > 1
        return len(self.spec.labels) + 1 if self.labelled else 0

    def labels_of(self, batch: Batch) -> Tensor | None:
        """Return the labels of a batch as networks want them, None when they want none."""
        if not self.labelled or batch.labels is None:
            return None
        return batch.labels.remainder(len(self.spec.labels) + 1)  # −1, no label, is the last

    def guess_labels(self, items: Tensor) -> Tensor:
        """Return the labels (N,) that fit items best, for labelled families with an encoder."""
        raise StudioError(
            "This model needs to be told the label",
            f"{self.info.title} learned with labels and cannot tell which one a file has.",
            "Choose the label, then try again.",
        )

    @torch.inference_mode()
    def sample(self, request: SampleRequest, tick: Tick) -> Iterator[Media]:
        """Make media for the tasks generate, interpolate, reconstruct, morph and denoise."""
        if request.task not in self.info.tasks:
            raise StudioError(
                "This model cannot do that",
                f"{self.info.title} does not offer the task {request.task!r}.",
                "Choose one of: " + ", ".join(self.info.tasks) + ".",
            )
        codes, labels, facts = self._codes(request)
        data = modality_data(self.spec.modality)
        for start in range(0, len(codes), _BATCH):
            part = slice(start, start + _BATCH)
            with self.compute.precision():
                items = self.decode(codes[part], labels[part] if labels is not None else None)
            tick(min(start + _BATCH, len(codes)), len(codes))
            yield from data.to_media(items.float(), facts[part], self.spec)

    def _codes(self, request: SampleRequest) -> tuple[Tensor, Tensor | None, list[dict[str, Any]]]:
        """Return codes, their labels, and what each item's file says of it."""
        device = self.compute.device
        asked = self._asked_labels(request)
        labels = torch.tensor(asked, device=device) if asked is not None else None
        if request.task == Task.GENERATE:
            codes = self.draw(request.seeds, request.variety, labels)
            return codes, labels, self._facts(request.seeds, asked)
        if request.task == Task.INTERPOLATE:
            places = self.draw(request.seeds, request.variety, labels)
            path = self._path(places, request.frames)
            facts = [{"place": index / request.frames} for index in range(len(path))]
            return path, _along(labels, len(path)), facts
        if request.inputs is None or not len(request.inputs):
            raise StudioError(
                "Nothing to start from",
                "This task starts from your own files and none were given.",
                "Drop one or more files on the Make panel.",
            )
        data = modality_data(self.spec.modality)
        tensor = torch.from_numpy(request.inputs).to(device)
        with self.compute.precision():
            items = data.to_tensor(tensor, data.preparation(), augment=False)
            if self.labelled and labels is None:
                labels = self.guess_labels(items)
            codes = self.encode(items, labels).float()
        if request.task == Task.MORPH:
            path = self._path(codes, request.frames)
            facts = [{"place": index / request.frames} for index in range(len(path))]
            return path, _along(labels, len(path)), facts
        return codes, labels, [{"input": index} for index in range(len(codes))]

    def _path(self, places: Tensor, frames: int) -> Tensor:
        """Return codes on the way through `places`, `frames` from each to the next."""
        legs = [
            self.between(start, end, torch.linspace(0, 1, frames + 1, device=places.device)[:-1])
            for start, end in pairwise(places)
        ]
        return torch.cat([*legs, places[-1:]])

    def _asked_labels(self, request: SampleRequest) -> list[int] | None:
        """Return the labels asked for, else for new items one that follows from each seed."""
        if not self.labelled:
            return None
        if request.labels is not None:
            return list(request.labels)
        if request.inputs is not None:
            return None
        return [seed % len(self.spec.labels) for seed in request.seeds]

    def _facts(self, seeds: Sequence[int], labels: Sequence[int] | None) -> list[dict[str, Any]]:
        facts: list[dict[str, Any]] = [{"seed": seed} for seed in seeds]
        if labels is not None and self.spec.labels:
            for fact, label in zip(facts, labels, strict=True):
                fact["label"] = self.spec.labels[label]
        return facts


def _along(labels: Tensor | None, count: int) -> Tensor | None:
    """Return one label per frame: the first label all the way, since labels have no between."""
    return labels[:1].expand(count) if labels is not None and len(labels) else None


def slerp(start: Tensor, end: Tensor, share: Tensor) -> Tensor:
    """Return points on the great circle from `start` to `end`, (len(share), *start.shape).

    Spherical linear interpolation (Shoemake 1985): normal noise in high dimensions lies near a
    sphere, so a straight line would pass through codes that the network never saw (White 2016).
    """
    a, b = start.flatten(), end.flatten()
    cosine = (a @ b / (a.norm() * b.norm()).clamp_min(1e-8)).clamp(-1, 1)
    angle = torch.acos(cosine)
    t = share[:, None]
    if angle.sin().abs() < 1e-4:  # parallel: the circle is not defined, the line is the same
        points = (1 - t) * a + t * b
    else:
        # slerp(t) = sin((1 − t)θ)/sin θ · a + sin(tθ)/sin θ · b
        points = ((1 - t) * angle).sin() / angle.sin() * a + (t * angle).sin() / angle.sin() * b
    return points.view(-1, *start.shape)
