"""Boxes: cards, inner cards, figures, and what an empty place says."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from studio.ui.icons import IconLabel
from studio.ui.theme import GAP, MARGIN_CARD, ui_font
from studio.ui.widgets.buttons import Button, PrimaryButton
from studio.ui.widgets.labels import ElidedLabel, Tone, label, set_property


class Card(QFrame):
    """A bordered box with an optional title; put widgets into `body`, extras into `header`.

    Attributes:
        header: Row of the title; `header.addWidget(x)` stands at its right end.
        body: Where the content goes.
    """

    def __init__(self, title: str = "") -> None:
        super().__init__()
        self.setProperty("role", "card")
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(MARGIN_CARD, MARGIN_CARD, MARGIN_CARD, MARGIN_CARD)
        self.body.setSpacing(GAP)
        self.header = QHBoxLayout()
        self.header.setSpacing(GAP)
        self.title = label(title, "heading")
        if title:
            self.setAccessibleName(title)
            self.header.addWidget(self.title)
            self.header.addStretch(1)
            self.body.addLayout(self.header)

    def set_title(self, title: str) -> None:
        """Change the title of a card that has one."""
        self.title.setText(title)
        self.setAccessibleName(title)


class InnerCard(QFrame):
    """A raised box inside a card; put widgets into `body`."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "inner")
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(10, GAP, 10, GAP)
        self.body.setSpacing(4)


class ChoiceCard(Card):
    """A card that is chosen by a click, Enter or Space.

    Signals:
        chosen: It was picked by the user.
    """

    chosen = Signal()

    def __init__(self, accessible_name: str) -> None:
        super().__init__()
        self.setAccessibleName(accessible_name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def set_chosen(self, chosen: bool) -> None:
        """Show it as the chosen one or not."""
        set_property(self, "chosen", chosen)
        self.setAccessibleDescription(self.tr("chosen") if chosen else "")

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Choose on a click."""
        inside = self.rect().contains(event.position().toPoint())
        if event.button() is Qt.MouseButton.LeftButton and inside:
            self.chosen.emit()
        super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Choose by keyboard."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.chosen.emit()
        else:
            super().keyPressEvent(event)


class Figure(InnerCard):
    """A number that matters: caption, value with its unit, and a comparison below."""

    def __init__(self, caption: str, value: str = "–", note: str = "") -> None:
        super().__init__()
        self.body.setSpacing(1)
        self._caption = ElidedLabel(caption, "caption")
        self._value = QLabel(value)
        self._value.setTextFormat(Qt.TextFormat.PlainText)
        self._value.setFont(ui_font(18, 600, tabular=True))
        self._note = ElidedLabel(note, "caption")
        for part in (self._caption, self._value, self._note):
            self.body.addWidget(part)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._name()

    def set_value(self, value: str, note: str | None = None) -> None:
        """Show another number and, when given, another note."""
        self._value.setText(value)
        if note is not None:
            self._note.setText(note)
        self._name()

    def set_caption(self, caption: str) -> None:
        """Say that the number stands for something else."""
        self._caption.setText(caption)
        self._name()

    def _name(self) -> None:
        parts = (self._caption.text(), self._value.text(), self._note.text())
        self.setAccessibleName(" ".join(part for part in parts if part))


class Fact(QWidget):
    """A line `name … value`, as in a forecast or a recipe."""

    def __init__(self, name: str, value: str = "", tone: Tone = "") -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        self._name = label(name, "muted")
        self._value = label(value, tone or "body", wrap=True)
        self._value.setAlignment(Qt.AlignmentFlag.AlignRight)
        self._value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        row.addWidget(self._name)
        row.addWidget(self._value, 1)

    def set_value(self, value: str, tone: Tone = "") -> None:
        """Show another value."""
        self._value.setText(value)
        set_property(self._value, "role", tone or "body")


class EmptyState(QWidget):
    """What an empty place says: an icon, one sentence, and the next step as a button.

    Attributes:
        button: The next step; hidden when there is none.
        fallback: A second way, such as a sample set; hidden when there is none.
    """

    def __init__(
        self,
        icon: str,
        sentence: str,
        action: str = "",
        on_action: Callable[[], object] | None = None,
        *,
        fallback: str = "",
        on_fallback: Callable[[], object] | None = None,
        primary: bool = False,
    ) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setSpacing(12)
        column.addStretch(1)
        column.addWidget(IconLabel(icon, 32, "faint"), 0, Qt.AlignmentFlag.AlignHCenter)
        self._sentence = label(sentence, "muted", wrap=True)
        self._sentence.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._sentence.setMaximumWidth(420)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self._sentence, 20)
        row.addStretch(1)
        column.addLayout(row)
        kind = PrimaryButton if primary else Button
        self.button = kind(action, on_action)
        if not action:
            self.button.hide()
        self.fallback = Button(fallback, on_fallback)
        if not fallback:
            self.fallback.hide()
        buttons = QHBoxLayout()
        buttons.setSpacing(GAP)
        buttons.addStretch(1)
        buttons.addWidget(self.button)
        buttons.addWidget(self.fallback)
        buttons.addStretch(1)
        column.addLayout(buttons)
        column.addStretch(1)

    def set_sentence(self, sentence: str) -> None:
        """Say something else."""
        self._sentence.setText(sentence)


def rule() -> QFrame:
    """Return a thin horizontal line."""
    made = QFrame()
    made.setProperty("role", "rule")
    made.setFixedHeight(1)
    return made
