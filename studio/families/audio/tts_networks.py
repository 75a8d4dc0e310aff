"""Networks of speech from text: letters become what they look like, how long, and columns.

Everything is (B, channels, places); places after the end of a text or a recording are zeros before
every convolution, so that a text is read alike in any company. No layer mixes texts.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from studio.families.audio.vocoder import Block

#: Bounds of the log variance of a manner of speaking.
_LOG_VARIANCE = (-12.0, 6.0)
#: Bounds of log σ around columns of a spectrogram, and how much faster than weights it moves.
_LOG_SCALE, _FASTER = (-4.0, 2.0), 10.0


def reaching(lengths: Tensor, places: int) -> Tensor:
    """Return (B, 1, places), 1 for the first so many places of each row and 0 after."""
    return (torch.arange(places, device=lengths.device)[None] < lengths[:, None]).float()[:, None]


class _Stack(nn.Module):
    """Blocks one after the other over rows of several lengths."""

    def __init__(self, width: int, depth: int, kernel: int = 5) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(Block(width, kernel=kernel) for _ in range(depth))
        self.norm = nn.LayerNorm(width)

    def forward(self, x: Tensor, inside: Tensor) -> Tensor:
        for block in self.blocks:
            x = block(x * inside) * inside
        normal: Tensor = self.norm(x.transpose(1, 2)).transpose(1, 2) * inside
        return normal


class Reader(nn.Module):
    """Letters (B, letters) to their meaning in sound, their likely look and how long they last.

    Attributes:
        longest: Letters of the longest text heard.
        examples: (rows, letters) texts that were heard first: what is said when nothing is asked.
    """

    longest: Tensor
    examples: Tensor

    def __init__(
        self, symbols: int, mels: int, width: int, depth: int, speakers: int, manner: int,
        examples: Tensor,
    ) -> None:  # fmt: skip
        super().__init__()
        self.letters = nn.Embedding(symbols, width)
        self.speakers = nn.Embedding(speakers, width) if speakers else None
        self.stack = _Stack(width, depth)
        self.look = nn.Conv1d(width, mels, 1)
        self.time_voice = nn.Linear(manner, width)
        self.time_stack = _Stack(width, 2, kernel=3)
        self.time = nn.Conv1d(width, 1, 1)
        self.register_buffer("longest", torch.tensor(0))
        self.register_buffer("examples", examples)

    def forward(
        self, text: Tensor, speaker: Tensor | None, inside: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Return (B, width, letters) and looks (B, mels, letters) of texts (B, letters)."""
        x = self.letters(text).transpose(1, 2)
        if self.speakers is not None and speaker is not None:
            x = x + self.speakers(speaker)[:, :, None]
        x = self.stack(x * inside, inside)
        return x, self.look(x) * inside

    def lengths(self, read: Tensor, manner: Tensor, inside: Tensor) -> Tensor:
        """Return the logarithm of the columns that each letter lasts, (B, letters)."""
        x = self.time_stack(read + self.time_voice(manner)[:, :, None], inside)
        lasting: Tensor = (self.time(x) * inside)[:, 0].float()
        return lasting


class Drawer(nn.Module):
    """Columns (B, width, frames) with their places in letters to a spectrogram."""

    def __init__(self, mels: int, width: int, depth: int, manner: int) -> None:
        super().__init__()
        self.place = nn.Conv1d(2, width, 1)
        self.look = nn.Conv1d(mels, width, 1)
        self.manner = nn.Linear(manner, width)
        self.stack = _Stack(width, depth, kernel=7)
        self.last = nn.Conv1d(width, mels, 1)
        self._log_scale = nn.Parameter(torch.full((mels, 1), -1.0 / _FASTER))

    @property
    def log_scale(self) -> Tensor:
        """Return log σ around each row, within bounds."""
        return (_FASTER * self._log_scale.float()).clamp(*_LOG_SCALE)

    def forward(
        self, columns: Tensor, looks: Tensor, place: Tensor, manner: Tensor, inside: Tensor
    ) -> Tensor:
        """Return a spectrogram (B, mels, frames): the looks of the letters, and what differs."""
        x = columns + self.place(place) + self.look(looks) + self.manner(manner)[:, :, None]
        drawn: Tensor = looks + self.last(self.stack(x * inside, inside))
        return drawn


class Listener(nn.Module):
    """A spectrogram to how it is spoken: mean and log variance of a short code, each (B, code)."""

    def __init__(self, mels: int, width: int, code: int) -> None:
        super().__init__()
        self.first = nn.Conv1d(mels, width, 5, padding=2)
        self.stack = _Stack(width, 2)
        self.last = nn.Linear(width, 2 * code)

    def forward(self, mel: Tensor, inside: Tensor) -> tuple[Tensor, Tensor]:
        x = self.stack(self.first(mel * inside), inside)
        mean, log_variance = self.last(x.sum(2) / inside.sum(2).clamp_min(1)).chunk(2, dim=1)
        return mean, log_variance.clamp(*_LOG_VARIANCE)
