"""Inputs that people use with the mouse: a slider with words, stars, a search field."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QSlider, QToolButton, QVBoxLayout, QWidget

from studio.ui.icons import pixmap, set_icon
from studio.ui.theme import theme
from studio.ui.widgets.labels import label


class LabelledSlider(QWidget):
    """A slider over real numbers with a name above and a word at either end.

    One whose middle is where nothing is changed (`centred`) is not filled from its left end.

    Signals:
        changed: The value, while the user moves it.
    """

    changed = Signal(float)

    def __init__(
        self,
        name: str,
        low: float,
        high: float,
        value: float,
        *,
        words: tuple[str, str] = ("", ""),
        steps: int = 200,
        tip: str = "",
        centred: bool = False,
    ) -> None:
        super().__init__()
        self._low, self._high, self._steps = low, high, steps
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(5)
        self._slider = QSlider(Qt.Orientation.Horizontal)
        self._slider.setRange(0, steps)
        self._slider.setPageStep(max(1, steps // 10))
        self._slider.setProperty("role", "centred" if centred else "")
        self.set_accessible_name(name)
        self.setToolTip(tip)
        if name:
            column.addWidget(label(name, "caption"))
        column.addWidget(self._slider)
        if any(words):
            ends = QHBoxLayout()
            ends.addWidget(label(words[0], "caption"))
            ends.addStretch(1)
            ends.addWidget(label(words[1], "caption"))
            column.addLayout(ends)
        self.set_value(value)
        self._slider.valueChanged.connect(lambda _place: self.changed.emit(self.value()))

    def set_accessible_name(self, name: str) -> None:
        """Say what is chosen, for screen readers."""
        self._slider.setAccessibleName(name)

    def value(self) -> float:
        """Return the number chosen."""
        return self._low + (self._high - self._low) * self._slider.value() / self._steps

    def set_value(self, value: float) -> None:
        """Show another number, without a signal."""
        blocked = self._slider.blockSignals(True)
        share = (value - self._low) / (self._high - self._low)
        self._slider.setValue(round(share * self._steps))
        self._slider.blockSignals(blocked)


class StarRating(QWidget):
    """Zero to five stars, by mouse (again on the same star takes it away), keys 0–5 or arrows.

    Signals:
        rated: The user gave this many stars.
    """

    rated = Signal(int)
    _SIZE = 16

    def __init__(self, stars: int = 0, *, read_only: bool = False) -> None:
        super().__init__()
        self._stars, self._read_only = stars, read_only
        self.setFixedSize(QSize(5 * (self._SIZE + 2), self._SIZE + 4))
        if not read_only:
            self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            self.setCursor(Qt.CursorShape.PointingHandCursor)
        theme().changed.connect(self.update)
        self.set_stars(stars)

    def stars(self) -> int:
        """Return the number of stars."""
        return self._stars

    def set_stars(self, stars: int) -> None:
        """Show another number, without a signal."""
        self._stars = max(0, min(5, stars))
        self.setAccessibleName(self.tr("%n star(s)", "", self._stars))
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Rate by a click."""
        if not self._read_only:
            picked = min(5, int(event.position().x() // (self._SIZE + 2)) + 1)
            self._rate(0 if picked == self._stars else picked)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Rate by keyboard."""
        if event.text() and event.text() in "012345":
            self._rate(int(event.text()))
        elif event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self._rate(self._stars + (1 if event.key() == Qt.Key.Key_Right else -1))
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the stars, and a frame when it has the keyboard."""
        painter = QPainter(self)
        for place in range(5):
            given = place < self._stars
            drawn = pixmap(
                "star-filled" if given else "star",
                self._SIZE,
                "text" if given else "faint",
                self.devicePixelRatioF(),
            )
            painter.drawPixmap(place * (self._SIZE + 2), 2, drawn)
        if self.hasFocus():
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(theme().colour("accent"))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)

    def _rate(self, stars: int) -> None:
        self.set_stars(stars)
        self.rated.emit(self._stars)


class SearchField(QLineEdit):
    """A field to search in, with a clear button; tells what to look for when typing rests.

    Signals:
        searched: The text, 150 ms after the last key.
    """

    searched = Signal(str)

    def __init__(self, hint: str) -> None:
        super().__init__()
        self.setPlaceholderText(hint)
        self.setAccessibleName(hint)
        self.setClearButtonEnabled(True)
        for button in self.findChildren(QToolButton):
            button.setAccessibleName(self.tr("Clear"))
        glass = QAction(hint, self)
        set_icon(glass, "search", "muted")
        self.addAction(glass, QLineEdit.ActionPosition.LeadingPosition)
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(150)
        self._rest.timeout.connect(lambda: self.searched.emit(self.text().strip()))
        self.textChanged.connect(lambda _text: self._rest.start())
