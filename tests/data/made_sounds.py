"""Recordings that the tests make: tones, voices of a kind, noise, in every format."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import soundfile

from studio.core.blobs import Span
from studio.core.items import Item

Samples = npt.NDArray[np.float32]


def tone(
    seconds: float = 1.0, rate: int = 8000, pitch: float = 440.0, level: float = 0.5
) -> Samples:
    """Return a sine (N,)."""
    time = np.arange(round(seconds * rate)) / rate
    return (level * np.sin(2 * np.pi * pitch * time)).astype(np.float32)


def melody(seed: int, seconds: float = 1.0, rate: int = 8000) -> Samples:
    """Return a few tones with overtones that fade, each recording another one (N,)."""
    draw = np.random.default_rng(seed)
    count = round(seconds * rate)
    found = np.zeros(count)
    for start in range(0, count, rate // 5):
        time = np.arange(min(rate // 5, count - start)) / rate
        pitch = 110 * 2 ** (draw.integers(0, 36) / 12)
        for overtone in range(1, 5):
            wave = np.sin(2 * np.pi * pitch * overtone * time + draw.uniform(0, 6))
            found[start : start + len(time)] += wave * draw.uniform(0.2, 1) / overtone
        found[start : start + len(time)] *= np.exp(-6 * time)
    level = 0.7 / float(np.abs(found).max())
    return (level * found).astype(np.float32)


def noise(seed: int, seconds: float = 1.0, rate: int = 8000, level: float = 0.3) -> Samples:
    """Return white noise (N,)."""
    draw = np.random.default_rng(seed)
    return (level * draw.uniform(-1, 1, round(seconds * rate))).astype(np.float32)


def encoded(
    samples: Samples, rate: int = 8000, kind: str = "WAV", subtype: str | None = None
) -> bytes:
    """Return a sound file that libsndfile writes."""
    buffer = io.BytesIO()
    soundfile.write(buffer, samples, rate, format=kind, subtype=subtype)
    return buffer.getvalue()


def encoded_by_ffmpeg(
    samples: Samples, rate: int, container: str, codec: str, *, pictures: int = 0
) -> bytes:
    """Return a sound file, or a film with this sound, that FFmpeg writes."""
    import av

    buffer = io.BytesIO()
    with av.open(buffer, "w", format=container) as file:
        stream: Any = file.add_stream(codec, rate=rate)
        stream.layout = "mono"
        film: Any = None
        if pictures:
            film = file.add_stream("libvpx-vp9" if container == "webm" else "mpeg4", rate=12)
            film.width = film.height = 32
            film.pix_fmt = "yuv420p"
        frame = av.AudioFrame.from_ndarray(samples[None, :], format="fltp", layout="mono")
        frame.rate = rate
        resampler = av.AudioResampler(stream.format, "mono", stream.rate, frame_size=1024)
        if stream.codec_context.frame_size:
            resampler = av.AudioResampler(
                stream.format, "mono", stream.rate, frame_size=stream.codec_context.frame_size
            )
        for part in (*resampler.resample(frame), *resampler.resample(None)):
            file.mux(stream.encode(part))
        file.mux(stream.encode(None))
        for number in range(pictures):
            picture = np.full((32, 32, 3), 20 * (number % 10), np.uint8)
            file.mux(film.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        if film is not None:
            file.mux(film.encode(None))
    return buffer.getvalue()


def item(milliseconds: int, rate: int, *notes: str, number: int = 1) -> Item:
    """Return a recording as the library knows it."""
    nowhere = Span(0, 0)
    return Item(number, "", "", "", milliseconds, rate, notes, None, nowhere, nowhere, False)


def write(path: Path, samples: Samples, rate: int = 8000, subtype: str | None = None) -> Path:
    """Write a sound file in the format of its suffix."""
    path.parent.mkdir(parents=True, exist_ok=True)
    kind = {"aif": "AIFF", "opus": "OGG"}.get(path.suffix[1:], path.suffix[1:].upper())
    subtype = "OPUS" if path.suffix == ".opus" else subtype
    path.write_bytes(encoded(samples, rate, kind, subtype))
    return path
