"""Compiling a dataset: its items decoded by several threads, and written row after row."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import closing, suppress
from os import cpu_count
from pathlib import Path
from threading import Event
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from studio.core.blobs import BlobReader
from studio.core.datasets import ITEMS_PACK, Dataset
from studio.core.errors import StudioError
from studio.core.files import write_json
from studio.core.items import Item
from studio.core.options import Preparation
from studio.core.project import Project
from studio.core.recipe import DataSpec
from studio.core.work import Work
from studio.data.abandoning import Abandoned, abandoned_by, still_wanted
from studio.data.captions import RESOURCE as CAPTIONS
from studio.data.captions import CaptionTokenizer
from studio.data.captions import learn as learn_captions
from studio.data.modality import ModalityData, Rejected
from studio.data.split import label_numbers, natural_key, validation_part
from studio.data.stored import Stored, rows_from, stored_at
from studio.data.text.token_counts import unigram_entropy

ITEMS = "items.bin"  # all rows one after the other, without a header
SPEC = "spec.json"
_THREADS = max(2, min(8, cpu_count() or 2))
_CHUNK = 64  # items that a thread decodes at once
_CHUNK_BYTES = 32 << 20  # of them, unless one alone is larger
_WAITING_BYTES = 256 << 20  # of stored items in memory at once, unless one alone is larger
_GATE_SECONDS = 0.2
_MEASURED = 4096  # rows from which statistics are taken at most …
_MEASURED_BYTES = 64 << 20  # … and what they hold: as numbers of 4 bytes it is several times that
#: With fewer items than this a part of each is held out, where their kind can be divided.
_FEW_TO_DIVIDE = 20

#: The part of an item that rows are made of, and whether they are learned from.
_Part = tuple[tuple[float, float], bool]


def compile_into(
    folder: Path,
    project: Project,
    dataset: Dataset,
    data: ModalityData,
    settled: Preparation,
    items: Sequence[Item],
    work: Work,
) -> None:
    """Write all arrays of a dataset into a folder, and last what a family must know of them.

    Raises:
        StudioError: An item can no longer be read, or nothing is left to learn from.
        StopRequested: The user ended it at a gate.
    """
    pack = project.dataset(dataset.id) / ITEMS_PACK
    shape = data.item_shape(settled)
    resources = data.learn(_stored(pack, items, work), settled)
    captions = _captions([item.caption for item in items], spelled=data.spelled)
    contents = {row[0]: row[1] for row in project.library.datasets.hashes(dataset.id)}
    parts = _parts(data, items, contents, settled)
    counts: list[tuple[int, int]] = []  # rows of each item, and how many of them are held out
    with (folder / ITEMS).open("wb") as stream:
        for learned, kept in _decoded(pack, data, settled, resources, items, parts, work):
            counts.append((len(learned) + len(kept), len(kept)))
            for rows in (learned, kept):
                whole = rows.flags.c_contiguous and rows.dtype == data.dtype
                for part in (rows,) if whole else rows:  # clips that overlap are there once
                    stream.write(np.ascontiguousarray(part, data.dtype).data)
    if not sum(count for count, _kept in counts):
        raise StudioError("There is nothing to learn from", *data.no_rows(items, settled))
    owner = np.repeat(np.arange(len(items)), [count for count, _kept in counts])
    held_out = np.concatenate(
        [np.arange(count) >= count - kept for count, kept in counts] or [np.zeros(0, bool)]
    )
    names = sorted({item.label for item in items if item.label}, key=natural_key)
    train = np.flatnonzero(~held_out)
    array = np.memmap(folder / ITEMS, data.dtype, "r", shape=(len(owner), *shape))
    most = max(1, min(_MEASURED, _MEASURED_BYTES // (math.prod(shape) * array.itemsize)))
    step = max(1, len(train) // most)
    measured = array[train[::step][:most]]
    statistics, vocabulary = data.statistics(measured, resources), data.vocabulary(resources)
    if vocabulary:
        statistics["nats_unigram"] = unigram_entropy(measured, vocabulary)
    spec = DataSpec(
        modality=dataset.modality,
        shape=data.seen_shape(settled),
        labels=tuple(names),
        count=len(train),
        vocabulary=vocabulary,
        statistics=statistics,
        resources=resources | captions.resources,
        caption_length=captions.rows.shape[1],
        caption_vocabulary=captions.vocabulary,
    )
    if spec.caption_length:
        np.save(folder / "captions.npy", captions.rows[owner])
    np.save(folder / "labels.npy", label_numbers(items, names)[owner])
    np.save(folder / "train.npy", train)
    np.save(folder / "validation.npy", np.flatnonzero(held_out))
    np.save(folder / "ids.npy", np.array([item.id for item in items], np.int64)[owner])
    write_json(folder / SPEC, spec.model_dump(mode="json"))


def _parts(
    data: ModalityData, items: Sequence[Item], contents: Mapping[int, bytes], settled: Preparation
) -> list[list[_Part]]:
    """Return for each item which part is learned from and which is held out.

    Few long items are divided, since one of a handful would be too much or nothing to hold out.
    """
    percent = settled.validation_percent
    if len(items) < _FEW_TO_DIVIDE and percent and data.divides(items, settled):
        end = 1 - percent / 100
        return [[((0.0, end), True), ((end, 1.0), False)] for _ in items]
    held_out = validation_part(items, contents, percent)
    return [[((0.0, 1.0), not kept)] for kept in held_out]


class _Captions(NamedTuple):
    """Captions as tokens, (N, length), and what they are read with; length 0 without any."""

    rows: npt.NDArray[np.uint16]
    resources: dict[str, str]
    vocabulary: int


def _captions(texts: Sequence[str], *, spelled: bool) -> _Captions:
    if not any(texts):
        return _Captions(np.zeros((len(texts), 0), np.uint16), {}, 0)
    learned, length = learn_captions(texts, spelled=spelled)
    tokenizer = CaptionTokenizer(learned, length)
    rows = tokenizer.rows(texts).astype(np.uint16)
    return _Captions(rows, {CAPTIONS: learned}, tokenizer.vocabulary)


class _Rows(NamedTuple):
    """The rows of an item: those to learn from, and those that are held out."""

    learned: npt.NDArray[Any]
    kept: npt.NDArray[Any]


def _stored(pack: Path, items: Sequence[Item], work: Work) -> Iterator[bytes]:
    """Yield the stored bytes of every item."""
    with closing(BlobReader(pack)) as reader:
        for index, item in enumerate(items):
            work.progress("Reading", index, len(items), "items")
            yield reader.get(item.item)


def _decoded(
    pack: Path,
    data: ModalityData,
    settled: Preparation,
    resources: Mapping[str, str],
    items: Sequence[Item],
    parts: Sequence[Sequence[_Part]],
    work: Work,
) -> Iterator[_Rows]:
    """Yield each item's rows at training size, in order, made by several threads."""

    def decode(start: int, stored: list[Stored]) -> list[_Rows]:
        rows = []
        with abandoned_by(stopped), suppress(Abandoned):  # nobody waits for the rest
            for index, raw in enumerate(stored, start):
                still_wanted()
                try:
                    rows.append(rows_of(raw, parts[index]))
                except Rejected as error:
                    raise _unreadable(items[index], error) from error
        return rows

    def rows_of(raw: Stored, wanted: Sequence[_Part]) -> _Rows:
        nothing = np.zeros((0, *data.item_shape(settled)), data.dtype)
        rows = _Rows(nothing, nothing)
        for span, learned in wanted:
            found = rows_from(data, raw, settled, resources, span=span, learned=learned)
            rows = rows._replace(**{"learned" if learned else "kept": found})
        return rows

    def finished(future: Future[list[_Rows]]) -> list[_Rows]:
        while not wait([future], _GATE_SECONDS).done:
            work.gate()
        return future.result()

    stopped = Event()
    running: deque[Future[list[_Rows]]] = deque()
    with closing(BlobReader(pack)) as reader, ThreadPoolExecutor(_THREADS, "prepare") as pool:
        try:
            waiting: deque[int] = deque()  # bytes of each of `running`
            for start, end in _chunks([item.item.length for item in items]):
                size = sum(item.item.length for item in items[start:end])
                while running and (len(running) > _THREADS or sum(waiting) + size > _WAITING_BYTES):
                    waiting.popleft()
                    yield from finished(running.popleft())
                stored = [stored_at(reader, item.item, data) for item in items[start:end]]
                running.append(pool.submit(decode, start, stored))
                waiting.append(size)
                work.progress("Preparing", start, len(items), "items")
            while running:
                yield from finished(running.popleft())
            work.progress("Preparing", len(items), len(items), "items")
        finally:
            stopped.set()
            pool.shutdown(cancel_futures=True)


def _chunks(sizes: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield where groups begin and end that a thread takes on at once, by the items' bytes."""
    start = size = 0
    for index, each in enumerate(sizes):
        if index > start and (index - start >= _CHUNK or size + each > _CHUNK_BYTES):
            yield start, index
            start, size = index, 0
        size += each
    if start < len(sizes):
        yield start, len(sizes)


def _unreadable(item: Item, error: Rejected) -> StudioError:
    return StudioError(
        "An item can no longer be read",
        f"{item.name}: {error.message}",
        "Leave it out on the Data page, or import the dataset again.",
    )
