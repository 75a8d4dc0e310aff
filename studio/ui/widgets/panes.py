"""Panes side by side: a splitter that remembers, and columns whose right one folds when narrow."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, Qt, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QSizePolicy, QSplitter, QVBoxLayout, QWidget

from studio.ui.icons import set_icon
from studio.ui.settings import settings
from studio.ui.theme import GAP_CARDS
from studio.ui.widgets.chips import Chip

#: Width of the window, in logical pixels, below which right panes fold.
FOLD_BELOW = 1100


class Splitter(QSplitter):
    """A splitter that remembers where its handles stood, under `name`."""

    def __init__(self, name: str, orientation: Qt.Orientation = Qt.Orientation.Horizontal) -> None:
        super().__init__(orientation)
        self._name = name
        self.setObjectName(name)
        self.setHandleWidth(GAP_CARDS)
        self.setChildrenCollapsible(False)
        self.splitterMoved.connect(self._remember)

    def restore(self, sizes: list[int]) -> None:
        """Put the handles where they stood, else make panes of these sizes."""
        state = settings().value(f"splitters/{self._name}")
        if not (isinstance(state, QByteArray) and self.restoreState(state)):
            self.setSizes(sizes)
        self.setHandleWidth(GAP_CARDS)

    @Slot()
    def _remember(self) -> None:
        settings().setValue(f"splitters/{self._name}", self.saveState())


class Columns(QWidget):
    """A page's columns: an optional left one, the middle, and an optional right one that folds.

    Below 1100 pixels of window width the right column hides under `fold_button`, which the page
    puts into its header. Opened there, it takes the place of the left column.

    Attributes:
        fold_button: Shows and hides the right column; visible only when the window is narrow.
    """

    def __init__(
        self,
        name: str,
        middle: QWidget,
        *,
        left: QWidget | None = None,
        right: QWidget | None = None,
        left_width: int = 236,
        right_width: int = 330,
        right_title: str = "",
    ) -> None:
        super().__init__()
        self._left, self._right = left, right
        self._narrow, self._wanted = False, True
        self._split = Splitter(name)
        sizes = []
        for pane, width in ((left, left_width), (middle, 0), (right, right_width)):
            if pane is None:
                continue
            self._split.addWidget(pane)
            self._split.setStretchFactor(self._split.count() - 1, 0 if width else 1)
            sizes.append(width or 560)
        self._split.restore(sizes)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._split)
        self.fold_button = Chip(right_title or self.tr("Details"))
        set_icon(self.fold_button, "pane-right", "muted", "text")
        self.fold_button.setVisible(False)
        self.fold_button.toggled.connect(self._arrange)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_right(self) -> None:
        """Bring the right column into sight, unfolding it when the window is narrow."""
        if self._narrow:
            self.fold_button.setChecked(True)

    def set_right_wanted(self, wanted: bool, title: str = "") -> None:
        """Leave the right column out, or bring it back; `title` stands on the button then."""
        self._wanted = wanted
        if title:
            self.fold_button.setText(title)
        self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fold or unfold as the window's width says."""
        super().resizeEvent(event)
        narrow = self.window().width() < FOLD_BELOW
        if narrow != self._narrow:
            self._narrow = narrow
            self._arrange()

    @Slot()
    def _arrange(self) -> None:
        opened = self.fold_button.isChecked()
        there = self._right is not None and self._wanted
        if self._right is not None:
            self.fold_button.setVisible(self._narrow and there)
            self._right.setVisible(there and (not self._narrow or opened))
        if self._left is not None:
            self._left.setVisible(not (self._narrow and opened and there))


def scrolled(content: QWidget) -> QScrollArea:
    """Return a frameless area that scrolls `content` up and down when it does not fit."""
    area = QScrollArea()
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    content.setProperty("role", "scrolled")
    area.setWidget(content)
    area.viewport().setAutoFillBackground(False)
    content.setAutoFillBackground(False)
    area.setMinimumWidth(content.minimumSizeHint().width() + 10)
    return area


def stack(*widgets: QWidget, spacing: int = GAP_CARDS, stretch: bool = True) -> QWidget:
    """Return a column of widgets without margins, with empty room below."""
    made = QWidget()
    column = QVBoxLayout(made)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(spacing)
    for widget in widgets:
        column.addWidget(widget)
    if stretch:
        column.addStretch(1)
    return made
