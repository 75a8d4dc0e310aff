"""What two recordings are compared by: how loud each pitch range is, in equal parts of the sound.

Loudness, sample rate, format and silence around the sound do not count.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from studio.data.audio.mel import filters, power
from studio.data.audio.slices import Slice

Floats = npt.NDArray[np.float32]

#: Seconds, and samples, from the beginning that are compared.
SECONDS, MOST = 30.0, 1 << 21

_PARTS, _BANDS = 32, 20
_LOWEST, _HIGHEST = 100.0, 3500.0  # Hz, what even the telephone keeps
_DEPTH = 40.0  # dB below the loudest part that are told apart
_RIM = 0.002  # share of the energy at the beginning and at the end that does not count
_APART = 2.2  # dB by which near-duplicates differ, in the mean square
_LONGER = 0.04  # share by which their lengths differ at most
_BITS = 24  # of the hash: fewer than 64, so that 4 that differ are a sixth of them
_TILT = 0.8  # share of the mean spectrum that the hash leaves out
_SHARE = 4  # parts in time that the hash takes together


def summary(samples: Floats, rate: int) -> Floats:
    """Return the level of each part and band in dB below the loudest, (32, 20), 0 … -40.

    Args:
        samples: (N,), the beginning of a recording.
    """
    start, end = core(samples, rate)
    if end <= start:
        return np.full((_PARTS, _BANDS), -_DEPTH, np.float32)
    size = 1 << max(6, round(np.log2(rate * 0.04)))
    hop = max(1, min(size // 2, (end - start) // _PARTS))
    highest = min(_HIGHEST, rate / 2)
    energy = power(samples[start:end], hop, size) @ filters(rate, _BANDS, size, _LOWEST, highest)
    edges = np.arange(_PARTS) * len(energy) // _PARTS
    after = np.maximum(edges + 1, (np.arange(_PARTS) + 1) * len(energy) // _PARTS)
    sums = np.concatenate([np.zeros((1, _BANDS)), np.cumsum(energy, 0, dtype=np.float64)])
    parts = (sums[after] - sums[edges]) / (after - edges)[:, None]
    levels = 10 * np.log10(np.maximum(parts, 1e-20) / max(1e-20, float(parts.max())))
    found: Floats = np.maximum(levels, -_DEPTH).astype(np.float32)
    return found


def core(samples: Floats, rate: int) -> Slice:
    """Return where all but a little of the energy of samples (N,) is; empty if there is none.

    What a threshold would find moves with a little noise; this does not.
    """
    size = max(1, rate // 200)
    edges = np.arange(0, len(samples), size)
    if not len(edges):
        return Slice(0, 0)
    energy = np.cumsum(np.add.reduceat(np.square(samples, dtype=np.float64), edges))
    if not energy[-1]:
        return Slice(0, 0)
    first, last = np.searchsorted(energy, np.array([_RIM, 1 - _RIM]) * energy[-1])
    return Slice(int(first) * size, min(len(samples), (int(last) + 1) * size))


def perceptual_hash(table: Floats) -> int:
    """Return 24 bits (of 64) that are close for recordings whose summaries are.

    Random hyperplanes (Charikar 2002): each bit tells on which side of one a recording lies.
    """
    coarse = table.reshape(_PARTS // _SHARE, _SHARE, _BANDS).mean(1)
    # what most recordings share, low louder than high, tells nothing
    coarse = coarse - _TILT * coarse.mean(0) - (1 - _TILT) * coarse.mean()
    sides = _HYPERPLANES @ coarse.ravel() > 0
    return int.from_bytes(np.packbits(sides).tobytes(), "big")


def signature(table: Floats, samples: int, rate: int) -> Floats:
    """Return a vector of a recording; two are alike when theirs are at most 1 apart.

    Args:
        table: Its summary.
        samples: How many of it were summed up.
    """
    scale = _APART * np.sqrt(table.size)
    length = np.log(max(1, samples) / rate) / _LONGER
    return np.append(table.ravel() / scale, length).astype(np.float32)


def _hyperplanes() -> Floats:
    """Return directions that are always the same, (bits, parts · bands)."""
    found: Floats = (
        np.random.default_rng(4242)
        .standard_normal((_BITS, _PARTS // _SHARE * _BANDS))
        .astype(np.float32)
    )
    return found


_HYPERPLANES = _hyperplanes()
