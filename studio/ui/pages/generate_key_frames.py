"""The key-frames of a path, as small pictures in their order."""

from __future__ import annotations

import math
from collections.abc import Sequence
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

from studio.core.exploration import KeyFrame
from studio.core.places import place_of
from studio.data.image.files import read_recipe
from studio.ui.icons import pixmap
from studio.ui.model_files import dropped_files
from studio.ui.pages.explore_state import packed, unpacked
from studio.ui.theme import ui_font
from studio.ui.words import place_words

_THUMB = 48
_DICE = 24
_CELL = QSize(_THUMB + 14, _THUMB + 22)
_MOST_ROWS = 2  # in sight at once; more are scrolled to


class KeyFrameList(QListWidget):
    """Key-frames in the order in which a path goes through them; dragging moves them.

    Signals:
        changed: The key-frames that there are to be now, and what was done to them.
        dropped: Files that were dropped.
    """

    changed = Signal(object, str)
    dropped = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._frames: tuple[KeyFrame, ...] = ()
        self.setAccessibleName(self.tr("Key-frames of the path"))
        self.setToolTip(
            self.tr(
                "Drag results here. Drag to move, or use Alt and the arrows. Delete takes one away."
            )
        )
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setIconSize(QSize(_THUMB, _THUMB))
        self.setGridSize(_CELL)
        self.setFont(ui_font(11))
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setMovement(QListView.Movement.Snap)
        self.setWordWrap(False)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setSelectionMode(QListWidget.SelectionMode.ExtendedSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setDragDropMode(QListWidget.DragDropMode.DragDrop)
        self.setDefaultDropAction(Qt.DropAction.MoveAction)
        for keys, act in (
            (QKeySequence(QKeySequence.StandardKey.Delete), self.remove_chosen),
            (QKeySequence("Alt+Left"), lambda: self._shift(-1)),
            (QKeySequence("Alt+Right"), lambda: self._shift(1)),
        ):
            shortcut = QShortcut(keys, self)
            shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
            shortcut.activated.connect(act)

    def frames(self) -> tuple[KeyFrame, ...]:
        """Return the key-frames, in order."""
        return self._frames

    def set_frames(self, frames: Sequence[KeyFrame]) -> None:
        """Show these key-frames; those at chosen places stay chosen."""
        chosen, current = self.rows(), self.currentRow()
        self._frames = tuple(frames)
        blocked = self.blockSignals(True)
        self.clear()
        for frame in frames:
            self.addItem(self._item(frame))
        for row in chosen:
            if row < self.count():
                self.item(row).setSelected(True)
        self.blockSignals(blocked)
        self._current(current)
        self._fit()
        self.itemSelectionChanged.emit()

    def rows(self) -> list[int]:
        """Return which are chosen, by their places."""
        return sorted(index.row() for index in self.selectedIndexes())

    @Slot()
    def remove_chosen(self) -> None:
        """Take the chosen ones away."""
        rows = self.rows()
        if rows:
            left = tuple(frame for row, frame in enumerate(self._frames) if row not in rows)
            self.clearSelection()
            self.changed.emit(left, self.tr("removing a key-frame"))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Wrap anew."""
        super().resizeEvent(event)
        self._fit()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Accept results, and own key-frames to move them."""
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
        """Move a key-frame, or hand over files.

        In icon mode Qt's own move changes positions on the screen, not the order.
        """
        if event.source() is not self:
            self.dropped.emit(dropped_files(event.mimeData()))
            event.acceptProposedAction()
            return
        target = self.indexAt(event.position().toPoint())
        row = target.row() if target.isValid() else self.count() - 1
        event.setDropAction(Qt.DropAction.IgnoreAction)  # nothing is left to remove at the source
        event.accept()
        self._move(self.currentRow(), row)

    def _item(self, frame: KeyFrame) -> QListWidgetItem:
        words = place_words(frame.place)
        shown = words if frame.frames is None else f"{words} · {frame.frames}"
        picture = unpacked(frame.picture) if frame.picture else QPixmap()
        item = QListWidgetItem(QIcon(self._dice() if picture.isNull() else _grown(picture)), shown)
        whole = self.tr("Place {words}").format(words=words)
        if frame.frames is not None:
            whole += self.tr(", {count} frames to the next").format(count=frame.frames)
        item.setData(Qt.ItemDataRole.AccessibleTextRole, whole)
        item.setToolTip(whole)
        return item

    def _shift(self, way: int) -> None:
        """Move the one with the keyboard on by one."""
        row = self.currentRow()
        if 0 <= row < self.count() and 0 <= row + way < self.count():
            self._move(row, row + way)

    def _move(self, row: int, to: int) -> None:
        if row == to or row < 0:
            return
        frames = list(self._frames)
        frames.insert(to, frames.pop(row))
        self.changed.emit(tuple(frames), self.tr("moving a key-frame"))
        self._current(to)

    def _current(self, row: int) -> None:
        if 0 <= row < self.count():
            self.setCurrentItem(self.item(row))

    @Slot()
    def _fit(self) -> None:
        """Take the height of one row of key-frames or two."""
        columns = max(1, self.viewport().width() // _CELL.width())
        rows = min(_MOST_ROWS, max(1, math.ceil(self.count() / columns)))
        self.setFixedHeight(rows * _CELL.height() + 4)

    def _dice(self) -> QPixmap:
        """Return what stands for a place whose picture was not made yet."""
        ratio = self.devicePixelRatioF()
        room = QPixmap(round(_THUMB * ratio), round(_THUMB * ratio))
        room.setDevicePixelRatio(ratio)
        room.fill(Qt.GlobalColor.transparent)
        painter = QPainter(room)
        corner = (_THUMB - _DICE) // 2
        painter.drawPixmap(corner, corner, pixmap("dice", _DICE, "faint", ratio))
        painter.end()
        return room


def frames_in(files: Sequence[Path]) -> list[KeyFrame]:
    """Return the places of pictures that the studio made; others are left out."""
    places = [(place_of(read_recipe(file) or {}), file) for file in files]
    return [
        KeyFrame(place=place, picture=packed(QPixmap(str(file))))
        for place, file in places
        if place is not None
    ]


def _grown(picture: QPixmap) -> QPixmap:
    """Return a small picture at the size of a cell: icons are never enlarged by themselves."""
    return picture.scaled(
        2 * _THUMB,
        2 * _THUMB,
        Qt.AspectRatioMode.KeepAspectRatio,
        Qt.TransformationMode.SmoothTransformation,
    )
