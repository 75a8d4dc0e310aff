"""Recordings as rows of samples: brought to one rate, loudness and length."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from studio.core.blobs import Source
from studio.data.abandoning import still_wanted
from studio.data.audio.preparation import AudioPreparation
from studio.data.audio.reading import Samples, opened
from studio.data.audio.resampling import resampled
from studio.data.audio.slices import SILENT, levels_of, slices_at
from studio.data.room import room

Rows = npt.NDArray[np.int16]

_PEAK = 0.95  # of full scale, which recordings are brought to
_OFFSET = 1e-4  # of full scale, from which a recording is moved to swing around zero
_TRUSTED = 1 << 30  # samples that are made room for before they are read
_LEVEL = 0.1  # of full scale, in the root mean square of what is heard: -20 dB
_KNEE = 0.8  # level from which what would go beyond full scale is bent
_LOUDER = 1000.0  # times that a recording is made louder at most: 60 dB
#: Seconds beyond the first row that are read where only the beginning is wanted.
_LEAD = 60.0


def rows_of(
    source: Source,
    preparation: AudioPreparation,
    *,
    span: tuple[float, float] = (0.0, 1.0),
) -> Rows:
    """Return a recording as rows (rows, channels, samples); what is short is filled up with 0.

    Args:
        source: A stored recording, or a user's own file.
        preparation: With rate and length settled.
        span: The part that is wanted, from 0 to 1.

    Raises:
        Rejected: It cannot be read.
    """
    channels = 2 if preparation.channels == "stereo" else 1
    length = round(preparation.seconds * preparation.rate)
    rate = preparation.rate
    samples = _at_rate(source, preparation)
    first, last = (round(part * len(samples)) for part in span)
    samples = samples[first:last]
    if not len(samples):
        return np.zeros((0, channels, length), np.int16)
    levels = levels_of(samples, rate)
    slices = slices_at(levels, len(samples), rate, preparation)
    gain = _gain(samples, levels, rate, preparation)
    rows: Rows = room((len(slices), channels, length), np.int16)
    for row, (start, end) in zip(rows, slices, strict=True):
        part = bent(samples[start : min(end, start + length)] * np.float32(gain))
        row[:, : len(part)] = np.rint(part.T * 32767)
    return rows


def _at_rate(source: Source, preparation: AudioPreparation) -> Samples:
    """Return a recording (N, C) at the rate and with the channels of the rows, around zero."""
    with opened(source) as sound:
        blocks = resampled(_sided(sound.blocks(), preparation), sound.rate, preparation.rate)
        if preparation.whole:
            blocks = _up_to(blocks, round((preparation.seconds + _LEAD) * preparation.rate))
        expected = -(-sound.claimed * preparation.rate // sound.rate)
        samples = _collected(blocks, expected)
    if len(samples):
        mean = samples.mean(0, dtype=np.float64).astype(np.float32)
        if np.abs(mean).max() > _OFFSET:  # it would be a step where silence fills up
            samples -= mean
    return samples


def _collected(blocks: Iterator[Samples], expected: int) -> Samples:
    """Return all blocks as one array that is ours alone; long recordings are there once."""
    found = np.zeros((0, 1), np.float32)
    count = 0
    for block in blocks:
        if count + len(block) > len(found):
            most = min(expected, _TRUSTED) if not count else 0  # a header may claim anything
            size = max(count + len(block), most, count * 3 // 2)
            larger: Samples = room((size, block.shape[1]), np.float32)
            larger[:count] = found[:count]
            found = larger
        found[count : count + len(block)] = block
        count += len(block)
    return found[:count]


def _sided(blocks: Iterator[Samples], preparation: AudioPreparation) -> Iterator[Samples]:
    """Yield blocks in mono or stereo."""
    for raw in blocks:
        still_wanted()
        block = np.nan_to_num(raw, nan=0.0, posinf=0.0, neginf=0.0)
        if preparation.channels == "mono":
            yield block.mean(1, keepdims=True) if block.shape[1] > 1 else block
        else:
            yield block[:, :2] if block.shape[1] > 1 else block.repeat(2, 1)


def _up_to(blocks: Iterator[Samples], most: int) -> Iterator[Samples]:
    """Yield blocks until there are enough samples."""
    count = 0
    for block in blocks:
        yield block
        count += len(block)
        if count >= most:
            return


def _gain(samples: Samples, levels: Samples, rate: int, preparation: AudioPreparation) -> float:
    """Return by how much a recording is made louder."""
    if preparation.loudness == "peak":
        peak = float(max(-samples.min(), samples.max()))
        return min(_LOUDER, _PEAK / peak) if peak else 1.0
    if preparation.loudness == "rms":
        # silence does not count, or a pause would make the rest loud
        sounding = levels[levels > float(levels.max()) * SILENT]
        level = float(np.sqrt(np.square(sounding, dtype=np.float64).mean())) if len(sounding) else 0
        return min(_LOUDER, _LEVEL / level) if level else 1.0
    return 1.0


def bent(samples: Samples) -> Samples:
    """Return samples within -1 … 1: if some go beyond, what is above a knee is bent, not cut."""
    level = np.abs(samples)
    if not len(samples) or level.max() <= 1.0:
        return samples
    rest = 1 - _KNEE
    curved = np.sign(samples) * (_KNEE + rest * np.tanh((level - _KNEE) / rest))
    return np.where(level > _KNEE, curved, samples).astype(np.float32)


def beginning(source: Source, preparation: AudioPreparation) -> Rows:
    """Return the first row of a recording, (1, channels, samples), or none."""
    return rows_of(source, preparation.model_copy(update={"whole": True}))
