"""A small table to read: no grid, no choice, nothing to edit."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget


class FactsTable(QTableWidget):
    """Rows of words under headings; as high as its rows, or as the first few of them."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setShowGrid(False)
        self.verticalHeader().hide()
        header = self.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)

    def set_headings(self, headings: Sequence[str]) -> None:
        """Set how many columns there are, and what stands above them."""
        self.setColumnCount(len(headings))
        self.setHorizontalHeaderLabels(list(headings))

    def fit(self, most_rows: int | None = None) -> None:
        """Become as high as all rows, or as so many; the others are then scrolled to."""
        rows = self.rowCount() if most_rows is None else min(most_rows, self.rowCount())
        self.setFixedHeight(
            self.rowHeight(0) * rows + self.horizontalHeader().sizeHint().height() + 4
        )
