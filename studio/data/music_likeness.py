"""What two pieces are compared by: which pitches sound when, on a coarse grid of the piece."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from studio.core.media import Music
from studio.data.music_statistics import notes_of
from studio.data.music_time import bars_of

_TIMES = 64  # columns that a piece is squeezed into
_LOW, _HIGH = 36, 100  # pitches of the rows of the hash
_SIGNED_BARS = 32  # bars that signatures compare, with this many places in each
_PLACES = 8
_BEYOND = 1 / 5  # share of its content in which a near-duplicate may differ

# The rows of the discrete cosine transform (type II) of 32 values, without the constant one.
_STEP = np.arange(32)
_COSINES = np.cos(np.pi * (2 * _STEP[None] + 1) * _STEP[1:9, None] / 64).astype(np.float32)


def perceptual_hash(music: Music) -> int:
    """Return 64 bits that are close for pieces that sound alike, in the same key.

    As pHash does for pictures (Zauner 2010): each bit tells whether one of the 8 × 8 slowest waves
    of a coarse piano roll is above their median.
    """
    notes = notes_of(music)
    if not len(notes):
        notes = notes_of(music, drums=True)
    end = max(1, int((notes[:, 0] + notes[:, 1]).max(initial=1)))
    rows = np.clip((notes[:, 2] - _LOW) * 32 // (_HIGH - _LOW), 0, 31)
    edges = notes[:, :1] + np.stack([np.zeros(len(notes), np.int64), notes[:, 1]], 1)
    columns = np.clip(edges * 32 / end, 0, 32)
    picture = np.zeros((32, 33), np.float32)
    np.add.at(picture, (rows, columns[:, 0].astype(np.int64)), 1.0)
    np.add.at(picture, (rows, np.ceil(columns[:, 1]).astype(np.int64)), -1.0)
    sounding = np.minimum(np.cumsum(picture, axis=1)[:, :32], 4.0)
    waves = (_COSINES @ sounding @ _COSINES.T).ravel()
    bits = np.packbits(waves > np.partition(waves, 31)[31])
    return int.from_bytes(bits.tobytes(), "big", signed=True)


def signature(music: Music) -> npt.NDArray[np.float32]:
    """Return a vector of a piece; two are alike when theirs are at most 1 apart.

    Counted is how often each pitch class begins at each eighth of the first 32 bars, on a scale on
    which 1 is what comes from a fifth of the notes being others.
    """
    notes = notes_of(music, drums=True)
    bars = bars_of(music)
    number = bars.at(notes[:, 0])
    first = int(number.min()) if len(number) else 0
    number = number - first
    inside = number < _SIGNED_BARS
    notes, number = notes[inside], number[inside]
    length = np.maximum(1, bars.lengths[number + first])
    place = (notes[:, 0] - bars.starts[number + first]) * _PLACES // length
    place = np.clip(place, 0, _PLACES - 1)
    table = np.zeros((_SIGNED_BARS, _PLACES, 12), np.float32)
    np.add.at(table, (number, place, notes[:, 2] % 12), 1.0)
    # a note that is another one takes 1 from a cell and puts 1 into another: √2 apart
    scale = np.sqrt(2 * _BEYOND * max(8, len(notes)))
    found: npt.NDArray[np.float32] = (table.ravel() / scale).astype(np.float32)
    return found
