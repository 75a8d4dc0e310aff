"""An item of a dataset, large: opened on the Data page by Enter or a double click."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from PySide6.QtCore import QSize
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from studio.core.media import Modality
from studio.data.stored import Stored
from studio.ui.theme import GAP, MARGIN_CARD
from studio.ui.views.base import MediaView
from studio.ui.views.registry import VIEWS, make_view
from studio.ui.widgets.buttons import IconButton
from studio.ui.widgets.labels import ElidedLabel

_SIZE = QSize(900, 680)


class Look(NamedTuple):
    """What there is to see of an item.

    Attributes:
        stored: As the dataset keeps it.
        words: What is said of it: name, label, size …
    """

    stored: Stored
    name: str
    words: str


def can_look(modality: Modality) -> bool:
    """Tell whether items of a modality can be shown large."""
    return modality in VIEWS and VIEWS[modality].media.show_item is not MediaView.show_item


class ItemDialog(QDialog):
    """One item; the buttons go through the others, Alt+← and Alt+→ too.

    Attributes:
        view: What shows it.
    """

    def __init__(
        self,
        modality: Modality,
        count: int,
        place: int,
        look: Callable[[int], Look | None],
        parent: QWidget,
    ) -> None:
        """Show an item.

        Args:
            count: How many there are.
            place: Which one is shown first.
            look: Returns what there is to see at a place; None when it is gone.
        """
        super().__init__(parent)
        self._count, self._place, self._look = count, place, look
        self.resize(_SIZE)
        self.view = make_view(modality)
        self._title = ElidedLabel("", "heading")
        self._words = ElidedLabel("", "muted")
        self._number = ElidedLabel("", "muted")
        row = QHBoxLayout()
        row.setSpacing(GAP)
        for sign, name, step, keys in (
            ("chevron-left", self.tr("The one before (Alt+←)"), -1, "Alt+Left"),
            ("chevron-right", self.tr("The next one (Alt+→)"), 1, "Alt+Right"),
        ):
            button = IconButton(sign, name, partial(self.go, step))
            button.setShortcut(QKeySequence(keys))
            button.setAutoDefault(False)
            button.setEnabled(count > 1)
            row.addWidget(button)
        row.addWidget(self._title, 1)
        row.addWidget(self._words, 2)
        row.addWidget(self._number)
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN_CARD, MARGIN_CARD, MARGIN_CARD, MARGIN_CARD)
        column.addWidget(self.view, 1)
        column.addLayout(row)
        self.view.setFocus()
        self.go(0)

    def go(self, step: int) -> None:
        """Show the item so many places on."""
        self._place = (self._place + step) % self._count
        found = self._look(self._place)
        if found is None:
            self.view.clear()
            return
        self.view.show_item(found.stored, found.name)
        self._title.setText(found.name)
        self.setWindowTitle(found.name)
        self._words.setText(found.words)
        self._number.setText(f"{self._place + 1:,} / {self._count:,}")
