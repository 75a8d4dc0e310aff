"""Finding the code from which a decoder draws an item: projection into the latent space."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from studio.families.base import Tick

if TYPE_CHECKING:
    from studio.families.latent import LatentFamily

#: Corrections of a code, and how large the first ones are, in standard deviations of codes.
STEPS, _RATE = 200, 0.1
#: Codes that are looked at first, and how many of them are followed to the end.
_DRAWN, _FOLLOWED = 128, 6
_PRIOR = 0.05
_SMALLEST = 4  # side below which nothing is halved any more

#: Decodes codes (N, …) with labels (N,) or None to items (N, C, …) in the networks' range.
Decode = Callable[[Tensor, Tensor | None], Tensor]


class Found(NamedTuple):
    """Where an item lies: its code (…), label and the mean difference of a value to the item."""

    code: Tensor
    label: Tensor | None
    error: float


def projected(
    family: LatentFamily[Any], items: Tensor, label: int | None, tick: Tick
) -> list[Found]:
    """Return where items (N, *spec.shape) lie in a family's latent space.

    Gradients must be allowed, also for `items`.

    Args:
        label: The one that they are made with; None finds it, for families with labels.
        tick: Called after each correction of each item.
    """
    starts, labels = family.first_codes(_DRAWN)
    if labels is not None and label is not None:
        labels = torch.full_like(labels, label)
    found = []
    for index, item in enumerate(items):

        def step(done: int, _total: int, before: int = index * STEPS) -> None:
            tick(before + done, len(items) * STEPS)

        own, theirs = _led_by_encoder(family, item, label, starts, labels)
        found.append(project(item, own, theirs, family.decode, step))
    return found


def _led_by_encoder(
    family: LatentFamily[Any],
    item: Tensor,
    asked: int | None,
    starts: Tensor,
    labels: Tensor | None,
) -> tuple[Tensor, Tensor | None]:
    """Return starts and their labels, with the encoder's code for an item where there is one."""
    if not family.has_encoder:
        return starts, labels
    with torch.no_grad():
        label = None
        if labels is not None:
            label = labels[:1] if asked is not None else family.guess_labels(item[None])
        code = family.encode(item[None], label).float()
    every = torch.cat([label, labels]) if label is not None and labels is not None else None
    return torch.cat([code, starts]), every


def project(
    item: Tensor, starts: Tensor, labels: Tensor | None, decode: Decode, tick: Tick
) -> Found:
    """Return the code and the label whose decoded item is most like `item` (C, …).

    Of all starts the best few are followed by Adam (Kingma & Ba 2015) down the difference of the
    items and of their features, in coordinates in which codes have mean 0 and deviation 1.

    Args:
        starts: (N, …) codes to begin from: drawn ones, and an encoder's where there is one.
        labels: (N,) of the starts; a code keeps its label.
        decode: Must let gradients through.
        tick: Called after each correction.
    """
    middle, spread = starts.mean(0), starts.std(0).clamp_min(1e-3)
    first = torch.cat(
        [
            _difference(decode(part, some), item)
            for part, some in zip(torch.split(starts, 64), _split(labels, len(starts)), strict=True)
        ]
    )
    best = first.argsort()[:_FOLLOWED]
    followed = labels[best] if labels is not None else None
    place = ((starts[best] - middle) / spread).requires_grad_()
    adam = torch.optim.Adam([place], lr=_RATE, betas=(0.9, 0.99))
    for step in range(STEPS):
        # cosine decay to zero (Loshchilov & Hutter 2017)
        adam.param_groups[0]["lr"] = _RATE * 0.5 * (1 + math.cos(math.pi * step / STEPS))
        loss = _difference(decode(middle + spread * place, followed), item)
        # normal codes have a mean square of 1; further out the decoder never was
        outside = (place.square().flatten(1).mean(1) - 1).clamp_min(0)
        (place.grad,) = torch.autograd.grad((loss + _PRIOR * outside).sum(), [place])
        adam.step()
        tick(step + 1, STEPS)
    codes = (middle + spread * place).detach()
    made = decode(codes, followed).detach()
    winner = int(_difference(made, item).argmin())
    return Found(
        code=codes[winner],
        label=followed[winner] if followed is not None else None,
        error=float((made[winner] - item).abs().mean()),
    )


def _difference(made: Tensor, item: Tensor) -> Tensor:
    """Return how unlike items (N, C, …) are to one (C, …), in values and in features: (N,).

    The features are the edges at every scale: Σⱼ ‖Lʲ(x) − Lʲ(y)‖₁ over the levels of a Laplacian
    pyramid, each divided by its size, as codes were fitted by Bojanowski et al. (2018, Lap₁).
    """
    wanted = item[None]
    values = (made - wanted).square().flatten(1).mean(1)
    features = torch.zeros_like(values)
    for ours, theirs in zip(_pyramid(made.float()), _pyramid(wanted.float()), strict=True):
        features = features + (ours - theirs).abs().flatten(1).mean(1)
    return values + features


def _pyramid(items: Tensor) -> list[Tensor]:
    """Return what is lost at each halving of items (N, C, …), and what is left at the end."""
    levels = []
    pool = {1: functional.avg_pool1d, 2: functional.avg_pool2d, 3: functional.avg_pool3d}
    halve = pool[items.dim() - 2]
    while min(items.shape[2:]) >= 2 * _SMALLEST:
        smaller = halve(items, 2)
        levels.append(items - functional.interpolate(smaller, size=items.shape[2:]))
        items = smaller
    return [*levels, items]


def _split(labels: Tensor | None, count: int) -> list[Tensor | None]:
    parts = -(-count // 64)
    return [None] * parts if labels is None else list(torch.split(labels, 64))
