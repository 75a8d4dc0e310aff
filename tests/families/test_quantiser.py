"""The codebook: nearest codes, running means, straight-through gradients, dead codes."""

from __future__ import annotations

import pytest
import torch

from studio.families.layers.quantiser import Quantiser


def maps(vectors: torch.Tensor) -> torch.Tensor:
    """Return vectors (N, D) as a map (1, D, 1, N)."""
    return vectors.T[None, :, None]


def test_each_vector_becomes_the_nearest_and_gradients_pass_through() -> None:
    quantiser = Quantiser(3, 2)
    quantiser.codebook.copy_(torch.tensor([[0.0, 0.0], [1.0, 0.0], [0.0, 2.0]]))
    vectors = maps(torch.tensor([[0.2, 0.1], [0.9, 0.3], [0.1, 1.6]])).requires_grad_()
    found = quantiser(vectors)
    assert found.codes.flatten().tolist() == [0, 1, 2]
    assert torch.equal(found.vectors, quantiser.vectors_of(found.codes))
    wanted = torch.tensor([0.2**2 + 0.1**2, 0.1**2 + 0.3**2, 0.1**2 + 0.4**2]).sum() / 6
    assert found.commitment.item() == pytest.approx(wanted.item(), rel=1e-5)
    found.vectors.sum().backward()
    assert torch.equal(vectors.grad, torch.ones_like(vectors))


def test_codes_move_to_the_running_mean_of_their_vectors() -> None:
    quantiser = Quantiser(2, 1, decay=0.9, restart=False)
    quantiser.codebook.copy_(torch.tensor([[-1.0], [1.0]]))
    vectors = maps(torch.tensor([[-2.0], [-4.0], [3.0]]))
    codes = torch.tensor([0, 0, 1]).view(1, 1, 3)
    quantiser.follow(vectors, codes, torch.zeros(2))
    # N = (0.2, 0.1), m = (-0.6, 0.3): e = m / N
    assert quantiser.codebook.flatten().tolist() == pytest.approx([-3.0, 3.0])
    quantiser.follow(vectors + 1, codes, torch.zeros(2))
    # N = (0.38, 0.19), m = (0.9·-0.6 + 0.1·-4, 0.9·0.3 + 0.1·4)
    assert quantiser.codebook.flatten().tolist() == pytest.approx([-0.94 / 0.38, 0.67 / 0.19])


@pytest.mark.parametrize("restart", [False, True])
def test_dead_codes_come_back_only_when_they_may(restart: bool) -> None:
    """All vectors lie far from a codebook whose codes lie side by side."""
    torch.manual_seed(0)
    quantiser = Quantiser(16, 2, restart=restart)
    places = torch.randn(16, 2) * 5
    for _ in range(60):
        vectors = maps(places[torch.randint(16, (128,))] + 0.05 * torch.randn(128, 2))
        quantiser.follow(vectors, quantiser(vectors).codes, torch.rand(16))
    assert (quantiser.use() > 0.6) == restart
