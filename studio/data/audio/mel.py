"""Spectrograms on the mel scale, in numpy: for views, thumbnails, likeness and measures.

The scale is O'Shaughnessy's (1987), mel = 2595 log10(1 + f / 700); the bands are triangles that
overlap by half, none scaled by its width: what torchaudio's `MelSpectrogram` makes by default.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

#: Samples that one column is measured over.
WINDOW = 1024
#: Level that silence is drawn at, in dB.
FLOOR = -100.0

_FRAMES = 2048  # columns that are transformed at once


def mel(frequency: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Return frequencies in Hz on the mel scale."""
    found: npt.NDArray[np.float64] = 2595 * np.log10(1 + np.asarray(frequency, np.float64) / 700)
    return found


def hertz(place: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Return places on the mel scale in Hz."""
    found: npt.NDArray[np.float64] = 700 * (10 ** (np.asarray(place, np.float64) / 2595) - 1)
    return found


@lru_cache(maxsize=16)
def filters(
    rate: int, bands: int, size: int = WINDOW, lowest: float = 0.0, highest: float = 0.0
) -> Floats:
    """Return how much of each frequency belongs to each band, (size // 2 + 1, bands).

    Args:
        rate: Samples a second.
        lowest, highest: In Hz; 0 for `highest` is half the rate.
    """
    frequencies = np.linspace(0, rate / 2, size // 2 + 1)
    edges = hertz(np.linspace(mel(lowest), mel(highest or rate / 2), bands + 2))
    rising = (frequencies[:, None] - edges[:-2]) / np.diff(edges)[:-1]
    falling = (edges[2:] - frequencies[:, None]) / np.diff(edges)[1:]
    found: Floats = np.maximum(0, np.minimum(rising, falling)).astype(np.float32)
    found.setflags(write=False)
    return found


def power(samples: Floats, hop: int, size: int = WINDOW, *, padded: bool = True) -> Floats:
    """Return the power spectrum (columns, size // 2 + 1) of samples (N,), periodic Hann windows.

    Args:
        hop: Samples from column to column.
        padded: Let the first column be around the first sample, the ends mirrored; else only
            whole windows are taken.
    """
    samples = np.ascontiguousarray(samples, np.float32)
    if padded:
        half = size // 2
        long = len(samples) > half
        samples = np.pad(samples, half, mode="reflect" if long else "constant")
    if len(samples) < size:
        samples = np.pad(samples, (0, size - len(samples)))
    frames = np.lib.stride_tricks.sliding_window_view(samples, size)[::hop]
    shape = _hann(size)
    found = np.empty((len(frames), size // 2 + 1), np.float32)
    for start in range(0, len(frames), _FRAMES):
        spectrum = np.fft.rfft(frames[start : start + _FRAMES] * shape, axis=1)
        found[start : start + _FRAMES] = spectrum.real**2 + spectrum.imag**2
    return found


def log_mel(
    samples: Floats,
    rate: int,
    *,
    bands: int = 80,
    hop: int = WINDOW // 4,
    size: int = WINDOW,
    lowest: float = 0.0,
    highest: float = 0.0,
    padded: bool = True,
) -> Floats:
    """Return a spectrogram in dB, (bands, columns), the lowest band first; a sine of 1 is near 0.

    Args:
        samples: (N,), or (N, C) of which the mean is taken, in -1 … 1.
        rate: Samples a second.
        hop: Samples from column to column.
        size: Samples that a column is measured over, a power of two.
    """
    if samples.ndim == 2:
        samples = samples.mean(1)
    # a sine of amplitude 1 has a peak of (sum of the window / 2)² in the power spectrum
    full = float(_hann(size).sum() / 2) ** 2
    energy = power(samples, hop, size, padded=padded) @ filters(rate, bands, size, lowest, highest)
    found: Floats = (10 * np.log10(np.maximum(energy / full, 1e-30))).T
    return np.maximum(found, np.float32(FLOOR)).astype(np.float32)


def hop_for(count: int, columns: int) -> int:
    """Return the hop at which `count` samples make about as many columns as a view is wide."""
    return int(min(max(16, count // max(1, columns)), max(16, count)))


@lru_cache(maxsize=8)
def _hann(size: int) -> Floats:
    found: Floats = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(size) / size)).astype(np.float32)
    found.setflags(write=False)
    return found
