"""What the Data page says of films: lengths, sizes, frame rates, and what was noted of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import ClassVar, NamedTuple

from PySide6.QtCore import QCoreApplication, Slot
from PySide6.QtWidgets import QVBoxLayout

from studio.core.items import Item
from studio.core.project import Project
from studio.ui.side_work import slow_work
from studio.ui.views.base import DatasetView
from studio.ui.widgets.bars import Bar, BarChart
from studio.ui.widgets.cards import Fact
from studio.ui.widgets.labels import label
from studio.ui.words import duration

_HEIGHT = 60  # pixels of a chart
_BARS = 8
_EDGES = (1, 2, 5, 10, 30, 60, 300, 1800)  # seconds


class Length(NamedTuple):
    """How long a film is.

    Attributes:
        frames: How many.
        rate: Frames a second.
    """

    frames: int
    rate: float

    @property
    def seconds(self) -> float:
        """How long it takes."""
        return self.frames / self.rate if self.rate > 0 else 0.0


def length_in(notes: tuple[str, ...]) -> Length | None:
    """Return the length that was noted, `frames=48` and `fps=25`; None where it was not."""
    told = dict(note.split("=", 1) for note in notes if "=" in note)
    frames, rate = _number(told.get("frames", "")), _number(told.get("fps", ""))
    return Length(int(frames), rate) if frames >= 1 and rate > 0 else None


def lengths_of(project: Path, dataset_id: str) -> list[Length]:
    """Return the lengths of a dataset's films, as far as they were noted."""
    opened = Project(project)
    try:
        table = opened.library.datasets
        ids = table.ids(dataset_id)
        found = (length_in(item.notes) for item in table.items(ids))
        return [length for length in found if length is not None]
    finally:
        opened.close()


class VideoDatasetView(DatasetView):
    """Films by length and by size; how much there is, and how many frames a second."""

    cell: ClassVar[int] = 104

    def __init__(self) -> None:
        super().__init__()
        self._ticket = 0
        self._read: tuple[Path, str, Mapping[tuple[int, int], int]] | None = None
        self._sizes: Mapping[tuple[int, int], int] = {}
        self._lengths = BarChart(self.tr("Clips by their length"), _HEIGHT)
        self._lengths_title = label("", "caption")
        self._size_bars = BarChart(self.tr("Clips by their size in pixels"), _HEIGHT)
        self._sizes_title = label("", "caption")
        self._whole = Fact(self.tr("Together"))
        self._rates = Fact(self.tr("Frame rate"))
        self._rates.setToolTip(self.tr("Frames a second, as filmed"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        for widget in (self._lengths_title, self._lengths, self._sizes_title, self._size_bars):
            column.addWidget(widget)
        column.addWidget(self._whole)
        column.addWidget(self._rates)
        slow_work().done.connect(self._on_read)
        self._show_lengths([])

    def show_sizes(self, sizes: Mapping[tuple[int, int], int]) -> None:
        """Show how many films have each (width, height) in pixels."""
        self._sizes = sizes
        common = sorted(sizes.items(), key=lambda each: -each[1])
        bars = [
            Bar(f"{width}x{height}", f"{width}×{height}", count)
            for (width, height), count in common[:4]
        ]
        if rest := sum(count for _size, count in common[4:]):
            bars.append(Bar("", "…", rest, self.tr("others")))
        self._size_bars.set_bars(bars)
        self._size_bars.setVisible(len(sizes) > 1)
        all_one = self.tr("All {size} pixels").format(size=self.size_words(sizes))
        self._sizes_title.setText(all_one if len(sizes) == 1 else self.tr("Size in pixels"))
        self._sizes_title.setVisible(bool(sizes))

    def look_into(self, project: Path, dataset_id: str) -> None:
        """Read the notes of a dataset in the background, unless they were read just now."""
        wanted = (project, dataset_id, self._sizes)
        if wanted != self._read:
            self._read = wanted
            work = partial(lengths_of, project, dataset_id)
            self._ticket = slow_work().ask(work, self._ticket)

    @staticmethod
    def size_words(sizes: Mapping[tuple[int, int], int]) -> str:
        """Return what sizes there are: `64 × 64`, `320 to 1920 pixels wide`."""
        widths = [width for width, _height in sizes]
        if not widths:
            return ""
        if len(sizes) == 1:
            width, height = next(iter(sizes))
            return f"{width} × {height}"
        if min(widths) == max(widths):
            return _tr("{width} pixels wide").format(width=min(widths))
        words = _tr("{low} to {high} pixels wide")
        return words.format(low=min(widths), high=max(widths))

    @staticmethod
    def item_words(item: Item) -> str:
        """Return a film's size, length and frame rate."""
        size, length = f"{item.width} × {item.height}", length_in(item.notes)
        if length is None:
            return size
        words = _tr("{size} · {seconds} s · {frames} frames at {rate} a second")
        return words.format(
            size=size,
            seconds=f"{length.seconds:.1f}",
            frames=f"{length.frames:,}",
            rate=f"{length.rate:g}",
        )

    @staticmethod
    def note_words(note: str) -> str:
        """Return what a note of the importer means."""
        name, _sign, number = note.partition("=")
        if name == "fps":
            return _tr("{rate} frames a second").format(rate=number)
        if name == "frames":
            return _tr("{count} frames").format(count=number)
        words = {
            "sound": _tr("With sound"),
            "grey": _tr("Grey"),
            "static": _tr("Nothing moves"),
            "short": _tr("Short"),
            "long": _tr("Long"),
            "rotated": _tr("Turned upright"),
            "interlaced": _tr("Made for television (interlaced)"),
            "stretched-pixels": _tr("Pixels that are not square"),
            "variable-rate": _tr("Frame rate changes"),
            "odd-rate": _tr("Unusual frame rate"),
            "time-stamps": _tr("Wrong times, put right"),
            "sizes-change": _tr("Size changes"),
            "glitches": _tr("Damaged frames left out"),
            "black-borders": _tr("Black borders"),
            "10-bit": _tr("10 bits a colour"),
            "cut-off": _tr("Cut off"),
            "reduced": _tr("Made smaller"),
        }
        return words.get(note) or note.replace("-", " ").capitalize()

    @Slot(int, object)
    def _on_read(self, ticket: int, result: object) -> None:
        if ticket == self._ticket and isinstance(result, list):
            self._show_lengths(result)

    def _show_lengths(self, lengths: list[Length]) -> None:
        for widget in (self._lengths_title, self._lengths, self._whole, self._rates):
            widget.setVisible(bool(lengths))
        if not lengths:
            return
        counts = {length.frames for length in lengths}
        title = self.tr("Length in frames") if len(counts) <= _BARS else self.tr("Length")
        if len(counts) == 1:
            title = self.tr("All {count} frames long").format(count=f"{counts.pop():,}")
            self._lengths.hide()  # a single bar says nothing
        else:
            self._lengths.set_bars(_length_bars(lengths))
        self._lengths_title.setText(title)
        seconds = sum(length.seconds for length in lengths)
        frames = sum(length.frames for length in lengths)
        words = self.tr("{time} · {frames} frames")
        self._whole.set_value(words.format(time=duration(seconds), frames=f"{frames:,}"))
        rates = Counter(f"{length.rate:g}" for length in lengths).most_common(3)
        alone = len(rates) == 1
        self._rates.set_value(
            self.tr("{rate} a second").format(rate=rates[0][0])
            if alone
            else ", ".join(f"{rate} ({count / len(lengths):.0%})" for rate, count in rates)
        )


def _length_bars(lengths: list[Length]) -> list[Bar]:
    """Return bars by frames where there are few lengths, else by seconds."""
    frames = Counter(length.frames for length in lengths)
    if len(frames) <= _BARS:
        words = _tr("{count} frames")
        return [
            Bar(str(count), str(count), number, words.format(count=count))
            for count, number in sorted(frames.items())
        ]
    bars = []
    for low, high in zip((0, *_EDGES), (*_EDGES, float("inf")), strict=True):
        number = sum(low <= length.seconds < high for length in lengths)
        words = _tr("{low} s and more") if high == float("inf") else _tr("{low} to {high} s")
        bars.append(Bar(str(low), f"{low}s", number, words.format(low=low, high=high)))
    filled = [place for place, bar in enumerate(bars) if bar.number]
    return bars[filled[0] : filled[-1] + 1]


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0


def _tr(text: str) -> str:
    return QCoreApplication.translate("VideoDatasetView", text)
