"""The lowest and highest samples of a recording at every zoom: what waveforms are drawn from.

A pyramid: the bottom holds the extremes of every 128 samples, each level above those of four below
it. It is made once, block by block, and kept in the cache for files that are long; drawing then
touches a few thousand numbers, however long the recording is.
"""

from __future__ import annotations

import hashlib
import os
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt

from studio.core.blobs import Source, open_source
from studio.core.files import replacing
from studio.core.paths import cache_dir
from studio.data.audio.reading import opened, readable

Extremes = npt.NDArray[np.int16]

#: Samples that one place of the bottom stands for, and how many places one above stands for.
BASE, FACTOR = 128, 4

_HEADER = struct.Struct("<8sIIQ")  # magic, rate, channels, samples
_MAGIC = b"peaks\0\0\1"
_KEPT = 1 << 20  # samples from which on a pyramid is worth keeping
_CACHED = 2 << 30  # bytes that the cache may hold
_MARK = 1 << 16  # bytes at both ends of contents in memory that tell them apart

Tick = Callable[[float], None]


def _on(_share: float) -> None:
    """Go on."""


class Peaks:
    """The extremes of one recording, and the recording itself for what is drawn larger.

    Attributes:
        rate: Samples a second.
        frames: How many samples there are.
        channels: 1 or 2, as many as the file has at most.
    """

    def __init__(self, source: Source, tick: Tick = _on) -> None:
        """Open a recording; takes a while the first time that it is long.

        Args:
            tick: Hears how far it is, 0 … 1; may raise to end it.

        Raises:
            Rejected: It holds no sound.
            OSError: It cannot be read.
        """
        import soundfile

        place = _place(source)
        sound, tick = _seekable(source, place, tick)
        self._stream = readable(sound)
        self._file = soundfile.SoundFile(self._stream)
        self.rate, self.frames = int(self._file.samplerate), int(self._file.frames)
        self.channels = min(2, int(self._file.channels))
        self._levels = _kept(place, self) or _made(self, place, tick)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    @property
    def seconds(self) -> float:
        """How long it is."""
        return self.frames / self.rate

    def close(self) -> None:
        """Close the file."""
        self._levels = []
        self._file.close()
        if not isinstance(self._stream, Path):
            self._stream.close()

    def peaks(self, start: int, end: int, columns: int) -> npt.NDArray[np.float32]:
        """Return the extremes of equal parts of a stretch, (columns, channels, 2), in -1 … 1.

        The last axis is (lowest, highest). Parts of fewer than 512 samples are read from the
        recording and exact; larger ones end where the nearest place of the pyramid does, at most a
        quarter of a part away. Beyond both ends there is 0.

        Args:
            start, end: In samples; any numbers.
            columns: How many parts.
        """
        edges = np.linspace(start, max(end, start + 1), columns + 1)
        width = (max(end, start + 1) - start) / max(1, columns)
        if width < BASE * FACTOR:
            first, last = (min(max(0, each), self.frames) for each in (start, end))
            samples = self.samples(int(first), int(last) - int(first))
            return _extremes(samples, samples, edges - first)
        level = 0
        while level + 1 < len(self._levels) and BASE * FACTOR ** (level + 2) <= width:
            level += 1
        found = self._levels[level]
        scale = np.float32(1 / 32767)
        return _extremes(found[0], found[1], edges / (BASE * FACTOR**level)) * scale

    def samples(self, start: int, count: int) -> npt.NDArray[np.float32]:
        """Return samples (n, channels) in -1 … 1 from a place on; fewer at the end."""
        start = min(max(0, start), self.frames)
        count = min(max(0, count), self.frames - start)
        self._file.seek(start)
        found: npt.NDArray[np.float32] = self._file.read(count, dtype="float32", always_2d=True)
        return found[:, : self.channels]

    def levels(self, start: int, count: int) -> Extremes:
        """Return samples (n, channels) in whole numbers of 16 bits, -32,767 … 32,767."""
        if not self._file.subtype.startswith("PCM_"):
            good = np.clip(np.nan_to_num(self.samples(start, count)), -1, 1)
            return np.rint(good * 32767).astype(np.int16)
        self._file.seek(start)  # as they lie in the file: a fifth of the time of two conversions
        found: Extremes = self._file.read(count, dtype="int16", always_2d=True)[:, : self.channels]
        return np.maximum(found, -32767, out=found)


def _extremes(
    lows: npt.NDArray[np.generic], highs: npt.NDArray[np.generic], edges: npt.NDArray[np.float64]
) -> npt.NDArray[np.float32]:
    """Return extremes between edges, (columns, C, 2); every part has one place at least."""
    count, columns = len(lows), len(edges) - 1
    found = np.zeros((columns, lows.shape[1], 2), np.float32)
    first = np.floor(edges[:-1]).astype(np.int64)
    after = np.maximum(np.floor(edges[1:]).astype(np.int64), first + 1)
    first, after = np.maximum(first, 0), np.minimum(after, count)
    inside = np.flatnonzero(after > first)
    if len(inside):
        # reduceat takes pairs of (from, to); what lies between the pairs is thrown away
        pairs = np.stack([first[inside], np.minimum(after[inside], count - 1)], 1).ravel()
        for place, (table, reduce) in enumerate(((lows, np.minimum), (highs, np.maximum))):
            taken = reduce.reduceat(table, pairs, axis=0)[::2]
            ends = after[inside] == count  # a pair cannot point behind the last one
            taken[ends] = reduce(taken[ends], table[-1])
            found[inside, :, place] = taken
    return found


# ------------------------------------------------------------------------------ making them


def _made(facts: Peaks, place: Path, tick: Tick) -> list[Extremes]:
    """Return the levels, each (2, places, channels), read block by block; kept when long."""
    count = max(1, -(-facts.frames // BASE))
    bottom = np.zeros((2, count, facts.channels), np.int16)
    size = BASE * 2048
    for start in range(0, facts.frames, size):
        numbers = facts.levels(start, size)
        if not len(numbers):
            break  # shorter than its header says
        at = start // BASE
        edges = np.arange(0, len(numbers), BASE)
        bottom[0, at : at + len(edges)] = np.minimum.reduceat(numbers, edges, axis=0)
        bottom[1, at : at + len(edges)] = np.maximum.reduceat(numbers, edges, axis=0)
        tick((start + len(numbers)) / facts.frames)
    levels = [bottom]
    while levels[-1].shape[1] > FACTOR:
        edges = np.arange(0, levels[-1].shape[1], FACTOR)
        low = np.minimum.reduceat(levels[-1][0], edges, axis=0)
        levels.append(np.stack([low, np.maximum.reduceat(levels[-1][1], edges, axis=0)]))
    if facts.frames >= _KEPT:
        _keep(place, facts, levels)
    return levels


def _keep(place: Path, facts: Peaks, levels: list[Extremes]) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    header = _HEADER.pack(_MAGIC, facts.rate, facts.channels, facts.frames)
    try:
        with replacing(place) as temporary, temporary.open("wb") as stream:
            stream.write(header)
            for level in levels:
                stream.write(np.ascontiguousarray(level).data)
    except OSError:
        return  # a full disk only costs the time to make it again
    prune_cache()


def _kept(place: Path, facts: Peaks) -> list[Extremes]:
    """Return the levels that were kept, memory-mapped; none where there are none that fit."""
    try:
        with place.open("rb") as stream:
            header = stream.read(_HEADER.size)
        if header != _HEADER.pack(_MAGIC, facts.rate, facts.channels, facts.frames):
            return []
        table = np.memmap(place, np.int16, "r", offset=_HEADER.size)
        os.utime(place)  # what was used last is pruned last
    except (OSError, ValueError):
        return []
    levels, at, count = [], 0, max(1, -(-facts.frames // BASE))
    while True:
        size = 2 * count * facts.channels
        if at + size > len(table):
            return []
        levels.append(table[at : at + size].reshape(2, count, facts.channels))
        if count <= FACTOR:
            return levels
        at, count = at + size, -(-count // FACTOR)


# ------------------------------------------------------------------------------------ cache


def prune_cache() -> None:
    """Remove what was not used for longest, until the cache is within its bounds."""
    files = []
    for path in _folder().glob("*"):
        try:
            facts = path.stat()
        except OSError:
            continue  # another process pruned it
        files.append((facts.st_mtime, facts.st_size, path))
    total = sum(size for _time, size, _path in files)
    for _time, size, path in sorted(files):
        if total <= _CACHED:
            return
        path.unlink(missing_ok=True)
        total -= size


def _folder() -> Path:
    return cache_dir() / "sounds"


def _place(source: Source) -> Path:
    """Return where the pyramid of a file is kept: by its place, size and time, or contents."""
    if isinstance(source, Path):
        status = source.stat()
        facts = f"{source.resolve()}|{status.st_size}|{status.st_mtime_ns}".encode()
    else:
        with open_source(source) as stream:
            size = stream.seek(0, os.SEEK_END)
            facts = f"{size}".encode()
            for start in (0, size // 2, max(0, size - _MARK)):
                stream.seek(start)
                facts += stream.read(_MARK)
    return _folder() / f"{hashlib.sha256(facts).hexdigest()[:32]}.peaks"


def _seekable(source: Source, place: Path, tick: Tick) -> tuple[Source, Tick]:
    """Return a file from any place of which libsndfile reads, and what then hears how far it is.

    What only FFmpeg reads, such as the sound of a film, is written to the cache as FLAC once.
    """
    import soundfile

    try:
        with soundfile.SoundFile(readable(source)) as file:
            if file.frames > 0 and file.seekable():
                return source, tick
    except soundfile.LibsndfileError:
        pass
    copy = place.with_suffix(".flac")
    if not copy.exists():
        copy.parent.mkdir(parents=True, exist_ok=True)
        with opened(source) as sound, replacing(copy) as temporary:
            rate = sound.rate if sound.rate < 65536 else round(sound.rate, -1)
            shape = {"samplerate": rate, "channels": min(2, sound.channels), "format": "FLAC"}
            with soundfile.SoundFile(temporary, "w", subtype="PCM_16", **shape) as file:
                for number, block in enumerate(sound.blocks()):
                    file.write(np.clip(np.nan_to_num(block[:, :2]), -1, 1))
                    tick(1 - 1 / (1 + number / 100))  # the end is not known
        prune_cache()
    return copy, _on
