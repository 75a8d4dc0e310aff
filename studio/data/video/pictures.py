"""Still pictures of moving ones: strips that a grid plays under the pointer, and sheets."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image as Pillow

from studio.core.media import Clip, Film
from studio.core.thumbnails import strip_comment
from studio.data.image.files import sheet

Frame = npt.NDArray[np.uint8]

#: Longer side of one frame of a thumbnail, in pixels.
THUMBNAIL = 96
#: Frames of a strip.
STRIP = 8

_QUALITY = 80


def places(count: int, wanted: int = STRIP) -> list[int]:
    """Return up to `wanted` places, evenly from the first of `count` frames to the last."""
    return sorted({round(place) for place in np.linspace(0, max(0, count - 1), wanted)})


def small(frame: Frame) -> Frame:
    """Return a frame (H, W, C) at thumbnail size, (h, w, 3); a small one stays as it is."""
    image = Pillow.fromarray(frame.squeeze(-1) if frame.shape[-1] == 1 else frame).convert("RGB")
    image.thumbnail((THUMBNAIL, THUMBNAIL), Pillow.Resampling.BOX)
    return np.asarray(image)


class Spread:
    """A few of the frames that pass by, evenly spread over all, whose number nobody knows yet."""

    def __init__(self) -> None:
        self._frames: list[Frame] = []
        self._stride = 1
        self._count = 0

    def due(self) -> bool:
        """Tell whether the next frame is to be added; call it once for each."""
        self._count += 1
        return (self._count - 1) % self._stride == 0

    def add(self, frame: Frame) -> None:
        """Add a frame that is due, small."""
        self._frames.append(frame)
        if len(self._frames) >= 4 * STRIP:
            del self._frames[1::2]
            self._stride *= 2

    def frames(self) -> list[Frame]:
        """Return up to STRIP of them."""
        return [self._frames[place] for place in places(len(self._frames))]

    def passing(self, frames: Iterable[Frame]) -> Iterator[Frame]:
        """Yield frames, and keep a few of them."""
        for frame in frames:
            if self.due():
                self.add(small(frame))
            yield frame


def moments(media: Clip | Film) -> list[Frame]:
    """Return STRIP frames, evenly from the first to the last; of few frames some again."""
    if isinstance(media, Clip):
        frames: Sequence[Frame] = list(media.frames)
    else:
        spread = Spread()
        for frame in media.frames():
            if spread.due():
                spread.add(frame)
        frames = spread.frames()
    return [frames[round(place)] for place in np.linspace(0, len(frames) - 1, STRIP)]


def coloured(frame: Frame) -> Frame:
    """Return a frame (H, W, C) in colour, (H, W, 3)."""
    return np.repeat(frame, 3, axis=2) if frame.shape[2] == 1 else frame


def strip(frames: Sequence[Frame]) -> bytes:
    """Return frames (h, w, 3) of one size as a strip; see `core/thumbnails.py`."""
    buffer = io.BytesIO()
    image = Pillow.fromarray(np.concatenate(frames, axis=1))
    comment = strip_comment(len(frames)) if len(frames) > 1 else b""
    image.save(buffer, "JPEG", quality=_QUALITY, subsampling=0, comment=comment)
    return buffer.getvalue()


def sheet_of(clips: Sequence[Clip]) -> Clip:
    """Return clips side by side in a grid as one clip that lasts as long as the longest.

    Smaller ones lie in the middle of a cell of the largest size; shorter ones begin again.
    """
    length = max(len(clip.frames) for clip in clips)
    moments = [
        sheet([clip.frames[moment % len(clip.frames)] for clip in clips], 0).pixels
        for moment in range(length)
    ]
    return Clip(np.stack(moments), clips[0].fps)
