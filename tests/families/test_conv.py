"""Convolutions with their own gradient of the weights: the same numbers as torch's."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from studio.families.layers import conv

LAYERS = [
    (conv.Conv2d, nn.Conv2d, (3, 5, 4, 2, 1), 8),
    (conv.Conv2d, nn.Conv2d, (3, 5, 3, 1, 1), 7),
    (conv.Conv2d, nn.Conv2d, (3, 5, (3, 2), (2, 1), (1, 0)), 6),
    (conv.ConvTranspose2d, nn.ConvTranspose2d, (3, 5, 4, 2, 1), 4),
    (conv.ConvTranspose2d, nn.ConvTranspose2d, (3, 5, (4, 3), (2, 1), (1, 1)), 5),
]


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, ...]]:
    """Return the shapes of the small maps whose gradients were taken our way."""
    seen: list[tuple[int, ...]] = []
    real = conv.weight_gradient

    def counted(large: Tensor, small: Tensor, *how: Any) -> Tensor:
        seen.append(tuple(small.shape))
        return real(large, small, *how)

    monkeypatch.setattr(conv, "weight_gradient", counted)
    monkeypatch.setattr(conv, "SMALL_MAP", 64)  # whatever this machine's is
    return seen


def _learn(layer: nn.Module, x: Tensor, autocast: bool = True) -> tuple[Tensor, ...]:
    x = x.clone().requires_grad_()
    with torch.autocast("cpu", torch.bfloat16, enabled=autocast):
        made = layer(x)
    made.float().square().sum().backward()
    gradients = [p.grad for p in layer.parameters() if p.grad is not None]
    assert x.grad is not None
    return made.float(), x.grad, *gradients


@pytest.mark.parametrize(("ours", "theirs", "shape", "side"), LAYERS)
def test_gradients_are_those_of_full_precision(
    ours: type[nn.Module],
    theirs: type[nn.Module],
    shape: tuple[Any, ...],
    side: int,
    calls: list[tuple[int, ...]],
) -> None:
    torch.manual_seed(0)
    layer, exact = ours(*shape), theirs(*shape)
    exact.load_state_dict(layer.state_dict())
    x = torch.randn(4, 3, side, side + 1)
    for found, wanted in zip(_learn(layer, x), _learn(exact, x, autocast=False), strict=True):
        assert (found - wanted).norm() < 0.02 * wanted.norm()  # bf16 keeps 8 bits
    assert len(calls) == 1


def test_frozen_weights_large_maps_and_full_precision_are_left_to_torch(
    calls: list[tuple[int, ...]],
) -> None:
    layer = conv.Conv2d(3, 5, 3, padding=1)
    _learn(layer, torch.randn(2, 3, 16, 16))
    _learn(layer, torch.randn(2, 3, 4, 4), autocast=False)
    layer.requires_grad_(False)
    _learn(layer, torch.randn(2, 3, 4, 4))
    assert calls == []


def test_a_second_derivative_works_in_full_precision() -> None:
    layer = conv.Conv2d(3, 5, 3, padding=1)
    x = torch.randn(2, 3, 4, 4, requires_grad=True)
    (slope,) = torch.autograd.grad(layer(x).square().sum(), x, create_graph=True)
    slope.square().sum().backward()
    assert layer.weight.grad is not None
    assert layer.weight.grad.abs().sum() > 0
