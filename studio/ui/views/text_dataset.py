"""What the Data page says of texts: how long they are, and what was done to them."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import ClassVar

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QVBoxLayout

from studio.core.items import Item
from studio.ui.views.base import DatasetView
from studio.ui.widgets.bars import Bar, BarChart
from studio.ui.widgets.labels import label
from studio.ui.words import amount


class TextDatasetView(DatasetView):
    """Texts by their length in characters; each bar reaches to three times the one before."""

    cell: ClassVar[int] = 132

    def __init__(self) -> None:
        super().__init__()
        self._title = label(self.tr("Length in characters"), "caption")
        self._lengths = BarChart(self.tr("Texts by their length in characters"), 60)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self._title)
        column.addWidget(self._lengths)

    def show_sizes(self, sizes: Mapping[tuple[int, int], int]) -> None:
        """Show how many texts have each (characters, lines)."""
        lengths: dict[int, int] = {}
        for (characters, _lines), count in sizes.items():
            lengths[characters] = lengths.get(characters, 0) + count
        bars = length_bars(lengths)
        self._lengths.set_bars(bars)
        several = len(lengths) > 1
        self._lengths.setVisible(several)
        self._title.setVisible(several)

    @staticmethod
    def size_words(sizes: Mapping[tuple[int, int], int]) -> str:
        """Return how much text there is: `1.1 M characters`."""
        characters = sum(length * count for (length, _lines), count in sizes.items())
        return _tr("{count} characters").format(count=amount(characters)) if sizes else ""

    @staticmethod
    def item_words(item: Item) -> str:
        """Return a text's length."""
        return TextDatasetView.extent_words(item.width, item.height)

    @staticmethod
    def extent_words(width: int, height: int) -> str:
        """Return characters and lines in words."""
        lines = _tr("1 line") if height == 1 else _tr("{count} lines")
        characters = _tr("{count} characters").format(count=f"{width:,}")
        return f"{characters} · {lines.format(count=f'{height:,}')}"

    @staticmethod
    def note_words(note: str) -> str:
        """Return what a note of the importer means; names of encodings stand for themselves."""
        words = {"pair": _tr("Pair"), "turns": _tr("Dialogue")}
        return words.get(note) or note.replace("-", " ").replace("_", " ").capitalize()


def length_bars(lengths: Mapping[int, int]) -> list[Bar]:
    """Return bars of lengths in steps of 1, 3, 10, 30 …, from the first to the last that occurs."""
    edges = [1]
    while edges[-1] <= max(lengths, default=0):
        edges.append(edges[-1] * 3 if str(edges[-1])[0] == "1" else edges[-1] // 3 * 10)
    bars: list[Bar] = []
    for low, high in pairwise(edges):
        count = sum(number for length, number in lengths.items() if low <= max(1, length) < high)
        tip = _tr("{low} to {high} characters").format(low=f"{low:,}", high=f"{high - 1:,}")
        if count or bars:
            bars.append(Bar(str(low), _short(low), count, tip))
    return bars


def _short(count: int) -> str:
    for limit, sign in ((1_000_000, "M"), (1000, "k")):
        if count >= limit:
            return f"{count // limit}{sign}"
    return str(count)


def _tr(text: str) -> str:
    return QCoreApplication.translate("TextDatasetView", text)
