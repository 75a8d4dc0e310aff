"""Where a recording is cut: silence off both ends, slices of one length, silent ones left out.

Numpy alone, so that the window shows the very cuts that preparing makes.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from studio.data.audio.preparation import AudioPreparation

Samples = npt.NDArray[np.float32]
Levels = npt.NDArray[np.float32]

#: Silent is what stays this far below the loudest moment, as a share of its level: -40 dB.
SILENT = 0.01
#: Seconds that are left of the silence before and after what is heard.
AIR = 0.05

_WINDOW = 0.02  # seconds over which a level is taken
_BLOCK = 1 << 20  # samples that are squared at once
_TAIL = 1 / 4  # of a slice; less than this left at the end makes no slice of its own


class Slice(NamedTuple):
    """A part of a recording, in samples; `end` is the first that does not belong to it."""

    start: int
    end: int


def window(rate: int) -> int:
    """Return how many samples a level is taken over."""
    return max(1, round(rate * _WINDOW))


def levels_of(samples: Samples, rate: int) -> Levels:
    """Return the level (root mean square) of every 20 ms, of the louder channel, (windows,).

    Args:
        samples: (N,) or (N, C) in -1 … 1.
        rate: Samples a second.
    """
    table = samples if samples.ndim == 2 else samples[:, None]
    size = window(rate)
    step = max(1, _BLOCK // size) * size
    found = [np.zeros(0, np.float32)]
    for start in range(0, len(table), step):
        power = np.square(table[start : start + step], dtype=np.float32)
        edges = np.arange(0, len(power), size)
        lengths = np.diff(np.append(edges, len(power)))
        means = np.add.reduceat(power, edges, axis=0) / lengths[:, None]
        found.append(np.sqrt(means.max(1)).astype(np.float32))
    return np.concatenate(found)


def slices_of(samples: Samples, rate: int, preparation: AudioPreparation) -> list[Slice]:
    """Return the slices that a recording is cut into, in samples, in their order.

    Slices have `preparation.seconds`; a recording that is shorter is one slice. What is left at
    the end is heard with a slice that ends there, unless it is less than a quarter of one.

    Args:
        samples: (N,) or (N, C) in -1 … 1.
        rate: Of these samples, a second.
        preparation: With its length settled.
    """
    return slices_at(levels_of(samples, rate), len(samples), rate, preparation)


def slices_at(levels: Levels, count: int, rate: int, preparation: AudioPreparation) -> list[Slice]:
    """Return the slices of a recording of `count` samples of which only the levels are known."""
    start, end = heard(levels, count, rate) if preparation.trim else Slice(0, count)
    if end <= start:
        return []
    length = max(1, round(preparation.seconds * rate))
    if preparation.whole:
        return [Slice(start, min(end, start + length))]
    if end - start <= length:
        return [Slice(start, end)]
    stride = max(1, round(length * (1 - preparation.overlap / 100)))
    starts = list(range(start, end - length + 1, stride))
    if end - (starts[-1] + length) >= length * _TAIL:
        starts.append(end - length)
    found = [Slice(each, each + length) for each in starts]
    if not preparation.trim:
        return found
    size, loud = window(rate), float(levels.max()) * SILENT
    return [
        each for each in found if levels[each.start // size : -(-each.end // size)].max() > loud
    ]


def heard(levels: Levels, count: int, rate: int) -> Slice:
    """Return where a recording of `count` samples is heard, with a little air; empty if nowhere."""
    loudest = float(levels.max(initial=0.0))
    if not loudest:
        return Slice(0, 0)
    places = np.flatnonzero(levels > loudest * SILENT)
    size, air = window(rate), round(rate * AIR)
    first, last = int(places[0]) * size, (int(places[-1]) + 1) * size
    return Slice(max(0, first - air), min(count, last + air))
