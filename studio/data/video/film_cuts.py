"""Where a film cuts from one scene to the next, and the clips that lie between the cuts."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt

Frames = npt.NDArray[np.uint8]

#: Usual side of the small frames that cuts are looked for in.
CUT_SIDE = 32

_LEVELS = 32  # grey levels of a histogram
_MOVED = 0.06  # mean change of pixels that a cut makes at least, 0 … 1 …
_SUDDEN = 0.16  # … and change of pixels and grey levels
_OUTSTANDING = 3.0  # times what changes from frame to frame around it
_AROUND = 6  # frames before and after that are looked at
_SHORTEST = 4  # frames of a scene; two changes nearer to each other are one flash


def cuts_of(frames: Frames) -> list[int]:
    """Return the first frame of every scene but the first one.

    A cut is a sudden change of both what is where and of the grey levels as a whole, far above
    what changes around it. A flash, which ends as it began, is none; neither is a fade.

    Args:
        frames: Small frames of one channel, uint8 (T, h, w).
    """
    if len(frames) < 2 * _SHORTEST:
        return []
    moved = _moved(frames[:-1], frames[1:])
    found: list[int] = []
    for place in np.flatnonzero(moved >= _MOVED).tolist():
        first = place + 1  # of the new scene
        low, high = max(0, place - _AROUND), place + _AROUND + 1
        around = np.delete(moved[low:high], place - low)
        if moved[place] < _OUTSTANDING * float(np.median(around)):
            continue
        if _change(frames[place], frames[first]) < _SUDDEN:
            continue
        if min(first - (found[-1] if found else 0), len(frames) - first) < _SHORTEST:
            continue
        # a flash or a single damaged frame: a few frames later all is as it was before
        later, before = frames[first + 1 : first + _SHORTEST], frames[max(0, place - 2) : place]
        returns = [_change(frames[place], each) for each in later]
        returns += [_change(frames[first], each) for each in before]
        if min(returns) < 0.5 * _SUDDEN:
            continue
        found.append(first)
    return found


def _moved(one: Frames, other: Frames) -> npt.NDArray[np.float64]:
    """Return by how much the pixels of frames (N, H, W) differ from others, 0 … 1."""
    apart = np.maximum(one, other) - np.minimum(one, other)
    sums = apart.reshape(len(apart), -1).sum(1, np.uint32)
    found: npt.NDArray[np.float64] = sums / (255 * max(1, one[0].size))
    return found


def _change(one: Frames, other: Frames) -> float:
    """Return how much a frame (H, W) differs from another: 0 not at all … 1 wholly.

    The mean of what differs in place and of what differs in grey levels, wherever they are.
    """
    moved = float(_moved(one[None], other[None])[0])
    levels = float(np.abs(_histogram(one) - _histogram(other)).sum()) / 2
    return (moved + levels) / 2


def _histogram(frame: Frames) -> npt.NDArray[np.float64]:
    """Return the shares of grey levels, each smoothed over its neighbours."""
    counts = np.bincount(frame.ravel() // (256 // _LEVELS), minlength=_LEVELS)
    found: npt.NDArray[np.float64] = np.convolve(counts / frame.size, np.ones(3) / 3, "same")
    return found


def clip_starts(frames: int, length: int, overlap: float, cuts: list[int]) -> list[int]:
    """Return where clips begin so that none holds a cut; the last of a scene ends where it ends.

    Args:
        frames: How many there are.
        length: Frames of a clip.
        overlap: Share of a clip that the next one shows again, 0 … 0.9.
        cuts: First frames of scenes, growing.
    """
    stride = max(1, round(length * (1 - overlap)))
    starts: list[int] = []
    for begin, end in pairwise([0, *cuts, frames]):
        if end - begin < length:
            continue
        regular = list(range(begin, end - length + 1, stride))
        starts += regular
        if regular[-1] != end - length:
            starts.append(end - length)
    return starts
