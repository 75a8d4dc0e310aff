"""Reading sound files block by block: libsndfile first, FFmpeg for what it cannot read.

However long a file is, memory holds a block of it. Whatever its header says, only what is really
there is read.
"""

from __future__ import annotations

import struct
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np
import numpy.typing as npt

from studio.core.blobs import Source, open_source
from studio.data.modality import Rejected

Samples = npt.NDArray[np.float32]

#: Bounds on what is taken for sound, in samples a second and channels.
LOWEST_RATE, HIGHEST_RATE = 1_000, 384_000
MOST_CHANNELS = 64
#: Hours that are read of one file; more is no recording but an attack.
MOST_HOURS = 24

_BLOCK = 1 << 17  # numbers that are read at once
_CAREFUL = 256  # samples that are read at once where a file is damaged
_COARSE = frozenset({"PCM_S8", "PCM_U8", "DPCM_8"})
_FINE = frozenset({"PCM_24", "PCM_32", "FLOAT", "DOUBLE", "ALAC_20", "ALAC_24", "ALAC_32"})
_FLOATING = frozenset({"FLOAT", "DOUBLE"})


class SoundSource(ABC):
    """A sound file that is open; use as a context manager or close it.

    Attributes:
        rate: Samples a second.
        channels: How many, as in the file.
        claimed: Samples that the header speaks of; 0 when it says nothing.
        bits: 8, 16 or 24: what its samples are worth.
        floating: Whether samples may go beyond -1 … 1.
        cut: Whether it ended before what its header says; known when it was read to its end.
    """

    rate: int
    channels: int
    claimed: int = 0
    bits: int = 16
    floating: bool = False
    cut: bool = False

    @abstractmethod
    def blocks(self) -> Iterator[Samples]:
        """Yield the samples (n, channels) from the first to the last, float32."""

    @abstractmethod
    def close(self) -> None:
        """Close the file."""


class _Sndfile(SoundSource):
    def __init__(self, source: Path | BinaryIO) -> None:
        import soundfile

        self._source = source
        self._file = soundfile.SoundFile(source)
        self.rate, self.channels = int(self._file.samplerate), int(self._file.channels)
        self.claimed = int(self._file.frames)
        subtype = str(self._file.subtype)
        self.bits = 8 if subtype in _COARSE else 24 if subtype in _FINE else 16
        self.floating = subtype in _FLOATING

    def blocks(self) -> Iterator[Samples]:
        import soundfile

        read = 0
        for size in (max(1, _BLOCK // self.channels), _CAREFUL):
            try:
                if self.cut:  # again from what was last read well, up to the damage
                    self._file.seek(read)
                while len(block := self._file.read(size, dtype="float32", always_2d=True)):
                    read += len(block)
                    yield block
                break
            except soundfile.LibsndfileError:
                self.cut = True
        self.cut = self.cut or read < self.claimed

    def close(self) -> None:
        self._file.close()
        if not isinstance(self._source, Path):
            self._source.close()


class _Ffmpeg(SoundSource):
    def __init__(self, source: Path | BinaryIO) -> None:
        import av

        self._source = source
        where = str(source) if isinstance(source, Path) else source
        self._container = av.open(where, "r", metadata_errors="ignore")
        try:
            if not self._container.streams.audio:
                raise no_sound()
            self._stream = self._container.streams.audio[0]
            context = self._stream.codec_context
            if context is None:  # a kind of sound that FFmpeg does not know
                raise _damaged()
            self.rate, self.channels = int(context.sample_rate), int(context.channels)
            sort = context.format.name if context.format else "s16"
            lossless = bool(context.codec.lossless)
            self.bits = 24 if lossless and sort[:3] in ("s32", "flt", "dbl") else 16
            self.floating = lossless and sort[:3] in ("flt", "dbl")
        except BaseException:
            self._container.close()
            raise

    def blocks(self) -> Iterator[Samples]:
        import av

        resampler: av.AudioResampler | None = None
        shape: tuple[Any, ...] = ()
        layout = None
        try:
            for frame in self._container.decode(self._stream):
                layout = layout or frame.layout
                if (frame.format.name, frame.layout.name, frame.rate) != shape:
                    # a file may change its mind midway; the first one's shape is kept
                    resampler = av.AudioResampler("fltp", layout, self.rate)
                    shape = (frame.format.name, frame.layout.name, frame.rate)
                assert resampler is not None, "the first frame has a shape"
                for part in resampler.resample(frame):
                    yield np.ascontiguousarray(part.to_ndarray().T)
        except (av.FFmpegError, ValueError):
            self.cut = True

    def close(self) -> None:
        self._container.close()
        if not isinstance(self._source, Path):
            self._source.close()


@contextmanager
def opened(source: Source) -> Iterator[SoundSource]:
    """Open a sound file, or the bytes of one; of a film its first sound track.

    Raises:
        Rejected: It holds no sound, or none that can be right.
        OSError: The file cannot be read.
    """
    with closing(_open(source)) as found:
        yield found


def _open(source: Source) -> SoundSource:
    import av
    import soundfile

    head = _head(source)
    if len(head) == 0:
        raise Rejected("empty", "The file has no content.", "Copy it again from where it came.")
    header = wave_header(head)
    if header is not None:
        _check_header(header)
    found: SoundSource | None = None
    try:
        found = _Sndfile(readable(source))
        if found.claimed == 0:  # as in a file that is still being written
            found.close()
            found = None
    except soundfile.LibsndfileError:
        pass  # FFmpeg may know it
    if found is None:
        try:
            found = _Ffmpeg(readable(source))
        except (av.FFmpegError, ValueError, EOFError) as error:
            raise _unknown(head) from error
    try:
        _check(found.rate, found.channels)
    except Rejected:
        found.close()
        raise
    return found


def readable(source: Source) -> Path | BinaryIO:
    """Return what libsndfile and FFmpeg read; a path opens quicker than a file."""
    return source if isinstance(source, Path) else open_source(source)


def _head(source: Source) -> bytes:
    with open_source(source) as stream:
        return stream.read(4096)


# --------------------------------------------------------------------------- headers that lie


class WaveHeader(NamedTuple):
    """What the header of a WAV file claims.

    Attributes:
        align: Bytes of one sample of all channels.
        bits: Of one sample.
        data: Where the samples begin, in bytes; 0 when that is not in the part that was read.
        size: Bytes of all samples.
    """

    kind: int
    channels: int
    rate: int
    align: int
    bits: int
    data: int
    size: int

    @property
    def open_ended(self) -> bool:
        """Whether the size is what programs write that do not know it yet."""
        return self.size == 0 or self.size >= 0x7FFFF000

    @property
    def wrong(self) -> bool:
        """Whether its numbers contradict each other, as far as plain samples go."""
        return self.kind in (1, 3) and self.align != self.channels * ((self.bits + 7) // 8)


def wave_header(head: bytes) -> WaveHeader | None:
    """Return what the first bytes of a WAV file claim; None for another kind of file."""
    if head[:4] not in (b"RIFF", b"RF64") or head[8:12] != b"WAVE":
        return None
    place, form = 12, None
    while place + 8 <= len(head):
        name, size = struct.unpack_from("<4sI", head, place)
        if name == b"fmt " and place + 24 <= len(head):
            kind, channels, rate, _bytes, align, bits = struct.unpack_from(
                "<HHIIHH", head, place + 8
            )
            if kind == 0xFFFE and place + 34 <= len(head):  # the kind proper comes further on
                kind = struct.unpack_from("<H", head, place + 32)[0]
            form = (kind, channels, rate, align, bits)
        elif name == b"data" and form:
            return WaveHeader(*form, place + 8, size)
        place += 8 + size + size % 2
    return WaveHeader(*form, 0, 0) if form else None


def _check_header(header: WaveHeader) -> None:
    _check(header.rate, header.channels)
    if header.kind in (1, 3) and header.bits < 8:
        raise Rejected(
            "bits",
            f"Its samples have {header.bits} bit, as its header says; at least 8 are read.",
            "Export it again with 16 bits.",
        )


def _check(rate: int, channels: int) -> None:
    if not LOWEST_RATE <= rate <= HIGHEST_RATE:
        raise Rejected(
            "rate",
            f"Its header says {rate:,} samples a second; {LOWEST_RATE:,} to {HIGHEST_RATE:,} are"
            " read.",
            "Export it again, with 44,100 Hz for example.",
        )
    if not 1 <= channels <= MOST_CHANNELS:
        raise Rejected(
            "channels",
            f"Its header says {channels:,} channels; 1 to {MOST_CHANNELS} are read.",
            "Export it again, in stereo or mono.",
        )


_MAGIC = (
    (0, b"RIFF"), (0, b"RF64"), (0, b"fLaC"), (0, b"OggS"), (0, b"ID3"), (0, b"FORM"),
    (4, b"ftyp"), (0, b"\x1aE\xdf\xa3"), (0, b"\xff\xfb"), (0, b"\xff\xf3"), (0, b"\xff\xf1"),
)  # fmt: skip


def _unknown(head: bytes) -> Rejected:
    """Return the rejection of what neither library can open."""
    if any(head[place:].startswith(magic) for place, magic in _MAGIC):
        return _damaged()
    return Rejected(
        "not-sound", "This is no sound file that is known.", "Export it as WAV, FLAC or MP3."
    )


def _damaged() -> Rejected:
    return Rejected(
        "corrupt",
        "It begins as a sound file, but cannot be read: it is damaged or cut off.",
        "Copy or export it again; a film or M4A must have been written to its end.",
    )


def no_sound() -> Rejected:
    """Return the rejection of a film without sound."""
    return Rejected("no-sound", "There is no sound in it.", "Leave it out, or import it as video.")
