"""What a modality brings to the window: a view of one medium, and what to say of a dataset."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from PySide6.QtWidgets import QWidget

from studio.core.items import Item
from studio.data.stored import Stored


class MediaView(QWidget):
    """A widget that shows one medium at a time."""

    def show_media(self, path: Path) -> None:
        """Show a file; what cannot be read is said in its place."""
        raise NotImplementedError

    def clear(self) -> None:
        """Show nothing."""
        raise NotImplementedError

    def show_item(self, stored: Stored, name: str) -> None:
        """Show an item as its dataset keeps it; the Data page opens items with it."""
        raise NotImplementedError


class DatasetView(QWidget):
    """What the Data page shows of a dataset beside its items and labels; this one shows nothing.

    A modality whose items have sizes that people ask for extends it.

    Attributes:
        cell: Smallest width of an item in the grid, in logical pixels.
    """

    cell: ClassVar[int] = 66

    def show_sizes(self, sizes: Mapping[tuple[int, int], int]) -> None:
        """Show how many items have each (width, height), in the modality's own units."""

    def look_into(self, project: Path, dataset_id: str) -> None:
        """Read the items themselves, in the background, for what their sizes do not tell."""

    @staticmethod
    def size_words(sizes: Mapping[tuple[int, int], int]) -> str:
        """Return what sizes there are, for the line below a dataset's name."""
        return ""

    @staticmethod
    def item_words(item: Item) -> str:
        """Return what is said of one item beside its name and label."""
        return ""

    @staticmethod
    def extent_words(width: int, height: int) -> str:
        """Return how large one medium is, from the two numbers that it is listed with."""
        return f"{width} × {height}"

    @staticmethod
    def note_words(note: str) -> str:
        """Return what a note of the importer means, such as `grey`."""
        return note.replace("-", " ").replace("=", ": ").capitalize()
