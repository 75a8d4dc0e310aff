"""The places of a path between seeds, as small pictures in their order."""

from __future__ import annotations

import math
from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragMoveEvent,
    QDropEvent,
    QIcon,
    QKeySequence,
    QPainter,
    QPixmap,
    QResizeEvent,
    QShortcut,
)
from PySide6.QtWidgets import QListView, QListWidget, QListWidgetItem

from studio.data.picture_files import read_recipe
from studio.ui.icons import pixmap
from studio.ui.model_files import dropped_files
from studio.ui.theme import ui_font

_THUMB = 48
_DICE = 24
_CELL = QSize(_THUMB + 14, _THUMB + 22)
_MOST_ROWS = 2  # in sight at once; more are scrolled to
_SEED = Qt.ItemDataRole.UserRole


class PlaceList(QListWidget):
    """Seeds in the order in which a path goes through them; dragging moves them.

    Signals:
        changed: There are others than before, or in another order.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(self.tr("Seeds on the path"))
        self.setToolTip(self.tr("Drag results here. Drag to move, Delete takes one away."))
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setIconSize(QSize(_THUMB, _THUMB))
        self.setGridSize(_CELL)
        self.setFont(ui_font(11))
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setMovement(QListView.Movement.Snap)
        self.setWordWrap(False)
        self.setSelectionMode(QListWidget.SelectionMode.ExtendedSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setDragDropMode(QListWidget.DragDropMode.DragDrop)
        self.setDefaultDropAction(Qt.DropAction.MoveAction)
        remove = QShortcut(QKeySequence.StandardKey.Delete, self)
        remove.setContext(Qt.ShortcutContext.WidgetShortcut)
        remove.activated.connect(self.remove_chosen)
        self.changed.connect(self._fit)

    def seeds(self) -> list[int]:
        """Return the seeds, in order."""
        return [int(self.item(row).data(_SEED)) for row in range(self.count())]

    def add_seed(self, seed: int, picture: QPixmap | None = None) -> None:
        """Put a seed at the end, with its picture where there is one."""
        if picture is None or picture.isNull():
            picture = self._dice()
        item = QListWidgetItem(QIcon(picture), str(seed))
        item.setData(_SEED, seed)
        item.setData(Qt.ItemDataRole.AccessibleTextRole, self.tr("Seed {seed}").format(seed=seed))
        item.setToolTip(self.tr("Seed {seed}").format(seed=seed))
        self.addItem(item)
        self.changed.emit()

    def set_seeds(self, seeds: list[int]) -> None:
        """Show these seeds instead."""
        self.clear()
        for seed in seeds:
            self.add_seed(seed)
        self.changed.emit()

    @Slot()
    def remove_chosen(self) -> None:
        """Take the chosen ones away."""
        for item in self.selectedItems():
            self.takeItem(self.row(item))
        self.changed.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Wrap anew."""
        super().resizeEvent(event)
        self._fit()

    @Slot()
    def _fit(self) -> None:
        """Take the height of one row of places or two."""
        columns = max(1, self.viewport().width() // _CELL.width())
        rows = min(_MOST_ROWS, max(1, math.ceil(self.count() / columns)))
        self.setFixedHeight(rows * _CELL.height() + 4)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Accept results, and own places to move them."""
        if event.source() is self:
            super().dragEnterEvent(event)
        elif event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """Go on accepting."""
        if event.source() is self:
            super().dragMoveEvent(event)
        else:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Move a place, or take the seeds of pictures that the studio made."""
        if event.source() is self:
            self._move_to(event)
            return
        for path in dropped_files(event.mimeData()):
            self.add_file(path)
        event.acceptProposedAction()

    def add_file(self, path: Path) -> bool:
        """Add the seed that made a picture; tells whether the file says one."""
        recipe = read_recipe(path)
        facts = recipe.get("facts", {}) if recipe is not None else {}
        seed = facts.get("seed") if isinstance(facts, dict) else None
        if not isinstance(seed, int):
            return False
        self.add_seed(seed, QPixmap(str(path)))
        return True

    def _dice(self) -> QPixmap:
        """Return what stands for a seed whose picture was not made yet."""
        ratio = self.devicePixelRatioF()
        room = QPixmap(round(_THUMB * ratio), round(_THUMB * ratio))
        room.setDevicePixelRatio(ratio)
        room.fill(Qt.GlobalColor.transparent)
        painter = QPainter(room)
        corner = (_THUMB - _DICE) // 2
        painter.drawPixmap(corner, corner, pixmap("dice", _DICE, "faint", ratio))
        painter.end()
        return room

    def _move_to(self, event: QDropEvent) -> None:
        """Put the dragged place before the one under the pointer.

        In icon mode Qt's own move changes positions on the screen, not the order.
        """
        target = self.indexAt(event.position().toPoint())
        row = target.row() if target.isValid() else self.count() - 1
        moved = self.takeItem(self.currentRow())
        self.insertItem(row, moved)
        self.setCurrentItem(moved)
        event.setDropAction(Qt.DropAction.IgnoreAction)  # nothing is left to remove at the source
        event.accept()
        self.changed.emit()
