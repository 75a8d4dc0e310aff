"""Moving pictures of the sample sets: shapes that move, all drawn here."""

from __future__ import annotations

import io
from collections.abc import Iterator
from functools import partial

import av
import numpy as np
import numpy.typing as npt
from av.video.reformatter import VideoReformatter

from studio.data.entries import Entry
from studio.data.image.pattern_colours import PALETTES, orange_on_blue
from studio.data.video.motion import drawn, motion
from studio.data.video.motion_rules import MOTIONS

COUNT = 240
FRAMES, SIDE, RATE = 32, 64, 16

#: The rules that the set shows: what one sees is a shape that moves, not a field of them.
KINDS = ("bounce", "orbit", "spin", "swing", "fountain", "parallax")


def moving_shapes() -> Iterator[Entry]:
    """Yield clips in which shapes move, the kind of motion as the label."""
    return _clips("moving-shapes", in_blue=False)


def blue_moving_shapes() -> Iterator[Entry]:
    """Yield the same clips in shades from blue to orange, the lighter the more orange."""
    return _clips("blue-moving-shapes", in_blue=True)


def _clips(name: str, *, in_blue: bool) -> Iterator[Entry]:
    palettes = list(PALETTES)
    for number in range(COUNT):
        kind = KINDS[number % len(KINDS)]
        palette = palettes[number // len(KINDS) % len(palettes)]
        colours = "orange on blue" if in_blue else f"{palette} colours"
        yield Entry(
            name=f"{name}/{number:03d}.mkv",
            root=f"sample:{name}",
            place=f"{number:03d}.mkv",
            size=FRAMES * SIDE**2,
            load=partial(_clip, number, kind, palette, in_blue),
            label=kind,
            caption=f"{MOTIONS[kind].words} in {colours}",
        )


def _clip(number: int, kind: str, palette: str, in_blue: bool) -> bytes:
    wanted = motion(number, rules=(kind,))
    frames = drawn(wanted, PALETTES[palette], FRAMES, SIDE, SIDE)
    if in_blue:
        frames = orange_on_blue(frames.mean(3).astype(np.uint8))
    return lossless(frames, RATE)


def lossless(frames: npt.NDArray[np.uint8], rate: int) -> bytes:
    """Return frames (T, H, W, 3) as a film that keeps every value: FFV1 in Matroska."""
    buffer = io.BytesIO()
    # without it every file had ids and a date of its own
    exact = {"fflags": "+bitexact"}
    # threads of encoder and scaler wait for each other longer than such small frames take
    scaler = VideoReformatter()
    with av.open(buffer, "w", format="matroska", options=exact) as container:
        stream = container.add_stream("ffv1", rate=rate)
        stream.height, stream.width = frames.shape[1:3]
        stream.pix_fmt = "bgr0"
        stream.codec_context.thread_count = 1
        stream.options = {"level": "3", "coder": "1", "context": "1"}
        for pixels in frames:
            picture = av.VideoFrame.from_ndarray(pixels, format="rgb24")
            container.mux(stream.encode(scaler.reformat(picture, format="bgr0", threads=1)))
        container.mux(stream.encode())
    return buffer.getvalue()
