"""Two pieces above each other; one key goes from one to the other while they play."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from studio.ui.sound import player
from studio.ui.theme import GAP, MARGIN_CARD
from studio.ui.views.music import MusicView
from studio.ui.widgets.buttons import Button
from studio.ui.widgets.chips import ChipChoice, ChipRow
from studio.ui.widgets.labels import ElidedLabel, label

_SIZE = QSize(900, 680)


class CompareMusicDialog(QDialog):
    """A above B. What plays goes on in the other one at the same second.

    Attributes:
        views: The two pieces.
    """

    def __init__(self, paths: list[Path], names: list[str], parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Compare"))
        self.resize(_SIZE)
        self._heard = 0
        self.views = [MusicView(), MusicView()]
        self._which = ChipRow(
            self.tr("Which piece is heard"), [ChipChoice(0, "A"), ChipChoice(1, "B")]
        )
        self._which.chosen.connect(self._on_picked)
        self.other = Button(self.tr("A / B"), self.switch, icon="compare")
        self.other.setToolTip(self.tr("Goes on in the other piece at the same place (X)"))
        self.other.setShortcut("X")
        bar = QHBoxLayout()
        bar.setSpacing(GAP)
        bar.addWidget(self._which)
        bar.addWidget(label(self.tr("Space plays, X goes to the other one"), "caption"))
        bar.addStretch(1)
        bar.addWidget(self.other)
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN_CARD, MARGIN_CARD, MARGIN_CARD, MARGIN_CARD)
        column.setSpacing(GAP)
        for letter, view, path, name in zip("AB", self.views, paths, names, strict=True):
            column.addWidget(ElidedLabel(f"{letter} · {name}", "heading"))
            column.addWidget(view, 1)
            view.setAccessibleName(self.tr("Piece {letter}").format(letter=letter))
            view.alone = False
            view.show_media(path)
        column.addLayout(bar)
        player().changed.connect(self._on_changed)
        self.views[0].setFocus()

    def heard(self) -> int:
        """Return which piece plays or would play: 0 or 1."""
        return self._heard

    @Slot()
    def switch(self) -> None:
        """Go on in the other piece at the same second."""
        self._go(1 - self._heard)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Play or hold with Space."""
        if event.key() == Qt.Key.Key_Space:
            self.views[self._heard].toggle()
        else:
            super().keyPressEvent(event)

    def _go(self, to: int) -> None:
        if to == self._heard:
            return
        before, after = self.views[self._heard].bar, self.views[to].bar
        playing, seconds = before.playing(), before.position()
        self._heard = to
        self._which.set_key(to)
        after.seek(min(seconds, after.seconds()))
        if playing:
            after.toggle()

    @Slot(object)
    def _on_picked(self, which: object) -> None:
        self._go(1 if which == 1 else 0)

    @Slot()
    def _on_changed(self) -> None:
        """Follow the play buttons of the two."""
        for place, view in enumerate(self.views):
            if view.bar.playing():
                self._heard = place
                self._which.set_key(place)
