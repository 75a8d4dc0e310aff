"""A conversation with a model: bubbles, and a line to type in."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from studio.data.text.dialogues import TURN
from studio.ui.theme import GAP
from studio.ui.widgets.buttons import Button, IconButton, QuietButton
from studio.ui.widgets.labels import label, set_property
from studio.ui.widgets.panes import scrolled

_WIDEST = 460  # logical pixels of a bubble
_ROOM = 24  # what is around the words in it
_REMEMBERED = 8  # turns that are sent, as many as such models learn to look back over


class ChatPanel(QWidget):
    """What was said so far, the newest at the foot; each message is sent with what was before.

    Signals:
        asked: The conversation as the model takes it.
        stop_wanted: The answer is to end.
        changed: Something can be asked now, or cannot any more.
    """

    asked = Signal(str)
    stop_wanted = Signal()
    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._turns: list[tuple[bool, str]] = []  # (the user's own, words)
        self._working = False
        self._bubbles: list[Bubble] = []
        content = QWidget()
        self._rows = QVBoxLayout(content)
        self._rows.setContentsMargins(0, 0, 4, 0)
        self._rows.setSpacing(GAP)
        self._hint = label(
            self.tr("Say something: each message is sent with what was said before."),
            "muted",
            wrap=True,
        )
        self._rows.addWidget(self._hint)
        self._rows.addStretch(1)
        self._area = scrolled(content)
        self._area.setAccessibleName(self.tr("Conversation"))
        self.line = MessageLine(self.tr("Message"))
        self.line.setPlaceholderText(self.tr("Message (Enter sends, Shift+Enter is a new line)"))
        self.line.sent.connect(self.send)
        self.line.textChanged.connect(self.changed)
        self._send = Button(self.tr("Send"), self.send)
        self._stop = IconButton("stop", self.tr("Stop the answer"), self.stop_wanted.emit)
        self._anew = QuietButton(self.tr("Start anew"), self.clear)
        row = QHBoxLayout()
        row.setSpacing(GAP)
        row.addWidget(self._anew)
        row.addWidget(self.line, 1)
        row.addWidget(self._stop)
        row.addWidget(self._send)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP)
        column.addWidget(self._area, 1)
        column.addLayout(row)
        self.changed.connect(self._refresh)
        self._refresh()

    def turns(self) -> list[tuple[bool, str]]:
        """Return what was said: (whether by the user, words)."""
        return list(self._turns)

    def can_ask(self) -> bool:
        """Return whether something was typed, or the last answer is still missing."""
        waits = bool(self._turns) and self._turns[-1][0]
        return bool(self.line.toPlainText().strip()) or waits

    @Slot()
    def send(self) -> None:
        """Send what was typed."""
        if not self._working and self.can_ask():
            self.asked.emit(self.take())

    def take(self) -> str:
        """Make what was typed a turn, and return the conversation as the model takes it."""
        words = self.line.toPlainText().strip()
        if words:
            self._say(own=True, words=words)
            self.line.clear()
        return TURN.join(said for _own, said in self._turns[-_REMEMBERED:])

    @Slot()
    def clear(self) -> None:
        """Forget the conversation."""
        for bubble in self._bubbles:
            bubble.hide()
            bubble.deleteLater()
        self._turns, self._bubbles = [], []
        self._hint.show()
        self.changed.emit()

    def begin(self) -> None:
        """Make room for an answer."""
        self._say(own=False, words="…")

    def written(self, text: str) -> None:
        """Show what the answer has become."""
        self._turns[-1] = (False, text)
        self._bubbles[-1].setText(text or self.tr("(an empty answer)"))
        self._to_the_foot()

    def finished(self) -> None:
        """Take an answer away that never came."""
        if self._turns and self._turns[-1] == (False, "…"):
            self._turns.pop()
            bubble = self._bubbles.pop()
            bubble.hide()
            bubble.deleteLater()
        self.line.setFocus()

    def set_working(self, *, working: bool) -> None:
        """Follow whether the engine is at work."""
        self._working = working
        self._refresh()

    def _say(self, *, own: bool, words: str) -> None:
        self._hint.hide()
        self._turns.append((own, words))
        bubble = Bubble(words, self.tr("You") if own else self.tr("Model"), own=own)
        self._bubbles.append(bubble)
        side = Qt.AlignmentFlag.AlignRight if own else Qt.AlignmentFlag.AlignLeft
        self._rows.insertWidget(self._rows.count() - 1, bubble, 0, side)
        self._to_the_foot()

    def _to_the_foot(self) -> None:
        bar = self._area.verticalScrollBar()
        QTimer.singleShot(0, bar, lambda: bar.setValue(bar.maximum()))

    @Slot()
    def _refresh(self) -> None:
        self._send.setEnabled(not self._working and self.can_ask())
        self._stop.setVisible(self._working)
        self._anew.setEnabled(not self._working and bool(self._turns))


class Bubble(QLabel):
    """What somebody said; the user's own at the right in another colour."""

    def __init__(self, words: str, who: str, *, own: bool) -> None:
        super().__init__()
        self._who = who
        set_property(self, "role", "bubble-own" if own else "bubble")
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.setText(words)

    def setText(self, words: str) -> None:
        """Show other words, to screen readers too, as wide as they need."""
        super().setText(words)
        self.ensurePolished()  # the style decides on the type
        self.setAccessibleName(f"{self._who}: {words}")
        metrics = self.fontMetrics()
        widest = max(metrics.horizontalAdvance(line) for line in words.split("\n"))
        width = min(_WIDEST, widest + _ROOM + 8)
        room = QRect(0, 0, width - _ROOM, 1_000_000)
        taken = metrics.boundingRect(room, Qt.TextFlag.TextWordWrap, words)
        self.setFixedSize(width, taken.height() + _ROOM - 8)


class MessageLine(QPlainTextEdit):
    """A field to type a message in.

    Signals:
        sent: Enter was pressed.
    """

    sent = Signal()

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setTabChangesFocus(True)
        self.setFixedHeight(2 * self.fontMetrics().lineSpacing() + 18)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Send with Enter; Shift+Enter makes a new line."""
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if enter and not event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.sent.emit()
        else:
            super().keyPressEvent(event)
