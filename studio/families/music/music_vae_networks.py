"""Networks of the music VAE: an encoder and a decoder for each way of going through time.

Encoders map rolls (B, tracks, steps, pitches) in −1 … 1 to the mean and log variance of their
codes, each (B, code); decoders map codes to logits of rolls. `labels` is the number of labels, 0
for none, and `bars` how many bars a roll has. No layer mixes the rolls of a batch.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional

from studio.families.music.roll_networks import PitchThenTime, TimeThenPitch, roll_size

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
        return torch.cat([x, functional.one_hot(labels, self.labels).to(x.dtype)], dim=1)


class _Encoder(_Coder):
    """Turns features (B, n) into the mean and the log variance of a code."""

    def __init__(self, features: int, code: int, labels: int) -> None:
        super().__init__(labels)
        hidden = min(512, features)
        self.hidden = nn.Linear(features + labels, hidden)
        self.last = nn.Linear(hidden, 2 * code)

    def code(self, features: Tensor, labels: Tensor | None) -> tuple[Tensor, Tensor]:
        hidden = functional.silu(self.hidden(self.beside(features, labels)))
        mean, log_variance = self.last(hidden).chunk(2, dim=1)
        return mean, log_variance.clamp(*_LOG_VARIANCE)


class ConvEncoder(_Encoder):
    """Kernels over octaves, then over time, then one plain layer."""

    def __init__(
        self, shape: tuple[int, ...], bars: int, width: int, code: int, labels: int
    ) -> None:
        read = PitchThenTime(roll_size(shape), width)
        super().__init__(read.features, code, labels)
        self.read = read

    def forward(self, rolls: Tensor, labels: Tensor | None = None) -> tuple[Tensor, Tensor]:
        return self.code(self.read(rolls), labels)


class ConvDecoder(_Coder):
    """One plain layer, then kernels that double the time and open the octaves."""

    def __init__(
        self, code: int, shape: tuple[int, ...], bars: int, width: int, labels: int
    ) -> None:
        super().__init__(labels)
        self.hidden = nn.Linear(code + labels, 8 * width)
        self.draw = TimeThenPitch(8 * width, roll_size(shape), width)

    def forward(self, code: Tensor, labels: Tensor | None = None) -> Tensor:
        hidden = functional.silu(self.hidden(self.beside(code, labels)))
        logits: Tensor = self.draw(hidden)
        return logits


class GRUEncoder(_Encoder):
    """Reads each bar by kernels, and the row of bars by a GRU forwards and backwards."""

    def __init__(
        self, shape: tuple[int, ...], bars: int, width: int, code: int, labels: int
    ) -> None:
        hidden = 8 * width
        super().__init__(2 * hidden, code, labels)
        self.bars = bars
        self.read = PitchThenTime(roll_size(_of_a_bar(shape, bars)), width)
        self.squeeze = nn.Linear(self.read.features, hidden)
        self.row = nn.GRU(hidden, hidden, batch_first=True, bidirectional=True)

    def forward(self, rolls: Tensor, labels: Tensor | None = None) -> tuple[Tensor, Tensor]:
        tracks, steps, pitches = rolls.shape[1:]
        each = rolls.reshape(-1, tracks, self.bars, steps // self.bars, pitches)
        each = each.transpose(1, 2).flatten(0, 1)  # (B · bars, tracks, steps of a bar, pitches)
        read = functional.silu(self.squeeze(self.read(each))).view(rolls.shape[0], self.bars, -1)
        _, last = self.row(read)  # (2, B, hidden): forwards at the end, backwards at the beginning
        return self.code(last.transpose(0, 1).flatten(1), labels)


class GRUDecoder(_Coder):
    """A conductor tells each bar what to play, as in MusicVAE (Roberts et al. 2018, section 3.2).

    The conductor is a GRU that goes over the bars with the code before its eyes; a bar is drawn
    from what it is told alone, so that the code cannot be ignored.
    """

    def __init__(
        self, code: int, shape: tuple[int, ...], bars: int, width: int, labels: int
    ) -> None:
        super().__init__(labels)
        hidden = 8 * width
        self.bars = bars
        self.begin = nn.Linear(code + labels, hidden)
        self.place = nn.Embedding(bars, hidden)
        self.conductor = nn.GRU(hidden, hidden, batch_first=True)
        self.told = nn.Linear(2 * hidden, hidden)
        self.draw = TimeThenPitch(hidden, roll_size(_of_a_bar(shape, bars)), width)

    def forward(self, code: Tensor, labels: Tensor | None = None) -> Tensor:
        begin = functional.silu(self.begin(self.beside(code, labels)))  # (B, hidden)
        seen = begin[:, None] + self.place.weight.to(begin.dtype)  # (B, bars, hidden)
        led, _ = self.conductor(seen, torch.tanh(begin)[None])
        told = functional.silu(self.told(torch.cat([led, seen], dim=2)))
        drawn: Tensor = self.draw(told.flatten(0, 1))  # (B · bars, tracks, steps of a bar, pitches)
        drawn = drawn.view(code.shape[0], self.bars, *drawn.shape[1:]).transpose(1, 2)
        return drawn.flatten(2, 3)  # (B, tracks, steps, pitches)


def _of_a_bar(shape: tuple[int, ...], bars: int) -> tuple[int, ...]:
    tracks, steps, pitches = shape
    return (tracks, steps // bars, pitches)


MakeEncoder = Callable[[tuple[int, ...], int, int, int, int], nn.Module]
MakeDecoder = Callable[[int, tuple[int, ...], int, int, int], nn.Module]

NETWORKS: dict[str, tuple[MakeEncoder, MakeDecoder]] = {
    "conv": (ConvEncoder, ConvDecoder),
    "gru": (GRUEncoder, GRUDecoder),
}
