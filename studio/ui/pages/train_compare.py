"""How compared runs differ in their settings, as a small table."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QTableWidgetItem

from studio.core.recipe import RunRecipe
from studio.ui.pages.train_recipes import differences
from studio.ui.widgets.table import FactsTable


class DifferencesTable(FactsTable):
    """One row per setting that differs, one column per run; hidden for a single run.

    Args:
        most_rows: Rows in sight at most; None for all.
    """

    def __init__(self, most_rows: int | None = None) -> None:
        super().__init__(QCoreApplication.translate("DifferencesTable", "Settings that differ"))
        self._most_rows = most_rows
        self.hide()

    def show_recipes(self, recipes: list[RunRecipe]) -> None:
        """Show how these recipes differ, the first one at the left."""
        self.setVisible(len(recipes) > 1)
        if len(recipes) < 2:
            return
        rows = differences(recipes)
        self.set_headings([self.tr("Setting"), *(recipe.name for recipe in recipes)])
        self.setRowCount(len(rows) or 1)
        for place, (title, values) in enumerate(rows):
            for column, words in enumerate((title, *values)):
                self.setItem(place, column, QTableWidgetItem(words))
        if not rows:
            self.setItem(0, 0, QTableWidgetItem(self.tr("The settings are the same")))
        self.fit(self._most_rows)
