"""Finding files: folders, single files and archives, as a list of entries to read."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

from studio.core.errors import StudioError
from studio.core.items import Reject
from studio.core.work import Work
from studio.data import archives, tables
from studio.data.entries import (
    Entry,
    is_system_file,
    printable,
    read_file,
    rejection,
    system_file,
    unreadable,
)
from studio.data.modality import Rejected

_GATE_EVERY = 256  # files


class Walk:
    """Everything below what the user dropped; use as a context manager, which closes archives.

    Attributes:
        found: Entries and rejected files, in order of name within each folder.
        streams: Archives that can only be read from front to back.
    """

    def __init__(self, paths: Sequence[Path], work: Work) -> None:
        """List files. Nothing but the directories of zip archives is read yet.

        Raises:
            StudioError: A dropped path does not exist.
        """
        self.found: list[Entry | Reject] = []
        self.streams: list[archives.TarStream] = []
        self._work = work
        self._stack = ExitStack()
        self._visited: set[tuple[int, int]] = set()
        try:
            folders = [path for path in paths if _is_folder(path)]
            for path in paths:
                if not os.path.lexists(path):
                    raise StudioError(
                        "Nothing there",
                        f"{path} does not exist.",
                        "Check the name, or drop the file or folder again.",
                    )
                # several folders dropped at once are labels; one alone is only a wrapper
                base = path.absolute().parent if len(folders) > 1 else path.absolute()
                if _is_folder(path):
                    self._folder(path.absolute(), base)
                else:
                    self._file(path.absolute(), path.absolute().parent)
                    self._beside_table(path.absolute())
        except BaseException:
            self._stack.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    @property
    def total(self) -> int:
        """How many files there are; 0 when an archive must be unpacked to know."""
        return 0 if self.streams else len(self.found)

    def entries(self) -> Iterator[Entry | Reject]:
        """Return everything, unpacking streamed archives on the way."""
        yield from self.found
        for stream in self.streams:
            yield from stream

    def names(self) -> Iterator[str]:
        """Return names to guess the modality from; of a streamed archive only the first ones."""
        for found in self.found:
            yield found.name
        for stream in self.streams:
            yield from stream.first_names()

    def _folder(self, folder: Path, base: Path) -> None:
        """List a folder and what is below it, once even when links lead back to it."""
        waiting = [folder]
        while waiting:
            here = waiting.pop()
            try:
                facts = here.stat()
                if (facts.st_dev, facts.st_ino) in self._visited:
                    self._reject(here, base, _link_loop())
                    continue
                self._visited.add((facts.st_dev, facts.st_ino))
                with os.scandir(here) as scan:
                    children = sorted((Path(child.path) for child in scan), key=str)
            except OSError as error:
                self._reject(here, base, _unreachable(error))
                continue
            below = []
            for child in children:
                if _is_folder(child) and not is_system_file(child.name):
                    below.append(child)
                else:
                    self._file(child, base)
            waiting.extend(reversed(below))

    def _file(self, path: Path, base: Path) -> None:
        self._say()
        place = path.relative_to(base).as_posix()
        if is_system_file(place):
            self.found.append(system_file(place))
            return
        try:
            facts = path.stat()
        except OSError as error:
            self._reject(path, base, _unreachable(error))
            return
        if not stat.S_ISREG(facts.st_mode) or not archives.is_archive(path.name):
            self.found.append(
                Entry(
                    printable(place),
                    str(base),
                    place,
                    facts.st_size,
                    partial(read_file, path),
                    path=path,
                )
            )
            return
        try:
            if archives.is_tar(path.name):
                self.streams.append(archives.TarStream(path, printable(place)))
            else:
                for found in archives.zip_entries(path, printable(place), self._stack):
                    self._say()
                    self.found.append(found)
        except Rejected as error:
            self._reject(path, base, error)
        except OSError as error:
            self._reject(path, base, unreadable(error))

    def _beside_table(self, path: Path) -> None:
        """Add the files that a table names when the table alone was dropped."""
        if path.suffix.lower() not in tables.TABLE_SUFFIXES:
            return
        listed = {found.place for found in self.found if isinstance(found, Entry)}
        try:
            rows = tables.read_table(read_file(path))
        except (OSError, Rejected):
            return  # the importer reads it again and says what is wrong
        for row in rows:
            file = path.parent / row.file
            inside = tables.is_inside(row.file)
            if inside and row.file not in listed and _is_file(file):
                listed.add(row.file)
                self._file(file, path.parent)

    def _say(self) -> None:
        if len(self.found) % _GATE_EVERY == 0:
            self._work.progress("Looking for files", len(self.found), unit="files")

    def _reject(self, path: Path, base: Path, error: Rejected) -> None:
        self.found.append(rejection(path.relative_to(base).as_posix(), error))


def _is_folder(path: Path) -> bool:
    """Tell whether a path leads to a folder; where that may not be known, it does not."""
    try:
        return path.is_dir()
    except OSError:
        return False


def _is_file(path: Path) -> bool:
    """Tell whether a path leads to a file; a table's cell may be anything, such as a long text."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def _link_loop() -> Rejected:
    return Rejected(
        "link-loop",
        "A link that leads back to a folder that was already read.",
        "Nothing to do; what it points to is read once.",
    )


def _unreachable(error: OSError) -> Rejected:
    """Return the rejection of a path of which the system says nothing."""
    if error.errno == errno.ELOOP:
        return _link_loop()
    if error.errno == errno.ENOENT:  # it was listed, so it is a link
        return Rejected(
            "broken-link",
            "A link to something that is not there.",
            "Put the file itself into the folder.",
        )
    return unreadable(error)
