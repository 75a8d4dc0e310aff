"""The coach on runs that repair pictures: two broken on purpose, and healthy ones."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from coached_runs import advice_of, coached, shapes
from torch import Tensor
from torch.nn import functional

from studio.engine.coach.rules.restoration import RESTORATION_RULES
from studio.families.image.restore import Restore
from studio.families.image.restore_damage import DAMAGES

TINY: dict[str, Any] = {"blocks": 2, "batch_size": 16, "learning_rate": 4e-3}


def soft() -> Tensor:
    """Return shapes without hard edges."""
    return functional.avg_pool2d(shapes(640), 5, stride=1, padding=2)


def grain() -> Tensor:
    """Return faint shapes under grain that belongs to them, and that no noise can be told from."""
    generator = torch.Generator().manual_seed(0)
    fine = torch.randn(640, 1, 28, 28, generator=generator)
    return (0.4 * shapes(640) + 0.35 * fine).clamp(-0.99, 0.99)


@pytest.mark.parametrize("damage", DAMAGES)
def test_healthy_runs_are_left_alone(damage: str) -> None:
    assert coached(Restore, TINY | {"damage": damage}, steps=60, items=soft()) == []


def test_black_and_white_pictures_are_repaired_too() -> None:
    assert coached(Restore, TINY | {"damage": "noise"}, steps=60) == []


def test_playing_safe() -> None:
    """Strong noise on pictures that are grainy themselves, and squared errors."""
    options = TINY | {"noise": 60.0, "vary": False, "loss": "l2"}
    said = coached(Restore, options, steps=100, items=grain())
    advice = advice_of(said, "plays-safe")
    assert advice.changes == {"loss": "l1"}
    assert advice.metrics == ["val_psnr", "val_sharpness"]


def test_playing_safe_without_squared_errors_asks_for_a_critic() -> None:
    options = TINY | {"noise": 60.0, "vary": False}
    said = coached(Restore, options, steps=100, items=grain())
    assert advice_of(said, "plays-safe").changes == {"critic": 0.005}


def test_hardly_any_gain() -> None:
    """A learning rate a thousand times too small."""
    said = coached(Restore, TINY | {"learning_rate": 4e-6}, steps=80)
    assert advice_of(said, "little-gain").changes == {"learning_rate": pytest.approx(4e-5)}


def test_changes_are_options_that_exist_within_their_bounds() -> None:
    for edges in ({}, {"learning_rate": 0.1}, {"learning_rate": 1e-9}, {"loss": "l2"}):
        options = Restore.recipe_type(**edges).model_dump()
        for rule in RESTORATION_RULES:
            changes = rule.changes(options)
            assert set(changes) <= set(options)
            Restore.recipe_type(**options | changes)
