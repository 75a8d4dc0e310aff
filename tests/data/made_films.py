"""Films that the tests make for themselves, good and hostile."""

from __future__ import annotations

import io
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import av
import numpy as np


def frames(count: int = 30, width: int = 64, height: int = 48, seed: int = 0) -> np.ndarray:
    """Return frames (T, H, W, 3) in which a white square moves over a still coloured ground."""
    ground = np.random.default_rng(seed).integers(
        0, 160, (height // 8 + 1, width // 8 + 1, 3), np.uint8
    )
    still = ground.repeat(8, 0).repeat(8, 1)[:height, :width]
    made = np.repeat(still[None], count, 0)
    for number, frame in enumerate(made):
        left = 2 * number % (width - 10)
        frame[10:20, left : left + 10] = 255
    return made


def film(
    pixels: np.ndarray | None = None,
    kind: str = "mp4",
    codec: str = "libx264",
    form: str = "yuv420p",
    *,
    fps: int = 12,
    stamps: Sequence[int] = (),
    rotation: int = 0,
    aspect: Fraction | None = None,
    **options: str,
) -> bytes:
    """Return frames as a film's bytes.

    Args:
        stamps: Milliseconds at which each frame is shown.
        rotation: Degrees by which players are told to turn it.
        aspect: Width of a pixel by its height, where that is not 1.
    """
    pixels = frames() if pixels is None else pixels
    buffer = io.BytesIO()
    with av.open(buffer, "w", format=kind) as container:
        stream: Any = container.add_stream(codec, rate=fps)
        stream.height, stream.width = pixels.shape[1:3]
        stream.pix_fmt, stream.options = form, options
        if stamps:
            stream.codec_context.time_base = Fraction(1, 1000)
        if aspect:
            stream.codec_context.sample_aspect_ratio = aspect
        if rotation:
            stream.set_display_rotation(rotation)
        for number, each in enumerate(pixels):
            picture = av.VideoFrame.from_ndarray(each, format="rgb24")
            if stamps:
                picture.pts, picture.time_base = stamps[number], Fraction(1, 1000)
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    return buffer.getvalue()


def sound_only() -> bytes:
    """Return a recording in a container that films come in."""
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp4") as container:
        stream: Any = container.add_stream("aac", rate=44100, layout="mono")
        block = np.zeros((1, 44100), np.float32)
        picture = av.AudioFrame.from_ndarray(block, format="fltp", layout="mono")
        picture.sample_rate = 44100
        container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    return buffer.getvalue()
