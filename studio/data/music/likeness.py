"""What two pieces are compared by: which pitches sound when, on a coarse grid of the piece."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from studio.core.media import Music
from studio.data.music.measures import notes_of
from studio.data.music.timing import bars_of

Floats = npt.NDArray[np.float32]

_BARS = 32  # bars that are compared, from the first that has a note
_PLACES = 8  # in each bar
_BEYOND = 1 / 5  # share of its content in which a near-duplicate may differ
_BITS = 24  # of the hash: fewer than 64, so that 4 that differ are a sixth of them
_COARSE = 2  # places in a bar that the hash tells apart


def perceptual_hash(music: Music) -> int:
    """Return 24 bits (of 64) that are close for pieces that sound alike.

    Random hyperplanes (Charikar 2002): each bit tells on which side of one a piece lies, with how
    often each pitch class begins in each half bar, beyond how often it does on average. Tempo,
    lengths, loudness and the parting into tracks do not count; the key does.
    """
    table = _table(music).reshape(_BARS, _COARSE, _PLACES // _COARSE, 12).sum(2)
    table = table.reshape(-1, 12)
    heard = int(np.flatnonzero(table.any(1)).max(initial=0)) + 1
    table[:heard] -= table[:heard].mean(0)
    sides = _HYPERPLANES @ table.ravel() > 0
    return int.from_bytes(np.packbits(sides).tobytes(), "big")


def signature(music: Music) -> Floats:
    """Return a vector of a piece; two are alike when theirs are at most 1 apart.

    Counted is how often each pitch class begins at each eighth of the first 32 bars, on a scale on
    which 1 is what comes from a fifth of the notes being others.
    """
    table = _table(music)
    # a note that is another one takes 1 from a cell and puts 1 into another: √2 apart
    scale = np.sqrt(2 * _BEYOND * max(8.0, float(table.sum())))
    found: Floats = (table.ravel() / scale).astype(np.float32)
    return found


def _table(music: Music) -> Floats:
    """Return how often each pitch class begins at each eighth of each bar, (32, 8, 12)."""
    notes = notes_of(music, drums=True)
    bars = bars_of(music)
    table = np.zeros((_BARS + 1, _PLACES, 12), np.float32)
    if not len(notes):
        return table[:_BARS]
    number = bars.at(notes[:, 0])
    place = (notes[:, 0] - bars.starts[number]) * _PLACES / np.maximum(1, bars.lengths[number])
    # the nearest place, so that who plays a little early is not in the one before
    place = np.rint(place).astype(np.int64) + (number - number.min()) * _PLACES
    place = np.minimum(place, _BARS * _PLACES)
    np.add.at(table, (place // _PLACES, place % _PLACES, notes[:, 2] % 12), 1.0)
    return table[:_BARS]


def _hyperplanes() -> Floats:
    """Return directions that are always the same, (bits, half bars · pitch classes)."""
    found: Floats = (
        np.random.default_rng(1717)
        .standard_normal((_BITS, _BARS * _COARSE * 12))
        .astype(np.float32)
    )
    return found


_HYPERPLANES = _hyperplanes()
