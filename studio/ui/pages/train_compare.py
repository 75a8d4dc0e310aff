"""How compared runs differ in their settings, as a small table."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem

from studio.core.recipe import RunRecipe
from studio.ui.pages.train_recipes import differences

_MOST_ROWS = 5


class DifferencesTable(QTableWidget):
    """One row per setting that differs, one column per run; hidden for a single run."""

    def __init__(self, most_rows: int = _MOST_ROWS) -> None:
        """Show at most so many rows at once; the others are scrolled to."""
        super().__init__()
        self._most_rows = most_rows
        self.setAccessibleName(self.tr("Settings that differ"))
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setShowGrid(False)
        self.verticalHeader().hide()
        self.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft)
        self.hide()

    def show_recipes(self, recipes: list[RunRecipe]) -> None:
        """Show how these recipes differ, the first one at the left."""
        self.setVisible(len(recipes) > 1)
        if len(recipes) < 2:
            return
        rows = differences(recipes)
        names = [recipe.name for recipe in recipes]
        self.setColumnCount(1 + len(recipes))
        self.setHorizontalHeaderLabels([self.tr("Setting"), *names])
        self.setRowCount(len(rows) or 1)
        for place, (title, values) in enumerate(rows):
            for column, words in enumerate((title, *values)):
                self.setItem(place, column, QTableWidgetItem(words))
        if not rows:
            self.setItem(0, 0, QTableWidgetItem(self.tr("The settings are the same")))
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        height = self.rowHeight(0) * min(self._most_rows, self.rowCount())
        self.setFixedHeight(height + header.sizeHint().height() + 4)
