"""Two recordings compared: one playhead, and a key that goes from one to the other."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from studio.ui.theme import MARGIN_CARD
from studio.ui.views.sound_pair import SoundPair

_SIZE = QSize(900, 680)


class CompareSoundsDialog(QDialog):
    """A above B.

    Attributes:
        pair: The two.
    """

    def __init__(self, paths: list[Path], names: list[str], parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Compare"))
        self.resize(_SIZE)
        self.pair = SoundPair()
        self.pair.other.setAutoDefault(False)
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN_CARD, MARGIN_CARD, MARGIN_CARD, MARGIN_CARD)
        column.addWidget(self.pair)
        self.pair.show_files(paths, names)
        self.pair.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Play or hold with Space."""
        if event.key() == Qt.Key.Key_Space:
            self.pair.toggle()
        else:
            super().keyPressEvent(event)
