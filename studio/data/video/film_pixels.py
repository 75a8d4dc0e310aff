"""From decoded frames to pixels of one size: upright, without transparency, eight bits."""

from __future__ import annotations

import av
import numpy as np
import numpy.typing as npt
from av.video.plane import VideoPlane
from av.video.reformatter import Colorspace, Interpolation, VideoReformatter

Frame = npt.NDArray[np.uint8]

_HD_LINES = 720  # from which on unmarked colours are those of high definition (ITU-R BT.709)
_UNMARKED = 2  # AVCOL_SPC_UNSPECIFIED
_HD_COLOURS = Colorspace.ITU709.value
_TO_SMALLER, _TO_LARGER = Interpolation.AREA.value, Interpolation.BICUBIC.value
_WHITE = 255
_LUMA = np.array((0.299, 0.587, 0.114), np.float32)


class Pixels:
    """Turns frames into arrays of one size, whatever size the file's frames have.

    One thread at a time uses it: it keeps what the scaler has worked out. All of it runs for each
    frame of a film, so nothing is asked twice.
    """

    def __init__(
        self,
        width: int,
        height: int,
        *,
        grey: bool = False,
        rotation: int = 0,
        see_through: bool = False,
    ) -> None:
        """Begin.

        Args:
            width, height: Of the arrays, upright.
            grey: One channel instead of three.
            rotation: Degrees counter-clockwise by which frames are turned.
            see_through: Whether parts of the frames may be transparent; they become white.
        """
        self._width, self._height = (height, width) if rotation % 180 else (width, height)
        self._turns = rotation // 90 % 4
        self._see_through = see_through
        name, self._channels = ("gray", 1) if grey else ("rgb24", 3)
        if see_through:
            name, self._channels = "rgba", 4
        self._grey = grey
        self._format = name
        self._scaler = VideoReformatter()

    @property
    def plain(self) -> int:
        """Bytes of a plane that is a frame's array as it is; 0 when more is to be done to it."""
        if self._turns or self._see_through:
            return 0
        return self._width * self._height * self._channels

    def plane(self, picture: av.VideoFrame) -> VideoPlane:
        """Return a frame's values, line after line, with what may lie between the lines."""
        width, height = self._width, self._height
        unmarked = picture.colorspace == _UNMARKED and picture.height >= _HD_LINES
        smaller = width < picture.width or height < picture.height
        colours = _HD_COLOURS if unmarked else None
        scaling = _TO_SMALLER if smaller else _TO_LARGER
        # the arguments by place, which Cython takes in two thirds of the time; the last is threads
        return self._scaler.reformat(
            picture, width, height, self._format, colours, None, scaling, None, None, None, None, 1
        ).planes[0]

    def array(self, plane: VideoPlane) -> Frame:
        """Return what `plane` gave as (H, W, C) with C = 1 or 3; it shares its memory."""
        width, height = self._width, self._height
        lines = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
        pixels = lines[:height, : width * self._channels].reshape(height, width, self._channels)
        if self._see_through:
            pixels = _on_white(pixels)
            if self._grey:
                pixels = (pixels @ _LUMA).round().astype(np.uint8)[:, :, None]
        return np.rot90(pixels, self._turns) if self._turns else pixels

    def of(self, picture: av.VideoFrame) -> Frame:
        """Return a frame as (H, W, C) with C = 1 or 3; it may share its memory with the frame's."""
        return self.array(self.plane(picture))


def fitted(width: int, height: int, longer: int) -> tuple[int, int]:
    """Return a size of the same shape whose longer side is at most `longer`."""
    scale = min(1.0, longer / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))


def _on_white(pixels: Frame) -> Frame:
    """Return pixels (H, W, 4) as they look on white."""
    alpha = pixels[:, :, 3:]
    if alpha.min() == _WHITE:
        return np.ascontiguousarray(pixels[:, :, :3])
    share = alpha.astype(np.float32) / _WHITE
    mixed = pixels[:, :, :3] * share + _WHITE * (1 - share)
    return mixed.round().astype(np.uint8)
