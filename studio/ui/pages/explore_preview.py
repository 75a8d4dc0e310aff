"""The explorer's preview: what lies at the present place, and what can be done with it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from studio.core.places import Place
from studio.ui.theme import GAP
from studio.ui.views.image import ImageView
from studio.ui.widgets.buttons import Button
from studio.ui.widgets.labels import ElidedLabel, label
from studio.ui.words import place_words


class PreviewPane(QWidget):
    """The picture of the present place, large.

    Signals:
        pin_wanted, path_wanted, make_wanted: What is seen is to be kept, to become a key-frame,
            or to be made for good.
    """

    pin_wanted = Signal()
    path_wanted = Signal()
    make_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.seen: Place | None = None
        self.picture = QPixmap()
        self.view = ImageView()
        self.view.setAccessibleName(self.tr("What lies here"))
        self._where = ElidedLabel("", "caption")
        self._problem = label("", "muted", wrap=True)
        self._pin = Button(
            self.tr("Pin"),
            self.pin_wanted.emit,
            icon="pin",
            tip=self.tr("Keep this place with the project (Ctrl+D)"),
        )
        self._add = Button(
            self.tr("To the path"),
            self.path_wanted.emit,
            tip=self.tr("Add this place to the path as a key-frame"),
        )
        self.make = Button(
            self.tr("Make it"),
            self.make_wanted.emit,
            tip=self.tr("Make it for good: it goes to the gallery with its recipe"),
        )
        row = QHBoxLayout()
        row.setSpacing(6)
        for button in (self._pin, self._add, self.make):
            row.addWidget(button, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP)
        column.addWidget(self.view, 1)
        column.addWidget(self._problem)
        column.addWidget(self._where)
        column.addLayout(row)
        self.say(self.tr("Getting the model ready …"))

    def show_place(self, place: Place, picture: QPixmap) -> None:
        """Show what lies at a place, which names its label."""
        self.seen, self.picture = place, picture
        self.view.show_picture(picture)
        self._problem.setVisible(False)
        moved = len(place.directions)
        words = [place_words(place)]
        if moved:
            several = self.tr("{count} directions").format(count=moved)
            words.append(self.tr("one direction") if moved == 1 else several)
        words += [place.label] if place.label else []
        self._where.setText(" · ".join(words))
        self.view.setAccessibleDescription(self._where.text())
        self._enable(True)

    def say(self, words: str) -> None:
        """Say why there is nothing to see."""
        self.seen = None
        self.view.clear()
        self._where.setText("")
        self._problem.setText(words)
        self._problem.setVisible(True)
        self._enable(False)

    def set_busy(self, busy: bool) -> None:
        """Allow nothing to be made while something is."""
        self.make.setEnabled(self.seen is not None and not busy)

    def _enable(self, there: bool) -> None:
        for button in (self._pin, self._add, self.make):
            button.setEnabled(there)
