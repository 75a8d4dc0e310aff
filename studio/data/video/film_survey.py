"""What an import learns of a film: all of it is read, at thumbnail size, and nothing is kept."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import av
import numpy as np
import numpy.typing as npt
from PIL import Image as Pillow

from studio.core.blobs import Part
from studio.data.modality import Rejected
from studio.data.video.film_opening import damaged, truncated
from studio.data.video.film_pixels import Pixels, fitted
from studio.data.video.film_reading import FilmReader
from studio.data.video.pictures import THUMBNAIL, Spread, strip

Frame = npt.NDArray[np.uint8]

#: Frames that are looked at one by one; of what follows only key frames are decoded.
LOOKED_AT = 3000

_SIDE = 64  # of the small grey frames in which motion and borders are looked for
_MISSING = 0.9  # share of the claimed length below which a film is cut off
_UNEVEN = 0.5  # a step this share longer or shorter than the usual one is uneven …
_ROUNDED = 0.005  # share by which rounded time stamps can shift a frame rate
_MANY_UNEVEN = 0.02  # … and with this share of such steps a frame rate is variable
_BLOCKS = 8  # a frame is compared in so many parts across and down: what moves may be small
_STILL = 4.0  # grey levels by which a part changes at most where nothing moves: noise
_DARK, _BRIGHT = 24, 60  # grey levels of a border, and of the picture beside it
_BORDER = 0.04  # share of a side that a black border takes at least
_GREY = 6  # levels by which the channels of a grey film differ at most
_TAIL = 16  # bytes at the end of a file
_HASHED = 32  # frames at the beginning that the hash and the signature are made of
_SIGNED = (0.0, 0.25, 0.5, 0.75, 1.0)  # places among them that a signature is made of
_SIGNED_SIDE = 12
_MOVED = 3.0  # grey levels of motion below which differences of motion are noise


class Survey(NamedTuple):
    """What a film is.

    Attributes:
        width, height: Upright, with square pixels.
        frames: How many there are.
        fps: Frames a second as they are shown.
        notes: Words for what is special.
        thumbnail: A strip.
        typical: The mean of the first frames, grey, to find look-alikes by.
    """

    width: int
    height: int
    frames: int
    fps: float
    notes: tuple[str, ...]
    thumbnail: bytes
    typical: Pillow.Image


def survey(source: bytes | Path, tick: Callable[[], None] | None = None) -> Survey:
    """Read a film wholly.

    Args:
        source: Its bytes, or where it lies.
        tick: Called for every frame; raises when nobody waits for the rest.

    Raises:
        Rejected: It cannot be taken.
        Abandoned: Nobody waits any more.
    """
    with FilmReader(source) as reader:
        seen: _Seen | None = None
        for time, picture in reader.frames(keys_after=LOOKED_AT):
            seen = seen or _Seen(reader)
            seen.look(time, picture)
            if tick is not None:
                tick()
        if seen is None:
            raise _without_frames(reader)
        _check_whole(_tail(source), reader, seen.count)
        return seen.told(reader)


class _Seen:
    """What was seen of a film so far."""

    def __init__(self, reader: FilmReader) -> None:
        self.count = 0
        self._times: list[float] = []
        self._grey = Pixels(_SIDE, _SIDE, grey=True)
        size = fitted(reader.width, reader.height, THUMBNAIL)
        self._small = Pixels(*size, rotation=reader.rotation, see_through=reader.see_through)
        self._shown = Spread()  # at thumbnail size
        self._sum = np.zeros((_SIDE, _SIDE), np.float32)
        self._peak = np.zeros((_SIDE, _SIDE), np.uint8)
        self._first: npt.NDArray[np.int16] | None = None
        self._moved = 0.0

    def look(self, time: float, picture: av.VideoFrame) -> None:
        """Look at the next frame."""
        if self.count < LOOKED_AT:
            self._times.append(time)
        grey = self._grey.of(picture)[:, :, 0]
        if self._first is None:
            self._first = grey.astype(np.int16)
        if self._moved <= _STILL:  # once it has moved, nobody asks again
            self._moved = max(self._moved, change(grey, self._first))
        np.maximum(self._peak, grey, out=self._peak)
        if self.count < _HASHED:
            self._sum += grey
        if self._shown.due():
            self._shown.add(self._small.of(picture).copy())
        self.count += 1

    def told(self, reader: FilmReader) -> Survey:
        """Return what there is to say."""
        steps = np.diff(self._times)
        frames = max(self.count, reader.packets) if self.count > LOOKED_AT else self.count
        return Survey(
            width=reader.width,
            height=reader.height,
            frames=frames,
            fps=rate_of(self._times, reader.rate),
            notes=self._notes(reader, steps),
            thumbnail=strip(self._shown.frames()),
            typical=Pillow.fromarray(
                (self._sum / min(self.count, _HASHED)).round().astype(np.uint8)
            ),
        )

    def _notes(self, reader: FilmReader, steps: npt.NDArray[np.float64]) -> tuple[str, ...]:
        notes = dict(reader.notes)
        if reader.odd_times:
            notes["time-stamps"] = None
        if _uneven(steps):
            notes["variable-rate"] = None
        if reader.glitches:
            notes["glitches"] = None
        if self._moved <= _STILL:
            notes["static"] = None
        if _borders(self._peak):
            notes["black-borders"] = None
        if all(_is_grey(frame) for frame in self._shown.frames()):
            notes["grey"] = None
        if reader.has_sound:
            notes["sound"] = None
        return tuple(notes)


def change(one: npt.NDArray[Any], other: npt.NDArray[Any]) -> float:
    """Return by how many levels that part of two grey frames differs which differs most."""
    side = len(one) // _BLOCKS
    apart = np.abs(one.astype(np.int16) - other)
    blocks = apart[: side * _BLOCKS, : side * _BLOCKS].reshape(_BLOCKS, side, _BLOCKS, side)
    return float(blocks.mean((1, 3)).max())


def rate_of(times: Sequence[float], claimed: float) -> float:
    """Return the frames a second of what is shown, from when frames are.

    The mean of the usual steps: time stamps are rounded, and a few frames are shown for longer.
    """
    steps = np.diff(times)
    if not len(steps):
        return claimed
    middle = float(np.median(steps))
    usual = steps[np.abs(steps - middle) <= 0.25 * middle]
    rate = 1 / float(usual.mean())
    for clean in (claimed, float(max(1, round(rate)))):
        if abs(rate / clean - 1) < _ROUNDED:  # by time stamps in hundredths of a second
            return clean
    return rate


def _uneven(steps: npt.NDArray[np.float64]) -> bool:
    if not len(steps):
        return False
    middle = float(np.median(steps))
    return float((np.abs(steps - middle) > _UNEVEN * middle).mean()) > _MANY_UNEVEN


def _borders(peak: Frame) -> bool:
    """Tell whether black bars lie above and below, or left and right, of what is seen."""
    rows, columns = peak.max(1), peak.max(0)
    for across, along in ((rows, columns), (columns, rows)):
        lit = np.flatnonzero(across > _DARK)
        if not len(lit) or min(int(along[0]), int(along[-1])) <= _DARK:
            continue
        first, last = int(lit[0]), int(lit[-1])
        bars = min(first, len(across) - 1 - last)
        beside = min(int(across[min(first + 1, last)]), int(across[max(last - 1, first)]))
        if bars >= _BORDER * len(across) and beside >= _BRIGHT:
            return True
    return False


def _is_grey(frame: Frame) -> bool:
    values = frame.astype(np.int16)
    return bool(np.abs(values - values[:, :, 1:2]).max() <= _GREY)


def _without_frames(reader: FilmReader) -> Rejected:
    if reader.glitches:
        return damaged()
    if reader.packets or reader.count > 1:
        return truncated("Not one frame of it is there.")
    return Rejected("no-frames", "There is no frame in it.", "Save it again with a video program.")


def _tail(source: bytes | Path) -> bytes:
    """Return the last bytes of a film."""
    if isinstance(source, bytes):
        return source[-_TAIL:]
    with source.open("rb") as file:
        file.seek(-min(_TAIL, source.stat().st_size), os.SEEK_END)
        return file.read()


def _check_whole(tail: bytes, reader: FilmReader, count: int) -> None:
    """Raise Rejected when a film ends long before its end, or has a single frame."""
    kind = reader.kind
    closed = {"gif": tail.endswith(b";"), "apng": b"IEND" in tail}.get(kind, True)
    seen = max(count, reader.packets)
    short = seen < _MISSING * reader.promised
    if not reader.odd_times and reader.length_known:
        short = short or reader.end + 2 / reader.rate < _MISSING * reader.seconds
    if reader.cut_off or not closed or short:
        told = f" of {reader.seconds:,.1f}" if reader.seconds > reader.end else ""
        raise truncated(f"It is cut off after {reader.end:,.1f}{told} seconds.")
    if count < 2:
        raise Rejected(
            "one-frame",
            "It has a single frame, so nothing can move in it.",
            "Import it as a picture, or leave it out.",
        )


# --------------------------------------------------------------------------------- look-alikes


def signature(raw: bytes | Part) -> npt.NDArray[np.float32]:
    """Return a vector of a film's beginning: how it looks, and how it moves.

    1 apart is an eighth of a film's own contrast, in looks or in motion. Clips of one place at
    different times look the same, so what changes from place to place in time counts as well.
    """
    small = Pixels(_SIGNED_SIDE, _SIGNED_SIDE, grey=True)
    frames: list[npt.NDArray[np.float32]] = []
    with FilmReader(raw) as reader:
        for _time, picture in reader.frames():
            frames.append(small.of(picture)[:, :, 0].astype(np.float32))
            if len(frames) >= _HASHED:
                break
    last = len(frames) - 1
    chosen = np.stack([frames[round(place * last)] for place in _SIGNED]) if frames else None
    if chosen is None:
        raise damaged()
    motion = np.diff(chosen, axis=0)
    looks = chosen.ravel() / (math.sqrt(chosen.size) * max(3.0, float(chosen.std()) / 8))
    moves = motion.ravel() / (math.sqrt(motion.size) * max(_MOVED, float(motion.std()) / 4))
    return np.concatenate([looks, moves]).astype(np.float32)


def signatures(stored: Sequence[bytes]) -> npt.NDArray[np.float32]:
    """Return a signature for each film."""
    return np.stack([signature(raw) for raw in stored])
