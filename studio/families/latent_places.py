"""From places in a latent space to codes: seeds blended, styles mixed, directions gone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import torch
from torch import Tensor

from studio.core.errors import StudioError
from studio.core.places import Place

if TYPE_CHECKING:
    from studio.families.latent import LatentFamily


class _Drawn(NamedTuple):
    """What is drawn for a place: a seed as it comes out with a variety and a label."""

    seed: int
    variety: float
    label: int | None


class Located(NamedTuple):
    """Places as codes.

    Attributes:
        codes: (N, …).
        labels: Label number of each, None when the model wants none.
    """

    codes: Tensor
    labels: list[int] | None


def locate(
    family: LatentFamily[Any],
    places: Sequence[Place],
    variety: float,
    labels: Sequence[int] | None,
) -> Located:
    """Return the codes of places, each a function of its place alone.

    Args:
        variety: For places that name none.
        labels: For places that name none; None takes those of their heaviest seeds.

    Raises:
        StudioError: A place belongs to another kind of model.
    """
    asked = [_label(family, place, labels, index) for index, place in enumerate(places)]
    wanted: dict[_Drawn, None] = {}
    for place, label in zip(places, asked, strict=True):
        wanted |= dict.fromkeys(_draws(family, place, variety, label))
    drawn = _draw(family, list(wanted))
    codes = [
        _code(family, place, [drawn[each] for each in _draws(family, place, variety, label)])
        for place, label in zip(places, asked, strict=True)
    ]
    chosen = [_chosen(family, place, label) for place, label in zip(places, asked, strict=True)]
    found = [label for label in chosen if label is not None]
    return Located(torch.stack(codes), found if family.labelled else None)


def _label(
    family: LatentFamily[Any], place: Place, labels: Sequence[int] | None, index: int
) -> int | None:
    """Return the label that a place is asked for with, None when its seeds bring their own."""
    if place.label:
        names = family.spec.labels
        if not family.labelled or place.label not in names:
            raise StudioError(
                "A place asks for a label that this model does not know",
                f"{place.label!r} cannot be asked for. It knows {', '.join(names) or 'none'}.",
                "Choose the model that the place was found with.",
            )
        return names.index(place.label)
    return labels[index] if family.labelled and labels is not None else None


def _chosen(family: LatentFamily[Any], place: Place, asked: int | None) -> int | None:
    """Return the label with which a place is decoded."""
    if not family.labelled or asked is not None:
        return asked
    if place.heaviest is None:
        raise StudioError(
            "A place needs a label",
            f"{family.info.title} learned with labels, and a place that is a code names none.",
            "Choose a label, then try again.",
        )
    return place.heaviest % len(family.spec.labels)


def _draws(
    family: LatentFamily[Any], place: Place, variety: float, label: int | None
) -> list[_Drawn]:
    """Return what is drawn for a place: its seeds, then the seed of its style."""
    seeds = [] if place.code else list(place.seeds)
    if place.style_seed is not None:
        seeds.append(place.style_seed)
    variety = variety if place.variety is None else place.variety
    count = len(family.spec.labels) if family.labelled else 0
    return [
        _Drawn(seed, variety, label if label is not None or not count else seed % count)
        for seed in seeds
    ]


def _draw(family: LatentFamily[Any], wanted: list[_Drawn]) -> dict[_Drawn, Tensor]:
    """Draw codes, those of one variety at once."""
    codes: dict[_Drawn, Tensor] = {}
    for variety in dict.fromkeys(each.variety for each in wanted):
        some = [each for each in wanted if each.variety == variety]
        numbers = [each.label for each in some if each.label is not None]
        labels = torch.tensor(numbers, device=family.compute.device) if numbers else None
        drawn = family.draw([each.seed for each in some], variety, labels)
        codes |= dict(zip(some, drawn, strict=True))
    return codes


def _code(family: LatentFamily[Any], place: Place, drawn: list[Tensor]) -> Tensor:
    style = drawn.pop() if place.style_seed is not None else None
    if place.code:
        code = _given(family, place)
    elif len(drawn) == 1:
        code = drawn[0]
    else:
        parts = place.weights or [1.0] * len(drawn)
        weights = torch.tensor(parts, dtype=torch.float32, device=drawn[0].device)
        code = family.blend(torch.stack(drawn), weights / weights.sum())
    if style is not None:
        code = _mixed(family, code, style, place.style_from)
    for number, deviations in sorted(place.directions.items()):
        code = code + _direction(family, number, deviations)
    return code


def _given(family: LatentFamily[Any], place: Place) -> Tensor:
    shape = family.code_shape
    code = torch.tensor(place.code, dtype=torch.float32, device=family.compute.device)
    if code.numel() != shape.numel():
        raise StudioError(
            "This place is of another model",
            f"Its code has {code.numel()} numbers; codes of {family.info.title} have"
            f" {shape.numel()} here.",
            "Choose the model that the place was found with.",
        )
    return code.view(shape)


def _mixed(family: LatentFamily[Any], code: Tensor, style: Tensor, first: int) -> Tensor:
    """Return a code (L, D) whose layers from `first` on are those of another."""
    if code.dim() != 2:
        raise StudioError(
            "This model has no styles to mix",
            f"Codes of {family.info.title} have no layers that could come from different seeds.",
            "Choose a StyleGAN model, or blend the seeds instead.",
        )
    return torch.cat([code[:first], style[first:]])


def _direction(family: LatentFamily[Any], number: int, deviations: float) -> Tensor:
    known = family.directions
    if known is None or number >= len(known):
        count = len(known) if known is not None else 0
        raise StudioError(
            "This model has no such direction",
            f"Direction {number + 1} was asked for and {count} are known.",
            "Find the model's directions first, then choose one of them.",
        )
    return known.step(number, deviations)
