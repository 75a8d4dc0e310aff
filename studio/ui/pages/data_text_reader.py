"""Reads the texts of a dataset in a thread: how a sentence is cut, and what cleaning takes out."""

from __future__ import annotations

import sqlite3
from collections import Counter
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, NamedTuple

from PySide6.QtCore import QThread, Signal

from studio.core.blobs import BlobReader
from studio.core.datasets import ITEMS_PACK
from studio.core.errors import StudioError
from studio.core.media import Modality
from studio.core.project import Project
from studio.data.modality import Rejected, modality_data
from studio.data.text.cleaning import Removed, removed
from studio.data.text.preparation import TextPreparation
from studio.data.text.tokenisers import Tokeniser, tokeniser_of

_READ = 4 << 20  # bytes of texts that are looked at
_ITEMS = 400
_KEPT = 400  # removed parts that are shown
#: Settings that say how texts are cut; others leave the tokens as they are.
_CUTTING = ("tokeniser", "vocabulary", "tokeniser_file", "lower", "normalise")


class Asked(NamedTuple):
    """What is to be looked at."""

    dataset_id: str
    preparation: TextPreparation
    sentence: str


class Cut(NamedTuple):
    """How a sentence is cut.

    Attributes:
        pieces: What each token stands for, with its number.
        kind: Kind of tokens: bytes, characters, bpe or file.
        vocabulary: How many different tokens there are.
        sentence: What was cut.
    """

    pieces: list[tuple[str, int]]
    kind: str
    vocabulary: int
    sentence: str


class Cleaning(NamedTuple):
    """What cleaning takes out of the texts that were looked at.

    Attributes:
        counts: How many things of each kind.
        parts: The first of them.
        all_read: Whether all texts of the dataset were looked at.
    """

    counts: dict[str, int]
    parts: list[Removed]
    all_read: bool


class TextReader(QThread):
    """Answers one question after the other; of those asked meanwhile only the newest.

    Signals:
        cut: Cut.
        cleaned: Cleaning, when dataset or settings are others than before.
        failed: StudioError or Rejected, when the texts cannot be cut so.
    """

    cut = Signal(object)
    cleaned = Signal(object)
    failed = Signal(object)

    def __init__(self, folder: Path) -> None:
        """Read from the project in `folder`."""
        super().__init__()
        self.setObjectName("dataset texts")
        self._folder = folder
        self._asked: SimpleQueue[Asked | None] = SimpleQueue()
        self._texts: tuple[str, list[bytes], bool] = ("", [], True)
        self._tokeniser: tuple[Any, Tokeniser] | None = None
        self._cleaned: Any = None

    def ask(self, asked: Asked) -> None:
        """Answer a question."""
        self._asked.put(asked)
        self.start(QThread.Priority.LowPriority)

    def end(self) -> None:
        """End, and wait for it."""
        self._asked.put(None)
        self.wait()

    def run(self) -> None:
        """Answer until told to end."""
        while (asked := self._newest()) is not None:
            try:
                self._answer(asked)
            except (StudioError, Rejected, OSError, ValueError, sqlite3.Error) as error:
                self.failed.emit(error)

    def _answer(self, asked: Asked) -> None:
        if asked.dataset_id != self._texts[0]:
            self._texts = (asked.dataset_id, *read_texts(self._folder, asked.dataset_id))
            self._tokeniser = self._cleaned = None
        _id, stored, all_read = self._texts
        settings = asked.preparation.model_dump(include=set(_CUTTING))
        if self._tokeniser is None or self._tokeniser[0] != settings:
            wanted = asked.preparation.model_copy(update={"form": "tokens"})
            resources = modality_data(Modality.TEXT).learn(stored, wanted)
            self._tokeniser = (settings, tokeniser_of(resources))
        tokeniser = self._tokeniser[1]
        numbers = tokeniser.encode(asked.sentence).tolist()
        pieces = list(zip(tokeniser.cut(asked.sentence), numbers, strict=True))
        self.cut.emit(Cut(pieces, tokeniser.kind, tokeniser.vocabulary, asked.sentence))
        key = asked.preparation.model_dump()
        if self._asked.empty() and key != self._cleaned:
            self._cleaned = key
            self.cleaned.emit(_cleaning(stored, asked.preparation, all_read=all_read))

    def _newest(self) -> Asked | None:
        asked = self._asked.get()
        while True:
            try:
                asked = self._asked.get_nowait()
            except Empty:
                return asked


def read_texts(folder: Path, dataset_id: str) -> tuple[list[bytes], bool]:
    """Return the first texts of a dataset, as far as they are looked at, and whether that is all.

    Of a text that is very long only the beginning is read.
    """
    project = Project(folder)
    try:
        table = project.library.datasets
        ids = table.ids(dataset_id)
        items = [item for item in table.items(ids[:_ITEMS]) if not item.excluded]
        all_read = len(ids) <= _ITEMS
        reader = BlobReader(project.dataset(dataset_id) / ITEMS_PACK)
        stored, left = [], _READ
        try:
            for item in items:
                raw = reader.get(item.item)
                if left <= 0 or len(raw) > left:
                    all_read = False
                if left > 0:
                    # a cut may go through a character of several bytes
                    stored.append(raw[:left].decode("utf-8", "ignore").encode())
                left -= len(raw)
        finally:
            reader.close()
        return stored, all_read
    finally:
        project.close()


def _cleaning(stored: list[bytes], preparation: TextPreparation, *, all_read: bool) -> Cleaning:
    parts: list[Removed] = []
    counts: Counter[str] = Counter()
    for raw in stored:
        found = removed(raw.decode("utf-8", "replace"), preparation)
        counts.update(each.kind for each in found if each.kind != "line-break")
        counts.update({"line-break": sum(_number(e.text) for e in found if e.kind == "line-break")})
        parts.extend(found[: max(0, _KEPT - len(parts))])
    return Cleaning({kind: n for kind, n in counts.items() if n}, parts, all_read)


def _number(text: str) -> int:
    digits = text.replace(",", "")
    return int(digits) if digits.isdecimal() else 1
