"""The sound that goes along with moving pictures: kept, made to fit, and written beside them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import chain, repeat
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt
from av.audio.resampler import AudioResampler

from studio.core.media import Sound
from studio.data.modality import Rejected

#: Samples a second of sound that is written anew; all encoders take it.
RATE = 48_000

Samples = npt.NDArray[np.float32]

_BLOCK = 1 << 14  # samples that are handed on at once
_BITS = "192000"  # a second
_PRIMING = 0.1  # seconds that an encoder's first packets may lie before the pictures
_KEPT = {
    "mp4": ("aac", "mp3", "ac3", "eac3", "alac", "opus", "flac"),
    "webm": ("opus", "vorbis"),
}
_ENCODERS = {"mp4": ("aac", "libmp3lame", "libopus"), "webm": ("libopus", "libvorbis", "opus")}


def has_sound(path: Path) -> bool:
    """Tell whether there is a sound track in a file."""
    try:
        with av.open(str(path), metadata_errors="replace") as container:
            return bool(container.streams.audio)
    except (av.FFmpegError, OSError, ValueError):
        return False


def check_sound(path: Path) -> None:
    """Raise Rejected when there is no sound in a file."""
    if not has_sound(path):
        raise Rejected("no-sound", "There is no sound in it.", "Choose a recording or a tune.")


def samples_in(path: Path, start: float = 0.0) -> Iterator[Samples]:
    """Yield the sound of a file as (n, 2) at RATE, from a time of the file's clock on.

    Raises:
        Rejected: There is none, or it cannot be decoded.
    """
    resampler = AudioResampler(format="fltp", layout="stereo", rate=RATE)
    try:
        with av.open(str(path), metadata_errors="replace") as container:
            if not container.streams.audio:
                raise Rejected(
                    "no-sound", "There is no sound in it.", "Choose a recording or a tune."
                )
            stream = container.streams.audio[0]
            begun = False
            skip = 0
            for frame in container.decode(stream):
                if not begun:  # in step with the pictures: silence, or less of the beginning
                    lead = round(((frame.time or 0.0) - start) * RATE)
                    yield from _silence(max(0, lead))
                    skip, begun = max(0, -lead), True
                for part in resampler.resample(frame):
                    block = np.asarray(part.to_ndarray(), np.float32).T
                    yield block[skip:]
                    skip = max(0, skip - len(block))
    except (av.FFmpegError, OSError, ValueError) as error:
        raise Rejected(
            "no-sound", f"The sound of {path.name} cannot be decoded.", "Save it as WAV."
        ) from error


def samples_of(sound: Sound) -> Iterator[Samples]:
    """Yield a recording as (n, 2) at RATE."""
    stereo = sound.samples if sound.samples.shape[1] == 2 else sound.samples[:, :1].repeat(2, 1)
    resampler = AudioResampler(format="fltp", layout="stereo", rate=RATE)
    for start in range(0, len(stereo), _BLOCK):
        block = np.ascontiguousarray(stereo[start : start + _BLOCK].T, np.float32)
        frame = av.AudioFrame.from_ndarray(block, format="fltp", layout="stereo")
        frame.sample_rate = sound.rate
        for part in resampler.resample(frame):
            yield np.asarray(part.to_ndarray(), np.float32).T
    for part in resampler.resample(None):
        yield np.asarray(part.to_ndarray(), np.float32).T


def looped(make: Callable[[], Iterator[Samples]]) -> Iterator[Samples]:
    """Yield sound again and again; ends where there is none."""
    while True:
        heard = 0
        for block in make():
            heard += len(block)
            yield block
        if not heard:
            return


def fitted(blocks: Iterator[Samples], seconds: float, fade: float) -> Iterator[Samples]:
    """Yield sound of a length, cut or followed by silence, that fades out at the end.

    Args:
        fade: Seconds of the end in which it grows silent.
    """
    whole, fading = round(seconds * RATE), round(min(fade, seconds) * RATE)
    done = 0
    for block in chain(blocks, _silence(whole)):
        part = block[: whole - done]
        left = whole - done - np.arange(len(part))
        if fading and len(part) and left[-1] < fading:
            part = part * np.minimum(1, left / fading).astype(np.float32)[:, None]
        done += len(part)
        yield part
        if done >= whole:
            return


def _silence(samples: int) -> Iterator[Samples]:
    """Yield so many silent samples."""
    for size in chain(repeat(_BLOCK, samples // _BLOCK), (samples % _BLOCK,)):
        if size:
            yield np.zeros((size, 2), np.float32)


class SoundTrack:
    """Writes sound into a container in step with its pictures, a little at a time."""

    def __init__(
        self, container: av.container.OutputContainer, kind: str, blocks: Iterator[Samples]
    ) -> None:
        """Add a stream for sound that is encoded anew; before anything is written."""
        codec = next(name for name in _ENCODERS[kind] if name in av.codecs_available)
        self._container = container
        options = {"b": _BITS}
        self._stream: Any = container.add_stream(codec, rate=RATE, options=options, layout="stereo")
        self._blocks = blocks
        self._written = 0
        self._over = False

    def advance(self, seconds: float) -> None:
        """Write what is heard until a time."""
        while not self._over and self._written < seconds * RATE:
            block = next(self._blocks, None)
            if block is None:
                self._over = True
            elif len(block):
                frame = av.AudioFrame.from_ndarray(
                    np.ascontiguousarray(block.T), format="fltp", layout="stereo"
                )
                frame.sample_rate, frame.pts = RATE, self._written
                frame.time_base = Fraction(1, RATE)
                self._written += len(block)
                self._container.mux(self._stream.encode(frame))

    def finish(self) -> None:
        """Write what the encoder holds back."""
        self._container.mux(self._stream.encode(None))


class KeptTrack:
    """Copies a file's sound as it is, in step with the pictures."""

    def __init__(self, container: av.container.OutputContainer, source: Path) -> None:
        self._container = container
        self._input = av.open(str(source), metadata_errors="replace")
        stream = self._input.streams.audio[0]
        self._stream: Any = container.add_stream_from_template(stream)
        self._start = start_of(self._input)
        self._packets = self._input.demux(stream)
        self._waiting: Any = None

    def advance(self, seconds: float) -> None:
        """Write what is heard until a time."""
        while True:
            packet = self._waiting or next(self._packets, None)
            self._waiting = None
            if packet is None:
                return
            if packet.pts is None or packet.dts is None:
                continue
            unit = packet.time_base
            time = float(packet.pts * unit) - self._start
            if time >= seconds:
                self._waiting = packet
                return
            if time >= -_PRIMING:
                shift = round(self._start / unit)
                packet.pts -= shift
                packet.dts -= shift
                packet.stream = self._stream
                self._container.mux(packet)

    def finish(self) -> None:
        """Close the source."""
        self._input.close()


def start_of(container: av.container.InputContainer) -> float:
    """Return when a film's pictures begin, in seconds of its own clock."""
    for stream in container.streams.video:
        if stream.start_time is not None and stream.time_base is not None:
            return float(stream.start_time * stream.time_base)
    return 0.0


def track_of(
    container: av.container.OutputContainer,
    kind: str,
    sound: Sound | Path | Iterator[Samples] | None,
) -> SoundTrack | KeptTrack | None:
    """Return what writes the sound that goes along with a film; None for silence.

    Sound in a format that the container takes is kept as it is, other sound is encoded anew.
    """
    if isinstance(sound, Sound):
        return SoundTrack(container, kind, samples_of(sound))
    if isinstance(sound, Iterator):
        return SoundTrack(container, kind, sound)
    if sound is None or not has_sound(sound):
        return None
    with av.open(str(sound), metadata_errors="replace") as source:
        stream = source.streams.audio[0]
        start, name = start_of(source), stream.codec_context.name
        first = float((stream.start_time or 0) * (stream.time_base or 0)) - start
    if name.removesuffix("float") in _KEPT[kind] and first >= -_PRIMING:
        return KeptTrack(container, sound)
    return SoundTrack(container, kind, samples_in(sound, start))
