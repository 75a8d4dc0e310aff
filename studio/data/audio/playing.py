"""Sound of recordings for the ear: decoded and resampled a little at a time, as it is heard.

Files of any length begin at once and need little memory: libav decodes what is asked for, and its
libswresample resamples it. Nothing here needs torch, so that the window can play.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from studio.core.blobs import Source, open_source
from studio.core.media import Sound
from studio.data.modality import Rejected

#: Samples per second.
RATE = 44_100

_BLOCK = 0.5  # seconds of a Sound that are resampled at a time
_LEAD = 1024  # samples
_EARLIER = 0.2  # seconds before a place at which decoding begins: codecs need what came before

Samples = npt.NDArray[np.float32]


class Renderer:
    """Sound of a recording, in two channels at 44,100 Hz.

    Attributes:
        seconds: How long it is. As the file says, until its end was reached; infinite when it does
            not say.
    """

    def __init__(self, source: Sound | Source) -> None:
        """Open a recording, or the sound of a video, from memory or from a file.

        Raises:
            Rejected: There is no sound in it that can be read.
        """
        self._source = source
        self._file: Any = None
        if isinstance(source, Sound):
            self.seconds = len(source.samples) / source.rate
        else:
            self._file, self._track = _opened(source)
            self.seconds = _length(self._file, self._track)
        self._at = -1  # the sample that comes next
        self._coming: Iterator[Samples] = iter(())
        self._ready = _nothing()

    def chunk(self, start: float, seconds: float) -> Samples:
        """Return sound from a time on: float32 (n, 2), shorter at the end. Fastest in order."""
        first, count = max(0, round(start * RATE)), max(0, round(seconds * RATE))
        if first != self._at:
            self._go_to(first)
        parts, have = [self._ready], len(self._ready)
        over = False
        while have < count:
            part = next(self._coming, None)
            if part is None:
                over = True
                break
            parts.append(part)
            have += len(part)
        joined = np.concatenate(parts)
        self._ready = joined[count:]
        self._at += min(count, have)
        if over and not len(self._ready):
            self.seconds = self._at / RATE
        else:  # files may be longer than they say
            self.seconds = max(self.seconds, (self._at + 1) / RATE)
        return joined[:count]

    def _go_to(self, first: int) -> None:
        """Let sample `first` come next; the resampler begins a little earlier to swing in."""
        begin = max(0, first - _LEAD)
        self._at = first
        self._coming = _resampled(self._frames(begin / RATE))
        self._ready = _nothing()
        left = first - begin
        for part in self._coming:
            self._ready = part[left:]
            left -= min(left, len(part))
            if len(self._ready):
                return

    def _frames(self, start: float) -> Iterator[Any]:
        """Yield libav's frames of sound from a time on, to the sample."""
        if isinstance(self._source, Sound):
            return _frames_of(self._source, start)
        return _decoded(self._file, self._track, start)


def _opened(source: Source) -> tuple[Any, Any]:
    """Return a file's container and its first track of sound."""
    import av

    try:
        file: Any = av.open(str(source) if isinstance(source, Path) else open_source(source))
    except (OSError, ValueError) as error:  # libav's errors are both
        raise Rejected("corrupt", "It cannot be read as sound.", "Save it again.") from error
    tracks = file.streams.audio
    if not tracks:
        file.close()
        raise Rejected("no-sound", "There is no sound in it.", "Choose a file with sound.")
    tracks[0].thread_type = "NONE"  # sound is quick to decode, and threads are slow to start
    return file, tracks[0]


def _length(file: Any, track: Any) -> float:
    if track.duration and track.time_base:
        return float(track.duration * track.time_base)
    return file.duration / 1_000_000 if file.duration else math.inf


def _decoded(file: Any, track: Any, start: float) -> Iterator[Any]:
    """Yield the frames of a file from a time on; what cannot be decoded is left out."""
    import av

    base = float(track.time_base or 1)
    begin = (track.start_time or 0) * base  # encoders may put some silence before the sound
    from_there = max(0.0, start - _EARLIER)
    file.seek(math.floor((from_there + begin) / base), stream=track, backward=True)
    place: float | None = None if from_there else 0.0  # of the frame that comes next
    for packet in file.demux(track):
        try:
            frames = packet.decode()
        except av.error.InvalidDataError:
            continue
        for frame in frames:
            if place is None:
                place = frame.pts * base - begin if frame.pts is not None else from_there
            skipped = round((start - place) * frame.sample_rate)
            place += frame.samples / frame.sample_rate
            if skipped < frame.samples:
                yield _without(frame, skipped) if skipped > 0 else frame


def _without(frame: Any, count: int) -> Any:
    """Return a frame without its first samples."""
    import av

    planes = frame.to_ndarray()  # (channels, samples), or (1, samples × channels) when packed
    step = 1 if frame.format.is_planar else frame.layout.nb_channels
    rest = np.ascontiguousarray(planes[:, count * step :])
    made = av.AudioFrame.from_ndarray(rest, format=frame.format.name, layout=frame.layout)
    made.sample_rate = frame.sample_rate
    return made


def _frames_of(sound: Sound, start: float) -> Iterator[Any]:
    """Yield samples in memory as libav's frames."""
    import av

    layout = "mono" if sound.samples.shape[1] == 1 else "stereo"
    block = max(1, round(_BLOCK * sound.rate))
    for first in range(round(start * sound.rate), len(sound.samples), block):
        part = np.ascontiguousarray(sound.samples[first : first + block].T, np.float32)
        frame = av.AudioFrame.from_ndarray(part, format="fltp", layout=layout)
        frame.sample_rate = sound.rate
        yield frame


def brought_to(sound: Sound, rate: int, channels: int) -> Sound:
    """Return a recording at another rate, in one channel or two: as a model hears it."""
    import av

    layout = "mono" if channels == 1 else "stereo"
    resampler = av.AudioResampler(format="flt", layout=layout, rate=rate)
    parts: list[Samples] = [np.zeros((0, channels), np.float32)]
    for frame in (*_frames_of(sound, 0.0), None):
        made = (each.to_ndarray().reshape(-1, channels) for each in resampler.resample(frame))
        parts += [each.astype(np.float32) for each in made]
    return Sound(np.concatenate(parts), rate)


def _resampled(frames: Iterator[Any]) -> Iterator[Samples]:
    """Yield frames as samples (n, 2) at 44,100 Hz, −1 to 1."""
    import av

    resampler: Any = None
    kind: object = None
    for frame in frames:
        now = (frame.format.name, frame.layout.name, frame.sample_rate)
        if now != kind:  # in some files it changes on the way
            if resampler is not None:
                yield from _samples(resampler.resample(None))
            # libswresample would make the one channel of mono softer
            layout = "mono" if frame.layout.nb_channels == 1 else "stereo"
            resampler, kind = av.AudioResampler(format="flt", layout=layout, rate=RATE), now
        frame.pts = None  # gaps in the time stamps are not ours to fill
        yield from _samples(resampler.resample(frame))
    if resampler is not None:
        yield from _samples(resampler.resample(None))


def _samples(frames: list[Any]) -> Iterator[Samples]:
    for frame in frames:
        values = np.nan_to_num(frame.to_ndarray().reshape(-1, frame.layout.nb_channels), nan=0.0)
        yield np.clip(values, -1.0, 1.0).astype(np.float32).repeat(3 - values.shape[1], 1)


def _nothing() -> Samples:
    return np.zeros((0, 2), np.float32)
