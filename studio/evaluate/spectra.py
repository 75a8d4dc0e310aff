"""Spectra and levels of recordings, as measures and judges look at them.

Everything takes waves (N, L) in -1 … 1 of one rate. Levels are in dB of full scale: a sine as
loud as can be has 0 dB in its bin.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import torch
from torch import Tensor
from torch.nn import functional

QUIETEST = -80.0  # dB that anything quieter counts as

_DARK = -60.0  # dB that are black in a picture: below lies what microphones and rounding add
_PART = 64  # recordings whose spectra are in memory at once
_WINDOW = 0.05  # seconds of a mel window, about
_FINEST = 128  # samples of a window, at least
_LEVELS = 0.02  # seconds over which a level is measured


def power(waves: Tensor, size: int) -> Iterator[Tensor]:
    """Yield power spectra (n, size/2 + 1, frames), some recordings at a time.

    Hann windows of `size` samples, each a quarter further than the last; shorter recordings are
    filled up with silence.
    """
    window = torch.hann_window(size)
    short = max(0, size - waves.shape[1])
    for part in torch.split(functional.pad(waves, (0, short)), _PART):
        found = torch.stft(part, size, size // 4, window=window, center=False, return_complex=True)
        yield (found.real.square() + found.imag.square()) / (window.sum() / 2) ** 2


def decibels(powers: Tensor, quietest: float = QUIETEST) -> Tensor:
    """Return powers in dB, nothing below the quietest."""
    return 10 * powers.clamp_min(10 ** (quietest / 10)).log10()


def window_size(rate: int, length: int) -> int:
    """Return the samples of a window of about a twentieth of a second: a power of two."""
    wanted = 1 << (max(_FINEST, round(_WINDOW * rate)) - 1).bit_length()
    return min(wanted, max(_FINEST, 1 << (max(1, length).bit_length() - 1)))


def mel_pictures(waves: Tensor, rate: int, bands: int = 40) -> Tensor:
    """Return pictures (N, 1, bands, frames) of levels in mel bands, 0 (-60 dB) … 1 (0 dB)."""
    size = window_size(rate, waves.shape[1])
    filters = _mel_filters(rate, size, bands)
    shown = [1 - decibels(filters @ each, _DARK) / _DARK for each in power(waves, size)]
    return torch.cat(shown)[:, None]


@cache
def _mel_filters(rate: int, size: int, bands: int) -> Tensor:
    """Return triangles that are evenly spaced in mel (bands, size/2 + 1), peaks of 1.

    m = 2595 log₁₀(1 + f/700)   (O'Shaughnessy 1987). A band that is narrower than a bin takes
    what lies between its two.
    """
    highest = 2595 * torch.tensor(1 + rate / 1400).log10()
    mels = torch.linspace(0, float(highest), bands + 2)
    edges = 700 * (10 ** (mels / 2595) - 1)
    bins = torch.arange(size // 2 + 1) * rate / size
    step = rate / size
    low, middle, high = (each[:, None] for each in (edges[:-2], edges[1:-1], edges[2:]))
    rising = (bins - low) / (middle - low).clamp_min(step)
    falling = (high - bins) / (high - middle).clamp_min(step)
    # never narrower than a bin on either side, so that no band is empty
    near = 1 - (bins - middle).abs() / step
    return torch.minimum(rising, falling).maximum(near).clamp_min(0)


def levels(waves: Tensor, rate: int) -> Tensor:
    """Return the level of every fiftieth of a second in dB (N, windows), -100 … 0."""
    size = max(1, min(round(_LEVELS * rate), waves.shape[1]))
    count = waves.shape[1] // size
    squares = waves[:, : count * size].reshape(len(waves), count, size).square().mean(2)
    return decibels(squares, -100.0)


def average_spectrum(waves: Tensor, size: int) -> Tensor:
    """Return the mean power in each bin over all recordings and all time (size/2 + 1,)."""
    total, count = torch.zeros(size // 2 + 1), 0
    for each in power(waves, size):
        total += each.sum((0, 2))
        count += each.shape[0] * each.shape[2]
    return total / max(count, 1)
