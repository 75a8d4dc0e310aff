"""Seeds on the Generate page: a field for one, and the row with dice and lock."""

from __future__ import annotations

import secrets

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QIntValidator
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from studio.ui.icons import set_icon
from studio.ui.widgets.buttons import IconButton
from studio.ui.widgets.chips import Chip

_MOST = 2**31 - 1
_DRAWN_BELOW = 100_000  # short enough to read out


def random_seed() -> int:
    """Return a seed that people can read out."""
    return secrets.randbelow(_DRAWN_BELOW)


class SeedField(QLineEdit):
    """A whole number from 0; empty counts as 0."""

    def __init__(self, name: str) -> None:
        super().__init__("0")
        self.setValidator(QIntValidator(0, _MOST, self))
        self.setAccessibleName(name)
        self.setMinimumWidth(64)

    def seed(self) -> int:
        """Return the number."""
        return min(_MOST, int(self.text() or 0))

    def set_seed(self, seed: int) -> None:
        """Show another number."""
        self.setText(str(seed))


class SeedRow(QWidget):
    """The seed in force: typed, drawn by the dice, kept by the lock.

    Signals:
        changed: The seed is another one.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.field = SeedField(self.tr("Seed"))
        self.field.textEdited.connect(self._on_typed)
        self.lock = Chip(self.tr("Lock"))
        set_icon(self.lock, "lock", "muted", "text")
        self.lock.toggled.connect(self._on_lock)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(self.field, 1)
        row.addWidget(IconButton("dice", self.tr("Another seed"), self.draw))
        row.addWidget(self.lock)
        self.draw()
        self._on_lock()

    def seed(self) -> int:
        """Return the seed in force."""
        return self.field.seed()

    def keep(self, seed: int) -> None:
        """Show a seed and lock it."""
        self.field.set_seed(seed)
        self.lock.setChecked(True)
        self.changed.emit()

    @Slot()
    def draw(self) -> None:
        """Take a random seed."""
        self.field.set_seed(random_seed())
        self.changed.emit()

    def draw_unless_locked(self) -> None:
        """Take a random seed, unless this one is to stay."""
        if not self.lock.isChecked():
            self.draw()

    @Slot()
    def _on_typed(self) -> None:
        """Keep what the user typed."""
        self.lock.setChecked(True)
        self.changed.emit()

    @Slot()
    def _on_lock(self) -> None:
        self.lock.setToolTip(
            self.tr("The same seed next time: the same results")
            if self.lock.isChecked()
            else self.tr("A new seed each time: other results")
        )
