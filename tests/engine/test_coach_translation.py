"""Models that change nothing, hide the original, or use few of their tiles: made to, and told."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from coached_runs import advice_of
from coached_translators import Nothing, Reads, Writes, replaced
from torch import Tensor, nn

from studio.core.media import Modality
from studio.core.protocol import Advice
from studio.core.recipe import DataSpec
from studio.engine.coach.coach import Coach
from studio.families.base import Family
from studio.families.batch import Batch
from studio.families.compute import Compute
from studio.families.image.cyclegan import CycleGAN
from studio.families.image.vqvae import VQVAE

SIZE = 16
STEPS = 120


def blobs(count: int, seed: int) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    small = torch.rand(count, 3, 4, 4, generator=generator) * 2 - 1
    return nn.functional.interpolate(small, size=(SIZE, SIZE), mode="bilinear")


def watched(family: Family[Any], partner: bool, change: Any = None) -> list[Advice]:
    """Train for real and return what the coach said."""
    spec = DataSpec(
        modality=Modality.IMAGE,
        shape=(3, SIZE, SIZE),
        count=64,
        partner_shape=(3, SIZE, SIZE) if partner else (),
        statistics={"mean": 0.0, "std": 0.6},
    )
    torch.manual_seed(0)
    family.setup(spec)
    coach = Coach(family.recipe.model_dump(), family.info)
    items, unseen = blobs(64, 0), blobs(16, 1)
    said: list[Advice] = []
    for step in range(STEPS):
        torch.manual_seed(step)
        family.step = step
        if change is not None:
            change(family, step)
        chosen = torch.randint(64, (8,))
        other = -items[chosen.flip(0)] if partner else None
        values = family.train_step(Batch(items[chosen], partner=other))
        figures = {name: float(value) for name, value in values.items()}
        if (step + 1) % 10 == 0:
            held_out = Batch(unseen, partner=-unseen if partner else None)
            figures |= {name: float(value) for name, value in family.validate(held_out).items()}
        said += coach.observe(step + 1, figures)
    return said


def cyclegan(**options: Any) -> CycleGAN:
    small = {"steps": STEPS, "width": 4, "blocks": 1}
    return CycleGAN(CycleGAN.recipe_type(**small | options), Compute())


def test_a_healthy_translation_is_left_alone() -> None:
    rules = {advice.rule for advice in watched(cyclegan(identity=0.0), partner=True)}
    assert not rules & {"does-nothing", "hides-the-original"}


def test_returning_the_input_is_seen() -> None:
    said = watched(cyclegan(), partner=True, change=replaced(Nothing, Nothing))
    assert advice_of(said, "does-nothing").changes == {"identity": 0.0, "cycle": 5.0}


def test_secret_notes_are_seen() -> None:
    said = watched(cyclegan(), partner=True, change=replaced(Writes, Reads))
    assert advice_of(said, "hides-the-original").changes == {"cycle_noise": pytest.approx(0.05)}


def vqvae(**options: Any) -> VQVAE:
    small = {"steps": STEPS, "width": 16, "code": 8, "vocabulary": 64, "writer_width": 32}
    return VQVAE(VQVAE.recipe_type(**small | {"writer_depth": 1} | options), Compute())


def test_dead_tiles_are_seen_and_woken_ones_are_fine() -> None:
    said = watched(vqvae(restart=False), partner=False)
    assert advice_of(said, "few-tiles").changes == {"restart": True}
    rules = {advice.rule for advice in watched(vqvae(restart=True), partner=False)}
    assert "few-tiles" not in rules
