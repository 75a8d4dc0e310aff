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
from studio.data.motion import drawn, motion
from studio.data.motion_rules import MOTIONS
from studio.data.pattern_colours import PALETTES

COUNT = 240
FRAMES, SIDE, RATE = 32, 64, 16

#: The rules that the set shows: what one sees is a shape that moves, not a field of them.
KINDS = ("bounce", "orbit", "spin", "swing", "fountain", "parallax")


def moving_shapes() -> Iterator[Entry]:
    """Yield clips in which shapes move, the kind of motion as the label."""
    palettes = list(PALETTES)
    for number in range(COUNT):
        kind = KINDS[number % len(KINDS)]
        palette = palettes[number // len(KINDS) % len(palettes)]
        yield Entry(
            name=f"moving-shapes/{number:03d}.mkv",
            root="sample:moving-shapes",
            place=f"{number:03d}.mkv",
            size=FRAMES * SIDE**2,
            load=partial(_clip, number, kind, palette),
            label=kind,
            caption=f"{MOTIONS[kind].words} in {palette} colours",
        )


def _clip(number: int, kind: str, palette: str) -> bytes:
    wanted = motion(number, rules=(kind,))
    return lossless(drawn(wanted, PALETTES[palette], FRAMES, SIDE, SIDE), RATE)


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
