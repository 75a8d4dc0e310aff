"""Principal directions: those of known decoders, and what makes them repeatable."""

from __future__ import annotations

import pytest
import torch
from latent_models import CODE, Layered, Linear, ready

from studio.families.latent_directions import COUNT, Directions, steepest


def no_tick(_done: int, _total: int) -> None:
    """Do nothing."""


def test_directions_of_a_linear_decoder_are_its_singular_vectors() -> None:
    family = ready(Linear)
    turn, _ = torch.linalg.qr(torch.randn(CODE, CODE, generator=torch.Generator().manual_seed(1)))
    with torch.no_grad():
        family.network.weight.copy_(family.network.weight @ turn)
    found = family.find_directions(no_tick)
    _, _, right = torch.linalg.svd(family.network.weight.detach())
    cosine = (found.vectors * right).sum(1)
    torch.testing.assert_close(cosine.abs(), torch.ones(CODE), atol=1e-3, rtol=0)
    torch.testing.assert_close(found.spreads, torch.ones(CODE), atol=0.1, rtol=0)


def test_slopes_are_averaged_over_codes() -> None:
    # G(z) = (3 z₁², z₂): E[JᵀJ] = diag(36 E[z₁²], 1), so the first wins where |z₁| > 1/6
    codes = torch.tensor([[0.0, 0.0], [0.05, 0.0]])

    def decode(codes: torch.Tensor, _of: int) -> torch.Tensor:
        return torch.stack([3 * codes[:, 0] ** 2, codes[:, 1]], 1)

    assert steepest(decode, codes, no_tick)[0].abs().argmax() == 1
    assert steepest(decode, codes + torch.tensor([1.0, 0.0]), no_tick)[0].abs().argmax() == 0


@pytest.mark.parametrize("kind", [Linear, Layered])
def test_directions_are_orthonormal_and_always_the_same(kind: type[Linear]) -> None:
    first, second = (ready(kind).find_directions(no_tick) for _ in range(2))
    assert torch.equal(first.vectors, second.vectors)
    assert len(first) == min(CODE, COUNT)
    torch.testing.assert_close(first.vectors @ first.vectors.T, torch.eye(CODE))
    largest = first.vectors.gather(1, first.vectors.abs().argmax(1, keepdim=True))
    assert (largest > 0).all()


def test_styles_move_along_their_principal_components() -> None:
    found = ready(Layered).find_directions(no_tick)
    # its styles are normal with deviations 6, 5, 4 … along the axes
    assert found.vectors.abs().argmax(1).tolist() == list(range(CODE))
    assert (found.vectors.abs().amax(1) > 0.9).all()
    torch.testing.assert_close(found.spreads, torch.arange(CODE, 0, -1.0), rtol=0.1, atol=0)


def test_a_labelled_decoder_keeps_each_codes_label() -> None:
    family = ready(Linear, ("cat", "dog"))
    done: list[tuple[int, int]] = []
    family.find_directions(lambda now, total: done.append((now, total)))
    assert done[-1][0] == done[-1][1]
    assert isinstance(family.directions, Directions)
