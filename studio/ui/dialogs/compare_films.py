"""Two clips compared: in one place divided by a line, or beside each other, at one time."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from studio.ui.theme import MARGIN_CARD
from studio.ui.views.video_pair import FilmPair

_SIZE = QSize(900, 680)


class CompareFilmsDialog(QDialog):
    """The first and the second.

    Attributes:
        pair: The two.
    """

    def __init__(self, paths: list[Path], names: list[str], parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Compare"))
        self.resize(_SIZE)
        self.pair = FilmPair()
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN_CARD, MARGIN_CARD, MARGIN_CARD, MARGIN_CARD)
        column.addWidget(self.pair)
        first, second = paths
        self.pair.show_files(first, second, (names[0], names[1]))
        self.pair.setFocus()
