"""A grid whose rows and columns are pictures, and whose cells show what each pair makes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from studio.ui.theme import theme

_GAP = 3.0
_APART = 8.0  # between the pictures that lead rows and columns, and the cells


class MixGrid(QWidget):
    """Cells of pairs; one is chosen by a click or the arrow keys.

    Pictures are numbered: first those that lead the rows, then those that lead the columns, then
    the cells row by row.

    Signals:
        chosen: (row, column) of a cell.
    """

    chosen = Signal(int, int)

    def __init__(self) -> None:
        super().__init__()
        self._rows: tuple[int, ...] = ()
        self._columns: tuple[int, ...] = ()
        self._pictures: Mapping[int, QPixmap] = {}
        self._at: tuple[int, int] | None = None
        self.setMinimumSize(QSize(180, 180))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("Grid of mixtures"))
        theme().changed.connect(self.update)

    def set_seeds(self, rows: Sequence[int], columns: Sequence[int]) -> None:
        """Lead rows and columns by these seeds; nothing is chosen then."""
        if (tuple(rows), tuple(columns)) != (self._rows, self._columns):
            self._rows, self._columns = tuple(rows), tuple(columns)
            self._at = None
            self.update()

    def set_pictures(self, pictures: Mapping[int, QPixmap]) -> None:
        """Show pictures by their numbers."""
        self._pictures = dict(pictures)
        self.update()

    def clear_choice(self) -> None:
        """Choose no cell: something else is shown."""
        self._at = None
        self.update()

    def cell(self, row: int, column: int) -> QRectF:
        """Return where a cell is; row or column -1 are those that lead."""
        across, down = len(self._columns) + 1, len(self._rows) + 1
        side = min((self.width() - _APART) / across, (self.height() - _APART) / down)
        left = (self.width() - _APART - across * side) / 2
        top = (self.height() - _APART - down * side) / 2
        x = left + (column + 1) * side + (_APART if column >= 0 else 0)
        y = top + (row + 1) * side + (_APART if row >= 0 else 0)
        return QRectF(x, y, side - _GAP, side - _GAP)

    def sizeHint(self) -> QSize:
        """Return the usual size."""
        return QSize(300, 300)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the pictures that lead, the cells, and which one is chosen."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        rows, columns = len(self._rows), len(self._columns)
        for row in range(-1, rows):
            for column in range(-1, columns):
                if (row, column) != (-1, -1):
                    self._draw(painter, row, column)
        if self._at is not None:
            box = self.cell(*self._at)
            painter.setPen(QPen(theme().colour("accent"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box.adjusted(-1, -1, 1, 1), 3, 3)
        elif self.hasFocus():
            painter.setPen(QPen(theme().colour("accent"), 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 6, 6)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose a cell."""
        under = self._under(event.position())
        if under is not None and min(under) >= 0:
            self._choose(*under)

    def event(self, event: QEvent) -> bool:
        """Say which seeds a picture is of when the pointer rests on it."""
        if isinstance(event, QHelpEvent) and event.type() is QEvent.Type.ToolTip:
            under = self._under(QPointF(event.pos()))
            if under is None:
                QToolTip.hideText()
            else:
                QToolTip.showText(event.globalPos(), self._words(*under), self)
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Choose with the arrows."""
        ways = {
            Qt.Key.Key_Left: (0, -1),
            Qt.Key.Key_Right: (0, 1),
            Qt.Key.Key_Up: (-1, 0),
            Qt.Key.Key_Down: (1, 0),
        }
        way = ways.get(Qt.Key(event.key()))
        if way is None or not self._rows or not self._columns:
            super().keyPressEvent(event)
            return
        row, column = self._at if self._at is not None else (0, 0)
        if self._at is not None:
            row = min(max(0, row + way[0]), len(self._rows) - 1)
            column = min(max(0, column + way[1]), len(self._columns) - 1)
        self._choose(row, column)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show that the keys work here."""
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Show that they do not."""
        super().focusOutEvent(event)
        self.update()

    def _choose(self, row: int, column: int) -> None:
        self._at = (row, column)
        self.setAccessibleDescription(self._words(row, column))
        self.update()
        self.chosen.emit(row, column)

    def _draw(self, painter: QPainter, row: int, column: int) -> None:
        box = self.cell(row, column)
        picture = self._pictures.get(self._number(row, column))
        if picture is None:
            painter.fillRect(box, theme().colour("hover"))
        else:
            painter.drawPixmap(box, picture, QRectF(picture.rect()))

    def _number(self, row: int, column: int) -> int:
        """Return the number of the picture in a cell, or leading a row or a column (-1)."""
        if column < 0:
            return row
        if row < 0:
            return len(self._rows) + column
        return len(self._rows) + len(self._columns) * (row + 1) + column

    def _words(self, row: int, column: int) -> str:
        """Return what a picture is of."""
        seeds = [self._rows[row]] if row >= 0 else []
        seeds += [self._columns[column]] if column >= 0 else []
        if len(seeds) == 1:
            return self.tr("Seed {seed}").format(seed=seeds[0])
        return self.tr("Seed {row} with seed {column}").format(row=seeds[0], column=seeds[1])

    def _under(self, position: QPointF) -> tuple[int, int] | None:
        """Return the row and column of the picture under the pointer."""
        for row in range(-1, len(self._rows)):
            for column in range(-1, len(self._columns)):
                if (row, column) != (-1, -1) and self.cell(row, column).contains(position):
                    return row, column
        return None
