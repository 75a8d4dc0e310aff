"""Bringing samples to another rate with torchaudio's filters, block by block, kernels kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:  # data/ is read by the importer, which never loads torch
    from torchaudio.transforms import Resample

Samples = npt.NDArray[np.float32]

_LARGEST = 640  # terms of the ratio of two rates: odd ones would need filters without end
_WIDTH = 6  # zero crossings of the sinc that count on each side, as torchaudio has it
_ROLLOFF = 0.99
_STEP = 1 << 18  # samples that are resampled at once


def ratio(rate: int, wanted: int) -> Fraction:
    """Return how many samples become of one; of two odd rates a near one, within 10⁻⁵."""
    exact = Fraction(wanted, rate)
    if max(exact.numerator, exact.denominator) <= _LARGEST:
        return exact
    if exact <= 1:
        return exact.limit_denominator(_LARGEST)
    return 1 / (1 / exact).limit_denominator(_LARGEST)


def resampled(blocks: Iterable[Samples], rate: int, wanted: int) -> Iterator[Samples]:
    """Yield samples (n, C) at another rate; in blocks they are what the whole would be.

    Args:
        blocks: Samples (n, C) from the first to the last.
        rate: Of them, a second.
        wanted: The rate that is asked for.
    """
    up_down = ratio(rate, wanted)
    if up_down == 1:
        yield from blocks
        return
    new, old = up_down.numerator, up_down.denominator
    # what the filter reaches to each side, in whole periods of the ratio
    reach = -(-(_WIDTH * old // min(old, new) + 2) // old) * old
    step = -(-_STEP // old) * old
    waiting = np.zeros((0, 1), np.float32)
    before = 0  # samples at the beginning of `waiting` that were heard already
    for block in blocks:
        waiting = np.concatenate([waiting, block]) if len(waiting) else block
        while len(waiting) >= before + step + reach:
            found = _applied(waiting[: before + step + reach], old, new)
            first = before // old * new
            yield found[first : first + step // old * new]
            waiting = waiting[max(0, before + step - reach) :]
            before = min(reach, before + step)
    if len(waiting) > before:
        yield _applied(waiting, old, new)[before // old * new :]


def _applied(samples: Samples, old: int, new: int) -> Samples:
    """Return samples (N, C) as (⌈N · new / old⌉, C)."""
    import torch

    with torch.inference_mode():
        table = torch.from_numpy(np.ascontiguousarray(samples.T))
        found: Samples = _filter(old, new)(table).numpy().T
    return found


@lru_cache(maxsize=16)
def _filter(old: int, new: int) -> Resample:
    """Return the filter between two rates that share no factor; of it only the kernel is kept."""
    from torchaudio.transforms import Resample

    return Resample(old, new, lowpass_filter_width=_WIDTH, rolloff=_ROLLOFF)
