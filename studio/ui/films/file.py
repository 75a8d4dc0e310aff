"""Reading films frame by frame: at any place, at the size at which they are shown.

Nothing here knows widgets; everything is called in the thread that reads.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np
from PIL import Image as Pillow
from PIL import ImageSequence
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage, QTransform

from studio.core.blobs import Source, open_source

if TYPE_CHECKING:  # takes a tenth of a second to load
    import av
    from av.video.reformatter import VideoReformatter

_DEFAULT_RATE = 25.0
_ANIMATIONS = (b"GIF8", b"RIFF")  # how GIF and WebP files begin; AVI begins like WebP
_MOST_PIXELS = 1 << 27  # of one frame; what is larger is no film
_BICUBIC = Pillow.Resampling.BICUBIC
_CLOSE = 1e-6  # seconds that are none
_MOST_DAMAGED = 1000  # packets, before a file counts as unreadable
_LONGEST_GAP = 60.0  # seconds between frames, from which on a time stamp is not believed


class FilmFacts(NamedTuple):
    """What a file says of itself, which need not be true.

    Attributes:
        size: Of a frame as it is shown, in pixels.
        seconds: How long it is; 0 when that is not known.
        rate: Frames a second, on average.
        frames: How many there are, as far as that is known.
        sound: Whether something can be heard.
    """

    size: QSize
    seconds: float
    rate: float
    frames: int
    sound: bool = False


class Frame(NamedTuple):
    """A frame: its number from 0, when it is shown, in seconds, and its picture (RGB32)."""

    number: int
    start: float
    end: float
    image: QImage


#: Returns the size to draw at for a frame of the film's own size.
Fit = Callable[[QSize], QSize]
#: Tells whether reading is still wanted; asked between frames.
GoOn = Callable[[], bool]


class FilmFile(Protocol):
    """An open file."""

    facts: FilmFacts

    def frames(self, start: float, fit: Fit, go_on: GoOn) -> Iterator[Frame]:
        """Yield frames in order from that which is shown at `start` seconds; at least the last."""

    def close(self) -> None:
        """Let the file go."""


def open_film(source: Source) -> FilmFile:
    """Open a file, or the bytes of one.

    Raises:
        OSError, ValueError, SyntaxError, av.FFmpegError: It cannot be read.
    """
    if _is_animation(source):
        return _Animation(source)
    return _Film(source)


def _is_animation(source: Source) -> bool:
    with open_source(source) as file:
        head = file.read(12)
    return head.startswith(_ANIMATIONS) and b"AVI" not in head


class _Animation:
    """A GIF or WebP: every frame says how long it is shown."""

    def __init__(self, source: Source) -> None:
        self._file = Pillow.open(source if isinstance(source, Path) else open_source(source))
        count = int(getattr(self._file, "n_frames", 1))
        length = self._seconds()
        size = QSize(*self._file.size)
        self.facts = FilmFacts(size, length * count, 1 / length, count)

    def close(self) -> None:
        self._file.close()

    def frames(self, start: float, fit: Fit, go_on: GoOn) -> Iterator[Frame]:
        size = fit(self.facts.size)
        at = 0.0
        for number, frame in enumerate(ImageSequence.Iterator(self._file)):
            if not go_on():
                return
            end = at + self._seconds()
            if end > start:
                pixels = frame.convert("RGB")
                if QSize(*pixels.size) != size:
                    pixels = pixels.resize((size.width(), size.height()), _BICUBIC)
                rgb = QImage(
                    pixels.tobytes(), *pixels.size, 3 * pixels.width, QImage.Format.Format_RGB888
                )
                # it owns its pixels, unlike the view on them
                yield Frame(number, at, end, rgb.convertToFormat(QImage.Format.Format_RGB32))
            at = end

    def _seconds(self) -> float:
        return max(0.01, float(self._file.info.get("duration") or 0) / 1000 or 1 / _DEFAULT_RATE)


class _Film:
    """A film in a container: MP4, WebM, MOV, AVI, MKV …"""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._open()
        self._fresh = True
        self.facts = self._facts()

    def _open(self) -> None:
        import av

        source = self._source
        opened = str(source) if isinstance(source, Path) else open_source(source)
        self._container = av.open(opened, "r")
        try:
            self._stream = self._container.streams.video[0]
        except IndexError:
            self._container.close()
            raise ValueError("no picture in it") from None
        self._stream.thread_type = "AUTO"
        base = self._stream.time_base
        self._base = float(base) if base else 1 / 90_000
        self._origin = (self._stream.start_time or 0) * self._base

    def close(self) -> None:
        self._container.close()

    def frames(self, start: float, fit: Fit, go_on: GoOn) -> Iterator[Frame]:
        from av.video.reformatter import VideoReformatter

        scaler = VideoReformatter()
        late: tuple[int, float, float, av.VideoFrame] | None = None
        for each in self._timed(start, go_on):
            number, at, end, raw = late = each
            if end > start + _CLOSE:
                yield Frame(number, at, end, _picture(raw, self.facts.size, fit, scaler))
        if late is not None and late[2] <= start + _CLOSE and go_on():
            number, at, end, raw = late  # the film is over before that: its last frame stays
            yield Frame(number, at, end, _picture(raw, self.facts.size, fit, scaler))

    def _timed(
        self, start: float, go_on: GoOn
    ) -> Iterator[tuple[int, float, float, av.VideoFrame]]:
        """Yield (number, start, end, frame) from a frame before `start` on."""
        one = 1 / self.facts.rate
        held: tuple[int, float, float, av.VideoFrame] | None = None
        for raw in self._decoded(start):
            if not go_on():
                return
            length = float(raw.duration or 0) * self._base
            length = length if 0 < length < _LONGEST_GAP else one
            if held is None and start <= 0 and raw.pts is not None:
                self._origin = raw.pts * self._base  # whatever the container says
            at = raw.pts * self._base - self._origin if raw.pts is not None else None
            if held is None:
                at = max(0.0, start if at is None else at) if start > 0 else 0.0
                held = (round(at / one), at, at + length, raw)
                continue
            # absurd and missing time stamps: the frame follows on the one before
            if at is None or not held[1] < at < held[1] + _LONGEST_GAP:
                at = held[2]
            yield held[0], held[1], at, held[3]
            held = (held[0] + 1, at, at + length, raw)
        if held is not None:
            yield held

    def _decoded(self, start: float) -> Iterator[av.VideoFrame]:
        """Decode from the key frame before a place; what is damaged is left out."""
        import av

        if start > 0 or not self._fresh:
            self._go(start)
        self._fresh = False
        damaged = 0
        packets = self._container.demux(self._stream)
        while (packet := next(packets, None)) is not None:
            try:
                yield from packet.decode()
            except av.InvalidDataError:
                damaged += 1
                if damaged > _MOST_DAMAGED:
                    raise

    def _go(self, start: float) -> None:
        """Go to the key frame before a place, to the beginning where that cannot be done."""
        import av

        place = math.floor((max(0.0, start) + self._origin) / self._base)
        try:
            self._container.seek(place, stream=self._stream)
        except av.FFmpegError:
            self._container.close()
            self._open()

    def _facts(self) -> FilmFacts:
        stream = self._stream
        width, height = stream.codec_context.width, stream.codec_context.height
        if not 0 < width * height <= _MOST_PIXELS:
            raise ValueError(f"frames of {width} × {height} pixels")
        shape = stream.sample_aspect_ratio
        if shape and 0.1 < shape < 10:
            width = max(1, round(width * shape))
        rate = float(stream.average_rate or stream.guessed_rate or _DEFAULT_RATE)
        rate = rate if 0.01 <= rate <= 1000 else _DEFAULT_RATE
        seconds = float(stream.duration or 0) * self._base
        if seconds <= 0:
            seconds = (self._container.duration or 0) / 1e6
        told = stream.frames / rate
        if stream.frames and not told / 4 < seconds < told * 4:
            seconds = told
        seconds = max(0.0, seconds)
        sound = bool(self._container.streams.audio)
        count = stream.frames or round(seconds * rate)
        return FilmFacts(QSize(width, height), seconds, rate, count, sound)


def _picture(raw: av.VideoFrame, own: QSize, fit: Fit, scaler: VideoReformatter) -> QImage:
    """Return a decoded frame at the size at which it is drawn, turned upright."""
    turn = int(getattr(raw, "rotation", 0) or 0) % 360
    upright = own.transposed() if turn in (90, 270) else own
    size = fit(upright)
    lying = size.transposed() if turn in (90, 270) else size
    # several threads gain nothing, and leave dots where their parts meet in widths of 8 n + 4
    small = scaler.reformat(
        raw, lying.width(), lying.height(), format="bgra", interpolation="BICUBIC", threads=1
    )
    image = QImage(lying, QImage.Format.Format_RGB32)
    plane = small.planes[0]
    source = np.frombuffer(memoryview(plane), np.uint8).reshape(lying.height(), plane.line_size)
    target = np.frombuffer(image.bits(), np.uint8).reshape(lying.height(), image.bytesPerLine())
    row = 4 * lying.width()
    target[:, :row] = source[:, :row]
    if turn:
        image = image.transformed(QTransform().rotate(-turn))
    return image


def fitted(size: QSize, room: QSize | None) -> QSize:
    """Return the size of a frame that fits a room without being enlarged; at least one pixel."""
    if room is not None and (size.width() > room.width() or size.height() > room.height()):
        size = size.scaled(room, Qt.AspectRatioMode.KeepAspectRatio)
    return size.expandedTo(QSize(1, 1))
