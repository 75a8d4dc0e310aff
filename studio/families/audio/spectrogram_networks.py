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
#: Bounds of log σ: spectrograms of silence alone would be described without end.
_LOG_SCALE = (-4.0, 2.0)
#: How much faster than weights σ moves: what is certain must soon outweigh the code's cost.
_FASTER = 10.0
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
        self.norms = nn.ModuleList(nn.GroupNorm(1, width) for _ in range(count))
        columns = -(-frames // self.multiple)
        self.hidden = nn.Linear(width * columns + labels, 2 * width)
        self.last = nn.Linear(2 * width, 2 * code)

    def forward(self, mel: Tensor, labels: Tensor | None) -> tuple[Tensor, Tensor]:
        """Return mean and log variance."""
        h = self.first(functional.pad(mel, (0, -mel.shape[2] % self.multiple), value=-1.0))
        for norm, halve, block in zip(self.norms, self.halvings, self.blocks, strict=True):
            h = block(halve(functional.gelu(norm(h))))
        h = functional.gelu(self.hidden(self.beside(functional.gelu(h).flatten(1), labels)))
        mean, log_variance = self.last(h).chunk(2, dim=1)
        return mean, log_variance.clamp(*_LOG_VARIANCE)


class SpectrogramDecoder(_Labelled):
    """Draws a spectrogram in ever finer stages.

    Attributes:
        log_scale: (mels, 1), log σ of the normal distribution around each row's values.
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
        # every stage is told the code: a label reaches the finest one in a single step
        self.told = nn.ModuleList(nn.Linear(2 * width, width) for _ in range(count))
        self.norms = nn.ModuleList(nn.GroupNorm(1, width) for _ in range(count + 1))
        self.last = nn.Conv1d(width, mels, 5, padding=2)
        self._log_scale = nn.Parameter(torch.full((mels, 1), -1.0 / _FASTER))

    @property
    def log_scale(self) -> Tensor:
        """Return log σ of each row, within bounds."""
        return (_FASTER * self._log_scale.float()).clamp(*_LOG_SCALE)

    def forward(self, code: Tensor, labels: Tensor | None) -> Tensor:
        """Return spectrograms (B, mels, frames) in about −1 … 1."""
        hidden = functional.gelu(self.hidden(self.beside(code, labels)))
        h = self.first(self.unfold(hidden).view(code.shape[0], -1, self.columns))
        stages = zip(self.norms[:-1], self.doublings, self.told, self.blocks, strict=True)
        for norm, double, told, block in stages:
            h = block(double(functional.gelu(norm(h))) + told(hidden)[:, :, None])
        drawn: Tensor = self.last(functional.gelu(self.norms[-1](h)))
        return drawn[:, :, : self.frames]
