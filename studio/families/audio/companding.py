"""Sound as 256 steps that are fine where it is soft: µ-law companding (ITU-T G.711)."""

from __future__ import annotations

import math

import torch
from torch import Tensor

#: How many steps there are.
CODES = 256
#: The step that stands for exactly 0.
SILENCE = CODES // 2
_MU = CODES - 1
_HALF = _MU / 2


def companded(wave: Tensor) -> Tensor:
    """Return f(x) = sgn(x) ln(1 + µ|x|) / ln(1 + µ) of samples in -1 … 1, µ = 255.

    van den Oord et al. 2016, section 2.2.
    """
    wave = wave.float().clamp(-1, 1)
    return wave.sign() * (_MU * wave.abs()).log1p() / math.log1p(_MU)


def encode(wave: Tensor) -> Tensor:
    """Return the steps, int64 in 0 … 255, of samples in -1 … 1; 0 becomes `SILENCE`."""
    steps = (companded(wave) * _HALF).round().long() + SILENCE
    return steps.clamp(0, CODES - 1)


def levels() -> tuple[Tensor, Tensor]:
    """Return what the steps stand for, companded and as samples, both (256,) in -1 … 1."""
    loud = ((torch.arange(CODES) - SILENCE) / _HALF).clamp(-1, 1)
    # x = sgn(f) ((1 + µ)^|f| − 1) / µ
    return loud, loud.sign() * ((1 + _MU) ** loud.abs() - 1) / _MU


def decode(codes: Tensor) -> Tensor:
    """Return samples in -1 … 1, float32, of steps of any shape."""
    return levels()[1].to(codes.device)[codes]


def true_lengths(wave: Tensor) -> Tensor:
    """Return (N,) how many samples of rows (N, L) are a recording: what fills up is exactly 0."""
    places = torch.arange(1, wave.shape[1] + 1, device=wave.device)
    return (places * (wave != 0)).amax(1)
