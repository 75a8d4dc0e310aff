"""Networks of the music GAN: a generator and a critic for each way of going through time.

Generators map codes (B, code) and labels (B,) to the logits of rolls (B, tracks, steps, pitches);
critics map rolls in −1 … 1 and labels to scores (B,). `labels` is the number of labels, 0 for
none. No layer of a critic looks across the batch, as the penalty on its slope wants it.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional

from studio.families.music.roll_networks import PitchThenTime, TimeThenPitch, as_read, roll_size


class ConvGenerator(nn.Module):
    """Kernels that first double the time, then open the octaves."""

    def __init__(self, code: int, shape: tuple[int, ...], width: int, labels: int) -> None:
        super().__init__()
        self.label = nn.Embedding(labels, code) if labels else None
        # from fully silent rolls the game is slow to begin: slopes of a full silence are small
        self.draw = TimeThenPitch(code, roll_size(shape), width, silence=-1.5)

    def forward(self, code: Tensor, labels: Tensor | None = None) -> Tensor:
        if self.label is not None:
            code = code + self.label(labels)
        logits: Tensor = self.draw(code)
        return logits


class ConvCritic(nn.Module):
    """Kernels that first read the octaves, then halve the time."""

    def __init__(self, shape: tuple[int, ...], width: int, labels: int) -> None:
        super().__init__()
        self.read = PitchThenTime(roll_size(shape), width)
        self.verdict = _Verdict(self.read.features, labels)

    def forward(self, rolls: Tensor, labels: Tensor | None = None) -> Tensor:
        score: Tensor = self.verdict(self.read(rolls), labels)
        return score


class LSTMGenerator(nn.Module):
    """Two layers of LSTM that play step by step (as C-RNN-GAN, Mogren 2016).

    Each step is given the code, the place in the roll and what is left of the label.
    """

    def __init__(self, code: int, shape: tuple[int, ...], width: int, labels: int) -> None:
        super().__init__()
        tracks, steps, pitches = shape
        hidden = 8 * width
        self.shape = shape
        self.label = nn.Embedding(labels, code) if labels else None
        self.place = nn.Embedding(steps, width)
        self.step = nn.LSTM(code + width, hidden, num_layers=2, batch_first=True)
        self.last = nn.Linear(hidden, tracks * pitches)

    def forward(self, code: Tensor, labels: Tensor | None = None) -> Tensor:
        tracks, steps, pitches = self.shape
        if self.label is not None:
            code = code + self.label(labels)
        said = code[:, None].expand(-1, steps, -1)
        place = self.place.weight.to(code.dtype).expand(code.shape[0], -1, -1)
        played, _ = self.step(torch.cat([said, place], dim=2))  # (B, steps, hidden)
        logits: Tensor = self.last(played).view(code.shape[0], steps, tracks, pitches)
        return logits.transpose(1, 2)


class LSTMCritic(nn.Module):
    """An LSTM that listens forwards and backwards; the mean of what it heard is judged.

    The penalty on its slope needs second derivatives, which cuDNN's LSTM does not have and
    torch's own has: see `twice_differentiable` in `music_gan.py`.
    """

    def __init__(self, shape: tuple[int, ...], width: int, labels: int) -> None:
        super().__init__()
        tracks, _, pitches = shape
        hidden = 4 * width
        self.first = nn.Linear(2 * tracks * pitches, hidden)
        self.listen = nn.LSTM(hidden, hidden, batch_first=True, bidirectional=True)
        self.last = nn.Linear(2 * hidden, 2 * hidden)
        self.verdict = _Verdict(2 * hidden, labels)

    def forward(self, rolls: Tensor, labels: Tensor | None = None) -> Tensor:
        rolls = as_read(rolls)
        before = functional.pad(rolls[:, :, :-1], (0, 0, 1, 0))
        both = torch.cat([rolls, rolls - before], dim=1)  # (B, 2 tracks, steps, pitches)
        rows = functional.leaky_relu(self.first(both.transpose(1, 2).flatten(2)), 0.2)
        heard, _ = self.listen(rows)  # (B, steps, 2 hidden)
        heard = functional.leaky_relu(self.last(heard), 0.2)
        score: Tensor = self.verdict(heard.mean(1), labels)
        return score


class _Verdict(nn.Module):
    """The last layer of a critic: D(x, y) = ψ(h) + ⟨v_y, h⟩ (Miyato & Koyama 2018, equation 3)."""

    def __init__(self, features: int, labels: int) -> None:
        super().__init__()
        self.score = nn.Linear(features, 1)
        self.label = nn.Embedding(labels, features) if labels else None
        if self.label is not None:
            # torch starts embeddings at N(0, 1), which would drown the score
            nn.init.normal_(self.label.weight, 0.0, 0.02)

    def forward(self, features: Tensor, labels: Tensor | None) -> Tensor:
        score: Tensor = self.score(features).squeeze(1)
        if self.label is not None:
            score = score + (self.label(labels) * features).sum(1)
        return score


MakeGenerator = Callable[[int, tuple[int, ...], int, int], nn.Module]
MakeCritic = Callable[[tuple[int, ...], int, int], nn.Module]

NETWORKS: dict[str, tuple[MakeGenerator, MakeCritic]] = {
    "conv": (ConvGenerator, ConvCritic),
    "lstm": (LSTMGenerator, LSTMCritic),
}
