"""Networks of the GAN: a generator and a critic for each backbone.

Generators map codes (B, code) and labels (B,) to pictures (B, C, H, W) in −1 … 1; critics map
pictures and labels to scores (B,). `labels` is the number of labels, 0 for none.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

from studio.core.errors import StudioError
from studio.families.layers.conv import Conv2d, ConvTranspose2d
from studio.families.layers.norm import ConditionalBatchNorm
from studio.families.layers.sizes import SMALLEST, square, stages
from studio.families.layers.verdict import Verdict, braked

_MLP_LARGEST = 64


def _channels(width: int, halvings: int) -> list[int]:
    """Return channels from the finest stage to the coarsest: w, 2w, 4w, 8w, 8w …"""
    return [width * min(2**stage, 8) for stage in range(halvings)]


def _initialise(network: nn.Module) -> None:
    """Start from N(0, 0.02²), as DCGAN does; embeddings keep the start they were given."""
    for module in network.modules():
        if isinstance(module, nn.Linear | nn.Conv2d | nn.ConvTranspose2d):
            nn.init.normal_(module.weight, 0.0, 0.02)
            if module.bias is not None:
                nn.init.zeros_(module.bias)


# ---------------------------------------------------------------------------------------- MLP


class MLPGenerator(nn.Module):
    """The classic: code → 256 → 512 → 1024 → pixels."""

    def __init__(self, code: int, shape: tuple[int, ...], width: int, labels: int) -> None:
        super().__init__()
        _mlp_size(shape)
        sizes = [code, *(width * times for times in (8, 16, 32))]
        self.shape = shape
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in pairwise(sizes))
        self.norms = nn.ModuleList(ConditionalBatchNorm(b, labels) for b in sizes[1:])
        self.last = nn.Linear(sizes[-1], math.prod(shape))
        _initialise(self)

    def forward(self, code: Tensor, labels: Tensor | None = None) -> Tensor:
        x = code
        for layer, norm in zip(self.layers, self.norms, strict=True):
            x = functional.leaky_relu(norm(layer(x), labels), 0.2)
        return torch.tanh(self.last(x)).view(-1, *self.shape)


class MLPCritic(nn.Module):
    """Pixels → 512 → 256 → score."""

    def __init__(self, shape: tuple[int, ...], width: int, labels: int, norm: str) -> None:
        super().__init__()
        _mlp_size(shape)
        sizes = [math.prod(shape), width * 16, width * 8]
        layers: list[nn.Module] = [nn.Flatten()]
        for a, b in pairwise(sizes):
            layers.append(braked(nn.Linear(a, b), norm))
            if norm == "batch":
                layers.append(nn.BatchNorm1d(b))
            layers.append(nn.LeakyReLU(0.2))
        self.features = nn.Sequential(*layers)
        self.verdict = Verdict(sizes[-1], labels, norm)
        _initialise(self)

    def forward(self, pictures: Tensor, labels: Tensor | None = None) -> Tensor:
        features = self.features(pictures)
        score: Tensor = self.verdict(features, labels)
        return score


def _mlp_size(shape: tuple[int, ...]) -> None:
    _, size = square(shape)
    if not SMALLEST <= size <= _MLP_LARGEST:
        raise StudioError(
            "This picture size does not fit the network",
            f"Plain layers work from {SMALLEST} to {_MLP_LARGEST} pixels; {size} were asked for.",
            "Choose the DCGAN or ResNet network, or another size of the pictures.",
        )


# -------------------------------------------------------------------------------------- DCGAN


class DCGANGenerator(nn.Module):
    """Transposed convolutions that double the picture stage by stage (Radford et al. 2016)."""

    def __init__(self, code: int, shape: tuple[int, ...], width: int, labels: int) -> None:
        super().__init__()
        colours, size = square(shape)
        self.base, halvings = stages(size)
        channels = _channels(width, halvings)[::-1]
        self.first = nn.Linear(code, channels[0] * self.base**2, bias=False)
        self.norms = nn.ModuleList(ConditionalBatchNorm(c, labels) for c in channels)
        # a kernel of twice the stride covers every pixel equally often: no checkerboard
        self.doublings = nn.ModuleList(
            ConvTranspose2d(a, b, 4, stride=2, padding=1, bias=False) for a, b in pairwise(channels)
        )
        self.last = ConvTranspose2d(channels[-1], colours, 4, stride=2, padding=1)
        _initialise(self)

    def forward(self, code: Tensor, labels: Tensor | None = None) -> Tensor:
        x = self.first(code).view(code.shape[0], -1, self.base, self.base)
        x = functional.relu(self.norms[0](x, labels))
        for doubling, norm in zip(self.doublings, self.norms[1:], strict=True):
            x = functional.relu(norm(doubling(x), labels))
        return torch.tanh(self.last(x))


class DCGANCritic(nn.Module):
    """Strided convolutions that halve the picture stage by stage (Radford et al. 2016)."""

    def __init__(self, shape: tuple[int, ...], width: int, labels: int, norm: str) -> None:
        super().__init__()
        colours, size = square(shape)
        base, halvings = stages(size)
        channels = [colours, *_channels(width, halvings)]
        layers: list[nn.Module] = []
        for a, b in pairwise(channels):
            first = a == colours
            bias = first or norm != "batch"
            layers.append(braked(Conv2d(a, b, 4, stride=2, padding=1, bias=bias), norm))
            if norm == "batch" and not first:
                layers.append(nn.BatchNorm2d(b))
            layers.append(nn.LeakyReLU(0.2))
        self.features = nn.Sequential(*layers)
        self.verdict = Verdict(channels[-1] * base**2, labels, norm)
        _initialise(self)

    def forward(self, pictures: Tensor, labels: Tensor | None = None) -> Tensor:
        features = self.features(pictures)  # (B, C, base, base)
        score: Tensor = self.verdict(features.flatten(1), labels)
        return score


# ------------------------------------------------------------------------------------- ResNet


class UpBlock(nn.Module):
    """Residual block that doubles the picture (Gulrajani et al. 2017; Miyato et al. 2018)."""

    def __init__(self, channels: int, out: int, labels: int) -> None:
        super().__init__()
        self.norm1 = ConditionalBatchNorm(channels, labels)
        self.norm2 = ConditionalBatchNorm(out, labels)
        self.conv1 = Conv2d(channels, out, 3, padding=1)
        self.conv2 = Conv2d(out, out, 3, padding=1)
        self.skip = Conv2d(channels, out, 1)

    def forward(self, x: Tensor, labels: Tensor | None) -> Tensor:
        h = functional.interpolate(functional.relu(self.norm1(x, labels)), scale_factor=2.0)
        h = self.conv2(functional.relu(self.norm2(self.conv1(h), labels)))
        # a 1×1 convolution commutes with doubling and is four times cheaper before it
        skipped = functional.interpolate(self.skip(x), scale_factor=2.0)
        total: Tensor = skipped + h
        return total


class ResNetGenerator(nn.Module):
    """Residual blocks from a small square of features up to the picture."""

    def __init__(self, code: int, shape: tuple[int, ...], width: int, labels: int) -> None:
        super().__init__()
        colours, size = square(shape)
        self.base, halvings = stages(size)
        channels = _channels(width, halvings)[::-1]
        channels = [channels[0], *channels]
        self.first = nn.Linear(code, channels[0] * self.base**2)
        self.blocks = nn.ModuleList(UpBlock(a, b, labels) for a, b in pairwise(channels))
        self.norm = ConditionalBatchNorm(channels[-1], labels)
        self.last = Conv2d(channels[-1], colours, 3, padding=1)

    def forward(self, code: Tensor, labels: Tensor | None = None) -> Tensor:
        x = self.first(code).view(code.shape[0], -1, self.base, self.base)
        for block in self.blocks:
            x = block(x, labels)
        picture: Tensor = self.last(functional.relu(self.norm(x, labels)))
        return torch.tanh(picture)


class DownBlock(nn.Module):
    """Residual block of a critic that halves the picture; the first one sees raw pixels."""

    def __init__(self, channels: int, out: int, norm: str, *, first: bool, halve: bool) -> None:
        super().__init__()
        self.first = first
        self.halve = halve
        self.norm1 = nn.BatchNorm2d(channels) if norm == "batch" and not first else nn.Identity()
        self.norm2 = nn.BatchNorm2d(out) if norm == "batch" else nn.Identity()
        self.conv1 = braked(Conv2d(channels, out, 3, padding=1), norm)
        self.conv2 = braked(Conv2d(out, out, 3, padding=1), norm)
        self.skip = braked(Conv2d(channels, out, 1), norm) if channels != out else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        h = x if self.first else functional.relu(self.norm1(x))
        h = self.conv2(functional.relu(self.norm2(self.conv1(h))))
        if self.halve:
            h, x = functional.avg_pool2d(h, 2), functional.avg_pool2d(x, 2)
        total: Tensor = self.skip(x) + h
        return total


class ResNetCritic(nn.Module):
    """Residual blocks down to a small square of features, which are added up and judged."""

    def __init__(self, shape: tuple[int, ...], width: int, labels: int, norm: str) -> None:
        super().__init__()
        colours, size = square(shape)
        _, halvings = stages(size)
        channels = [colours, *_channels(width, halvings)]
        blocks = [
            DownBlock(a, b, norm, first=stage == 0, halve=True)
            for stage, (a, b) in enumerate(pairwise(channels))
        ]
        blocks.append(DownBlock(channels[-1], channels[-1], norm, first=False, halve=False))
        self.features = nn.Sequential(*blocks)
        self.verdict = Verdict(channels[-1], labels, norm)

    def forward(self, pictures: Tensor, labels: Tensor | None = None) -> Tensor:
        features = functional.relu(self.features(pictures)).sum((2, 3))
        score: Tensor = self.verdict(features, labels)
        return score


MakeGenerator = Callable[[int, tuple[int, ...], int, int], nn.Module]
MakeCritic = Callable[[tuple[int, ...], int, int, str], nn.Module]

BACKBONES: dict[str, tuple[MakeGenerator, MakeCritic]] = {
    "mlp": (MLPGenerator, MLPCritic),
    "dcgan": (DCGANGenerator, DCGANCritic),
    "resnet": (ResNetGenerator, ResNetCritic),
}
