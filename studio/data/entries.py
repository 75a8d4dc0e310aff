"""What importing works on: entries to read, and the bounds that keep a hostile file harmless."""

from __future__ import annotations

import re
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from studio.core.items import Reject
from studio.data.modality import MAX_FILE, Rejected

MEGABYTE = 1 << 20

#: Most entries that are taken from one archive.
MAX_ENTRIES = 2_000_000
#: An archive may unpack to this many bytes, or to `MAX_RATIO` times its size if that is more.
MAX_UNPACKED = 256 * MEGABYTE
MAX_RATIO = 100
#: A file of this many bytes shows what kind of file it is.
HEAD = 64 * 1024

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")

#: Files and folders that systems leave behind; they hold nothing to learn from.
_SYSTEM_NAMES = frozenset({".ds_store", "thumbs.db", "desktop.ini", "__macosx", ".git"})


@dataclass(frozen=True)
class Entry:
    """One file that may hold items, not read yet.

    Attributes:
        name: What people see: a path with slashes.
        root: What `place` is relative to, such as a folder or an archive; any unique text.
        place: Path with slashes below `root`; its folders become labels.
        size: Bytes, as far as known.
        load: Reads the content; raises OSError or Rejected. May be called from any thread.
        unpack: Writes the content to a file, however large it is; raises as `load` does. None
            where it is in memory anyway.
        path: Where it lies; None for what must be unpacked.
        archive: Whether it comes out of an archive.
        label, caption: What the source itself says of it; wins over folders and tables.
    """

    name: str
    root: str
    place: str
    size: int
    load: Callable[[], bytes]
    unpack: Callable[[Path], None] | None = None
    path: Path | None = None
    archive: bool = False
    label: str = ""
    caption: str = ""

    @property
    def suffix(self) -> str:
        """The name's ending, lower case, with the dot."""
        return PurePosixPath(self.place).suffix.lower()


def printable(name: str) -> str:
    """Return a name that can be shown and stored, whatever bytes it is made of."""
    # bytes that are no UTF-8 arrive as lone surrogates, which neither SQLite nor JSON takes
    name = name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", name)


def rejection(name: str, error: Rejected) -> Reject:
    """Return a rejected file as the library stores it."""
    return Reject(printable(name), error.reason, error.message, error.suggestion)


def is_system_file(place: str) -> bool:
    """Tell whether a path belongs to what systems leave behind."""
    parts = PurePosixPath(place).parts
    return any(part.lower() in _SYSTEM_NAMES or part.startswith("._") for part in parts)


def system_file(name: str) -> Reject:
    """Return the rejection of a file that a system left behind."""
    return Reject(
        printable(name), "system-file", "Made by the system; it holds no item.", "Nothing to do."
    )


def check_size(size: int, most: int = MAX_FILE) -> None:
    """Raise Rejected when a file is empty or larger than is read."""
    if size == 0:
        raise Rejected("empty", "The file has no content.", "Copy it again from where it came.")
    if size > most:
        raise Rejected(
            "too-large",
            f"The file has {size // MEGABYTE:,} MB; at most {most // MEGABYTE:,} MB are read.",
            "Save a smaller version of it.",
        )


def read_file(path: Path) -> bytes:
    """Return the content of a regular file within the bounds.

    Raises:
        Rejected: It is no regular file, empty or too large.
        OSError: It cannot be read.
    """
    check_file(path)
    with path.open("rb") as stream:
        raw = stream.read(MAX_FILE + 1)  # it may grow while it is read
    check_size(len(raw))
    return raw


def check_file(path: Path, most: int = MAX_FILE) -> int:
    """Return the size of a regular file, in bytes.

    Raises:
        Rejected: It is no regular file, empty or of more than `most` bytes.
        OSError: The system says nothing of it.
    """
    facts = path.stat()
    if not stat.S_ISREG(facts.st_mode):  # opening a pipe or a device could wait for ever
        raise Rejected(
            "not-a-file", "This is a device or a pipe, not a file.", "Leave it out of the folder."
        )
    check_size(facts.st_size, most)
    return facts.st_size


def unreadable(error: OSError) -> Rejected:
    """Return the rejection of a file that the system does not let us read."""
    what = error.strerror or type(error).__name__
    return Rejected(
        "unreadable",
        f"The system could not read it: {what}.",
        "Check its permissions and the disk, then import it again.",
    )
