"""Answers on the Generate page: a source and what a model makes of it, or a conversation."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QPlainTextEdit,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from studio.core.model_choices import Model
from studio.core.protocol import GenerateRequest, JobFinished, Outcome
from studio.ui.pages.generate_text_chat import ChatPanel
from studio.ui.pages.generate_text_part import Made, TextPart
from studio.ui.theme import GAP
from studio.ui.widgets.buttons import Button, IconButton
from studio.ui.widgets.cards import Card, InnerCard
from studio.ui.widgets.chips import ChipChoice, ChipRow
from studio.ui.widgets.labels import Pill, label
from studio.ui.widgets.panes import scrolled

_ONCE, _CHAT = "once", "chat"


class SourceField(QPlainTextEdit):
    """A field of several lines that leaves Ctrl+Return to the page."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setTabChangesFocus(True)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Let Ctrl+Return ask for an answer."""
        held = event.modifiers() & Qt.KeyboardModifier.ControlModifier
        if held and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.ignore()
        else:
            super().keyPressEvent(event)


class AnswerPart(TextPart):
    """One text in, one or several out; or turn by turn.

    Attributes:
        source: The user's text.
        chat: The conversation, in the place of source and answers.
    """

    def __init__(self) -> None:
        super().__init__()
        self._answers: list[AnswerCard] = []
        self._total = 0
        self._made: list[Made] = []
        self._reference = ""  # of the model that it was opened for
        self.card = Card()
        self.card.setAccessibleName(self.tr("Answers"))
        self._way = ChipRow(
            self.tr("How to ask"),
            [ChipChoice(_ONCE, self.tr("Answer")), ChipChoice(_CHAT, self.tr("Chat"))],
        )
        self._way.chosen.connect(self._on_way)
        self._pill = Pill()
        self._pill.hide()
        head = QHBoxLayout()
        head.addWidget(self._way, 1)
        head.addWidget(self._pill)
        self.card.body.addLayout(head)
        self.source = SourceField(self.tr("Your text"))
        self.source.setPlaceholderText(
            self.tr("A text like those on the left side of the pairs that the model learned from.")
        )
        self.source.textChanged.connect(self.refresh)
        self.chat = ChatPanel()
        self.chat.asked.connect(lambda prompt: self.asked.emit({"prompt": prompt}))
        self.chat.stop_wanted.connect(self.stop_wanted)
        self.chat.changed.connect(self.refresh)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._make_once())
        self._stack.addWidget(self.chat)
        self.card.body.addWidget(self._stack, 1)
        self.column.addWidget(self.card)
        self._on_way(_ONCE)

    def show_model(self, model: Model | None) -> None:
        """Open a conversation for models of dialogues, and an answer for others."""
        reference = model.reference if model is not None else ""
        if reference != self._reference:
            self._reference = reference
            self._on_way(_CHAT if model is not None and model.talks else _ONCE)

    @property
    def chats(self) -> bool:
        """Whether the conversation is in sight."""
        return self._stack.currentWidget() is self.chat

    def prompt(self) -> str:
        """Return the source, or the conversation with what was typed last."""
        return self.chat.take() if self.chats else self.source.toPlainText().strip()

    def alone(self) -> bool:
        """Tell that a conversation has one answer at a time."""
        return self.chats

    def problem(self) -> str:
        """Return that there is nothing to answer."""
        if self.chats:
            return "" if self.chat.can_ask() else self.tr("Type a message first.")
        return "" if self.source.toPlainText().strip() else self.tr("Type a text first.")

    def show_prompt(self, prompt: str) -> None:
        """Show a source."""
        self._on_way(_ONCE)
        self.source.setPlainText(prompt)

    def begin(self, request: GenerateRequest, total: int) -> None:
        """Make room for the answers."""
        self._made, self._total = [], total
        self._pill.setText(self.tr("writing…"))
        self._pill.show()
        if self.chats:
            self.chat.begin()
            return
        for card in self._answers:
            card.hide()
            card.deleteLater()
        self._answers = []
        self._hint.hide()

    def written(self, index: int, text: str) -> None:
        """Show an answer while it is written."""
        if self.chats:
            self.chat.written(text)
        else:
            self._answer(index).show_text(text)

    def made(self, index: int, text: Made) -> None:
        """Show an answer that is done."""
        self._made.append(text)
        if self.chats:
            self.chat.written(text.text)
        else:
            self._answer(index).show_text(text.text or self.tr("(an empty answer)"))

    def finished(self, event: JobFinished) -> None:
        """Say how it went."""
        words = f"{event.seconds:.1f} s"
        if len(self._made) < self._total:
            failed = event.outcome is Outcome.FAILED
            words = self.tr("failed") if failed else self.tr("stopped")
        self._pill.setText(words)
        if self.chats:
            self.chat.finished()
        self.refresh()

    def refresh(self) -> None:
        """Bring the controls up to date, and say what is missing."""
        self.chat.set_working(working=self.working)
        self._way.setEnabled(not self.working)
        self._export.setEnabled(any(made.asset for made in self._made))
        self.problem_changed.emit(self.problem())

    def _answer(self, index: int) -> AnswerCard:
        while len(self._answers) <= index:
            card = AnswerCard(self.tr("Answer {number}").format(number=len(self._answers) + 1))
            self._answers.append(card)
            self._column.insertWidget(self._column.count() - 1, card)
        return self._answers[index]

    @Slot(object)
    def _on_way(self, way: object) -> None:
        self._way.set_key(way)
        self._stack.setCurrentIndex(1 if way == _CHAT else 0)
        self.refresh()

    def _make_once(self) -> QWidget:
        answers = QWidget()
        self._column = QVBoxLayout(answers)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(GAP)
        self._hint = label(self.tr("Answers appear here."), "muted")
        self._column.addWidget(self._hint)
        self._column.addStretch(1)
        area = scrolled(answers)
        area.setAccessibleName(self.tr("Answers"))
        self._export = Button(
            self.tr("Export…"),
            lambda: self.export_wanted.emit([made.asset for made in self._made if made.asset]),
        )
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self._export)
        once = QWidget()
        column = QVBoxLayout(once)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP)
        column.addWidget(label(self.tr("Your text"), "caption"))
        column.addWidget(self.source, 2)
        column.addWidget(area, 3)
        column.addLayout(foot)
        return once


class AnswerCard(InnerCard):
    """One answer, to read and to copy."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self._words = label("", wrap=True)
        self._words.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        row = QHBoxLayout()
        row.addWidget(label(name, "caption"), 1)
        row.addWidget(IconButton("copy", self.tr("Copy this answer"), self._copy, 24))
        self.body.addLayout(row)
        self.body.addWidget(self._words)
        self.setFrameShape(QFrame.Shape.StyledPanel)

    def show_text(self, text: str) -> None:
        """Show what the answer has become."""
        self._words.setText(text)

    def text(self) -> str:
        """Return the answer."""
        return self._words.text()

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text())
