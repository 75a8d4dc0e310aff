"""Painting over the parts of a picture that are to be made anew."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize, Slot
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QHBoxLayout, QVBoxLayout, QWidget

from studio.ui.theme import GAP, MARGIN_CARD
from studio.ui.views.image import read_picture
from studio.ui.views.mask_canvas import LARGEST, SMALLEST, USUAL, MaskCanvas
from studio.ui.widgets.buttons import Button
from studio.ui.widgets.chips import ChipChoice, ChipRow
from studio.ui.widgets.inputs import LabelledSlider
from studio.ui.widgets.labels import label

_SIZE = QSize(860, 680)


class MaskPainter(QDialog):
    """Lets the user paint over one picture.

    Attributes:
        canvas: Where it is painted.
    """

    def __init__(self, picture: Path, mask: Path | None, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("What is to be made anew"))
        self.resize(_SIZE)
        so_far = QImage(str(mask)) if mask is not None else None
        self.canvas = MaskCanvas(read_picture(picture), so_far)
        self._ways = ChipRow(
            self.tr("What the mouse does"),
            [ChipChoice("paint", self.tr("Paint")), ChipChoice("erase", self.tr("Rub out"))],
        )
        self._ways.chosen.connect(lambda way: self.canvas.set_erases(way == "erase"))
        self._brush = LabelledSlider(self.tr("Brush"), SMALLEST, LARGEST, USUAL)
        self._brush.setMinimumWidth(140)
        self._brush.changed.connect(self.canvas.set_brush)
        self.canvas.resized.connect(self._brush.set_value)
        top = QHBoxLayout()
        top.setSpacing(GAP)
        top.addWidget(self._ways)
        top.addWidget(self._brush, 1)
        for text, action, shortcut in (
            (self.tr("Undo"), self.canvas.undo, "Ctrl+Z"),
            (self.tr("Redo"), self.canvas.redo, "Ctrl+Shift+Z"),
            (self.tr("Swap"), self.canvas.swap, ""),
            (self.tr("Clear"), self.canvas.clear, ""),
        ):
            button = Button(text, action)
            button.setAutoDefault(False)
            button.setShortcut(shortcut)
            top.addWidget(button)
        words = self.tr("Paint over what is to be made anew. The right button rubs out.")
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        self._ok = buttons.button(QDialogButtonBox.StandardButton.Ok)
        self._ok.setText(self.tr("Use this mask"))
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN_CARD, MARGIN_CARD, MARGIN_CARD, MARGIN_CARD)
        column.setSpacing(GAP)
        column.addWidget(label(words, "muted", wrap=True))
        column.addLayout(top)
        column.addWidget(self.canvas, 1)
        column.addWidget(buttons)
        self.canvas.changed.connect(self._refresh)
        self._refresh()
        self.canvas.setFocus()

    @Slot()
    def _refresh(self) -> None:
        self._ok.setEnabled(self.canvas.painted())
