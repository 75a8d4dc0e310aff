"""Which letter is heard when: the likeliest way through a recording, letter after letter."""

from __future__ import annotations

import math

import torch
from torch import Tensor


def likelihood(mel: Tensor, mean: Tensor) -> Tensor:
    """Return log N(column; letter, 1) of every letter and column, (B, letters, frames).

    −½ Σ (x − μ)² − ½ M log 2π, as Glow-TTS (Kim et al. 2020, section 3.1) and Grad-TTS
    (Popov et al. 2021, section 3.2) align.

    Args:
        mel: (B, mels, frames).
        mean: (B, mels, letters), what a letter is expected to look like.
    """
    squared = mel.square().sum(1)[:, None] + mean.square().sum(1)[:, :, None]
    cross = mean.transpose(1, 2) @ mel
    return -0.5 * (squared - 2 * cross + mel.shape[1] * math.log(2 * math.pi))


@torch.no_grad()
def durations_of(value: Tensor, letters: Tensor, frames: Tensor) -> Tensor:
    """Return how many columns belong to each letter, (B, letters), one at least.

    Monotonic alignment search (Kim et al. 2020, algorithm 1): the way that begins at the first
    letter, ends at the last, leaves none out and has the largest sum of values,
        Q(i, t) = v(i, t) + max(Q(i, t − 1), Q(i − 1, t − 1)).

    Args:
        value: (B, letters, frames), how well each letter fits each column.
        letters: (B,) how many letters count; 0 for rows that have no way, which get zeros.
        frames: (B,) how many columns count; at least as many as letters.
    """
    batch, rows, columns = value.shape
    worst = torch.finfo(torch.float32).min / 4
    best = torch.full((batch, rows), worst, device=value.device)
    best[:, 0] = value[:, 0, 0].float()
    moved = []  # whether the best way to (i, t) comes from letter i − 1
    for t in range(1, columns):
        before = torch.cat([torch.full_like(best[:, :1], worst), best[:, :-1]], dim=1)
        moved.append(before > best)
        best = value[:, :, t].float() + torch.maximum(best, before)
    at = (letters - 1).clamp_min(0)
    counts = torch.zeros(batch, rows, device=value.device)
    alive = (letters > 0).float()
    for t in range(columns - 1, -1, -1):
        inside = (t < frames).float() * alive
        counts.scatter_add_(1, at[:, None], inside[:, None])
        if t:
            step = moved[t - 1].gather(1, at[:, None])[:, 0] & (t < frames) & (at > 0)
            at = at - step.long()
    return counts


def spread(letters: Tensor, counts: Tensor, frames: int) -> tuple[Tensor, Tensor]:
    """Return letters (B, C, letters) as often as they last, (B, C, frames), and where in each.

    Returns:
        The columns, zeros after the end, and (B, 2, frames): the share of the letter's time that
        has passed, and the logarithm of how long it lasts.
    """
    ends = counts.cumsum(1)  # (B, letters)
    time = torch.arange(frames, device=letters.device) + 0.5
    owner = (time[None, :, None] > ends[:, None]).sum(2)  # (B, frames)
    inside = owner < counts.shape[1]
    owner = owner.clamp_max(counts.shape[1] - 1)
    columns = letters.gather(2, owner[:, None].expand(-1, letters.shape[1], -1))
    length = counts.gather(1, owner)
    share = (time - (ends.gather(1, owner) - length)) / length.clamp_min(1)
    place = torch.stack([share, length.clamp_min(1).log()], dim=1)
    heard = inside[:, None].to(columns.dtype)
    return columns * heard, place.to(columns.dtype) * heard


def sharpness(value: Tensor, letters: Tensor, frames: Tensor) -> Tensor:
    """Return how sure each column is of its letter, (B,): the mean of the greatest share.

    Shares are those of the letters' likelihoods; 1 is sure, 1 / letters says nothing.
    """
    place = torch.arange(value.shape[1], device=value.device)
    hidden = place[None, :, None] >= letters.clamp_min(1)[:, None, None]
    shares = value.float().masked_fill(hidden, -torch.inf).softmax(1).amax(1)  # (B, frames)
    inside = torch.arange(value.shape[2], device=value.device)[None] < frames[:, None]
    return (shares * inside).sum(1) / frames.clamp_min(1)
