"""Reading zip and tar archives in memory: nothing is ever written, and sizes are bounded."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import shutil
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from itertools import islice
from pathlib import Path
from threading import Lock
from typing import IO

from studio.core.items import Reject
from studio.data.entries import (
    HEAD,
    MAX_ENTRIES,
    MAX_RATIO,
    MAX_UNPACKED,
    Entry,
    check_size,
    is_system_file,
    printable,
    rejection,
    system_file,
)
from studio.data.modality import MAX_FILE, Rejected

_ZIP = (".zip",)
_TAR = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tbz", ".tar.xz", ".txz")
_CLOSED = (".7z", ".rar", ".gz", ".bz2", ".xz", ".zst", ".cab", ".iso")
_FIRST_NAMES = 100

#: What the readers below raise on damaged archives.
_DAMAGED = (
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    ValueError,
    NotImplementedError,  # a zip compression that Python does not know
    RuntimeError,  # zipfile's answer to a missing password
)


def is_tar(name: str) -> bool:
    """Tell whether a file name is that of a tar archive."""
    return name.lower().endswith(_TAR)


def is_archive(name: str) -> bool:
    """Tell whether a file name is that of an archive that can be read."""
    return name.lower().endswith(_ZIP + _TAR)


def is_closed_archive(name: str) -> bool:
    """Tell whether a file name is that of an archive that must be unpacked first."""
    return name.lower().endswith(_ZIP + _TAR + _CLOSED)


class _Budget:
    """Counts unpacked bytes of one archive; safe for several threads."""

    def __init__(self, archive_size: int) -> None:
        self.limit = max(MAX_UNPACKED, MAX_RATIO * archive_size)
        self._used = 0
        self._lock = Lock()

    def spend(self, size: int) -> None:
        """Raise Rejected when the archive unpacks to more than is sound."""
        with self._lock:
            self._used += size
            if self._used > self.limit:
                raise _bomb()


# -------------------------------------------------------------------------------------- zip


def zip_entries(path: Path, name: str, stack: ExitStack) -> Iterator[Entry | Reject]:
    """Yield the files of a zip archive, which stays open until `stack` closes.

    Raises:
        Rejected: It is no zip archive, or holds too many files.
    """
    try:
        archive = stack.enter_context(zipfile.ZipFile(path))
    except _DAMAGED as error:
        raise _damaged() from error
    members = archive.infolist()
    if len(members) > MAX_ENTRIES:
        raise _bomb()
    if all(member.is_dir() for member in members):
        raise _no_files()
    budget = _Budget(path.stat().st_size)
    for member in members:
        # the name as it is in the archive: zipfile cleans `filename` on some systems
        shown = f"{name}/{member.orig_filename}"
        if member.is_dir():
            continue
        try:
            check_place(member.orig_filename)
            _check_member(member)
        except Rejected as error:
            yield rejection(shown, error)
            continue
        if is_system_file(member.filename):
            yield system_file(shown)
            continue
        yield Entry(
            printable(shown),
            str(path),
            member.filename,
            member.file_size,
            partial(_read_zip, archive, member, budget),
            partial(_unpack_zip, archive, member, budget),
            archive=True,
        )


def _check_member(member: zipfile.ZipInfo) -> None:
    if member.flag_bits & 0x1:
        raise Rejected(
            "encrypted",
            "It is locked with a password.",
            "Unpack the archive with its password and import the folder.",
        )
    kind = member.external_attr >> 28  # upper bits of the Unix mode, 0 when not from Unix
    if kind not in (0, 0o10):
        raise _not_a_file()
    check_size(member.file_size, member.file_size)  # how much is too much, the modality says
    if member.file_size > HEAD and member.file_size > 1000 * max(1, member.compress_size):
        raise _bomb()


def _read_zip(archive: zipfile.ZipFile, member: zipfile.ZipInfo, budget: _Budget) -> bytes:
    check_size(member.file_size)
    budget.spend(member.file_size)
    try:
        # zipfile never returns more than `file_size` bytes and checks their sum
        with archive.open(member) as stream:
            return stream.read()
    except _DAMAGED as error:
        raise _damaged() from error


def _unpack_zip(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, budget: _Budget, target: Path
) -> None:
    budget.spend(member.file_size)
    try:
        with archive.open(member) as stream, target.open("wb") as file:
            shutil.copyfileobj(stream, file, 1 << 20)
    except _DAMAGED as error:
        raise _damaged() from error


# -------------------------------------------------------------------------------------- tar


class TarStream:
    """The files of a tar archive, read from front to back."""

    def __init__(self, path: Path, name: str) -> None:
        self._path = path
        self._name = name

    def first_names(self) -> list[str]:
        """Return the names of its first files."""
        return [found.name for found in islice(self, _FIRST_NAMES)]

    def __iter__(self) -> Iterator[Entry | Reject]:
        """Return its files with their content read; damage ends it with one rejected file."""
        try:
            with ExitStack() as stack:
                raw = stack.enter_context(self._path.open("rb"))
                packed = stack.enter_context(_unpacked(raw))
                budget = _Budget(self._path.stat().st_size)
                bounded = _Bounded(packed, budget)
                archive = stack.enter_context(tarfile.open(fileobj=bounded, mode="r|"))
                files = 0
                for number, member in enumerate(archive):
                    if number >= MAX_ENTRIES:
                        raise _bomb()
                    if not member.isdir():
                        yield self._found(archive, member)
                        files += 1
                if not files:
                    raise _no_files()
        except Rejected as error:
            yield rejection(self._name, error)
        except (*_DAMAGED, OSError):
            yield rejection(self._name, _damaged())

    def _found(self, archive: tarfile.TarFile, member: tarfile.TarInfo) -> Entry | Reject:
        shown = f"{self._name}/{member.name}"
        try:
            check_place(member.name)
            if not member.isreg():
                raise _not_a_file()
            check_size(member.size)
        except Rejected as error:
            return rejection(shown, error)
        if is_system_file(member.name):
            return system_file(shown)
        stream = archive.extractfile(member)
        assert stream is not None, "a regular member has content"
        content = stream.read()
        place = member.name.removeprefix("./")
        return Entry(
            printable(shown), str(self._path), place, len(content), lambda: content, archive=True
        )


class _Bounded(io.RawIOBase):
    """A stream that ends with Rejected when the budget is spent."""

    def __init__(self, stream: IO[bytes], budget: _Budget) -> None:
        self._stream = stream
        self._budget = budget

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes."""
        data = self._stream.read(size)
        self._budget.spend(len(data))
        return data


def _unpacked(raw: IO[bytes]) -> IO[bytes]:
    """Return the stream behind gzip, bzip2 or xz compression, told by its first bytes."""
    head = raw.read(6)
    raw.seek(0)
    if head.startswith(b"\x1f\x8b"):
        return gzip.open(raw)  # type: ignore[return-value]
    if head.startswith(b"BZh"):
        return bz2.open(raw)
    if head.startswith(b"\xfd7zXZ"):
        return lzma.open(raw)
    return raw


def unpack_gzip(raw: bytes, limit: int = MAX_FILE) -> bytes:
    """Return what a gzip file holds, at most `limit` bytes.

    Raises:
        Rejected: It is damaged or unpacks to more.
    """
    try:
        with gzip.open(io.BytesIO(raw)) as stream:
            content = stream.read(limit + 1)
    except (*_DAMAGED, OSError) as error:
        raise _damaged() from error
    if len(content) > limit:
        raise _bomb()
    return content


# ------------------------------------------------------------------------------------ reasons


def check_place(name: str) -> None:
    """Raise Rejected when a name inside an archive points outside of it."""
    parts = name.replace("\\", "/").split("/")
    if name.startswith(("/", "\\")) or ".." in parts or ":" in parts[0] or "\0" in name:
        raise Rejected(
            "unsafe-name",
            "Its name points outside the archive, as attacks do.",
            "Do not trust this archive; if you do, unpack it yourself and import the folder.",
        )


def closed_archive() -> Rejected:
    """Return the rejection of an archive inside an archive, or of a kind that is not read."""
    return Rejected(
        "packed",
        "An archive inside an archive, or of a kind that is not read here.",
        "Unpack it and import the folder.",
    )


def _damaged() -> Rejected:
    return Rejected(
        "damaged-archive",
        "The archive is damaged or cut off here.",
        "Download or copy it again; what could be read before was taken.",
    )


def _bomb() -> Rejected:
    return Rejected(
        "archive-bomb",
        "It unpacks to far more than its size allows, as attacks do.",
        "Do not trust this archive; if you do, unpack it yourself and import the folder.",
    )


def _no_files() -> Rejected:
    return Rejected("empty", "The archive holds no file.", "Pack it again, with its files.")


def _not_a_file() -> Rejected:
    return Rejected(
        "not-a-file",
        "A link or a device inside the archive, not a file.",
        "Put the file itself into the archive.",
    )
