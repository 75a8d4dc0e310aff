"""The WaveGAN: phases are shuffled as the paper says, and the game moves towards real sound."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch

from studio.core.media import Modality
from studio.core.recipe import DataSpec
from studio.families.audio.wavegan import WaveGAN, WaveGANRecipe
from studio.families.audio.wavegan_networks import shuffled
from studio.families.batch import Batch
from studio.families.compute import Compute


def _family(channels: int = 1, **options: Any) -> WaveGAN:
    torch.manual_seed(0)
    settings = {"steps": 60, "code": 8, "width": 4} | options
    family = WaveGAN(WaveGANRecipe(**settings), Compute())
    spec = DataSpec(modality=Modality.AUDIO, shape=(channels, 1024), resources={"rate": "8000"})
    family.setup(spec)
    return family


def test_phases_are_moved_and_mirrored() -> None:
    x = torch.arange(5.0).repeat(3, 1, 1)
    moved = shuffled(x, torch.tensor([0, 2, -1]))
    assert moved[:, 0].tolist() == [[0, 1, 2, 3, 4], [2, 1, 0, 1, 2], [1, 2, 3, 4, 3]]


@pytest.mark.parametrize("growing", ["resize", "transposed"])
def test_both_ways_of_growing_make_sounds_of_the_right_length(growing: str) -> None:
    family = _family(2, growing=growing)
    with torch.no_grad():
        made = family.decode(family.draw([1, 2], 1.0, None), None)
    assert made.shape == (2, 2, 1024)
    assert made.abs().max() <= 1
    assert not torch.equal(made[0], made[1])


def test_the_game_finds_the_outline_of_sounds_in_stereo() -> None:
    """Loud in the first half and silent in the second: so must be what is made."""
    family = _family(2, learning_rate=2e-3, critic_steps=2)
    moments = torch.arange(1024) / 8000
    for step in range(60):
        torch.manual_seed(step)
        family.step = step
        wave = 0.6 * (2 * math.pi * 440 * (moments + torch.rand(16, 2, 1))).sin()
        wave[:, :, 512:] = 0
        family.train_step(Batch(wave))
    with torch.no_grad():
        made = family.decode(family.draw(range(16), 1.0, None), None)
    assert made.shape == (16, 2, 1024)
    assert made[:, :, :512].std() > 2 * made[:, :, 512:].std()
