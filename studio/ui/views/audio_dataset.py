"""What the Data page says of recordings: lengths, sample rates, what the importer noticed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import ClassVar

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QVBoxLayout

from studio.core.items import Item
from studio.ui.views.base import DatasetView
from studio.ui.views.sound_edges import time_words
from studio.ui.views.transport import clock
from studio.ui.widgets.bars import Bar, BarChart
from studio.ui.widgets.labels import label

_HEIGHT = 60  # pixels of a chart
_LENGTHS = (100, 200, 300, 500, 750, 1000, 1500, 2000, 5000, 10_000, 30_000, 60_000, 300_000)  # ms
_RATES = 6  # that have a bar of their own


class AudioDatasetView(DatasetView):
    """Recordings by length and by sample rate."""

    cell: ClassVar[int] = 104

    def __init__(self) -> None:
        super().__init__()
        self._lengths = BarChart(self.tr("Recordings by their length"), _HEIGHT)
        self._rates = BarChart(self.tr("Recordings by their sample rate"), _HEIGHT)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(label(self.tr("Length"), "caption"))
        column.addWidget(self._lengths)
        self._rates_title = label(self.tr("Sample rate"), "caption")
        column.addWidget(self._rates_title)
        column.addWidget(self._rates)

    def show_sizes(self, sizes: Mapping[tuple[int, int], int]) -> None:
        """Show how many recordings have each (milliseconds, samples a second)."""
        lengths: Counter[int] = Counter()
        rates: Counter[int] = Counter()
        for (milliseconds, rate), count in sizes.items():
            lengths[milliseconds] += count
            rates[rate] += count
        self._lengths.set_bars(_by_length(lengths))
        common = sorted(rate for rate, _count in rates.most_common(_RATES))
        bars = [Bar(str(rate), _thousands(rate), rates[rate], rate_words(rate)) for rate in common]
        if rest := sum(count for rate, count in rates.items() if rate not in common):
            bars.append(Bar("", "…", rest, self.tr("others")))
        self._rates.set_bars(bars)
        for widget in (self._rates, self._rates_title):
            widget.setVisible(len(rates) > 1)  # one rate stands below the dataset's name

    @staticmethod
    def size_words(sizes: Mapping[tuple[int, int], int]) -> str:
        """Return how much sound there is: `14:32 of sound · 8 kHz`."""
        if not sizes:
            return ""
        seconds = sum(milliseconds * count for (milliseconds, _rate), count in sizes.items()) / 1000
        rates = sorted({rate for _milliseconds, rate in sizes})
        low, high = rate_words(rates[0]), rate_words(rates[-1])
        words = _tr("{time} of sound · {rate}")
        rate = low if low == high else _tr("{low} to {high}").format(low=low, high=high)
        return words.format(time=_long(seconds), rate=rate)

    @staticmethod
    def item_words(item: Item) -> str:
        """Return a recording's length and rate."""
        return AudioDatasetView.extent_words(item.width, item.height)

    @staticmethod
    def extent_words(width: int, height: int) -> str:
        """Return milliseconds and samples a second in words: `0:02.4 · 8 kHz`."""
        return f"{_long(width / 1000)} · {rate_words(height)}"

    @staticmethod
    def note_words(note: str) -> str:
        """Return what a note of the importer means."""
        words = {
            "clipped": _tr("Clipped"),
            "noisy": _tr("Noisy"),
            "quiet": _tr("Very quiet"),
            "short": _tr("Very short"),
            "long": _tr("Long"),
            "offset": _tr("Not around zero"),
            "two-levels": _tr("Two levels alone"),
            "8-bit": _tr("Eight bits"),
            "same-sides": _tr("Left is right"),
            "cut-off": _tr("Cut off"),
            "header": _tr("Wrong header"),
            "repaired": _tr("Was no number"),
            "mixed-down": _tr("More than two channels"),
            "scaled": _tr("Beyond full scale"),
        }
        return words.get(note) or note.replace("-", " ").capitalize()


def rate_words(rate: int) -> str:
    """Return a sample rate as people write it: `44.1 kHz`."""
    return f"{rate / 1000:.4g} kHz" if rate >= 1000 else f"{rate} Hz"


def _thousands(rate: int) -> str:
    return f"{rate / 1000:.4g}k" if rate >= 1000 else f"{rate}"


def _long(seconds: float) -> str:
    """Return a length; of short ones with hundredths."""
    if seconds < 10:
        return _tr("{seconds} s").format(seconds=f"{seconds:.2f}")
    return time_words(seconds, 0.1) if seconds < 60 else clock(seconds)


def _short(milliseconds: int) -> str:
    """Return a length for below a bar: `0.5s`, `2s`, `5m`."""
    if milliseconds >= 60_000:
        return f"{milliseconds // 60_000}m"
    return f"{milliseconds / 1000:g}s"


def _by_length(lengths: Mapping[int, int]) -> list[Bar]:
    """Return bars from edge to edge, from the first to the last one that holds something."""
    bars: list[Bar] = []
    for place, low in enumerate((0, *_LENGTHS)):
        high = _LENGTHS[place] if place < len(_LENGTHS) else None
        count = sum(
            number
            for length, number in lengths.items()
            if length >= low and (high is None or length < high)
        )
        if high is None:
            text = _tr("{low} and more").format(low=_long(low / 1000))
        else:
            text = _tr("{low} to {high}").format(low=_long(low / 1000), high=_long(high / 1000))
        bars.append(Bar(str(low), _short(low), count, text))
    filled = [place for place, bar in enumerate(bars) if bar.number]
    return bars[filled[0] : filled[-1] + 1] if filled else []


def _tr(text: str) -> str:
    return QCoreApplication.translate("AudioDatasetView", text)
