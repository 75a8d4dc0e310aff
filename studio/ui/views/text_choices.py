"""A small card over a word: how likely it was, and what might have stood there instead."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QEvent, QPoint, QRect, Qt, QTimer, Signal
from PySide6.QtGui import QEnterEvent, QGuiApplication, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from studio.core.media import Token
from studio.ui.theme import theme
from studio.ui.widgets.labels import label

_LEAVE_MS = 260  # to reach the card with the pointer
_WIDTH = 230
_LEAST = 0.0005  # chances below are shown as such


class ChoicesCard(QFrame):
    """Shows a token's chance and its alternatives as buttons.

    Signals:
        picked: The text of the alternative that the user wants instead.
    """

    picked = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Tool | Qt.WindowType.FramelessWindowHint)
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.setProperty("role", "notice")
        self.setAccessibleName(self.tr("What might have stood there"))
        self.setFixedWidth(_WIDTH)
        self._rows = QVBoxLayout(self)
        self._rows.setContentsMargins(8, 8, 8, 8)
        self._rows.setSpacing(2)
        self._leave = QTimer(self)
        self._leave.setSingleShot(True)
        self._leave.setInterval(_LEAVE_MS)
        self._leave.timeout.connect(self.hide)

    def show_token(self, token: Token, at: QRect, *, goes_on: bool = True) -> None:
        """Show a token's choices below the place on the screen where it stands."""
        self._leave.stop()
        while (item := self._rows.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        words = self.tr("{word}: {chance} likely")
        self._rows.addWidget(
            label(words.format(word=visible(token.text), chance=chance_words(token.chance)))
        )
        others = [(text, chance) for text, chance in token.others if text and text != token.text]
        if others:
            hint = self.tr("Instead, and on from there:") if goes_on else self.tr("Instead:")
            self._rows.addWidget(label(hint, "caption"))
        for text, chance in others:
            self._rows.addWidget(_Choice(text, chance, partial(self._pick, text)))
        self.adjustSize()
        self.move(self._place(at))
        self.show()

    def leave_soon(self) -> None:
        """Hide in a moment, unless the pointer comes over the card."""
        self._leave.start()

    def take_keyboard(self) -> None:
        """Let the keyboard choose among the alternatives."""
        self.activateWindow()
        for choice in self.findChildren(_Choice):
            if not choice.isHidden():
                choice.setFocus()
                return

    def enterEvent(self, event: QEnterEvent) -> None:
        """Stay."""
        self._leave.stop()
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        """Go."""
        self._leave.start()
        super().leaveEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Close with Esc, go on with the arrows."""
        if event.key() == Qt.Key.Key_Escape:
            self.hide()
        elif event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self.focusNextPrevChild(event.key() == Qt.Key.Key_Down)
        else:
            super().keyPressEvent(event)

    def _pick(self, text: str) -> None:
        self.hide()
        self.picked.emit(text)

    def _place(self, at: QRect) -> QPoint:
        """Return where the card goes: below the word, above it at the foot of the screen."""
        screen = QGuiApplication.screenAt(at.center()) or QGuiApplication.primaryScreen()
        room = screen.availableGeometry()
        left = min(at.left(), room.right() - self.width())
        below = at.bottom() + 4
        fits = below + self.height() <= room.bottom()
        return QPoint(max(room.left(), left), below if fits else at.top() - self.height() - 4)


class _Choice(QPushButton):
    """An alternative with its chance as number and bar."""

    def __init__(self, text: str, chance: float, act: Callable[[], object]) -> None:
        super().__init__()
        self._chance = chance
        self.setProperty("role", "quiet")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(f"{visible(text)} {chance_words(chance)}")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAutoDefault(True)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 2, 8, 2)
        row.addWidget(label(visible(text)), 1)
        row.addWidget(label(chance_words(chance), "caption"))
        for word in self.findChildren(QWidget):
            word.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.clicked.connect(lambda _checked: act())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the bar below the words."""
        super().paintEvent(event)
        painter = QPainter(self)
        width = round((self.width() - 16) * min(1.0, self._chance))
        painter.fillRect(8, self.height() - 3, max(1, width), 2, theme().colour("accent"))


def visible(text: str) -> str:
    """Return a token with its spaces and line ends to be seen: `␣the`, `⏎`."""
    return text.replace(" ", "␣").replace("\n", "⏎").replace("\t", "⇥")


def chance_words(chance: float) -> str:
    """Return a chance as people read it: `62 %`, `0.4 %`, `< 0.1 %`."""
    if chance < _LEAST:
        return "< 0.1 %"
    return f"{chance:.0%}".replace("%", " %") if chance >= 0.1 else f"{chance * 100:.1f} %"
