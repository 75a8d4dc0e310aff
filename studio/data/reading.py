"""Reading the files of an import: what each becomes, or why it is not taken."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from itertools import count
from os import cpu_count
from pathlib import Path
from threading import Event, Semaphore
from typing import NamedTuple

from studio.core.items import NewItem, Reject
from studio.core.work import Work
from studio.data.abandoning import Abandoned, abandoned_by
from studio.data.annotations import Annotations
from studio.data.archives import closed_archive, is_closed_archive
from studio.data.entries import MEGABYTE, Entry, check_file, check_size, rejection, unreadable
from studio.data.modality import ModalityData, Probed, Rejected
from studio.data.packs import DatasetPacks

_THREADS = max(2, min(8, cpu_count() or 2))
_CHUNK_FILES = 32
_CHUNK_BYTES = 8 * MEGABYTE
_GATE_SECONDS = 0.2
_PART = 4 * MEGABYTE  # that is hashed at once
_MAX_UNKNOWN = 16 * MEGABYTE  # a larger file is only read when its suffix is known


class _Read(NamedTuple):
    """A file that was read in a thread: its items, or why there are none."""

    entry: Entry
    sha256: bytes
    outcome: list[Probed] | Rejected


class _Stopped(Exception):  # noqa: N818 - not an error, as StopRequested
    """Nobody waits for the file that is being read."""


class _Large:
    """Reads files that are too large for memory, few at a time."""

    def __init__(self, data: ModalityData, scratch: Path, stopped: Event) -> None:
        self._data = data
        self._scratch = scratch
        self._stopped = stopped
        self._free = Semaphore(data.at_once)
        self._number = count()

    def __contains__(self, entry: Entry) -> bool:
        known = entry.path or entry.unpack
        return known is not None and entry.size > self._data.in_memory

    def read(self, entry: Entry) -> _Read:
        """Read a file; raises as `Entry.load` and `_Stopped`."""
        with self._free:
            self._tick()
            scratch = self._scratch / str(next(self._number))  # what is in it waits to be kept
            scratch.mkdir()
            path = entry.path
            if path is None:
                assert entry.unpack is not None, "only such entries are read here"
                path = scratch / f"unpacked{entry.suffix}"
                entry.unpack(path)
            check_file(path, self._data.largest)
            sha256 = self._hash(path)
            probed = self._data.probe_file(path, entry.name, scratch, self._tick)
            if not any(each.file == path for each in probed) and path != entry.path:
                path.unlink()
            return _Read(entry, sha256, probed)

    def forget(self, probed: Probed) -> None:
        """Remove what was written for an item that was kept or is not wanted."""
        if probed.file is not None and self._scratch in probed.file.parents:
            probed.file.unlink(missing_ok=True)

    def _hash(self, path: Path) -> bytes:
        digest = hashlib.sha256()
        with path.open("rb") as stream:
            while part := stream.read(_PART):
                self._tick()
                digest.update(part)
        return digest.digest()

    def _tick(self) -> None:
        if self._stopped.is_set():
            raise _Stopped


class Reading:
    """One import while its files are read, in several threads, in order.

    Attributes:
        taken: Files that became items.
        helpers: Tables, captions and label files that were used.
    """

    def __init__(self, data: ModalityData, packs: DatasetPacks, work: Work, total: int) -> None:
        self.taken = 0
        self._data = data
        self._packs = packs
        self._work = work
        self._total = total
        self._annotations = Annotations(data.suffixes)
        self._items: list[NewItem] = []
        self._sources: list[Entry] = []  # of each item
        self._rejects: list[Reject] = []
        self._duplicates = 0
        self._stopped = Event()
        self._large = _Large(data, packs.scratch, self._stopped)
        self._seen = packs.known_contents()

    @property
    def helpers(self) -> int:
        """Tables, captions and label files that were used."""
        return self._annotations.used

    def read(self, found: Iterable[Entry | Reject]) -> None:
        """Read every file, in several threads, keeping the order."""
        with ThreadPoolExecutor(_THREADS, "import") as pool:
            try:
                self._read_all(pool, self._wanted(self._data.gathered(found)))
                if self._total:
                    self._total += self._annotations.pictures.count
                self._read_all(pool, self._annotations.pictures.entries())
            finally:
                self._stopped.set()
                pool.shutdown(cancel_futures=True)

    def finished(self) -> tuple[list[NewItem], list[Reject]]:
        """Return the items with labels and captions, and every file that was not taken."""
        items = self._annotations.applied(self._items, self._sources)
        return items, [*self._rejects, *self._annotations.leftovers()]

    def _wanted(self, found: Iterable[Entry | Reject]) -> Iterator[Entry]:
        """Return the entries that may be items; put the others where they belong."""
        for entry in found:
            if isinstance(entry, Reject):
                self._rejects.append(entry)
                self._say()
                continue
            try:
                if self._annotations.wants(entry):
                    check_size(entry.size)
                    self._annotations.add(entry)
                    self._say()
                    continue
                self._check_kind(entry)
            except Rejected as error:
                self._reject(entry, error)
            except OSError as error:
                self._reject(entry, unreadable(error))
            else:
                yield entry

    def _check_kind(self, entry: Entry) -> None:
        """Raise Rejected for what is not worth reading."""
        if entry.suffix in self._data.suffixes:
            if entry.size:  # what is empty is said in its turn
                check_size(entry.size, self._data.largest)
            return
        if is_closed_archive(entry.place):
            raise closed_archive()
        if entry.size > _MAX_UNKNOWN:
            raise Rejected(
                "unknown-kind",
                f"A name ending in {entry.suffix or 'nothing'!r} is none that is read here.",
                "Convert it to a common format, or leave it out.",
            )

    def _read_all(self, pool: ThreadPoolExecutor, entries: Iterable[Entry]) -> None:
        running: deque[Future[list[_Read]]] = deque()
        for chunk in _chunks(entries):
            running.append(pool.submit(_examine, self._data, chunk, self._stopped, self._large))
            if len(running) > _THREADS:
                self._take(running.popleft())
        while running:
            self._take(running.popleft())

    def _take(self, future: Future[list[_Read]]) -> None:
        """Wait for a chunk, obeying the user meanwhile, and keep what is good of it."""
        while not wait([future], _GATE_SECONDS).done:
            self._work.gate()
        for entry, sha256, outcome in future.result():
            if isinstance(outcome, Rejected):
                self._reject(entry, outcome)
            elif sha256 in self._seen:
                self._duplicates += 1
                for probed in outcome:
                    self._large.forget(probed)
                self._reject(entry, _duplicate(self._seen[sha256]))
            else:
                self._seen[sha256] = entry.name
                self.taken += 1
                for number, probed in enumerate(outcome):
                    self._keep(entry, sha256, number, probed)
        self._say()

    def _keep(self, entry: Entry, sha256: bytes, number: int, probed: Probed) -> None:
        item, thumbnail = self._packs.add(probed)
        self._large.forget(probed)
        self._sources.append(entry)
        self._items.append(
            NewItem(
                name=f"{entry.name}#{number + 1}" if number else entry.name,
                label=probed.label,
                caption="",
                width=probed.width,
                height=probed.height,
                notes=probed.notes,
                sha256=_part_hash(sha256, number) if number else sha256,
                perceptual=probed.perceptual,
                item=item,
                thumb=thumbnail,
            )
        )

    def _reject(self, entry: Entry, error: Rejected) -> None:
        self._rejects.append(rejection(entry.name, error))

    def _say(self) -> None:
        rejected = len(self._rejects)
        self._work.progress(
            "Reading files",
            self.taken + rejected + self._annotations.added,
            self._total,
            "files",
            {
                "taken": self.taken,
                "rejected": rejected - self._duplicates,
                "duplicates": self._duplicates,
            },
        )


def _chunks(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    """Return entries in groups that are worth a thread's while and small enough to stop at."""
    chunk: list[Entry] = []
    size = 0
    for entry in entries:
        chunk.append(entry)
        size += entry.size
        if len(chunk) >= _CHUNK_FILES or size >= _CHUNK_BYTES:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def _examine(
    data: ModalityData, entries: Sequence[Entry], stopped: Event, large: _Large
) -> list[_Read]:
    """Read files, in a thread; when `stopped` is set nobody waits for the rest."""
    results = []
    for entry in entries:
        if stopped.is_set():
            break
        try:
            if entry in large:
                results.append(large.read(entry))
                continue
            raw = entry.load()
            check_size(len(raw))
            sha256 = hashlib.sha256(raw).digest()
            with abandoned_by(stopped):
                results.append(_Read(entry, sha256, data.probe(raw, entry.name)))
        except Rejected as error:
            results.append(_Read(entry, b"", error))
        except OSError as error:
            results.append(_Read(entry, b"", unreadable(error)))
        except (_Stopped, Abandoned):
            break
    return results


def _part_hash(sha256: bytes, number: int) -> bytes:
    """Return the hash of one of several items of a file; a table has more than 256 of them."""
    size = max(1, (number.bit_length() + 7) // 8)
    return hashlib.sha256(sha256 + number.to_bytes(size, "big")).digest()


def _duplicate(of: str) -> Rejected:
    return Rejected("duplicate", f"Exactly the same as {of}.", "Nothing to do; one is enough.")
