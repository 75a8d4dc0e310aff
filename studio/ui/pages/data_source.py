"""The items of a dataset as a grid shows them: ids alone, rows and pictures when in sight."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path

from studio.core.blobs import BlobReader
from studio.core.datasets import ITEMS_PACK, THUMBNAILS_PACK, DatasetTable
from studio.core.items import Item
from studio.data.modality import ModalityData
from studio.data.stored import Stored, stored_at
from studio.ui.widgets.grid_source import GridSource

_ROWS = 32  # read at once: about three lines of pictures
_CHUNKS = 128  # kept


class ItemSource(GridSource):
    """Items by their place in a list of ids; reads rows in chunks and pictures from the packs.

    Attributes:
        ids: What is shown, in order.
    """

    def __init__(
        self, data: ModalityData, table: DatasetTable, folder: Path, ids: Sequence[int]
    ) -> None:
        """Show items of one dataset.

        Args:
            data: Of what kind they are.
            table: Where their rows are.
            folder: Of the dataset, with its packs.
        """
        self.ids = ids
        self._data = data
        self._table = table
        self._thumbnails = BlobReader(folder / THUMBNAILS_PACK)
        self._items = BlobReader(folder / ITEMS_PACK)
        self._chunks: OrderedDict[int, dict[int, Item]] = OrderedDict()

    def item(self, index: int) -> Item | None:
        """Return the item at a place; None when it has gone since."""
        number = index // _ROWS
        chunk = self._chunks.get(number)
        if chunk is None:
            rows = self._table.items(self.ids[number * _ROWS : (number + 1) * _ROWS])
            chunk = {item.id: item for item in rows}
            self._chunks[number] = chunk
            if len(self._chunks) > _CHUNKS:
                self._chunks.popitem(last=False)
        else:
            self._chunks.move_to_end(number)
        return chunk.get(self.ids[index])

    def stored(self, item: Item) -> Stored:
        """Return an item as the dataset keeps it; empty when the pack does not hold it."""
        try:
            return stored_at(self._items, item.item, self._data)
        except ValueError:
            return b""

    def show_again(self, ids: Sequence[int]) -> None:
        """Show these ids and read their rows again: items were edited, or others came."""
        self.ids = ids
        self._chunks.clear()

    def close(self) -> None:
        """Release the packs."""
        self._thumbnails.close()
        self._items.close()

    def count(self) -> int:
        """Return how many items there are."""
        return len(self.ids)

    def key(self, index: int) -> int:
        """Return an item's id."""
        return self.ids[index]

    def thumbnail(self, index: int) -> bytes:
        """Return an item's picture: the thumbnail, or the stored file where that is small."""
        item = self.item(index)
        if item is None:
            return b""
        if item.thumb.length:
            return self._thumbnails.get(item.thumb)
        stored = self.stored(item)
        return stored if isinstance(stored, bytes) else b""

    def caption(self, index: int) -> str:
        """Return an item's name with its label."""
        item = self.item(index)
        if item is None:
            return ""
        return f"{item.name}, {item.label}" if item.label else item.name

    def badge(self, index: int) -> str:
        """Return a sign for what was left out, so that it is not told by paleness alone."""
        return "⊘" if self.dimmed(index) else ""

    def dimmed(self, index: int) -> bool:
        """Return whether an item was left out."""
        item = self.item(index)
        return item is not None and item.excluded
