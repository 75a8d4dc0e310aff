"""Bringing files into a dataset: every file is taken or listed with the reason why not."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import asdict, dataclass
from os import cpu_count
from pathlib import Path
from threading import Event
from typing import Any, NamedTuple

from studio.core.datasets import NewItem, Reject
from studio.core.errors import StudioError
from studio.core.media import Modality
from studio.core.project import Project
from studio.core.work import Work
from studio.data.annotations import Annotations
from studio.data.archives import closed_archive, is_closed_archive
from studio.data.entries import MEGABYTE, Entry, check_size, printable, rejection, unreadable
from studio.data.modality import ModalityData, Probed, Rejected, modalities, modality_data
from studio.data.packs import DatasetPacks
from studio.data.walk import Walk

_THREADS = max(2, min(8, cpu_count() or 2))
_CHUNK_FILES = 32
_CHUNK_BYTES = 8 * MEGABYTE
_GATE_SECONDS = 0.2
_NAMED = 5  # dropped paths that are named as a dataset's source
_MAX_UNKNOWN = 16 * MEGABYTE  # a larger file is only read when its suffix is known


@dataclass(frozen=True)
class ImportResult:
    """What became of an import: each file is taken, rejected or a helper.

    Attributes:
        taken: Files that became items; each picture in an IDX file counts as one.
        rejected: Files that are listed with a reason.
        helpers: Tables, captions and label files that were used.
        items: Items that were added.
        lookalikes: Those among them that look like another item.
    """

    dataset_id: str
    name: str
    modality: Modality
    taken: int
    rejected: int
    helpers: int
    items: int
    lookalikes: int

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain values."""
        return asdict(self)


def import_paths(
    project: Project,
    name: str,
    paths: Sequence[Path],
    work: Work,
    modality: Modality | None = None,
) -> ImportResult:
    """Bring files, folders and archives into a dataset, new or existing.

    Args:
        project: Where the dataset lives.
        name: Of the dataset; one of that name is added to.
        paths: What the user dropped.
        work: Hears how far it is; StopRequested at a gate leaves the project as it was.
        modality: Guessed from the names of the files when left out.

    Raises:
        StudioError: A path does not exist, there is no file at all, or the dataset holds another
            modality.
    """
    with Walk(paths, work) as walk:
        modality = modality or guess_modality(walk.names())
        return import_entries(
            project,
            name,
            modality,
            walk.entries(),
            work,
            total=walk.total,
            source=_named(paths),
        )


def import_entries(
    project: Project,
    name: str,
    modality: Modality,
    found: Iterable[Entry | Reject],
    work: Work,
    *,
    total: int = 0,
    source: str = "",
    licence: str = "",
) -> ImportResult:
    """Bring entries into a dataset, new or existing; see `import_paths`.

    Args:
        found: What to read, and what was rejected before.
        total: How many there are, for the progress; 0 when that is not known.
        source, licence: Where the data comes from and under which terms.
    """
    data = modality_data(modality)
    with DatasetPacks(project, name, modality) as packs:
        reading = _Reading(data, packs, work, total)
        reading.read(found)
        items, rejects = reading.finished()
        if not (items or rejects):
            raise StudioError(
                "Nothing to import",
                "There is no file in what you dropped.",
                "Drop a folder, an archive or files that hold something.",
            )
        work.progress("Looking for look-alikes", 0)
        lookalikes = packs.commit(items, rejects, work, source=source, licence=licence)
        return ImportResult(
            dataset_id=packs.dataset_id,
            name=name,
            modality=modality,
            taken=reading.taken,
            rejected=len(rejects),
            helpers=reading.helpers,
            items=len(items),
            lookalikes=lookalikes,
        )


def _named(paths: Sequence[Path]) -> str:
    """Return the names of what was dropped, the first few of many."""
    names = [printable(path.name) for path in paths]
    more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more


def guess_modality(names: Iterable[str]) -> Modality:
    """Return the modality to which most file names belong; pictures when none does."""
    counts = dict.fromkeys((data.modality for data in modalities()), 0)
    for name in names:
        suffix = Path(name).suffix.lower()
        for data in modalities():
            counts[data.modality] += suffix in data.suffixes
    return max(counts, key=counts.__getitem__) if any(counts.values()) else Modality.IMAGE


class _Read(NamedTuple):
    """A file that was read in a thread: its items, or why there are none."""

    entry: Entry
    sha256: bytes
    outcome: list[Probed] | Rejected


class _Reading:
    """One import while files are read.

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
        self._seen = packs.known_contents()

    @property
    def helpers(self) -> int:
        """Tables, captions and label files that were used."""
        return self._annotations.used

    def read(self, found: Iterable[Entry | Reject]) -> None:
        """Read every file, in several threads, keeping the order."""
        with ThreadPoolExecutor(_THREADS, "import") as pool:
            try:
                self._read_all(pool, self._wanted(found))
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
            running.append(pool.submit(_examine, self._data, chunk, self._stopped))
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
                self._reject(entry, _duplicate(self._seen[sha256]))
            else:
                self._seen[sha256] = entry.name
                self.taken += 1
                for number, probed in enumerate(outcome):
                    self._keep(entry, sha256, number, probed)
        self._say()

    def _keep(self, entry: Entry, sha256: bytes, number: int, probed: Probed) -> None:
        item, thumbnail = self._packs.add(probed)
        self._sources.append(entry)
        self._items.append(
            NewItem(
                name=f"{entry.name}#{number + 1}" if number else entry.name,
                label="",
                caption="",
                width=probed.width,
                height=probed.height,
                notes=probed.notes,
                sha256=hashlib.sha256(sha256 + bytes([number])).digest() if number else sha256,
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


def _examine(data: ModalityData, entries: Sequence[Entry], stopped: Event) -> list[_Read]:
    """Read files, in a thread; when `stopped` is set nobody waits for the rest."""
    results = []
    for entry in entries:
        if stopped.is_set():
            break
        try:
            raw = entry.load()
            check_size(len(raw))
            sha256 = hashlib.sha256(raw).digest()
            results.append(_Read(entry, sha256, data.probe(raw, entry.name)))
        except Rejected as error:
            results.append(_Read(entry, b"", error))
        except OSError as error:
            results.append(_Read(entry, b"", unreadable(error)))
    return results


def _duplicate(of: str) -> Rejected:
    return Rejected("duplicate", f"Exactly the same as {of}.", "Nothing to do; one is enough.")
