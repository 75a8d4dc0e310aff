"""The files that an import did not take: each with the reason and what to do about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Slot
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHeaderView,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from studio.core.items import Reject
from studio.ui.theme import GAP_CARDS, MARGIN_PAGE
from studio.ui.widgets.chips import ChipChoice, ChipRow
from studio.ui.widgets.labels import label

Index = QModelIndex | QPersistentModelIndex


class RejectsDialog(QDialog):
    """A table of files, filtered by reason."""

    def __init__(self, rejects: Sequence[Reject], parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Files that were not taken"))
        self.resize(860, 520)
        self._rejects = rejects
        self._model = _Model()
        counts = Counter(reject.reason for reject in rejects)
        reasons = ChipRow(self.tr("Reasons"))
        reasons.set_choices(
            [ChipChoice("", self.tr("All"), len(rejects))]
            + [
                ChipChoice(reason, reason.replace("-", " ").capitalize(), count)
                for reason, count in counts.most_common()
            ]
        )
        reasons.chosen.connect(self._on_reason)
        table = QTableView()
        table.setAccessibleName(self.windowTitle())
        table.setModel(self._model)
        table.setShowGrid(False)
        table.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        table.setAlternatingRowColors(True)
        table.verticalHeader().setVisible(False)
        header = table.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self._on_reason("")
        close = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        close.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN_PAGE, MARGIN_PAGE, MARGIN_PAGE, MARGIN_PAGE)
        column.setSpacing(GAP_CARDS)
        column.addWidget(label(self.windowTitle(), "title"))
        column.addWidget(reasons)
        column.addWidget(table, 1)
        column.addWidget(close)

    @Slot(object)
    def _on_reason(self, reason: str) -> None:
        self._model.show_rows([r for r in self._rejects if not reason or r.reason == reason])


class _Model(QAbstractTableModel):
    """File, what is wrong, what to do."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: list[Reject] = []

    def show_rows(self, rows: list[Reject]) -> None:
        self.beginResetModel()
        self._rows = rows
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else 3

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return None
        reject = self._rows[index.row()]
        return (reject.name, reject.message, reject.suggestion)[index.column()]

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return (self.tr("File"), self.tr("What is wrong"), self.tr("What to do"))[section]
        return None
