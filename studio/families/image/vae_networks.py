"""Networks of the VAE: an encoder and a decoder for each backbone.

Encoders map pictures (B, C, H, W) in −1 … 1 to the mean and log variance of their codes, each
(B, code); decoders map codes to logits (B, C, H, W). `labels` is the number of labels, 0 for
none. No layer mixes the pictures of a batch.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise

import torch
from torch import Tensor, nn

from studio.families.layers.conv import Conv2d, ConvTranspose2d
from studio.families.layers.sizes import stages

#: Bounds of the codes' log variance: beyond them exp() leaves what bf16 and fp32 can hold.
_LOG_VARIANCE = (-12.0, 6.0)


class _Coder(nn.Module):
    """What both sides share: labels enter as one-hot columns beside the numbers."""

    def __init__(self, labels: int) -> None:
        super().__init__()
        self.labels = labels

    def beside(self, x: Tensor, labels: Tensor | None) -> Tensor:
        """Append the label's one-hot column to (B, n)."""
        if not self.labels:
            return x
        assert labels is not None
        return torch.cat([x, nn.functional.one_hot(labels, self.labels).to(x.dtype)], dim=1)


class _Encoder(_Coder):
    """Turns features (B, n) into the mean and the log variance of a code."""

    def __init__(self, features: int, code: int, labels: int) -> None:
        super().__init__(labels)
        self.hidden = nn.Linear(features + labels, _hidden(features))
        self.last = nn.Linear(_hidden(features), 2 * code)

    def code(self, features: Tensor, labels: Tensor | None) -> tuple[Tensor, Tensor]:
        hidden = nn.functional.silu(self.hidden(self.beside(features, labels)))
        mean, log_variance = self.last(hidden).chunk(2, dim=1)
        return mean, log_variance.clamp(*_LOG_VARIANCE)


def _hidden(features: int) -> int:
    return min(512, features)


class MLPEncoder(_Encoder):
    """Pixels → two plain layers → code."""

    def __init__(self, shape: tuple[int, ...], width: int, code: int, labels: int) -> None:
        super().__init__(width * 16, code, labels)
        self.layers = nn.Sequential(
            nn.Flatten(), nn.Linear(math.prod(shape), width * 16), nn.SiLU()
        )

    def forward(self, items: Tensor, labels: Tensor | None = None) -> tuple[Tensor, Tensor]:
        return self.code(self.layers(items), labels)


class MLPDecoder(_Coder):
    """Code → two plain layers → pixels."""

    def __init__(self, code: int, shape: tuple[int, ...], width: int, labels: int) -> None:
        super().__init__(labels)
        self.layers = nn.Sequential(
            nn.Linear(code + labels, width * 16),
            nn.SiLU(),
            nn.Linear(width * 16, width * 16),
            nn.SiLU(),
            nn.Linear(width * 16, math.prod(shape)),
            nn.Unflatten(1, shape),
        )

    def forward(self, code: Tensor, labels: Tensor | None = None) -> Tensor:
        logits: Tensor = self.layers(self.beside(code, labels))
        return logits


class ConvEncoder(_Encoder):
    """Strided convolutions that halve the picture → one plain layer → code."""

    def __init__(self, shape: tuple[int, ...], width: int, code: int, labels: int) -> None:
        base, halvings = stages(shape[1])
        channels = [shape[0], *_channels(width, halvings)]
        super().__init__(channels[-1] * base**2, code, labels)
        layers: list[nn.Module] = []
        for a, b in pairwise(channels):
            layers += [Conv2d(a, b, 4, stride=2, padding=1), nn.SiLU()]
        self.layers = nn.Sequential(*layers, nn.Flatten())

    def forward(self, items: Tensor, labels: Tensor | None = None) -> tuple[Tensor, Tensor]:
        return self.code(self.layers(items), labels)


class ConvDecoder(_Coder):
    """Code → two plain layers → transposed convolutions that double the picture."""

    def __init__(self, code: int, shape: tuple[int, ...], width: int, labels: int) -> None:
        super().__init__(labels)
        base, halvings = stages(shape[1])
        channels = [*_channels(width, halvings)[::-1], shape[0]]
        features = channels[0] * base**2
        layers: list[nn.Module] = [
            nn.Linear(code + labels, _hidden(features)),
            nn.SiLU(),
            nn.Linear(_hidden(features), features),
            nn.Unflatten(1, (channels[0], base, base)),
        ]
        for a, b in pairwise(channels):
            layers += [nn.SiLU(), ConvTranspose2d(a, b, 4, stride=2, padding=1)]
        self.layers = nn.Sequential(*layers)

    def forward(self, code: Tensor, labels: Tensor | None = None) -> Tensor:
        logits: Tensor = self.layers(self.beside(code, labels))
        return logits


class PixelNoise(nn.Module):
    """The noise level of the Gaussian pixel model: log σ, one number that is learned."""

    def __init__(self) -> None:
        super().__init__()
        # a tenth of log σ is stored, so that it moves ten times as far a step as a weight does
        self.tenth = nn.Parameter(torch.tensor(-0.15))

    def forward(self) -> Tensor:
        return 10 * self.tenth


def _channels(width: int, halvings: int) -> list[int]:
    """Return channels from the finest stage to the coarsest: w, 2w, 4w, 4w …"""
    return [width * min(2**stage, 4) for stage in range(halvings)]


MakeEncoder = Callable[[tuple[int, ...], int, int, int], nn.Module]
MakeDecoder = Callable[[int, tuple[int, ...], int, int], nn.Module]

BACKBONES: dict[str, tuple[MakeEncoder, MakeDecoder]] = {
    "mlp": (MLPEncoder, MLPDecoder),
    "conv": (ConvEncoder, ConvDecoder),
}


def gaussian_cost(mean: Tensor, log_deviation: Tensor, target: Tensor) -> Tensor:
    """Return −log P(x|z) of each item, (B,), in nats, for pixels of 256 steps in 0 … 1.

    Σ ½ ((x − μ)/σ)² + log σ + ½ log 2π + log 255: the density at a pixel times the step's width.
    """
    error = ((target - mean) / log_deviation.exp()).square()
    constant = log_deviation + 0.5 * math.log(2 * math.pi) + math.log(255)
    return (0.5 * error + constant).flatten(1).sum(1)
