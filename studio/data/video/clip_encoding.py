"""How frames become files: which encoders are there, and how they are told what is wanted."""

from __future__ import annotations

import os
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt
from av.filter import Graph
from av.video.reformatter import Colorspace, VideoReformatter
from PIL import Image

from studio.core.errors import StudioError
from studio.core.media import Film, Sound
from studio.data.video.clip_sound import Samples, track_of

Frame = npt.NDArray[np.uint8]

#: Encoders by a format's suffix, the best first: builds of FFmpeg without GPL parts have no
#: libx264. A WebM that is to hold AV1 says so in its name.
ENCODERS = {
    ".mp4": ("libx264", "libopenh264", "libvpx-vp9", "libsvtav1", "mpeg4"),
    ".webm": ("libvpx-vp9", "libsvtav1", "libaom-av1"),
    ".av1.webm": ("libsvtav1", "libaom-av1"),
}
# SVT-AV1 tells the terminal of every film that it begins; of errors it still does
os.environ.setdefault("SVT_LOG", "1")

_HD_LINES = 720  # from which on players take colours for those of ITU-R BT.709
_BT709 = 1
_DESCRIPTION = 0x010E  # the EXIF tag ImageDescription
_SECOND = 100  # units of time of a GIF


def encoder_for(suffix: str) -> str:
    """Return the best encoder that is there for a format.

    Raises:
        StudioError: This build of FFmpeg has none.
    """
    for name in ENCODERS[suffix]:
        if name in av.codecs_available:
            return name
    raise StudioError(
        f"{suffix[1:].upper()} cannot be written here",
        "The installed FFmpeg has no encoder for it.",
        "Choose another format, such as GIF or WebP, or install the package av from PyPI.",
    )


def write_video(
    frames: Iterator[Frame],
    film: Film,
    fps: float,
    path: Path,
    suffix: str,
    comment: str,
    quality: int,
    sound: Sound | Path | Iterator[Samples] | None,
) -> None:
    """Write frames (H, W, 3) in a format of `ENCODERS`, with their sound in step."""
    rate = Fraction(fps).limit_denominator(1001)
    codec, kind = encoder_for(suffix), suffix.rpartition(".")[2]
    width, height = film.width + film.width % 2, film.height + film.height % 2
    high = height >= _HD_LINES
    scaler = VideoReformatter()
    with av.open(str(path), "w", format=kind) as container:
        if comment:
            container.metadata["comment"] = comment
        stream: Any = container.add_stream(codec, rate=rate)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.options = _options(codec, quality)
        if high:
            stream.codec_context.colorspace = _BT709
            stream.codec_context.color_primaries = _BT709
            stream.codec_context.color_trc = _BT709
        track = track_of(container, kind, sound)
        for number, pixels in enumerate(frames):
            picture = av.VideoFrame.from_ndarray(_even(pixels, width, height), format="rgb24")
            colours = Colorspace.ITU709 if high else None
            picture = scaler.reformat(picture, format="yuv420p", dst_colorspace=colours)
            picture.pts, picture.time_base = number, 1 / rate
            container.mux(stream.encode(picture))
            if track is not None:
                track.advance(float((number + 1) / rate))
        container.mux(stream.encode(None))
        if track is not None:
            track.finish()


def write_gif(frames: Iterator[Frame], film: Film, fps: float, path: Path, comment: str) -> None:
    """Write frames as a GIF, each with colours of its own."""
    graph: Graph | None = None
    with av.open(str(path), "w", format="gif", options={"loop": "0"}) as container:
        stream: Any = container.add_stream("gif", rate=Fraction(_SECOND))
        stream.width, stream.height, stream.pix_fmt = film.width, film.height, "pal8"
        stream.time_base = stream.codec_context.time_base = Fraction(1, _SECOND)
        for number, pixels in enumerate(frames):
            graph = graph or _palettes(film.width, film.height)
            picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format="rgb24")
            picture.pts, picture.time_base = round(number * _SECOND / fps), Fraction(1, _SECOND)
            graph.vpush(picture)
            for made in _pulled(graph):
                container.mux(stream.encode(made))
        if graph is not None:
            graph.vpush(None)
            for made in _pulled(graph):
                container.mux(stream.encode(made))
        container.mux(stream.encode(None))
    if comment:
        _comment_gif(path, comment)


def write_webp(
    frames: Iterator[Frame], film: Film, fps: float, path: Path, comment: str, quality: int
) -> None:
    """Write frames as an animated WebP, without loss where the best quality is wanted."""
    with av.open(str(path), "w", format="webp", options={"loop": "0"}) as container:
        rate = Fraction(fps).limit_denominator(1001)
        stream: Any = container.add_stream("libwebp_anim", rate=rate)
        small = film.width * film.height <= _SMALL
        lossless = quality >= _LOSSLESS or small
        stream.width, stream.height = film.width, film.height
        stream.pix_fmt = "bgra" if lossless else "yuv420p"
        stream.options = {"lossless": "1"} if lossless else {"quality": str(quality)}
        for number, pixels in enumerate(frames):
            picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format="rgb24")
            picture = picture.reformat(format=stream.pix_fmt)
            picture.pts, picture.time_base = number, 1 / rate
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    if comment:
        _comment_webp(path, comment)


_SMALL = 256 * 256  # pixels of a frame up to which a WebP loses nothing
_LOSSLESS = 95  # quality from which on neither


def _options(codec: str, quality: int) -> dict[str, str]:
    """Return an encoder's options for a quality of 1 … 100."""
    if codec == "libx264":
        return {"crf": str(round(40 - 0.3 * quality))}
    if codec == "libvpx-vp9":
        crf = str(round(55 - 0.4 * quality))
        return {"crf": crf, "b:v": "0", "deadline": "good", "cpu-used": "5", "row-mt": "1"}
    if codec == "libsvtav1":
        return {"crf": str(round(63 - 0.42 * quality)), "preset": "6"}
    if codec == "libaom-av1":
        return {"crf": str(round(63 - 0.42 * quality)), "b:v": "0", "cpu-used": "6"}
    return {"qscale": str(max(1, round(31 - 0.3 * quality)))}


def _even(pixels: Frame, width: int, height: int) -> Frame:
    """Return a frame of even sides, the last row or column repeated where that is needed."""
    down, across = height - pixels.shape[0], width - pixels.shape[1]
    if down or across:
        pixels = np.pad(pixels, ((0, down), (0, across), (0, 0)), mode="edge")
    return np.ascontiguousarray(pixels)


def _palettes(width: int, height: int) -> Graph:
    """Return what finds 256 colours for each frame and draws it with them."""
    graph = Graph()
    unit = Fraction(1, _SECOND)
    source = graph.add_buffer(
        width=width, height=height, format=av.VideoFormat("rgb24"), time_base=unit
    )
    split = graph.add("split")
    found = graph.add("palettegen", "stats_mode=single:reserve_transparent=0")
    drawn = graph.add("paletteuse", "new=1:dither=bayer:bayer_scale=4")
    source.link_to(split)
    split.link_to(found, 0, 0)
    split.link_to(drawn, 1, 0)
    found.link_to(drawn, 0, 1)
    drawn.link_to(graph.add("buffersink"))
    graph.configure()
    return graph


def _pulled(graph: Graph) -> Iterator[av.VideoFrame]:
    while True:
        try:
            yield graph.vpull()
        except (av.BlockingIOError, av.error.EOFError):
            return


def _comment_gif(path: Path, comment: str) -> None:
    """Put a comment extension before the first picture (GIF89a, section 24)."""
    raw = path.read_bytes()
    colours = 3 << ((raw[10] & 7) + 1) if raw[10] & 0x80 else 0
    place = 13 + colours
    text = comment.encode()
    blocks = b"".join(
        bytes([len(part)]) + part for part in (text[i : i + 255] for i in range(0, len(text), 255))
    )
    path.write_bytes(raw[:place] + b"\x21\xfe" + blocks + b"\0" + raw[place:])


def _comment_webp(path: Path, comment: str) -> None:
    """Append an EXIF chunk and say in the header that there is one (WebP container, VP8X)."""
    raw = bytearray(path.read_bytes())
    if raw[12:16] != b"VP8X":
        return
    exif = Image.Exif()
    exif[_DESCRIPTION] = comment
    data = exif.tobytes().removeprefix(b"Exif\0\0")
    raw[20] |= 0x08
    raw += b"EXIF" + len(data).to_bytes(4, "little") + data + b"\0" * (len(data) % 2)
    raw[4:8] = (len(raw) - 8).to_bytes(4, "little")
    path.write_bytes(raw)
