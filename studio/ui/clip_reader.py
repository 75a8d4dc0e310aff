"""Reading moving pictures off the window's thread: GIF, WebP, MP4 and other films."""

from __future__ import annotations

import logging
import math
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from PIL import Image as Pillow
from PIL import ImageSequence
from PySide6.QtCore import QSize, Qt, QThread, Signal
from PySide6.QtGui import QImage

_log = logging.getLogger(__name__)

_BUDGET = 192 << 20  # bytes of pixels that a clip may take; longer ones are shown smaller
_DEFAULT_MS = 40
_ANIMATIONS = {".gif", ".webp"}


class ClipFrames(NamedTuple):
    """A decoded clip: its frames and how long each is shown, in milliseconds."""

    images: list[QImage]
    milliseconds: list[int]


class ClipReader(QThread):
    """Decodes one clip, then ends.

    Signals:
        decoded: ClipFrames; without any frame when the file cannot be read.
    """

    decoded = Signal(object)

    def __init__(self, path: Path, room: QSize | None = None) -> None:
        """Prepare to read a file; `start` begins.

        Args:
            room: Frames are made no larger than this, in device pixels.
        """
        super().__init__()
        self.setObjectName("clip-reader")
        self._path = path
        self._room = room

    def run(self) -> None:
        """Decode frame by frame until the end or until it is not wanted any more."""
        import av  # loaded in this thread: it takes a tenth of a second

        images: list[QImage] = []
        times: list[int] = []
        try:
            for image, milliseconds in self._frames():
                if self.isInterruptionRequested():
                    return
                images.append(image)
                times.append(milliseconds)
        except (OSError, ValueError, SyntaxError, av.FFmpegError) as error:
            _log.info("%s cannot be played: %s", self._path.name, error)
        self.decoded.emit(ClipFrames(images, times))

    def end(self) -> None:
        """Stop decoding and wait for it; answers within a frame."""
        self.requestInterruption()
        self.wait()

    def _frames(self) -> Iterator[tuple[QImage, int]]:
        if self._path.suffix.lower() in _ANIMATIONS:
            yield from self._animation()
        else:
            yield from self._video()

    def _animation(self) -> Iterator[tuple[QImage, int]]:
        with Pillow.open(self._path) as file:
            count = getattr(file, "n_frames", 1)
            for frame in ImageSequence.Iterator(file):
                pixels = frame.convert("RGB")
                milliseconds = int(frame.info.get("duration") or _DEFAULT_MS)
                yield self._image(pixels.tobytes(), *pixels.size, count), milliseconds

    def _video(self) -> Iterator[tuple[QImage, int]]:
        import av

        with av.open(str(self._path)) as container:
            stream = container.streams.video[0]
            rate = float(stream.average_rate or 1000 / _DEFAULT_MS)
            for frame in container.decode(stream):
                pixels = frame.to_ndarray(format="rgb24")
                height, width = pixels.shape[:2]
                yield (
                    self._image(pixels.tobytes(), width, height, stream.frames),
                    round(1000 / rate),
                )

    def _image(self, pixels: bytes, width: int, height: int, count: int) -> QImage:
        """Return a frame (RGB, 8 bits each) at a size of which `count` fit the budget."""
        image = QImage(pixels, width, height, 3 * width, QImage.Format.Format_RGB888)
        size = QSize(width, height)
        weight = max(1, count) * width * height * 4
        if weight > _BUDGET:
            size = size * math.sqrt(_BUDGET / weight)
        if self._room is not None and (
            size.width() > self._room.width() or size.height() > self._room.height()
        ):
            size = size.scaled(self._room, Qt.AspectRatioMode.KeepAspectRatio)
        if size != image.size():
            image = image.scaled(
                size,
                Qt.AspectRatioMode.IgnoreAspectRatio,
                Qt.TransformationMode.SmoothTransformation,
            )
        # a format that is drawn without conversion; it owns its pixels, unlike the view on `pixels`
        return image.convertToFormat(QImage.Format.Format_RGB32)
