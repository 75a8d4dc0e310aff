"""Networks that repair or enlarge a picture: EDSR's plain blocks and NAFNet's gates.

Each maps pictures (B, C, h, w) in −1 … 1 of any size, and a guide (B, 1, h, w) where the damage
has one, to repaired pictures (B, C, s·h, s·w). They learn only what to change: a new network gives
its input back, enlarged as a picture program would.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

from studio.families.image.degradations import enlarge
from studio.families.layers.conv import Conv2d


class Restorer(nn.Module, ABC):
    """The part that all share: restored = (enlarged) input + change.

    Of several frames the change is Δ + Σₜ aₜ (frameₜ − own): what each of the others adds is
    weighed at every pixel, and a new network weighs all with 0.

    Args:
        channels: Colours of a picture.
        scale: How many times larger the result is.
        guide: What the guide says: nothing (""), how bad it is ("level"), or where something is
            missing ("mask"): then only that is changed.
        frames: Pictures that are seen at once, an odd number, their colours one after the other:
            the one in the middle is restored.
    """

    def __init__(self, channels: int, scale: int, guide: str, frames: int = 1) -> None:
        super().__init__()
        self.scale = scale
        self.guide = guide
        self.seen = channels * frames + bool(guide)
        self.colours, self.others = channels, frames - 1
        before = frames // 2 * channels
        self.own = slice(before, before + channels)
        #: Numbers said of each pixel: the change of each colour, and a weight per other frame.
        self.said = channels + self.others

    @property
    @abstractmethod
    def reach(self) -> int:
        """How many pixels of the input to each side a pixel of the result can depend on."""

    @abstractmethod
    def change(self, seen: Tensor) -> Tensor:
        """Return what is said of each pixel of the result, (B, said, s·h, s·w)."""

    def forward(self, picture: Tensor, guide: Tensor | None = None) -> Tensor:
        """Return the restored picture; its values may leave −1 … 1 a little."""
        seen = picture if guide is None else torch.cat([picture, guide], 1)
        change = self.change(seen).float()
        if guide is not None and self.guide == "mask":
            change = change * guide
        own = picture[:, self.own]
        base = own if self.scale == 1 else enlarge(own, self.scale)
        if self.others:
            weights = change[:, self.colours :]
            change = change[:, : self.colours] + self._of_others(picture, own, weights)
        return base + change

    def _of_others(self, picture: Tensor, own: Tensor, weights: Tensor) -> Tensor:
        """Return Σₜ aₜ (frameₜ − own), (B, C, s·h, s·w)."""
        others = torch.cat([picture[:, : self.own.start], picture[:, self.own.stop :]], 1)
        away = others - own.repeat(1, self.others, 1, 1)
        if self.scale > 1:
            away = enlarge(away, self.scale)
        shape = (away.shape[0], self.others, self.colours, *away.shape[2:])
        return (away.float().view(shape) * weights[:, :, None]).sum(1)


def _upsampling(channels: int, scale: int) -> list[nn.Module]:
    """Return layers that double features as often as needed: C → 4C, then to 2 × 2 places each.

    Sub-pixel convolution (Shi et al. 2016): no place is covered more often than others, so there
    is no checkerboard.
    """
    layers: list[nn.Module] = []
    for _ in range(scale.bit_length() - 1):
        layers += [Conv2d(channels, 4 * channels, 3, padding=1), nn.PixelShuffle(2)]
    return layers


def _last(channels: int, out: int) -> Conv2d:
    """Return the last convolution, which changes nothing at first."""
    layer = Conv2d(channels, out, 3, padding=1)
    nn.init.zeros_(layer.weight)
    assert layer.bias is not None
    nn.init.zeros_(layer.bias)
    return layer


# ---------------------------------------------------------------------------------------- EDSR


class ResidualBlock(nn.Module):
    """x + conv(relu(conv(x))); normalisation would wash contrast out (Lim et al. 2017)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.conv1 = Conv2d(width, width, 3, padding=1)
        self.conv2 = Conv2d(width, width, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        change: Tensor = self.conv2(functional.relu(self.conv1(x)))
        return x + change


class EDSR(Restorer):
    """Residual blocks at the input's size, doubled only at the end (Lim et al. 2017)."""

    def __init__(
        self,
        channels: int,
        scale: int,
        guide: str,
        width: int,
        blocks: int,
        _window: int,
        frames: int = 1,
    ) -> None:
        super().__init__(channels, scale, guide, frames)
        self.first = Conv2d(self.seen, width, 3, padding=1)
        self.body = nn.Sequential(
            *(ResidualBlock(width) for _ in range(blocks)), Conv2d(width, width, 3, padding=1)
        )
        self.end = nn.Sequential(*_upsampling(width, scale), _last(width, self.said))

    @property
    def reach(self) -> int:
        """One pixel per convolution, those after a doubling counted as whole ones."""
        convolutions = sum(isinstance(module, nn.Conv2d) for module in self.modules())
        return max(convolutions, 2 + 1)  # the cubic that enlarges reaches 2

    def change(self, seen: Tensor) -> Tensor:
        features = self.first(seen)
        change: Tensor = self.end(features + self.body(features))
        return change


# -------------------------------------------------------------------------------------- NAFNet


class ChannelNorm(nn.Module):
    """Normalises the channels at each place: layer normalisation of (B, C, H, W)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(channels, eps=1e-6)

    def forward(self, x: Tensor) -> Tensor:
        normal: Tensor = self.norm(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)
        return normal


class GatedBlock(nn.Module):
    """Simple gates and channel attention in place of activations (Chen et al. 2022, figure 3c).

    The attention weighs channels by their mean over the surroundings: as many pixels as it saw in
    training, also in larger pictures, so that it keeps to means that it knows (Chu et al. 2022).

    Args:
        window: Side of the surroundings, in places of `x`.
    """

    def __init__(self, width: int, window: int) -> None:
        super().__init__()
        self.window = window
        self.norm1, self.norm2 = ChannelNorm(width), ChannelNorm(width)
        self.widen1, self.widen2 = Conv2d(width, 2 * width, 1), Conv2d(width, 2 * width, 1)
        self.around = Conv2d(2 * width, 2 * width, 3, padding=1, groups=2 * width)
        self.attention = Conv2d(width, width, 1)
        self.narrow1, self.narrow2 = Conv2d(width, width, 1), Conv2d(width, width, 1)
        # each branch begins silent, so that deep networks start as shallow ones
        self.beta = nn.Parameter(torch.zeros(1, width, 1, 1))
        self.gamma = nn.Parameter(torch.zeros(1, width, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        h = _gate(self.around(self.widen1(self.norm1(x))))
        h = h * self.attention(surroundings(h, self.window))
        x = x + self.beta * self.narrow1(h)
        changed: Tensor = x + self.gamma * self.narrow2(_gate(self.widen2(self.norm2(x))))
        return changed


def _gate(x: Tensor) -> Tensor:
    """Return one half of the channels times the other."""
    a, b = x.chunk(2, dim=1)
    return a * b


def surroundings(x: Tensor, window: int) -> Tensor:
    """Return the mean of x (B, C, H, W) over the window around each place.

    (B, C, 1, 1) where all of x fits into the window. At the border the window stays inside.
    """
    if max(x.shape[2:]) <= window:
        return x.mean((2, 3), keepdim=True)
    return _means(_means(x.float(), 2, window), 3, window).to(x.dtype)


def _means(x: Tensor, dim: int, window: int) -> Tensor:
    """Return means over `window` places along a dimension, as differences of running sums."""
    length = x.shape[dim]
    if length <= window:
        return x.mean(dim, keepdim=True)
    zero = torch.zeros_like(x.narrow(dim, 0, 1))
    sums = torch.cat([zero, x.cumsum(dim)], dim)
    count = length - window + 1
    means = (sums.narrow(dim, window, count) - sums.narrow(dim, 0, count)) / window
    places = torch.arange(length, device=x.device) - window // 2
    return means.index_select(dim, places.clamp(0, count - 1))


class NAFNet(Restorer):
    """Gated blocks in a U-Net of two halvings, most of them at the coarsest (Chen et al. 2022).

    What it learns about the surroundings makes it the one for blur and holes.
    """

    HALVINGS = 2

    def __init__(
        self,
        channels: int,
        scale: int,
        guide: str,
        width: int,
        blocks: int,
        window: int,
        frames: int = 1,
    ) -> None:
        super().__init__(channels, scale, guide, frames)
        widths = [width * 2**stage for stage in range(self.HALVINGS + 1)]
        windows = [max(1, window // 2**stage) for stage in range(self.HALVINGS + 1)]
        self.first = Conv2d(self.seen, width, 3, padding=1)
        self.encoders = nn.ModuleList(map(GatedBlock, widths[:-1], windows[:-1]))
        self.halvings = nn.ModuleList(Conv2d(a, b, 2, stride=2) for a, b in pairwise(widths))
        middle = max(1, blocks - 2 * self.HALVINGS)
        self.middle = nn.Sequential(*(GatedBlock(widths[-1], windows[-1]) for _ in range(middle)))
        self.doublings = nn.ModuleList(
            nn.Sequential(Conv2d(b, 4 * a, 1, bias=False), nn.PixelShuffle(2))
            for a, b in reversed([*pairwise(widths)])
        )
        self.decoders = nn.ModuleList(map(GatedBlock, widths[-2::-1], windows[-2::-1]))
        self.end = nn.Sequential(*_upsampling(width, scale), _last(width, self.said))

    @property
    def reach(self) -> int:
        """Pixels that convolutions reach; attention looks further, but only at means."""
        coarsest: int = 2**self.HALVINGS
        stages = 2 * (coarsest - 1)  # Σ 2ˢ on the way down and up
        return 2 + stages + coarsest * (len(self.middle) + 1)

    def change(self, seen: Tensor) -> Tensor:
        height, width = seen.shape[2:]
        multiple = 2**self.HALVINGS
        below, right = -height % multiple, -width % multiple
        if below or right:
            seen = functional.pad(seen, (0, right, 0, below), mode="replicate")
        x = self.first(seen)
        kept = []
        for encoder, halving in zip(self.encoders, self.halvings, strict=True):
            x = encoder(x)
            kept.append(x)
            x = halving(x)
        x = self.middle(x)
        for doubling, decoder in zip(self.doublings, self.decoders, strict=True):
            x = decoder(doubling(x) + kept.pop())
        change: Tensor = self.end(x)
        return change[:, :, : height * self.scale, : width * self.scale]
