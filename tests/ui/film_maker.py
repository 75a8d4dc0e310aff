"""Films for tests of the window, whose frames tell their number by a bar of bits."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QImage

BITS = 12


def write_film(
    path: Path,
    frames: int,
    *,
    width: int = 192,
    height: int = 108,
    rate: int = 25,
    sound: bool = False,
    times: list[int] | None = None,
    key_frames: int = 50,
) -> Path:
    """Write a film in the format of its suffix.

    Args:
        times: When each frame is shown, in thousandths of a second; else evenly.
        key_frames: A frame that can be sought stands at least every so many frames.
    """
    with av.open(str(path), "w") as container:
        webm = path.suffix == ".webm"
        stream = (
            container.add_stream("libvpx-vp9", rate=rate)
            if webm
            else container.add_stream("libx264", rate=rate)
        )
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.options = {"crf": "20", "preset": "ultrafast", "g": str(key_frames)}
        stream.options |= {"cpu-used": "8"} if webm else {}
        voice = container.add_stream("aac", rate=16_000, layout="mono") if sound else None
        if times is not None:
            stream.codec_context.time_base = Fraction(1, 1000)
        for number in range(frames):
            frame = av.VideoFrame.from_ndarray(marked(number, width, height), format="rgb24")
            if times is not None:
                frame.pts, frame.time_base = times[number], Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
        if voice is not None:
            clock = np.arange(round(16_000 * frames / rate)) / 16_000
            tone = (np.sin(2 * np.pi * 440 * clock) * 0.3).astype(np.float32)
            heard = av.AudioFrame.from_ndarray(tone[None], format="fltp", layout="mono")
            heard.sample_rate = 16_000
            container.mux(voice.encode(heard))
            container.mux(voice.encode())
    return path


def marked(number: int, width: int, height: int) -> npt.NDArray[np.uint8]:
    """Return a frame (H, W, 3) whose upper half is bits of its number, white for 1."""
    pixels = np.full((height, width, 3), 40, np.uint8)
    for bit in range(BITS):
        left, right = width * bit // BITS, width * (bit + 1) // BITS
        pixels[: height // 2, left:right] = 235 if number >> bit & 1 else 16
    return pixels


def number_in(image: QImage) -> int:
    """Return the number that a frame shows."""
    number = 0
    for bit in range(BITS):
        x = image.width() * (2 * bit + 1) // (2 * BITS)
        number |= (image.pixelColor(x, image.height() // 4).lightness() > 128) << bit
    return number
