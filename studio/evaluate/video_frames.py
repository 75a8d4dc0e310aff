"""How clips move: how much, how restlessly, and whether they repeat themselves.

Everything takes clips as networks see them, float (N, C, T, H, W) in -1 … 1, and returns one
number per clip, (N,). How close frames are to those that they should be is measured by
`families/video/frame_metrics.py`.
"""

from __future__ import annotations

import torch
from torch import Tensor

_LOOP = 0.95  # likeness to the frame k before, from which on a clip repeats
_AWAY = 0.5  # likeness that it must have fallen to in between
_STILL = 1e-7  # mean squared difference of frames: not even one level in a hundred pixels


def motion_energy(clips: Tensor) -> Tensor:
    """Return the mean squared difference of neighbouring frames, (N,); 0 for a single one."""
    if clips.shape[2] < 2:
        return clips.new_zeros(len(clips))
    return clips.float().diff(dim=2).square().flatten(1).mean(1)


def flicker_energy(clips: Tensor) -> Tensor:
    """Return how restless differences of frames are, (N,); 0 below three frames.

    The mean of (x(t+1) - 2 x(t) + x(t-1))²: little for what moves evenly, four times the motion
    energy for what goes back and forth with every frame.
    """
    if clips.shape[2] < 3:
        return clips.new_zeros(len(clips))
    return clips.float().diff(n=2, dim=2).square().flatten(1).mean(1)


def flicker_ratio(made: Tensor, source: Tensor) -> Tensor:
    """Return how much more made clips flicker than those that they were made of, (N,).

    A source that stands still counts as one that changes by a level of 256 with every frame, so
    that the least tremble over it is no catastrophe.
    """
    usual = flicker_energy(source).clamp_min(4 * (2 / 255) ** 2)
    return flicker_energy(made).clamp_min(4 * (2 / 255) ** 2) / usual


def loop_lags(clips: Tensor) -> Tensor:
    """Return after how many frames each clip repeats itself, (N,) int64; 0 where it does not.

    The autocorrelation at lag k is r(k) = 1 - E (x(t+k) - x(t))² / (2 Var_t x). A clip repeats at
    the first k with r(k) > 0.95 after r has fallen below 0.5, seen over half the clip at most. One
    that stands still repeats nothing.
    """
    frames = clips.shape[2]
    x = clips.float()
    spread = 2 * x.var(2, correction=0).flatten(1).mean(1)
    found = torch.zeros(len(x), dtype=torch.int64, device=x.device)
    away = torch.zeros(len(x), dtype=torch.bool, device=x.device)
    for lag in range(1, frames // 2 + 1):
        apart = (x[:, :, lag:] - x[:, :, :-lag]).square().flatten(1).mean(1)
        likeness = 1 - apart / spread.clamp_min(1e-12)
        repeats = (likeness > _LOOP) & away & (spread > _STILL) & (found == 0)
        found[repeats] = lag
        away |= likeness < _AWAY
    return found
