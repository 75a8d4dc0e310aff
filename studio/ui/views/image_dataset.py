"""What the Data page says of pictures: their sizes and shapes, and what was done to them."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QGridLayout

from studio.core.items import Item
from studio.ui.views.base import DatasetView
from studio.ui.widgets.bars import Bar, BarChart
from studio.ui.widgets.labels import label

_ASPECT = 1.2  # width to height from which on a picture counts as wide
_BINS = 5


class ImageDatasetView(DatasetView):
    """Pictures by the length of their shorter side, and by their shape."""

    def __init__(self) -> None:
        super().__init__()
        self._sizes_title = label("", "caption")
        self._sizes = BarChart(self.tr("Pictures by their shorter side in pixels"), 60)
        self._shapes_title = label(self.tr("Shape"), "caption")
        self._shapes = BarChart(self.tr("Pictures by shape"), 60)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(2)
        for column, widgets in enumerate(
            ((self._sizes_title, self._sizes), (self._shapes_title, self._shapes))
        ):
            for row, widget in enumerate(widgets):
                grid.addWidget(widget, row, column)

    def show_sizes(self, sizes: Mapping[tuple[int, int], int]) -> None:
        """Show how many pictures have each (width, height) in pixels."""
        sides: dict[int, int] = {}
        for (width, height), count in sizes.items():
            side = min(width, height)
            sides[side] = sides.get(side, 0) + count
        self._sizes.set_bars(_binned(sides))
        self._sizes.setVisible(len(sides) > 1)
        if len(sizes) == 1:
            words = self.tr("All {size} pixels").format(size=self.size_words(sizes))
        else:
            words = self.tr("Shorter side in pixels")
        self._sizes_title.setText(words)
        shapes = self._shape_bars(sizes)
        mixed = len([bar for bar in shapes if bar.number]) > 1
        self._shapes.set_bars(shapes)
        self._shapes.setVisible(mixed)
        self._shapes_title.setVisible(mixed)
        self._sizes_title.setVisible(bool(sizes))

    @staticmethod
    def size_words(sizes: Mapping[tuple[int, int], int]) -> str:
        """Return what sizes there are: `28 × 28`, `120 to 640 pixels`."""
        if len(sizes) == 1:
            width, height = next(iter(sizes))
            return f"{width} × {height}"
        sides = [min(size) for size in sizes]
        if not sides:
            return ""
        if min(sides) == max(sides):
            return _tr("{side} pixels and more").format(side=min(sides))
        return _tr("{low} to {high} pixels").format(low=min(sides), high=max(sides))

    @staticmethod
    def item_words(item: Item) -> str:
        """Return a picture's width and height."""
        return f"{item.width} × {item.height}"

    @staticmethod
    def note_words(note: str) -> str:
        """Return what a note of the importer means."""
        words = {
            "grey": _tr("Grey"),
            "cmyk": _tr("Print colours"),
            "palette": _tr("Palette"),
            "transparent": _tr("Transparent"),
            "16-bit": _tr("16 bits"),
            "rotated": _tr("Turned upright"),
            "animated": _tr("First frame"),
            "reduced": _tr("Made smaller"),
        }
        return words.get(note, note.capitalize())

    def _shape_bars(self, sizes: Mapping[tuple[int, int], int]) -> list[Bar]:
        counts = {"tall": 0, "square": 0, "wide": 0}
        for (width, height), count in sizes.items():
            aspect = width / max(1, height)
            shape = "wide" if aspect > _ASPECT else "tall" if aspect < 1 / _ASPECT else "square"
            counts[shape] += count
        words = {
            "tall": self.tr("tall"),
            "square": self.tr("square"),
            "wide": self.tr("wide"),
        }
        return [Bar(shape, words[shape], count) for shape, count in counts.items()]


def _binned(sides: Mapping[int, int]) -> list[Bar]:
    """Return bars of lengths: one per length where these are few, else in equal steps."""
    if len(sides) <= _BINS:
        return [Bar(str(side), str(side), sides[side]) for side in sorted(sides)]
    low, high = min(sides), max(sides)
    step = max(1, -(-(high - low + 1) // _BINS))
    bars = []
    for start in range(low, high + 1, step):
        count = sum(number for side, number in sides.items() if start <= side < start + step)
        tip = f"{start}–{start + step - 1}"
        bars.append(Bar(str(start), str(start), count, tip))
    return bars


def _tr(text: str) -> str:
    return QCoreApplication.translate("ImageDatasetView", text)
