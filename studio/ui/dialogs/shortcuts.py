"""The list of keyboard shortcuts, to search in."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QHeaderView,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from studio.ui.widgets.inputs import SearchField


class ShortcutsDialog(QDialog):
    """Every action with its keys; typing narrows the list, Enter does the chosen one."""

    def __init__(self, actions: Sequence[QAction], parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Keyboard shortcuts"))
        self.resize(480, 520)
        self._search = SearchField(self.tr("Search actions and keys"))
        self._list = QTreeWidget()
        self._list.setHeaderLabels([self.tr("Action"), self.tr("Keys")])
        self._list.setRootIsDecorated(False)
        self._list.setUniformRowHeights(True)
        self._list.setAccessibleName(self.tr("Actions"))
        self._list.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self._list.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self._list.header().setStretchLastSection(False)
        for action in actions:
            row = QTreeWidgetItem([action.text().replace("&", ""), _keys(action)])
            row.setData(0, Qt.ItemDataRole.UserRole, action)
            self._list.addTopLevelItem(row)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(10)
        column.addWidget(self._search)
        column.addWidget(self._list, 1)
        self._search.textChanged.connect(self._narrow)
        self._search.returnPressed.connect(self._do_first)
        self._list.itemActivated.connect(self._do)
        self._search.setFocus()

    @Slot(str)
    def _narrow(self, text: str) -> None:
        words = text.lower().split()
        for place in range(self._list.topLevelItemCount()):
            row = self._list.topLevelItem(place)
            if row is not None:
                shown = f"{row.text(0)} {row.text(1)}".lower()
                row.setHidden(not all(word in shown for word in words))

    @Slot()
    def _do_first(self) -> None:
        for place in range(self._list.topLevelItemCount()):
            row = self._list.topLevelItem(place)
            if row is not None and not row.isHidden():
                self._do(row)
                return

    def _do(self, row: QTreeWidgetItem) -> None:
        action = row.data(0, Qt.ItemDataRole.UserRole)
        self.accept()
        if isinstance(action, QAction):
            action.trigger()


def _keys(action: QAction) -> str:
    # the first is the one that people know; the others are the platform's old spellings
    return action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
