"""The rows of a VirtualGrid: as many as its source has things."""

from __future__ import annotations

from collections.abc import Hashable

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QStringListModel, Qt

from studio.ui.widgets.grid_source import EmptySource, GridSource


class GridModel(QStringListModel):
    """As many rows as the source has things; the layout asks it a lot, so it counts in C++.

    Only the text is Python's: screen readers and tooltips ask for it.

    Attributes:
        source: What is shown.
        keys: The keys of its things when it was last shown.
    """

    def __init__(self) -> None:
        super().__init__()
        self.source: GridSource = EmptySource()
        self.keys: list[Hashable] = []

    def show_source(self, source: GridSource) -> None:
        """Have as many rows as there are things now."""
        self.source = source
        # as they are now: once the source has changed, it no longer knows what was chosen
        self.keys = source.all_keys()
        self.setStringList([""] * len(self.keys))

    def data(
        self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        """Return a thing's words; the grid itself draws its picture."""
        if role in (
            Qt.ItemDataRole.DisplayRole,
            Qt.ItemDataRole.AccessibleTextRole,
            Qt.ItemDataRole.ToolTipRole,
        ):
            words = (self.source.caption(index.row()), self.source.badge(index.row()))
            return " ".join(word for word in words if word)
        return None
