"""A dataset's packs while an import writes them: all of it stays, or nothing."""

from __future__ import annotations

import os
import shutil
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Self

import numpy as np
import numpy.typing as npt

from studio.core.blobs import BlobReader, BlobWriter, Span
from studio.core.datasets import ITEMS_PACK, THUMBNAILS_PACK, Dataset
from studio.core.errors import StudioError
from studio.core.files import remove_abandoned, replacing_folder
from studio.core.items import NewItem, Reject
from studio.core.media import Modality
from studio.core.project import Project, new_id
from studio.core.work import Work
from studio.data import duplicates
from studio.data.modality import Probed, modality_data

_PACKS = (ITEMS_PACK, THUMBNAILS_PACK)


class DatasetPacks:
    """Appends to a dataset's packs; without `commit`, leaving the context undoes everything.

    A new dataset is written to a temporary folder that gets its name at the end. Rows come last,
    in one transaction: bytes that no row points to do no harm.

    Attributes:
        dataset_id: Of the dataset, new or existing.
        scratch: A folder for large files on their way into the packs.
    """

    scratch: Path

    def __init__(self, project: Project, name: str, modality: Modality) -> None:
        """Begin; raises StudioError when there is a dataset of that name but another modality."""
        name = name.strip()
        if not name:
            raise StudioError("No name", "A dataset needs a name.", "Type one.")
        existing = project.library.datasets.find(name)
        if existing is not None and existing.modality != modality:
            raise StudioError(
                "Another kind of data",
                f"{existing.name} holds items of the kind {existing.modality}, not {modality}.",
                "Choose another name for the new dataset.",
            )
        self._project = project
        self._table = project.library.datasets
        self._name = name
        self._modality = modality
        self._existing: Dataset | None = existing
        self._known = self._table.hashes(existing.id) if existing else []
        self._stack = ExitStack()
        self.dataset_id = existing.id if existing else new_id(name)

    def __enter__(self) -> Self:
        self._folder = self._project.dataset(self.dataset_id)
        self._folder.parent.mkdir(parents=True, exist_ok=True)
        remove_abandoned(self._folder.parent)
        if self._existing is None:
            writing = self._stack.enter_context(replacing_folder(self._folder))
        else:
            writing = self._folder
            self._sizes = {name: _size(writing / name) for name in _PACKS}
        self._writing = writing
        self._items = self._stack.enter_context(BlobWriter(writing / ITEMS_PACK))
        self._thumbnails = self._stack.enter_context(BlobWriter(writing / THUMBNAILS_PACK))
        self._committed = False
        # beside the packs, where there is room for what is as large as they are
        scratch = TemporaryDirectory(
            prefix=".import-", suffix=f".{os.getpid()}.tmp", dir=self._folder.parent
        )
        self.scratch = Path(self._stack.enter_context(scratch))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.__exit__(kind, error, trace)
        if self._committed:
            return
        if self._existing is None:
            shutil.rmtree(self._folder, ignore_errors=True)
            return
        for name, size in self._sizes.items():
            with (self._folder / name).open("r+b") as pack:
                pack.truncate(size)

    def known_contents(self) -> dict[bytes, str]:
        """Return the contents that the dataset has, by SHA-256, with a name for each."""
        return {sha256: "an item of this dataset" for _id, sha256, _hash in self._known}

    def add(self, probed: Probed) -> tuple[Span, Span]:
        """Append an item and its thumbnail; returns their places."""
        thumbnail = self._thumbnails.add(probed.thumbnail) if probed.thumbnail else Span(0, 0)
        if probed.file is not None:
            return self._items.add_file(probed.file), thumbnail
        return self._items.add(probed.stored), thumbnail

    def commit(
        self,
        items: list[NewItem],
        rejects: list[Reject],
        work: Work,
        *,
        source: str = "",
        licence: str = "",
    ) -> int:
        """Keep everything; returns how many new items look like another one."""
        copies = self._lookalikes(items, work)
        self._stack.close()  # flushes the packs; a new dataset's folder gets its name
        with self._project.library.transaction():
            if self._existing is None:
                self._table.add(self.dataset_id, self._name, self._modality, source, licence)
            elif self._table.count(self.dataset_id) != len(self._known):
                raise StudioError(
                    "The dataset changed meanwhile",
                    "Another import added to it at the same time. Nothing was changed.",
                    "Import again.",
                )
            self._table.add_items(self.dataset_id, items)
            self._table.add_rejects(self.dataset_id, rejects)
            ids = self._table.ids(self.dataset_id)
            self._table.set_duplicates((ids[copy], ids[first]) for copy, first in copies.items())
        self._committed = True
        return len(copies)

    def _lookalikes(self, items: list[NewItem], work: Work) -> dict[int, int]:
        """Return for each new look-alike its original, as indices into old and new items."""
        old = self._table.items([row[0] for row in self._known])
        index_of = {item.id: index for index, item in enumerate(old)}
        known = {
            index: index_of[item.duplicate_of]
            for index, item in enumerate(old)
            if item.duplicate_of in index_of
        }
        spans = [item.item for item in old] + [item.item for item in items]
        hashes = np.array(
            [row[2] for row in self._known] + [item.perceptual for item in items], np.int64
        )
        self._items.flush()
        reader = BlobReader(self._writing / ITEMS_PACK)
        data = modality_data(self._modality)

        def signatures(indices: list[int]) -> npt.NDArray[np.float32]:
            # one after the other: some may be too much for memory together
            return np.stack([signature(spans[index]) for index in indices])

        def signature(span: Span) -> npt.NDArray[np.float32]:
            if span.length > data.in_memory:
                return data.signature_of(reader.part(span))
            found: npt.NDArray[np.float32] = data.signatures([reader.get(span)])[0]
            return found

        try:
            pairs = duplicates.candidates(hashes, work, first_new=len(old))
            return duplicates.originals(duplicates.alike(pairs, signatures, work), known)
        finally:
            reader.close()


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
