"""Networks of the spectrogram VAE: rows of a spectrogram are channels, and time is halved.

The encoder maps spectrograms (B, mels, frames) in −1 … 1 to the mean and log variance of their
codes, each (B, code); the decoder maps codes back. `labels` is the number of labels, 0 for none. No
layer mixes the recordings of a batch.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from studio.families.audio.vocoder import Block

#: Halving ends when so few columns are left.
_SHORTEST = 4
#: Bounds of the codes' log variance: beyond them exp() leaves what bf16 and fp32 can hold.
_LOG_VARIANCE = (-12.0, 6.0)


def halvings(frames: int) -> int:
    """Return how often so many columns are halved, at least once."""
    count = 1
    while frames / 2 ** (count + 1) >= _SHORTEST and count < 8:
        count += 1
    return count


class _Labelled(nn.Module):
    """What both sides share: labels enter as one-hot columns beside the numbers."""

    def __init__(self, labels: int) -> None:
        super().__init__()
        self.labels = labels

    def beside(self, x: Tensor, labels: Tensor | None) -> Tensor:
        """Append the label's one-hot column to (B, n)."""
        if not self.labels:
            return x
        assert labels is not None
        return torch.cat([x, functional.one_hot(labels, self.labels).to(x.dtype)], dim=1)


class SpectrogramEncoder(_Labelled):
    """Looks at a spectrogram in ever coarser stages."""

    def __init__(self, mels: int, frames: int, width: int, code: int, labels: int) -> None:
        super().__init__(labels)
        count = halvings(frames)
        self.multiple = 2**count
        self.first = nn.Conv1d(mels, width, 5, padding=2)
        self.blocks = nn.ModuleList(Block(width) for _ in range(count))
        self.halvings = nn.ModuleList(
            nn.Conv1d(width, width, 4, stride=2, padding=1) for _ in range(count)
        )
        columns = -(-frames // self.multiple)
        self.hidden = nn.Linear(width * columns + labels, 2 * width)
        self.last = nn.Linear(2 * width, 2 * code)

    def forward(self, mel: Tensor, labels: Tensor | None) -> tuple[Tensor, Tensor]:
        """Return mean and log variance."""
        h = self.first(functional.pad(mel, (0, -mel.shape[2] % self.multiple), value=-1.0))
        for halve, block in zip(self.halvings, self.blocks, strict=True):
            h = block(halve(functional.gelu(h)))
        h = functional.gelu(self.hidden(self.beside(functional.gelu(h).flatten(1), labels)))
        mean, log_variance = self.last(h).chunk(2, dim=1)
        return mean, log_variance.clamp(*_LOG_VARIANCE)


class SpectrogramDecoder(_Labelled):
    """Draws a spectrogram in ever finer stages.

    Attributes:
        log_scale: (mels, 1), log b of the Laplace distribution around each row's values.
    """

    def __init__(self, mels: int, frames: int, width: int, code: int, labels: int) -> None:
        super().__init__(labels)
        count = halvings(frames)
        self.frames = frames
        self.columns = -(-frames // 2**count)
        self.hidden = nn.Linear(code + labels, 2 * width)
        self.unfold = nn.Linear(2 * width, width * self.columns)
        self.first = Block(width)
        self.blocks = nn.ModuleList(Block(width) for _ in range(count))
        self.doublings = nn.ModuleList(
            nn.ConvTranspose1d(width, width, 4, stride=2, padding=1) for _ in range(count)
        )
        self.last = nn.Conv1d(width, mels, 5, padding=2)
        self.log_scale = nn.Parameter(torch.full((mels, 1), -1.0))

    def forward(self, code: Tensor, labels: Tensor | None) -> Tensor:
        """Return spectrograms (B, mels, frames) in about −1 … 1."""
        h = functional.gelu(self.hidden(self.beside(code, labels)))
        h = self.first(self.unfold(h).view(len(code), -1, self.columns))
        for double, block in zip(self.doublings, self.blocks, strict=True):
            h = block(double(functional.gelu(h)))
        drawn: Tensor = self.last(functional.gelu(h))
        return drawn[:, :, : self.frames]
