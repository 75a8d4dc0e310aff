"""What synthesis by rule knows of recordings: their colour, their course and their length."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from studio.families.audio.mel import MelScale

#: Points of the course of loudness over a recording.
COURSE = 16
#: dB below the loudest band or moment, where anything quieter counts as the same.
DEEPEST = -60.0


class Character(NamedTuple):
    """What recordings are like.

    Attributes:
        colour: (N, mels), level of each band in dB below the loudest.
        course: (N, COURSE), level of each part of the row in dB below the loudest.
        seconds: (N,), until nothing more is heard.
    """

    colour: Tensor
    course: Tensor
    seconds: Tensor


def character_of(scale: MelScale, wave: Tensor) -> Character:
    """Return what recordings (N, samples) are like."""
    grid = scale.grid
    power = 10 ** (4 * (scale(wave) - 1))  # −1 … 1 are 80 dB, as power
    moments = power.sum(1, keepdim=True)  # (N, 1, frames)
    course = functional.adaptive_avg_pool1d(moments, COURSE)[:, 0]
    place = torch.arange(1, wave.shape[1] + 1, device=wave.device)
    heard = (place * (wave.abs() > 1e-3)).amax(1)
    return Character(_below(power.mean(2)), _below(course), heard / grid.rate)


def _below(power: Tensor) -> Tensor:
    """Return powers (N, n) in dB below the greatest of each row."""
    levels = 10 * power.clamp_min(1e-12).log10()
    return (levels - levels.amax(1, keepdim=True)).clamp_min(DEEPEST)


def apart(first: Character, second: Character) -> tuple[Tensor, Tensor]:
    """Return how far colours and courses are from each other, in dB, each (N,)."""
    colour = (first.colour - second.colour).abs().mean(-1)
    return colour, (first.course - second.course).abs().mean(-1)


class LearnedCharacter(nn.Module):
    """The mean character of the recordings under each label, and of all in the last place.

    Attributes:
        colour, course, seconds: Means, as in `Character`, a row for each label and one for all.
        seen: (labels + 1,), how many recordings each mean is of.
    """

    colour: Tensor
    course: Tensor
    seconds: Tensor
    seen: Tensor

    def __init__(self, labels: int, mels: int) -> None:
        super().__init__()
        self.register_buffer("colour", torch.zeros(labels + 1, mels))
        self.register_buffer("course", torch.zeros(labels + 1, COURSE))
        self.register_buffer("seconds", torch.zeros(labels + 1))
        self.register_buffer("seen", torch.zeros(labels + 1))

    def at(self, labels: Tensor) -> Character:
        """Return the means under labels (N,); those of all where a label was never heard."""
        last = len(self.seen) - 1
        rows = labels.remainder(last + 1)
        rows = torch.where(self.seen[rows] > 0, rows, torch.full_like(rows, last))
        return Character(self.colour[rows], self.course[rows], self.seconds[rows])

    @torch.no_grad()
    def learn(self, heard: Character, labels: Tensor) -> None:
        """Move the means towards recordings under these labels (N,), −1 for none.

        Every recording counts alike: m ← m + Σ (x − m) / n.
        """
        last = len(self.seen) - 1
        rows = labels.remainder(last + 1)
        shares = functional.one_hot(rows, last + 1).float()  # (N, labels + 1)
        shares[:, last] = 1.0
        self.seen += shares.sum(0)
        for mean, found in zip((self.colour, self.course), heard[:2], strict=True):
            self._move(mean, found, shares)
        self._move(self.seconds[:, None], heard.seconds[:, None], shares)

    def _move(self, mean: Tensor, found: Tensor, shares: Tensor) -> None:
        off = shares.T @ found - shares.sum(0)[:, None] * mean
        mean += off / self.seen.clamp_min(1)[:, None]
