"""Packs of many files in one: what lies beyond 2 GB, and what is read where it lies."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest

from studio.core.blobs import BlobReader, BlobWriter


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """Return a pack that ends beyond 2³¹ bytes, most of them holes that take no room."""
    path = tmp_path / "items.pack"
    with path.open("wb") as file:
        file.truncate((1 << 31) + 5)
    return path


def test_blobs_beyond_two_gigabytes_are_read(pack: Path) -> None:
    with BlobWriter(pack) as writer:
        one, two = writer.add(b"one"), writer.add(bytes(range(200)))
    assert one.offset > 1 << 31
    reader = BlobReader(pack)
    assert (reader.get(one), reader.get(two)) == (b"one", bytes(range(200)))
    assert (reader.part(one).read(), reader.part(two).read()) == (b"one", bytes(range(200)))
    reader.close()


def test_a_part_is_a_file_of_its_own(pack: Path) -> None:
    raw = os.urandom(200_000)
    with BlobWriter(pack) as writer:
        writer.add(b"before")
        span = writer.add(raw)
        writer.add(b"behind")
    with BlobReader(pack).part(span).open() as part, io.BytesIO(raw) as file:
        for offset, whence, count in [
            *((0, 0, 10), (150_000, 0, 100_000), (-5, 2, 100), (-70_000, 2, 70_000)),
            *((-20, 1, 30), (10, 1, 10), (0, 2, 1), (500_000, 0, 10), (7, 0, -1)),
        ]:
            assert part.seek(offset, whence) == file.seek(offset, whence)
            assert part.read(count) == file.read(count)
            assert part.tell() == file.tell()
        with pytest.raises(OSError, match="before the beginning"):
            part.seek(-1)
