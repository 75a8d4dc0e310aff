"""Networks of the VQ-VAE's first part: from a picture to a small map of vectors and back.

They are those of van den Oord et al. 2017 (section 4.1): strided convolutions and residual
blocks, without normalisation, so that no picture of a batch sees another.
"""

from __future__ import annotations

from itertools import pairwise

from torch import Tensor, nn
from torch.nn import functional

from studio.families.layers.conv import Conv2d, ConvTranspose2d


class Encoder(nn.Module):
    """Halves pictures (B, C, H, W) `halvings` times, into maps of vectors (B, code, h, w)."""

    def __init__(self, colours: int, width: int, code: int, halvings: int, blocks: int) -> None:
        super().__init__()
        channels = [colours, *_channels(width, halvings)]
        self.halvings = nn.ModuleList(
            Conv2d(a, b, 4, stride=2, padding=1) for a, b in pairwise(channels)
        )
        self.first = Conv2d(width, width, 3, padding=1)
        self.blocks = nn.ModuleList(Residual(width) for _ in range(blocks))
        self.last = Conv2d(width, code, 1)

    def forward(self, pictures: Tensor) -> Tensor:
        x = pictures
        for halving in self.halvings:
            x = functional.relu(halving(x))
        x = self.first(x)
        for block in self.blocks:
            x = block(x)
        vectors: Tensor = self.last(functional.relu(x))
        return vectors


class Decoder(nn.Module):
    """Doubles maps of vectors (B, code, h, w) `halvings` times, into pictures (B, C, H, W).

    What it draws is not bounded: pixels are cut to −1 … 1 where a picture is wanted, so that
    black and white are as easy to learn as any grey.
    """

    def __init__(self, code: int, width: int, colours: int, halvings: int, blocks: int) -> None:
        super().__init__()
        self.first = Conv2d(code, width, 3, padding=1)
        self.blocks = nn.ModuleList(Residual(width) for _ in range(blocks))
        channels = [*_channels(width, halvings)[::-1], colours]
        # a kernel of twice the stride covers every pixel equally often: no checkerboard
        self.doublings = nn.ModuleList(
            ConvTranspose2d(a, b, 4, stride=2, padding=1) for a, b in pairwise(channels)
        )

    def forward(self, vectors: Tensor) -> Tensor:
        x = self.first(vectors)
        for block in self.blocks:
            x = block(x)
        for doubling in self.doublings:
            x = doubling(functional.relu(x))
        pictures: Tensor = x
        return pictures


class Residual(nn.Module):
    """x + what two convolutions make of it, through half as many channels."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.conv1 = Conv2d(width, width // 2, 3, padding=1)
        self.conv2 = Conv2d(width // 2, width, 1)

    def forward(self, x: Tensor) -> Tensor:
        total: Tensor = x + self.conv2(functional.relu(self.conv1(functional.relu(x))))
        return total


def _channels(width: int, halvings: int) -> list[int]:
    """Return channels from the finest stage to the coarsest: half the width, then all of it."""
    return [*[width // 2] * (halvings > 1), *[width] * (halvings - (halvings > 1))]
