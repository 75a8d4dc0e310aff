"""What the Data page says of pieces: length, notes, keys, tempos, instruments."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import ClassVar

from PySide6.QtCore import QCoreApplication, Slot
from PySide6.QtWidgets import QVBoxLayout

from studio.core.items import Item
from studio.ui.side_work import slow_work
from studio.ui.views.base import DatasetView
from studio.ui.views.music_survey import Survey, survey
from studio.ui.views.transport import clock
from studio.ui.widgets.bars import Bar, BarChart
from studio.ui.widgets.cards import Fact
from studio.ui.widgets.labels import label
from studio.ui.words import amount

_HEIGHT = 60  # pixels of a chart
_KEYS = 8  # commonest keys that have a bar
_LENGTHS = (10, 20, 40, 60, 120, 180, 300, 600, 3600)  # seconds
_NOTES = (10, 30, 100, 200, 300, 500, 1000, 2000, 5000, 20_000, 100_000)


class MusicDatasetView(DatasetView):
    """Pieces by length and by number of notes; read from the pieces: keys, tempos, instruments."""

    cell: ClassVar[int] = 104

    def __init__(self) -> None:
        super().__init__()
        self._ticket = 0
        self._read: tuple[Path, str, Mapping[tuple[int, int], int]] | None = None
        self._sizes: Mapping[tuple[int, int], int] = {}
        self._lengths = BarChart(self.tr("Pieces by their length"), _HEIGHT)
        self._notes = BarChart(self.tr("Pieces by their number of notes"), _HEIGHT)
        self._keys = BarChart(self.tr("Pieces by key"), _HEIGHT)
        self._keys_title = label(self.tr("Key"), "caption")
        self._facts: dict[str, Fact] = {
            "tempo": Fact(self.tr("Tempo")),
            "metre": Fact(self.tr("Metre")),
            "instruments": Fact(self.tr("Instruments")),
            "polyphony": Fact(self.tr("Notes at once")),
        }
        self._facts["polyphony"].setToolTip(
            self.tr("How many notes sound at a time, on average (polyphony)")
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(label(self.tr("Length"), "caption"))
        column.addWidget(self._lengths)
        column.addWidget(label(self.tr("Notes"), "caption"))
        column.addWidget(self._notes)
        for widget in (self._keys_title, self._keys, *self._facts.values()):
            column.addWidget(widget)
        slow_work().done.connect(self._on_surveyed)
        self._show_survey(None)

    def show_sizes(self, sizes: Mapping[tuple[int, int], int]) -> None:
        """Show how many pieces have each (seconds, notes)."""
        self._sizes = sizes
        lengths: Counter[int] = Counter()
        notes: Counter[int] = Counter()
        for (seconds, count), pieces in sizes.items():
            lengths[seconds] += pieces
            notes[count] += pieces
        self._lengths.set_bars(_binned(lengths, _LENGTHS, clock, _short_time))
        self._notes.set_bars(_binned(notes, _NOTES, amount, _short_count))

    def look_into(self, project: Path, dataset_id: str) -> None:
        """Read the pieces of a dataset in the background, unless they were read just now."""
        wanted = (project, dataset_id, self._sizes)
        if wanted != self._read:
            self._read = wanted
            self._ticket = slow_work().ask(partial(survey, project, dataset_id), self._ticket)

    @staticmethod
    def size_words(sizes: Mapping[tuple[int, int], int]) -> str:
        """Return how much music there is: `9 h 12 min · 221 k notes`."""
        if not sizes:
            return ""
        seconds = sum(length * count for (length, _notes), count in sizes.items())
        notes = sum(number * count for (_length, number), count in sizes.items())
        words = _tr("{time} of music · {notes} notes")
        return words.format(time=clock(seconds), notes=amount(notes))

    @staticmethod
    def item_words(item: Item) -> str:
        """Return a piece's length and notes."""
        return MusicDatasetView.extent_words(item.width, item.height)

    @staticmethod
    def extent_words(width: int, height: int) -> str:
        """Return seconds and notes in words: `1:06 · 379 notes`."""
        notes = _tr("1 note") if height == 1 else _tr("{count} notes")
        return f"{clock(width)} · {notes.format(count=f'{height:,}')}"

    @staticmethod
    def note_words(note: str) -> str:
        """Return what a note of the importer means."""
        words = {
            "drums": _tr("With drums"),
            "drums-only": _tr("Drums alone"),
            "short": _tr("Short"),
            "low": _tr("Very low notes"),
            "high": _tr("Very high notes"),
            "rmid": _tr("From RMID"),
            "smpte": _tr("Times in seconds"),
            "long": _tr("Long"),
            "tempo-changes": _tr("Changing tempo"),
            "metre-changes": _tr("Changing metre"),
        }
        return words.get(note) or note.replace("-", " ").capitalize()

    @Slot(int, object)
    def _on_surveyed(self, ticket: int, result: object) -> None:
        if ticket == self._ticket:
            self._show_survey(result if isinstance(result, Survey) else None)

    def _show_survey(self, found: Survey | None) -> None:
        there = found is not None and found.pieces > 0
        for widget in (self._keys, self._keys_title, *self._facts.values()):
            widget.setVisible(there)
        if found is None or not there:
            return
        common = found.keys.most_common()
        bars = [Bar(key, _key_words(key), count, key) for key, count in common[:_KEYS]]
        if rest := sum(count for _key, count in common[_KEYS:]):
            bars.append(Bar("", "…", rest, self.tr("others")))
        self._keys.set_bars(bars)
        low, middle, high = found.tempos
        words = self.tr("{middle}") if low == high else self.tr("{low} to {high}, mostly {middle}")
        self._facts["tempo"].set_value(words.format(low=low, middle=middle, high=high))
        self._facts["metre"].set_value(_commonest(found.metres, found.pieces))
        self._facts["instruments"].set_value(_commonest(found.instruments, found.pieces))
        self._facts["polyphony"].set_value(f"{found.polyphony:.1f}")


def _binned(
    counts: Mapping[int, int],
    edges: tuple[int, ...],
    words: Callable[[int], str],
    short: Callable[[int], str],
) -> list[Bar]:
    """Return bars from edge to edge, from the first to the last one that holds something."""
    bars: list[Bar] = []
    for place, low in enumerate((0, *edges)):
        high = edges[place] if place < len(edges) else None
        count = sum(
            pieces
            for number, pieces in counts.items()
            if number >= low and (high is None or number < high)
        )
        if high is None:
            text = _tr("{low} and more").format(low=words(low))
        else:
            text = _tr("{low} to {high}").format(low=words(low), high=words(high))
        bars.append(Bar(str(low), short(low), count, text))
    filled = [place for place, bar in enumerate(bars) if bar.number]
    return bars[filled[0] : filled[-1] + 1] if filled else []


def _short_time(seconds: int) -> str:
    """Return a length for below a bar: `40s`, `2m`, `1h`."""
    for whole, sign in ((3600, "h"), (60, "m")):
        if seconds >= whole:
            return f"{seconds // whole}{sign}"
    return f"{seconds}s"


def _short_count(count: int) -> str:
    return f"{count // 1000}k" if count >= 1000 else str(count)


def _key_words(key: str) -> str:
    """Return a key as charts write it: `D`, and `Dm` for D minor."""
    tonic, _space, mode = key.partition(" ")
    return tonic + ("m" if mode == "minor" else "")


def _commonest(counts: Counter[str], pieces: int) -> str:
    named = [f"{name} {count / pieces:.0%}" for name, count in counts.most_common(3)]
    return ", ".join(named)


def _tr(text: str) -> str:
    return QCoreApplication.translate("MusicDatasetView", text)
