"""The newest batch of pieces as small rolls."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize
from PySide6.QtGui import QPixmap

from studio.ui.asset_source import AssetSource
from studio.ui.pages.generate_batch import BatchList, Small
from studio.ui.pages.generate_music_draft import Draft
from studio.ui.pages.generate_music_shelf import Shelf
from studio.ui.views.music_small import small_roll


class TuneList(BatchList):
    """Pieces as they are edited.

    Attributes:
        position_of: Returns where a piece's playhead is, None for nowhere.
    """

    def __init__(self, source: AssetSource, shelf: Shelf) -> None:
        super().__init__(source)
        self._shelf = shelf
        self.position_of: Callable[[Draft], float | None] = lambda _draft: None
        shelf.loaded.connect(lambda _asset: self.viewport().update())

    def name_of(self, row: int) -> str:
        """Return what a row is called."""
        return self.tr("Tune {number}").format(number=row + 1)

    def draft(self, row: int) -> Draft | None:
        """Return the piece of a row, once it is read."""
        asset = self._source.asset(row)
        return self._shelf.want(asset, self.name_of(row)) if asset is not None else None

    def small(self, row: int) -> Small | None:
        """Return what a row shows."""
        draft = self.draft(row)
        if draft is None:
            return None
        table = draft.state.table
        key = (draft.asset.id, id(table))
        return Small(key, table.seconds, self.position_of(draft))

    def draw_small(self, row: int, size: QSize, ratio: float) -> QPixmap:
        """Return the roll of a row."""
        draft = self.draft(row)
        assert draft is not None, "only rows that are read are drawn"
        return small_roll(draft.state.table, size, ratio)
