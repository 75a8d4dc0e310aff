"""Sampling for families with a latent space: from seeds and places, along paths, from own files.

What a place means is in `latent_places.py`, ways between codes in `latent_paths.py`, directions in
`latent_directions.py`, and finding the code of an item in `latent_projection.py`.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import Tensor

from studio.core.errors import StudioError
from studio.core.family_info import Task
from studio.core.media import Media
from studio.core.places import Place, seed_place
from studio.data.modality import modality_data
from studio.families import latent_directions, latent_paths
from studio.families.base import Family, R, SampleRequest, Tick
from studio.families.batch import Batch
from studio.families.exportable import Decoding, Exportable
from studio.families.latent_directions import Directions
from studio.families.latent_places import Located, locate
from studio.families.latent_projection import Found, projected

_BATCH = 64  # items that are decoded at once
_MEASURED = 2048  # codes that a latent space's extent is measured on
_DIGITS = 6  # of the numbers of a projected code: more cannot be seen


class LatentFamily(Family[R]):
    """A family that draws a code z and decodes it; `sample` follows from `draw` and `decode`.

    Codes are normal rows (N, D), or styles (N, L, D) with one row per layer of the decoder, coarse
    to fine, which can be mixed.

    Attributes:
        directions: The principal directions, once `find_directions` has found them.
    """

    directions: Directions | None = None

    # ------------------------------------------------------------------- what a family defines

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

    def guess_labels(self, items: Tensor) -> Tensor:
        """Return the labels (N,) that fit items best, for labelled families with an encoder."""
        raise StudioError(
            "This model needs to be told the label",
            f"{self.info.title} learned with labels and cannot tell which one a file has.",
            "Choose the label, then try again.",
        )

    def blend(self, codes: Tensor, weights: Tensor) -> Tensor:
        """Return the code (…) between drawn codes (K, …), with weights (K,) that add up to 1.

        z = Σ wᵢ zᵢ / √(Σ wᵢ²) is as long as independent normal codes are: their mean would be
        shorter than any code that the decoder saw. Styles (L, D) have no length to keep; they
        blend to their mean.
        """
        mean = latent_paths.mean(codes, weights)
        return mean if codes.dim() == 3 else mean / weights.square().sum().sqrt()

    def between(self, start: Tensor, end: Tensor, share: Tensor) -> Tensor:
        """Return the codes (T, …) at shares (T,) of the way from a code (…) to another.

        On the great circle for normal codes, on the straight line for styles (L, D).
        """
        way = latent_paths.lerp if start.dim() == 2 else latent_paths.slerp
        return way(start, end, share)

    # --------------------------------------------------------------------------- its own space

    @property
    def code_shape(self) -> torch.Size:
        """The shape of a code: (D,) or (layers, D)."""
        return self.first_codes(1)[0].shape[1:]

    @property
    def has_encoder(self) -> bool:
        """Whether there is a way from an item to its code."""
        return type(self).encode is not LatentFamily.encode

    @torch.no_grad()
    def find_directions(self, tick: Tick) -> Directions:
        """Find the principal directions and remember them.

        For codes with a row per layer they are the principal components of the codes; for others
        the directions in which decoded items change most.
        """
        codes, labels = self.first_codes(_MEASURED)
        if codes.dim() == 3:
            vectors = latent_directions.principal(codes.mean(1))
            tick(1, 1)
            self.directions = latent_directions.measured(vectors, codes.mean(1))
            return self.directions

        def decode(codes: Tensor, of: int) -> Tensor:
            label = labels[of].expand(len(codes)) if labels is not None else None
            return self.decode(codes, label).float()

        vectors = latent_directions.steepest(decode, codes, tick)
        self.directions = latent_directions.measured(vectors, codes)
        return self.directions

    def first_codes(self, count: int) -> tuple[Tensor, Tensor | None]:
        """Return the codes of the first seeds, with their labels where there are any."""
        labels = None
        if self.labelled:
            labels = torch.arange(count, device=self.compute.device) % len(self.spec.labels)
        return self.draw(range(count), 1.0, labels), labels

    # ---------------------------------------------------------------------- for other programs

    def exported(self) -> dict[str, Exportable]:
        """Return the decoder: codes, and labels where it has them, become items."""

        def draw(count: int, seed: int) -> tuple[Tensor, ...]:
            seeds = range(seed, seed + count)
            labels = None
            if self.labelled:
                labels = torch.tensor(list(seeds), device=self.compute.device)
                labels = labels % len(self.spec.labels)
            codes = self.draw(seeds, 1.0, labels)
            return (codes,) if labels is None else (codes, labels)

        said = "a code"
        if self.labelled:
            said += f" and the number of a label ({', '.join(self.spec.labels)}, from 0)"
        makes = modality_data(self.spec.modality).modality
        return {
            "decoder": Exportable(
                module=Decoding(self),
                inputs=("code", "label") if self.labelled else ("code",),
                output="item",
                draw=draw,
                about=f"Turns {said} into an item ({makes}) of {tuple(self.spec.shape)} in −1 … 1.",
            )
        }

    # ---------------------------------------------------------------------------------- labels

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

    # ---------------------------------------------------------------------------------- making

    @torch.inference_mode()
    def sample(self, request: SampleRequest, tick: Tick) -> Iterator[Media]:
        """Make media from seeds, places or own items, one by one or on the way between them."""
        self.refuse_other_tasks(request)
        codes, labels, facts = self._codes(request, tick)
        data = modality_data(self.spec.modality)
        for start in range(0, len(codes), _BATCH):
            part = slice(start, start + _BATCH)
            with self.compute.precision():
                items = self.decode(codes[part], labels[part] if labels is not None else None)
            tick(min(start + _BATCH, len(codes)), len(codes))
            yield from data.to_media(items.float(), facts[part], self.spec)

    def _codes(
        self, request: SampleRequest, tick: Tick
    ) -> tuple[Tensor, Tensor | None, list[dict[str, Any]]]:
        """Return codes, their labels, and what each item's file says of it."""
        if any(place.directions for place in request.places) and self.directions is None:
            self.find_directions(tick)
        if request.task == Task.INTERPOLATE:
            return self._path(request)
        if request.task == Task.GENERATE and request.places:
            at = locate(self, request.places, request.variety, request.labels)
            return at.codes, self._tensor(at.labels), self._facts_of_places(request, at)
        if request.task == Task.GENERATE:
            asked = self._asked_labels(request)
            labels = self._tensor(asked)
            codes = self.draw(request.seeds, request.variety, labels)
            return codes, labels, self._facts(request.seeds, asked)
        items = self._items(request)
        if request.task == Task.PROJECT:
            return self._projected(request, items, tick)
        with self.compute.precision():
            labels = self._tensor(self._asked_labels(request))
            if self.labelled and labels is None:
                labels = self.guess_labels(items)
            codes = self.encode(items, labels).float()
        if request.task == Task.MORPH:
            codes = self._way(codes, request)
            facts = [{"frame": index} for index in range(len(codes))]
            return codes, _along(labels, len(codes)), facts
        return codes, labels, [{"input": index} for index in range(len(codes))]

    def _path(self, request: SampleRequest) -> tuple[Tensor, Tensor | None, list[dict[str, Any]]]:
        """Return the codes on the way through places, or through the places of seeds.

        Labels have no between: frames take that of the place which is nearer when places name
        their own, else the first place's all the way.
        """
        places = request.places or [seed_place(seed) for seed in request.seeds]
        at = locate(self, places, request.variety, request.labels)
        codes = self._way(at.codes, request)
        labels = self._tensor(at.labels)
        if at.labels is not None and any(place.label for place in places):
            legs = self._legs(len(places), request)
            labels = self._tensor(latent_paths.labels_along(at.labels, legs, loop=request.loop))
        else:
            labels = _along(labels, len(codes))
        return codes, labels, [{"frame": index} for index in range(len(codes))]

    def _way(self, codes: Tensor, request: SampleRequest) -> Tensor:
        legs = self._legs(len(codes), request)
        return latent_paths.path(
            codes, legs, request.easing, loop=request.loop, between=self.between
        )

    @staticmethod
    def _legs(places: int, request: SampleRequest) -> list[int]:
        return latent_paths.frames_of_legs(places, request.frames, request.legs, loop=request.loop)

    def _items(self, request: SampleRequest) -> Tensor:
        """Return the user's own items (N, *spec.shape) as networks see them."""
        if request.inputs is None or not len(request.inputs):
            raise StudioError(
                "Nothing to start from",
                "This task starts from your own files and none were given.",
                "Drop one or more files on the Make panel.",
            )
        data = modality_data(self.spec.modality)
        tensor = torch.from_numpy(request.inputs).to(self.compute.device)
        return data.to_tensor(tensor, data.preparation(), augment=False)

    def _projected(
        self, request: SampleRequest, items: Tensor, tick: Tick
    ) -> tuple[Tensor, Tensor | None, list[dict[str, Any]]]:
        """Return the codes that draw the user's own items best, and their places as facts."""
        asked = request.labels[0] if self.labelled and request.labels is not None else None
        with torch.inference_mode(mode=False), torch.enable_grad():
            found = projected(self, items.clone(), asked, tick)
        chosen = [each.label for each in found if each.label is not None]
        codes = torch.stack([each.code for each in found])
        facts = [self._facts_of_found(index, each) for index, each in enumerate(found)]
        return codes, torch.stack(chosen) if chosen else None, facts

    def _facts_of_found(self, index: int, found: Found) -> dict[str, Any]:
        numbers = tuple(float(f"{x:.{_DIGITS}g}") for x in found.code.flatten().tolist())
        label = self.spec.labels[int(found.label)] if found.label is not None else ""
        place = Place(code=numbers, label=label).plain()
        # the networks' range is 2 wide: half the difference is a share of black to white
        facts = {"input": index, "place": place, "error": round(found.error / 2, 4)}
        return facts | ({"label": label} if label else {})

    def _asked_labels(self, request: SampleRequest) -> list[int] | None:
        """Return the labels asked for, else for new items one that follows from each seed."""
        if not self.labelled:
            return None
        if request.labels is not None:
            return list(request.labels)
        if request.inputs is not None:
            return None
        return [seed % len(self.spec.labels) for seed in request.seeds]

    def _tensor(self, labels: Sequence[int] | None) -> Tensor | None:
        return torch.tensor(labels, device=self.compute.device) if labels is not None else None

    def _facts(self, seeds: Sequence[int], labels: Sequence[int] | None) -> list[dict[str, Any]]:
        facts: list[dict[str, Any]] = [{"seed": seed} for seed in seeds]
        if labels is not None and self.spec.labels:
            for fact, label in zip(facts, labels, strict=True):
                fact["label"] = self.spec.labels[label]
        return facts

    def _facts_of_places(self, request: SampleRequest, at: Located) -> list[dict[str, Any]]:
        """Return each place with nothing left open, so that it alone makes its item again."""
        facts = []
        for index, place in enumerate(request.places):
            label = self.spec.labels[at.labels[index]] if at.labels is not None else ""
            variety = request.variety if place.variety is None else place.variety
            whole = place.model_copy(update={"label": label, "variety": variety})
            facts.append({"place": whole.plain()} | ({"label": label} if label else {}))
        return facts


def _along(labels: Tensor | None, count: int) -> Tensor | None:
    """Return one label per frame: the first label all the way, since labels have no between."""
    return labels[:1].expand(count) if labels is not None and len(labels) else None
