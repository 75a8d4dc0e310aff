"""Many small files in one: an append-only pack, read through a memory map.

A folder of 100,000 small files is slow to write, copy and delete on every system; one file with
offsets kept in the library is not.
"""

from __future__ import annotations

import errno
import io
import mmap
import os
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Literal, NamedTuple, Self

_PART = 4 << 20  # bytes copied at once
_WINDOW = 1 << 16  # bytes read at once of a blob that is too large for memory


class Span(NamedTuple):
    """Place of a blob in its pack, in bytes."""

    offset: int
    length: int


class Part(NamedTuple):
    """A blob that stays where it lies, for what is too large for memory.

    Attributes:
        path: Of the pack.
        span: Its place in the pack.
    """

    path: Path
    span: Span

    def open(self, mode: Literal["rb"] = "rb") -> BinaryIO:
        """Open it as if it were a file of its own; raises OSError as a file does."""
        return io.BufferedReader(_Window(self.path, self.span), _WINDOW)

    def read(self) -> bytes:
        """Return its bytes; raises OSError."""
        with self.open() as file:
            return file.read()


#: What can be opened to be read: a file, the bytes of one, or a blob where it lies.
Source = Path | bytes | Part


def open_source(source: Source) -> BinaryIO:
    """Open a source to be read from any place; raises OSError."""
    return io.BytesIO(source) if isinstance(source, bytes) else source.open("rb")


class _Window(io.RawIOBase):
    """The bytes of one blob as a file, which closes itself when nobody holds it any more."""

    _pack = -1  # where opening fails

    def __init__(self, path: Path, span: Span) -> None:
        self._span = span
        self._place = 0
        self._pack = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._place, os.SEEK_END: self._span.length}[whence]
        if start + offset < 0:
            raise OSError(errno.EINVAL, "A place before the beginning")
        self._place = start + offset
        return self._place

    def readinto(self, buffer: Any, /) -> int:
        room = memoryview(buffer)
        left = max(0, self._span.length - self._place)
        os.lseek(self._pack, self._span.offset + self._place, os.SEEK_SET)
        read = os.read(self._pack, min(left, len(room)))
        room[: len(read)] = read
        self._place += len(read)
        return len(read)

    def close(self) -> None:
        if not self.closed and self._pack >= 0:
            os.close(self._pack)
        super().close()


class BlobWriter:
    """Appends blobs to a pack; use as a context manager, which flushes to disk at the end."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("ab")
        self._offset = self._file.seek(0, os.SEEK_END)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def add(self, data: bytes) -> Span:
        """Append `data` and return its place."""
        span = Span(self._offset, len(data))
        self._file.write(data)
        self._offset += len(data)
        return span

    def add_file(self, path: Path) -> Span:
        """Append the content of a file of any size and return its place."""
        offset = self._offset
        with path.open("rb") as source:
            while part := source.read(_PART):
                self._file.write(part)
                self._offset += len(part)
        return Span(offset, self._offset - offset)

    def flush(self) -> None:
        """Make what was added readable by others."""
        self._file.flush()

    def close(self) -> None:
        """Flush to disk and close."""
        if not self._file.closed:
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()


class BlobReader:
    """Reads blobs of a pack that may still grow. Safe for one thread."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._map: mmap.mmap | None = None

    def get(self, span: Span) -> bytes:
        """Return the blob at `span`; raises ValueError when the pack does not hold it."""
        offset, length = span
        if length == 0:
            return b""
        if self._map is None or offset + length > len(self._map):
            self._remap()
        if self._map is None or offset + length > len(self._map):
            raise ValueError(f"{self._path.name} is shorter than the library says")
        return self._map[offset : offset + length]

    def part(self, span: Span) -> Part:
        """Return the blob at `span` as one that is read where it lies."""
        return Part(self._path, span)

    def close(self) -> None:
        """Release the file."""
        if self._map is not None:
            self._map.close()
            self._map = None

    def _remap(self) -> None:
        self.close()
        if self._path.exists() and self._path.stat().st_size:
            with self._path.open("rb") as file:
                self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
