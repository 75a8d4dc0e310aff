"""Small runs that learn for real while the coach watches: shared by its tests.

The networks and the data are tiny; only what a machine measures (waiting, memory) is played.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

import torch
from torch import Tensor

from studio.core.family_info import Task
from studio.core.media import Media
from studio.core.protocol import Advice
from studio.core.recipe import DataSpec
from studio.data.modality import modality_data
from studio.engine.averaging import Averaging
from studio.engine.coach.coach import Coach
from studio.families.base import Family, SampleRequest
from studio.families.batch import Batch
from studio.families.compute import Compute

SIZE = 28
SAMPLE_EVERY = 10
SMALL: dict[str, Any] = {"backbone": "mlp", "width": 8, "code": 16, "batch_size": 32}


def shapes(count: int, seed: int = 0) -> Tensor:
    """Return squares, rings and crosses of several sizes at several places, (N, 1, 28, 28)."""
    generator = torch.Generator().manual_seed(seed)

    def draw(low: int, high: int) -> Tensor:
        return torch.randint(low, high, (count, 1, 1), generator=generator)

    places = torch.arange(SIZE)
    down, right = (places[:, None] - draw(9, 19)).abs(), (places[None] - draw(9, 19)).abs()
    radius, kind = draw(4, 9), draw(0, 3)
    square = torch.maximum(down, right) <= radius
    ring = ((down**2 + right**2).float().sqrt() - radius).abs() < 1.5
    cross = ((down <= 1) | (right <= 1)) & square
    inside = torch.where(kind == 0, square, torch.where(kind == 1, ring, cross))
    return torch.where(inside, 1.0, -1.0)[:, None]


def coached(
    kind: type[Family[Any]],
    options: dict[str, Any],
    *,
    steps: int,
    items: Tensor | None = None,
    unseen: Tensor | None = None,
    about: dict[str, Any] | None = None,
    partner: Callable[[Tensor], Tensor] | None = None,
    every: int = SAMPLE_EVERY,
    samples: int = 64,
    before_step: Callable[[Family[Any], int], None] = lambda _family, _step: None,
) -> list[Advice]:
    """Train for real and return all that the coach said, in order.

    Args:
        items: (N, 1, H, W), or of another shape for other modalities, to learn from; the last 128
            kept for checking where there are more.
        unseen: What to check with instead.
        about: What else is known of the data, as in its `DataSpec`.
        partner: Makes the second dataset of the first, for families that learn from two.
        every: Steps from one measurement of samples and unseen items to the next.
        samples: How many are measured; 0 for none.
    """
    items = shapes(640) if items is None else items
    learned = len(items)
    if unseen is None and len(items) > 128:
        learned -= 128
        unseen = items[learned:]
    elif unseen is None:
        unseen = shapes(128, seed=9)
    data = modality_data(kind.info.modality)
    small = {name: v for name, v in SMALL.items() if name in kind.recipe_type.model_fields}
    recipe = kind.recipe_type(**small | {"steps": steps} | options)
    family = kind(recipe, Compute())
    torch.manual_seed(0)
    shape = tuple(items.shape[1:])
    spec = DataSpec(
        modality=kind.info.modality,
        shape=shape,
        count=len(items),
        partner_shape=shape if partner else (),
        **about or {},
    )
    family.setup(spec)

    def batch(some: Tensor) -> Batch:
        return Batch(some, partner=partner(some) if partner else None)

    real = data.to_media(unseen, [{}] * len(unseen), spec)
    coach = Coach(recipe.model_dump(), family.info, (), spec)
    said: list[Advice] = []
    averaging: Averaging | None = None
    for step in range(steps):
        torch.manual_seed(step)
        family.step = step
        before_step(family, step)
        averaging = averaging or Averaging(family, recipe.ema)  # of what a test put in its place
        chosen = torch.randint(0, learned, (recipe.batch_size * family.batches_per_step,))
        values = {k: float(v) for k, v in family.train_step(batch(items[chosen])).items()}
        averaging.update(step + 1)
        if (step + 1) % every == 0:
            with averaging.applied():
                values |= _measured(family, batch(unseen), real, samples)
        said += coach.observe(step + 1, values)
    return said


def _measured(
    family: Family[Any], unseen: Batch, real: Sequence[Media], samples: int
) -> dict[str, float]:
    """Return what a sample sheet and held-out items say of the weights in place."""
    values: dict[str, float] = {}
    if samples and Task.GENERATE in family.info.tasks:
        measures = import_module(f"studio.evaluate.{family.info.modality}")
        made = list(family.sample(SampleRequest(seeds=range(samples)), lambda _done, _of: None))
        values |= measures.sample_statistics(made, real)
    held_out = {k: float(v) for k, v in family.validate(unseen).items()}
    return values | held_out | family.derived(held_out)


def advice_of(said: Sequence[Advice], rule: str) -> Advice:
    """Return the first advice of a rule."""
    found = [advice for advice in said if advice.rule == rule]
    assert found, f"{rule} was not said, only {[advice.rule for advice in said]}"
    return found[0]
