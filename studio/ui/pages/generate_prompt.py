"""What a model is to show, in the user's own words."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QPlainTextEdit

_LINES = 3
_LONGEST = 2000  # characters, as GenerateRequest takes them


class PromptField(QPlainTextEdit):
    """A few lines of text; Tab goes on to the next field.

    Signals:
        changed: The words are others.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(self.tr("Prompt"))
        self.setToolTip(
            self.tr(
                "What the result is to show or to say, in words like those of the captions that"
                " the model learned from. Empty leaves it open (prompt)."
            )
        )
        self.setTabChangesFocus(True)
        self.setFixedHeight(_LINES * self.fontMetrics().lineSpacing() + 16)
        self.textChanged.connect(self.changed)

    def text(self) -> str:
        """Return the words, on one line."""
        return " ".join(self.toPlainText().split())[:_LONGEST]

    def set_example(self, caption: str) -> None:
        """Show what a caption of the model's data looks like, while the field is empty."""
        words = self.tr("Such as: {caption}") if caption else ""
        self.setPlaceholderText(words.format(caption=caption))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave Ctrl+Return to the page, which generates with it."""
        held = event.modifiers() & Qt.KeyboardModifier.ControlModifier
        if held and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.ignore()
        else:
            super().keyPressEvent(event)
