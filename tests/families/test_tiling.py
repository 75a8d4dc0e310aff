"""Pictures in tiles: nothing may tell where a tile ended."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from studio.families.tiling import Tiling, in_tiles


def _tick(_done: int, _total: int) -> None:
    """Do nothing."""


def _convolutions(scale: int) -> nn.Sequential:
    """Return a network with a receptive field of 4 pixels to each side."""
    torch.manual_seed(0)
    layers: list[nn.Module] = [nn.Conv2d(3, 8, 5, padding=2), nn.Tanh()]
    layers += [nn.Conv2d(8, 3 * scale**2, 5, padding=2), nn.PixelShuffle(scale)]
    return nn.Sequential(*layers)


@pytest.mark.parametrize("scale", [1, 2])
@pytest.mark.parametrize("size", [(70, 53), (32, 90), (24, 24), (5, 61)])
@pytest.mark.parametrize("feather", [0, 6])
@torch.no_grad()
def test_convolutions_give_the_same_in_tiles_as_in_one_piece(
    scale: int, size: tuple[int, int], feather: int
) -> None:
    network, whole = _convolutions(scale), torch.rand(3, *size)
    tiled = in_tiles(network, whole, Tiling(32, 4, feather), _tick, scale=scale)
    assert tiled.shape == (3, size[0] * scale, size[1] * scale)
    torch.testing.assert_close(tiled, network(whole[None])[0], rtol=0, atol=1e-5)


@torch.no_grad()
def test_a_network_that_halves_gets_multiples_and_gives_the_same() -> None:
    torch.manual_seed(0)
    network = nn.Sequential(
        nn.Conv2d(1, 4, 4, stride=2, padding=1), nn.ConvTranspose2d(4, 1, 4, stride=2, padding=1)
    )
    whole = torch.rand(1, 72, 58)
    seen: list[tuple[int, ...]] = []

    def process(tile: Tensor) -> Tensor:
        seen.append(tuple(tile.shape[2:]))
        made: Tensor = network(tile)
        return made

    tiled = in_tiles(process, whole, Tiling(24, 4, 4, multiple=2), _tick)
    torch.testing.assert_close(tiled, network(whole[None])[0], rtol=0, atol=1e-5)
    assert set(seen) == {(24, 24)}


def test_what_lacks_to_a_multiple_is_mirrored() -> None:
    whole = torch.arange(5.0).expand(1, 3, 5)
    seen: list[Tensor] = []

    def process(tile: Tensor) -> Tensor:
        seen.append(tile)
        return tile

    tiled = in_tiles(process, whole, Tiling(16, 2, 2, multiple=4), _tick)
    assert torch.equal(tiled, whole)
    assert seen[0][0, 0, 0].tolist() == [0, 1, 2, 3, 4, 4, 3, 2]


def test_tiles_that_differ_fade_into_each_other() -> None:
    """A network that paints each tile in another shade leaves no step larger than the ramp's."""
    shades = iter([0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0])
    tiled = in_tiles(
        lambda tile: torch.full_like(tile, next(shades)),
        torch.zeros(1, 80, 80),
        Tiling(40, 4, 10),
        _tick,
    )
    assert 0.99 < float(tiled.max() - tiled.min()) <= 1
    assert float(tiled.diff(dim=1).abs().max()) <= 0.1 + 1e-6
    assert float(tiled.diff(dim=2).abs().max()) <= 0.1 + 1e-6


def test_says_how_far_it_is() -> None:
    said: list[tuple[int, int]] = []
    in_tiles(lambda t: t, torch.zeros(1, 60, 30), Tiling(30, 5), lambda *how: said.append(how))
    assert said == [(1, 3), (2, 3), (3, 3)]


def test_whole_numbers_are_handed_over_as_they_are() -> None:
    whole = torch.randint(0, 256, (3, 40, 40), dtype=torch.uint8)
    tiled = in_tiles(lambda tile: tile / 255, whole, Tiling(24, 2, 4), _tick)
    torch.testing.assert_close(tiled * 255, whole.float())


def test_margins_that_leave_nothing_are_an_error() -> None:
    with pytest.raises(ValueError, match="nothing between"):
        Tiling(16, 6, 2)
