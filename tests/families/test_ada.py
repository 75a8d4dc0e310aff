"""Adaptive augmentation: what each change does, how often, and where its probability goes."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from studio.families.layers.ada import NUMBERS, STEER_EVERY, AdaptiveAugmentation, Kinds

#: Where the pair of numbers of each change begins; the first says whether, the second how far.
MIRROR, TURN, RIGHT, DOWN, SIZE, ROTATE = 0, 2, 4, 6, 8, 10
BRIGHTNESS, CONTRAST, INVERT, HUE, SATURATION = 20, 22, 24, 26, 28


def _pictures(colours: int = 3) -> Tensor:
    generator = torch.Generator().manual_seed(0)
    return torch.rand(4, colours, 16, 16, generator=generator) * 2 - 1


def _augmentation(probability: float, kinds: Kinds = "all") -> AdaptiveAugmentation:
    made = AdaptiveAugmentation(kinds, images=1000, limit=1.0)
    made.probability.fill_(probability)
    return made


def _only(change: int, amount: float) -> Tensor:
    """Return numbers with which one change happens, by this much, at any p above 0."""
    numbers = torch.full((4, NUMBERS), 1.0)
    numbers[:, change], numbers[:, change + 1] = 0.0, amount
    return numbers


def _changed(change: int, amount: float, x: Tensor) -> Tensor:
    done: Tensor = _augmentation(0.5)(x, _only(change, amount))
    return done


@pytest.mark.parametrize("colours", [1, 3])
def test_nothing_happens_at_probability_zero(colours: int) -> None:
    x, numbers = _pictures(colours), torch.rand(4, NUMBERS)
    assert torch.equal(_augmentation(0.0)(x, numbers), x)


@pytest.mark.parametrize("kinds", ["moves", "geometry", "all"])
def test_everything_changes_at_probability_one_and_gradients_flow(kinds: Kinds) -> None:
    torch.manual_seed(1)
    x = _pictures().requires_grad_(True)
    y = _augmentation(1.0, kinds)(x, torch.rand(4, NUMBERS))
    assert all((a - b).abs().mean() > 0.05 for a, b in zip(x, y, strict=True))
    (gradient,) = torch.autograd.grad(y.square().sum(), x)
    assert (gradient.flatten(1).abs().sum(1) > 0).all()


def test_a_change_happens_with_its_probability() -> None:
    torch.manual_seed(0)
    x = _pictures()[:1].expand(2000, -1, -1, -1)
    numbers = torch.ones(2000, NUMBERS)
    numbers[:, INVERT], numbers[:, INVERT + 1] = torch.rand(2000), 0.9
    y = _augmentation(0.3)(x, numbers)
    share = (y != x).flatten(1).any(1).float().mean()
    assert share.item() == pytest.approx(0.3, abs=0.03)


def test_moves_mix_no_pixels() -> None:
    x = _pictures()
    torch.testing.assert_close(_changed(MIRROR, 0.9, x), x.flip(3))
    assert torch.equal(_changed(MIRROR, 0.1, x), x)  # the half of them that is not mirrored
    torch.testing.assert_close(_changed(TURN, 0.6, x), x.rot90(2, (2, 3)), atol=1e-5, rtol=0)
    quarter = _changed(TURN, 0.3, x)
    near = [(quarter - x.rot90(k, (2, 3))).abs().max() < 1e-4 for k in (1, 3)]
    assert sum(near) == 1
    # of −2 … 2 pixels the largest; what comes in is the mirrored border
    padded = functional.pad(x, (0, 2, 0, 0), mode="replicate")
    shifted = _changed(RIGHT, 0.99, x)
    torch.testing.assert_close(shifted[..., :14], padded[..., 2:16], atol=1e-5, rtol=0)
    torch.testing.assert_close(shifted[..., 14:], x[..., 14:].flip(3), atol=1e-4, rtol=0)


def test_sizes_and_rotations() -> None:
    x = functional.interpolate(_pictures()[:, :, ::4, ::4], scale_factor=4.0, mode="bilinear")
    # the number at Φ(1) is one deviation: 2^0.2 of the extent is seen
    one = 0.5 * (1 + math.erf(1 / math.sqrt(2)))
    ratio = 2**0.2
    theta = torch.tensor([[ratio, 0.0, 0.0], [0.0, ratio, 0.0]]).expand(4, 2, 3)
    grid = functional.affine_grid(theta, list(x.shape), align_corners=False)
    wanted = functional.grid_sample(x, grid, padding_mode="reflection", align_corners=False)
    torch.testing.assert_close(_changed(SIZE, one, x), wanted, atol=1e-4, rtol=0)
    # three quarters of the way from −π to π is a quarter turn
    turned = _changed(ROTATE, 0.75, x)
    assert min((turned - x.rot90(k, (2, 3))).abs().max() for k in (1, 3)) < 1e-4


def test_colours() -> None:
    x = _pictures()
    one = 0.5 * (1 + math.erf(1 / math.sqrt(2)))
    torch.testing.assert_close(_changed(BRIGHTNESS, one, x), x + 0.2, atol=1e-4, rtol=0)
    torch.testing.assert_close(_changed(CONTRAST, one, x), x * 2**0.5, atol=1e-4, rtol=0)
    grey = x.mean(1, keepdim=True)
    torch.testing.assert_close(_changed(INVERT, 0.9, x), x - 2 * grey, atol=1e-5, rtol=0)
    # a third of the circle of hues hands red, green and blue on
    third = _changed(HUE, 0.5 + 1 / 3, x)
    assert min((third - x.roll(k, 1)).abs().max() for k in (1, 2)) < 1e-4
    saturated = _changed(SATURATION, one, x)
    torch.testing.assert_close(saturated, grey + 2 * (x - grey), atol=1e-3, rtol=0)


def test_greys_stay_one_channel() -> None:
    x = _pictures(1)
    torch.testing.assert_close(_changed(INVERT, 0.9, x), -x)
    assert torch.equal(_changed(HUE, 0.8, x), x)


def test_the_probability_follows_how_sure_the_critic_is() -> None:
    """Above r_t = 0.6 it grows by 4 batches in `images`, below it falls as fast, within bounds."""
    augmentation = AdaptiveAugmentation("all", images=1000, limit=0.5)

    def steer(sign: float, steps: int) -> float:
        for step in range(steps):
            augmentation.steer(torch.tensor(sign), step, batch=10)
        return augmentation.probability.item()

    assert steer(0.9, STEER_EVERY - 1) == 0.0  # only every fourth step
    augmentation.steer(torch.tensor(0.9), STEER_EVERY - 1, batch=10)
    assert augmentation.probability.item() == pytest.approx(0.04)
    assert augmentation.signs.item() == 0.0
    assert steer(0.7, 2 * STEER_EVERY) == pytest.approx(0.12)
    assert steer(0.5, STEER_EVERY) == pytest.approx(0.08)
    assert steer(1.0, 40 * STEER_EVERY) == 0.5
    assert steer(-1.0, 40 * STEER_EVERY) == 0.0
    # the mean of four batches decides: 0.9, 0.9, 0.9 and −1 are 0.425
    for step, sign in enumerate((0.9, 0.9, 0.9, -1.0)):
        augmentation.probability.fill_(0.3)
        augmentation.steer(torch.tensor(sign), step, batch=10)
    assert augmentation.probability.item() == pytest.approx(0.26)
