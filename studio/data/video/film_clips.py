"""From a film to the clips that a model sees: one rate, one size, one length."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import closing
from tempfile import TemporaryFile
from typing import IO, NamedTuple

import av
import numpy as np
import numpy.typing as npt
from av.video.plane import VideoPlane
from numpy.lib.stride_tricks import as_strided

from studio.core.blobs import Source
from studio.data.room import IN_MEMORY, room
from studio.data.video.film_cuts import CUT_SIDE, clip_starts, cuts_of
from studio.data.video.film_pixels import Pixels
from studio.data.video.film_reading import FilmReader

Frames = npt.NDArray[np.uint8]
Places = npt.NDArray[np.int64]

_SAME_RATE = 0.01  # share by which two frame rates differ that are taken as one
_BLOCK = 64  # frames that are put away together
_PART = 4  # values across and down of such a part
_STILL = 3.0  # levels by which a part of a frame changes at most in a still clip


class Shape(NamedTuple):
    """What clips are brought to.

    Attributes:
        frames, size, channels: Of a clip (frames, size, size, channels).
        fps: Frames a second; 0 keeps those of the film.
        fit: `crop`, `pad` or `stretch`: how a frame becomes a square.
    """

    frames: int
    size: int
    channels: int
    fps: float
    fit: str


def film_frames(source: Source, shape: Shape, most: int = 0) -> Frames:
    """Return a film's frames (T, size, size, C) at one rate.

    Args:
        most: Frames after which reading ends; 0 reads all.

    Raises:
        Rejected: It cannot be read.
        Abandoned: Nobody waits any more.
    """
    store = _Store((shape.size, shape.size, shape.channels))
    with closing(store), FilmReader(source) as reader:
        square: _Square | None = None
        for picture, times in at_rate(reader, shape.fps):
            square = square or _Square(reader, shape)
            plane = square.plane(picture)
            # most often it is the frame as it is, and no array need be made of it
            whole = plane.buffer_size == square.plain
            frame = memoryview(plane) if whole else square.of(plane)
            for _repeat in range(times):
                store.add(frame)
            if most and store.count >= most:
                break
        return store.frames()


def clips_of(frames: Frames, length: int, *, overlap: float, cuts: bool, still: bool) -> Frames:
    """Return frames (T, H, W, C) as clips (N, length, H, W, C); they may share their memory.

    Args:
        overlap: Share of a clip that the next one shows again.
        cuts: Begin anew where the scene changes.
        still: Leave out clips in which nothing moves.
    """
    small = _small(frames)
    scenes = cuts_of(small) if cuts and len(frames) > length else []
    starts = clip_starts(len(frames), length, overlap, scenes)
    begins = np.array(starts, np.int64)
    if still:
        begins = begins[_moving(small, begins, length)]
    return _windows(frames, begins, length)


def at_rate(reader: FilmReader, fps: float) -> Iterator[tuple[av.VideoFrame, int]]:
    """Yield frames and how often each is shown at a constant rate, 0 for those left out.

    A frame is shown from its time until that of the next one. Frames that are not shown are not
    yielded, so that nobody converts them.

    Args:
        fps: 0 or nearly that of the film keeps the film's own.
    """
    if not fps or abs(reader.rate / fps - 1) < _SAME_RATE:
        fps = reader.rate
    held: av.VideoFrame | None = None
    last, shown = 0.0, 0
    for time, picture in reader.frames():
        if held is not None:
            times = due(time * fps) - shown
            if times > 0:
                yield held, times
                shown += times
        held, last = picture, time
    if held is not None:  # how long the last one is shown, nobody knows: as long as is usual
        times = max(0 if shown else 1, due((last + 1 / reader.rate) * fps) - shown)
        if times:
            yield held, times


def due(place: float) -> int:
    """Return how many frames of a constant rate begin before a time, counted in such frames.

    Time stamps are rounded, so a quarter of a frame does not count.
    """
    return math.ceil(place - 0.25)


def film_pixels(reader: FilmReader, width: int, height: int, *, grey: bool = False) -> Pixels:
    """Return what turns a film's frames into arrays of a size, once its first frame was read."""
    return Pixels(
        width, height, grey=grey, rotation=reader.rotation, see_through=reader.see_through
    )


class _Square:
    """Turns decoded frames into squares.

    Attributes:
        plane: Returns the values of a frame, scaled.
        plain: Bytes of such values that are a square as they are.
    """

    def __init__(self, reader: FilmReader, shape: Shape) -> None:
        size = shape.size
        width, height = reader.width, reader.height
        if shape.fit == "stretch":
            inner = (size, size)
        else:
            scale = size / (min if shape.fit == "crop" else max)(width, height)
            inner = (max(1, round(width * scale)), max(1, round(height * scale)))
        self._size = size
        self._pixels = film_pixels(reader, *inner, grey=shape.channels == 1)

        self.plane = self._pixels.plane
        self.plain = self._pixels.plain if inner == (size, size) else 0

    def of(self, plane: VideoPlane) -> Frames:
        """Return a frame (size, size, C)."""
        pixels = self._pixels.array(plane)
        height, width = pixels.shape[:2]
        size = self._size
        if height >= size and width >= size:
            top, left = (height - size) // 2, (width - size) // 2
            return pixels[top : top + size, left : left + size]
        down, across = size - height, size - width
        around = ((down // 2, down - down // 2), (across // 2, across - across // 2), (0, 0))
        return np.pad(pixels, around, mode="edge")


class _Store:
    """Frames of one shape, as many as there are."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        self._shape = shape
        self._begin_block()
        self._blocks: list[Frames] = []
        self._file: IO[bytes] | None = None
        self.count = 0

    def add(self, frame: Frames | memoryview) -> None:
        """Add one, as an array or as its values in order."""
        if self._filled == _BLOCK:
            self._put_away()
        if isinstance(frame, memoryview):
            start = self._filled * len(frame)
            self._values[start : start + len(frame)] = frame
        else:
            self._block[self._filled] = frame
        self._filled += 1
        self.count += 1

    def frames(self) -> Frames:
        """Return all of them."""
        if not self._blocks and self._file is None:
            return self._block[: self._filled]
        self._put_away()
        if self._file is None:
            return np.concatenate(self._blocks)
        self._file.flush()
        return np.memmap(self._file, np.uint8, "r", shape=(self.count, *self._shape))

    def close(self) -> None:
        """Let go of the file; the array that `frames` returned keeps it."""
        if self._file is not None:
            self._file.close()

    def _begin_block(self) -> None:
        self._block = np.empty((_BLOCK, *self._shape), np.uint8)
        self._values = self._block.data.cast("B")
        self._filled = 0

    def _put_away(self) -> None:
        self._blocks.append(self._block[: self._filled])
        self._begin_block()
        if self._file is None and self.count * math.prod(self._shape) > IN_MEMORY:
            self._file = TemporaryFile()  # noqa: SIM115 - closed by `close`
        if self._file is not None:
            for block in self._blocks:
                self._file.write(block.data)
            self._blocks = []


def _small(frames: Frames) -> Frames:
    """Return a sample of all values of frames, (T, h, w): of red, green and blue in turn."""
    rows = frames.reshape(*frames.shape[:2], -1)
    down = max(1, rows.shape[1] // CUT_SIDE)
    across = max(1, rows.shape[2] // CUT_SIDE)
    across += across % 3 == 0  # else all would be of one colour
    return np.ascontiguousarray(rows[:, down // 2 :: down, across // 2 :: across])


def _windows(frames: Frames, begins: Places, length: int) -> Frames:
    """Return the parts of frames (T, …) that begin at places, (N, length, …).

    Where they lie at equal distances, as they do unless a film has cuts, nothing is copied.
    """
    steps = begins[1:] - begins[:-1]
    if len(begins) and (steps == steps[:1]).all():
        shape = (len(begins), length, *frames.shape[1:])
        strides = (int(steps[:1].sum()) * frames.strides[0], *frames.strides)
        return as_strided(frames[int(begins[0]) :], shape, strides, writeable=False)
    clips = room((len(begins), length, *frames.shape[1:]), np.uint8)
    places = begins[:, None] + np.arange(length)
    return frames.take(places, 0, out=clips, mode="clip")  # another mode would copy twice


def _moving(frames: Frames, begins: Places, length: int) -> npt.NDArray[np.bool_]:
    """Tell for each clip whether a part of any frame (T, h, w) differs from that of its first."""
    moving = np.zeros(len(begins), bool)
    # the last frame and the middle one nearly always tell
    for place in (length - 1, length // 2, *range(1, length - 1)):
        (left,) = np.nonzero(~moving)
        if not len(left):
            break
        first = begins[left]
        moving[left] = _apart(frames[first], frames[first + place]) > _STILL
    return moving


def _apart(one: Frames, other: Frames) -> npt.NDArray[np.float64]:
    """Return by how many levels that part of frames (N, h, w) differs which differs most, (N,)."""
    apart = np.maximum(one, other) - np.minimum(one, other)
    down, across = (max(1, side // _PART) for side in apart.shape[1:])
    parts = apart[:, : down * _PART, : across * _PART].reshape(len(apart), down, -1, across, _PART)
    sums = parts.sum((2, 4), np.uint32).max((1, 2))
    found: npt.NDArray[np.float64] = sums / parts[0, 0, :, 0].size
    return found
