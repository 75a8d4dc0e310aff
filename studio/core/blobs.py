"""Many small files in one: an append-only pack, read through a memory map.

A folder of 100,000 small files is slow to write, copy and delete on every system; one file with
offsets kept in the library is not.
"""

from __future__ import annotations

import mmap
import os
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

_PART = 4 << 20  # bytes copied at once


class Span(NamedTuple):
    """Place of a blob in its pack, in bytes."""

    offset: int
    length: int


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
