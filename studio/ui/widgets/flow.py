"""A layout that puts widgets side by side and wraps them like words."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QSizePolicy, QWidget


class FlowLayout(QLayout):
    """Places items from left to right and wraps.

    `column` gives all items at least this width in equal columns (for cards); 0 keeps each
    item's own width (for chips). With `fill`, rows get about as many items each, and those of a
    row share its width.
    """

    def __init__(
        self,
        parent: QWidget | None = None,
        *,
        spacing: int = 8,
        column: int = 0,
        fill: bool = False,
    ) -> None:
        super().__init__(parent)
        self.setContentsMargins(0, 0, 0, 0)
        self.setSpacing(spacing)
        self._column, self._fill = column, fill
        self._items: list[QLayoutItem] = []

    def set_column(self, column: int) -> None:
        """Change the smallest width of a column."""
        if column != self._column:
            self._column = column
            self.invalidate()

    def addItem(self, item: QLayoutItem) -> None:
        """Add at the end."""
        self._items.append(item)

    def count(self) -> int:
        """Return how many items there are."""
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        """Return an item, None past the end."""
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        """Take an item out, None past the end."""
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        """Take the width that is there, no more height than needed."""
        return Qt.Orientation.Horizontal if self._column else Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        """Wrap: the height depends on the width."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height when wrapped at `width`."""
        return self._arrange(QRect(0, 0, width, 0), move=False)

    def setGeometry(self, rect: QRect) -> None:
        """Place the items."""
        super().setGeometry(rect)
        self._arrange(rect, move=True)

    def sizeHint(self) -> QSize:
        """Return what all items in one row would want, at most."""
        return self.minimumSize()

    def minimumSize(self) -> QSize:
        """Return the size of the largest item."""
        size = QSize()
        for item in self._items:
            size = size.expandedTo(item.minimumSize())
        margins = self.contentsMargins()
        return size + QSize(margins.left() + margins.right(), margins.top() + margins.bottom())

    def _arrange(self, rect: QRect, *, move: bool) -> int:
        area = rect.marginsRemoved(self.contentsMargins())
        shown = [item for item in self._items if not item.isEmpty()]
        widths = self._widths(len(shown), area.width())
        x, y = area.x(), area.y()
        row: list[tuple[QLayoutItem, QRect]] = []
        for item, width in zip(shown, widths, strict=True):
            size = self._size(item, width)
            if row and x + size.width() > area.right() + 1:
                y += self._close_row(row, move=move) + self.spacing()
                x, row = area.x(), []
            row.append((item, QRect(QPoint(x, y), size)))
            x += size.width() + self.spacing()
        y += self._close_row(row, move=move)
        return y - rect.y() + self.contentsMargins().bottom()

    def _widths(self, count: int, room: int) -> list[int]:
        """Return each item's width; 0 for its own."""
        if not self._column:
            return [0] * count
        gap = self.spacing()
        columns = max(1, (room + gap) // (self._column + gap))
        if not self._fill:
            return [(room - (columns - 1) * gap) // columns] * count
        rows = -(-count // columns)
        sizes = [count // rows + (row < count % rows) for row in range(rows)]
        return [(room - (size - 1) * gap) // size for size in sizes for _ in range(size)]

    @staticmethod
    def _size(item: QLayoutItem, width: int) -> QSize:
        size = item.sizeHint()
        if width:
            height = item.heightForWidth(width) if item.hasHeightForWidth() else size.height()
            return QSize(width, height)
        return size

    def _close_row(self, row: list[tuple[QLayoutItem, QRect]], *, move: bool) -> int:
        """Place a finished row; cards in a row get one height. Returns the row's height."""
        height = max((rect.height() for _, rect in row), default=0)
        if move:
            for item, rect in row:
                widget = item.widget()
                grows = self._column or (
                    widget is not None
                    and widget.sizePolicy().verticalPolicy() is QSizePolicy.Policy.Expanding
                )
                if grows:
                    rect.setHeight(height)
                item.setGeometry(rect)
        return height
