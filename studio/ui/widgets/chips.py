"""Chips: small round switches, alone or as a row of filters with counts."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import NamedTuple

from PySide6.QtCore import QPoint, QSize, Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QSizePolicy, QWidget

from studio.ui.theme import GAP


class Chip(QPushButton):
    """A round switch."""

    def __init__(self, text: str, *, checked: bool = False, tip: str = "") -> None:
        super().__init__(text)
        self.setProperty("role", "chip")
        self.setCheckable(True)
        self.setChecked(checked)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setToolTip(tip)


class ChipChoice(NamedTuple):
    """One choice of a ChipRow; a number of None is not shown."""

    key: Hashable
    text: str
    number: int | None = None

    def shown(self) -> str:
        """Return what stands on the chip; two numbers are kept apart, as those of the label 0."""
        if self.number is None:
            return self.text
        between = " · " if self.text[-1:].isdigit() else " "
        return f"{self.text}{between}{self.number:,}"


class ChipRow(QWidget):
    """One choice out of several, as chips in one line; those that do not fit are under `…`.

    Signals:
        chosen: The user picked the choice with this key.
    """

    chosen = Signal(object)

    def __init__(self, name: str, choices: Sequence[ChipChoice] = ()) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(GAP)
        self._choices: list[ChipChoice] = []
        self._chips: list[Chip] = []
        self._key: Hashable = None
        self._more = Chip("…", tip=self.tr("More choices"))
        self._more.setAccessibleName(self.tr("More choices"))
        self._more.clicked.connect(self._open_menu)
        self._row.addWidget(self._more)
        self._row.addStretch(1)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.set_choices(choices)

    def key(self) -> Hashable:
        """Return the key of the choice in force."""
        return self._key

    def set_choices(self, choices: Sequence[ChipChoice]) -> None:
        """Show other choices; the one in force stays when it is among them, else the first."""
        if len(choices) != len(self._chips):
            for chip in self._chips:
                self._row.removeWidget(chip)
                chip.hide()
                chip.deleteLater()
            self._chips = [Chip("") for _ in choices]
            for place, chip in enumerate(self._chips):
                chip.clicked.connect(lambda _checked, place=place: self._pick(place))
                self._row.insertWidget(place, chip)
        self._choices = list(choices)
        for chip, choice in zip(self._chips, choices, strict=True):
            chip.setText(choice.shown())
        keys = [choice.key for choice in choices]
        self._key = self._key if self._key in keys else next(iter(keys), None)
        self._show()

    def set_key(self, key: Hashable) -> None:
        """Put another choice in force, without a signal."""
        self._key = key
        self._show()

    def minimumSizeHint(self) -> QSize:
        """Shrink to the first chip and the `…`."""
        first = self._chips[0].sizeHint().width() + GAP if self._chips else 0
        return QSize(first + self._more.sizeHint().width(), self._more.sizeHint().height())

    def sizeHint(self) -> QSize:
        """Ask for all chips in one line."""
        width = sum(chip.sizeHint().width() + GAP for chip in self._chips)
        return QSize(max(0, width - GAP), self._more.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Hide the chips that do not fit."""
        super().resizeEvent(event)
        self._show()

    def _pick(self, place: int) -> None:
        self._key = self._choices[place].key
        self._show()
        self.chosen.emit(self._key)

    def _show(self) -> None:
        """Show as many chips as fit; the one in force is always in sight."""
        widths = [chip.sizeHint().width() + GAP for chip in self._chips]
        room = self.width() + GAP
        if sum(widths) > room:
            room -= self._more.sizeHint().width() + GAP
        current = next((i for i, c in enumerate(self._choices) if c.key == self._key), -1)
        used = widths[current] if current >= 0 else 0
        hidden = False
        for place, chip in enumerate(self._chips):
            fits = place == current
            if not fits and not hidden and used + widths[place] <= room:
                used += widths[place]
                fits = True
            hidden = hidden or not fits
            chip.setVisible(fits)
            chip.setChecked(place == current)
        self._more.setVisible(hidden)
        self._more.setChecked(False)

    @Slot()
    def _open_menu(self) -> None:
        self._more.setChecked(False)
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for place, chip in enumerate(self._chips):
            if not chip.isVisible():
                action = menu.addAction(chip.text())
                action.triggered.connect(lambda _checked, place=place: self._pick(place))
        menu.popup(self._more.mapToGlobal(QPoint(0, self._more.height() + 4)))
