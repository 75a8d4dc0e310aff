"""Files that hold moving pictures but that FFmpeg does not decode: made into films that it does."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageSequence

from studio.data.abandoning import still_wanted
from studio.data.entries import unreadable
from studio.data.modality import Rejected
from studio.data.video.clip_encoding import encoder_for
from studio.data.video.film_opening import check_pixels

Frame = npt.NDArray[np.uint8]

#: Endings of films that are read.
SUFFIXES = frozenset(
    {".mp4", ".m4v", ".mov", ".webm", ".mkv", ".avi", ".gif", ".apng", ".webp", ".mpg", ".mpeg"}
    | {".ts", ".mts", ".m2ts", ".wmv", ".flv", ".ogv", ".3gp"}
)

_UNIT = Fraction(1, 1000)
_USUAL = 100  # milliseconds of a frame that says nothing of its time
_MOST = 20_000  # frames of an animated picture


def is_animated_webp(head: bytes) -> bool:
    """Tell whether a file begins like a WebP, which FFmpeg reads as a still picture only."""
    return head.startswith(b"RIFF") and head[8:12] == b"WEBP"


def decodable(path: Path) -> bytes | Path:
    """Return what a film is decoded from: the file itself, or what is made of an animated WebP.

    Raises:
        Rejected: It cannot be read.
    """
    try:
        with path.open("rb") as file:
            head = file.read(16)
        return playable(path.read_bytes()) if is_animated_webp(head) else path
    except OSError as error:
        raise unreadable(error) from error


def playable(raw: bytes) -> bytes:
    """Return a film that can be decoded: the file as it is, an animated WebP as MP4.

    Raises:
        Rejected: It cannot be read.
    """
    if not is_animated_webp(raw[:16]):
        return raw
    try:
        with Image.open(io.BytesIO(raw), formats=("WEBP",)) as image:
            check_pixels(*image.size)
            if getattr(image, "n_frames", 1) < 2:
                raise Rejected(
                    "one-frame",
                    "It has a single frame, so nothing can move in it.",
                    "Import it as a picture, or leave it out.",
                )
            return encoded(_frames(image))
    except (OSError, ValueError, SyntaxError, EOFError) as error:
        raise Rejected(
            "damaged",
            "It begins like an animated picture, but cannot be decoded.",
            "Save it again with the program that made it.",
        ) from error


def encoded(frames: Iterable[tuple[Frame, int]], comment: str = "") -> bytes:
    """Return frames (H, W, 3) and the milliseconds that each is shown as a film, nearly lossless.

    Frames of another size are brought to that of the first.
    """
    buffer = io.BytesIO()
    codec = encoder_for(".mp4")
    with av.open(buffer, "w", format="mp4") as container:
        if comment:
            container.metadata["comment"] = comment
        stream: Any = container.add_stream(codec, rate=Fraction(1000))
        stream.codec_context.time_base = _UNIT
        options = {"libx264": {"crf": "8", "preset": "veryfast"}}
        stream.options = options.get(codec, {"crf": "12", "b:v": "0"})
        now = 0
        size = (0, 0)
        for pixels, milliseconds in frames:
            still_wanted()
            if not now:
                size = (pixels.shape[1] + pixels.shape[1] % 2, pixels.shape[0])
                size = (size[0], size[1] + size[1] % 2)
                stream.width, stream.height = size
                stream.pix_fmt = "yuv444p" if codec == "libx264" else "yuv420p"
            if (pixels.shape[1], pixels.shape[0]) != size:
                pixels = np.asarray(Image.fromarray(pixels).resize(size))  # noqa: PLW2901
            picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format="rgb24")
            picture.pts, picture.time_base = now, _UNIT
            container.mux(stream.encode(picture))
            now += max(1, milliseconds)
        container.mux(stream.encode(None))
    return buffer.getvalue()


def _frames(image: Image.Image) -> Iterator[tuple[Frame, int]]:
    for number, frame in enumerate(ImageSequence.Iterator(image)):
        if number >= _MOST:
            return
        layered = frame.convert("RGBA")
        white = Image.new("RGBA", layered.size, "white")
        pixels = np.asarray(Image.alpha_composite(white, layered).convert("RGB"))
        yield pixels, int(frame.info.get("duration") or _USUAL)
