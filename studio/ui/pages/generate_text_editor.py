"""The editor of the Generate page: the user's words and those that a model writes on."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QGuiApplication, QKeySequence, QShortcut, QTextCursor
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from studio.core.protocol import GenerateRequest, JobFinished, Outcome
from studio.ui.pages.generate_text_card import WritingCard
from studio.ui.pages.generate_text_part import Made, TextPart, Turn, clipped
from studio.ui.theme import GAP
from studio.ui.views.text_places import units
from studio.ui.widgets.buttons import Button, IconButton
from studio.ui.widgets.chips import ChipChoice, ChipRow

_FREE, _FORM = "free", "form"


class EditorPart(TextPart):
    """A text that grows: write at the cursor, go on at the end, have the last passage anew.

    Attributes:
        card: The editor with its legend and switches.
        edit: The editor itself.
    """

    def __init__(self) -> None:
        super().__init__()
        self._turn: Turn | None = None
        self._anew = False
        self._total = 0
        self.card = WritingCard(self.tr("Text"), self.tr("Your text and the model's"))
        self.edit = self.card.edit
        self.edit.setPlaceholderText(
            self.tr(
                "Write a beginning here and press Write: the model goes on from it. Or leave the"
                " page empty, and it begins by itself."
            )
        )
        self._form = ChipRow(
            self.tr("How the text begins"),
            [
                ChipChoice(_FREE, self.tr("Free")),
                ChipChoice(_FORM, self.tr("Title and keywords")),
            ],
        )
        self._form.chosen.connect(self._on_form)
        self._results = ChipRow(self.tr("Texts of this batch"))
        self._results.chosen.connect(self._on_result)
        self._results.hide()
        self.card.body.insertLayout(1, self._make_head())
        self.card.body.addLayout(self._make_foot())
        self.column.addWidget(self.card)
        self.card.picked.connect(self._on_picked)
        self.edit.textChanged.connect(self.refresh)
        self.edit.undoAvailable.connect(self.refresh)
        self.edit.redoAvailable.connect(self.refresh)
        choices = QShortcut(QKeySequence("Alt+Down"), self.edit)
        choices.setContext(Qt.ShortcutContext.WidgetShortcut)
        choices.activated.connect(self._show_choices)
        self.refresh()

    # -------------------------------------------------------------------------------- request

    def prompt(self) -> str:
        """Return the text up to the cursor, after what the title and keywords make."""
        return self._heading() + self.edit.text_before(self._place())

    def show_prompt(self, prompt: str) -> None:
        """Begin with a prompt; the text before can be had back by undo."""
        if prompt != self.edit.text():
            self.edit.put(prompt)
        self.edit.moveCursor(QTextCursor.MoveOperation.End)

    def begin(self, request: GenerateRequest, total: int) -> None:
        """Make room for a passage where it belongs."""
        self._total = total
        if self._anew and self._turn is not None:
            span = self._span()
            at = span[0] if span is not None else self._turn.at
            if span is not None:
                self.edit.remove(*span)
            self._turn = Turn(request.prompt, at, request.seed)
            self.edit.begin_passage(at, joins=span is not None)
        else:
            heading = self._heading()
            at = self._place()
            if heading and clipped(heading + self.edit.text_before(at)) == request.prompt:
                self.edit.write(0, heading)
                at += self._form_done()
            self._turn = Turn(request.prompt, at, request.seed)
            self.edit.begin_passage(at)
        self._anew = False
        self.card.say(self.tr("writing…"))
        self.refresh()

    def written(self, index: int, text: str) -> None:
        """Let the first text grow in its place; others come when they are done."""
        if self._turn is not None and index == 0 and not self._turn.made:
            self.edit.stream(Made(text).written(self._turn.prompt)[0])

    def made(self, index: int, text: Made) -> None:
        """Show the first text with what is known of its words, keep the others beside it."""
        if self._turn is None:
            return
        self._turn.made.append(text)
        if len(self._turn.made) == 1:
            self._turn.passages.append(self._fill(text))
        else:
            self._turn.passages.append(0)
        self._show_results()

    def finished(self, event: JobFinished) -> None:
        """Say how it went."""
        turn = self._turn
        if turn is not None and not turn.made:
            self.edit.keep_passage()  # as far as it came
        count = len(turn.made) if turn is not None else 0
        if event.outcome is Outcome.FAILED:
            self.card.say(self.tr("failed"))
        elif count < self._total:
            self.card.say(self.tr("stopped"))
        else:
            self.card.say(f"{event.seconds:.1f} s")
        self.refresh()

    # -------------------------------------------------------------------------------- buttons

    @Slot()
    def go_on(self) -> None:
        """Write on at the end of the text."""
        self.edit.moveCursor(QTextCursor.MoveOperation.End)
        self.asked.emit({"prompt": clipped(self.edit.text())})

    @Slot()
    def regenerate(self) -> None:
        """Have the last passage anew, from another seed."""
        if self._turn is None:
            return
        self._anew = True
        self.asked.emit({"prompt": self._turn.prompt, "not_seed": self._turn.seed})

    @Slot(int, int, str)
    def _on_picked(self, passage: int, number: int, instead: str) -> None:
        """Put an alternative in the place of a token, and write on from there."""
        first, whole = self.edit.token_span(passage, number), self.edit.span(passage)
        if first is None or whole is None or self.working:
            return
        self.edit.remove(first[0], whole[1])
        end = self.edit.write(first[0], instead, joins=True)
        cursor = self.edit.textCursor()
        cursor.setPosition(end)
        self.edit.setTextCursor(cursor)
        self.asked.emit({"prompt": clipped(self.edit.text_before(end))})

    @Slot()
    def _show_choices(self) -> None:
        """Open the choices of the word at the cursor, for the keyboard."""
        position = self.edit.textCursor().position()
        for place in (position, position - 1):
            passage, number = self.edit.token_at(max(0, place))
            if number >= 0:
                self.edit.point_at(passage, number)
                self.card.choices.take_keyboard()
                return

    @Slot(object)
    def _on_result(self, key: object) -> None:
        """Put another text of the batch into the place of the one in sight."""
        turn, number = self._turn, int(str(key))
        if turn is None or self.working or number == turn.shown:
            return
        span = self._span()
        if span is not None:
            self.edit.remove(*span)
            turn.at = span[0]
        self.edit.begin_passage(turn.at, joins=span is not None)
        turn.passages[number] = self._fill(turn.made[number])
        turn.shown = number
        self.refresh()

    @Slot(object)
    def _on_form(self, key: object) -> None:
        self._fields.setVisible(key == _FORM)
        if key == _FORM:
            self._title.setFocus()

    # -------------------------------------------------------------------------------- private

    def refresh(self) -> None:
        """Bring the buttons up to date."""
        document = self.edit.document()
        self._continue.setEnabled(not self.working)
        self._again.setVisible(not self.working)
        self._again.setEnabled(self._turn is not None)
        self._stop.setVisible(self.working)
        self._undo.setEnabled(not self.working and document.isUndoAvailable())
        self._redo.setEnabled(not self.working and document.isRedoAvailable())
        self._export.setEnabled(self._turn is not None and any(m.asset for m in self._turn.made))
        self._results.setEnabled(not self.working)

    def _fill(self, text: Made) -> int:
        """End the passage in hand with a text; returns its number."""
        assert self._turn is not None
        words, verbatim = text.written(self._turn.prompt)
        self.edit.end_passage(words, text.tokens, verbatim)
        return self.edit.newest()

    def _span(self) -> tuple[int, int] | None:
        """Return where the last passage stands; None when it is gone."""
        turn = self._turn
        if turn is None or not turn.passages:
            return None
        return self.edit.span(turn.passages[turn.shown])

    def _show_results(self) -> None:
        made = self._turn.made if self._turn is not None else []
        choices = [ChipChoice(place, str(place + 1)) for place in range(len(made))]
        self._results.set_choices(choices)
        if self._turn is not None:
            self._results.set_key(self._turn.shown)
        self._results.setVisible(len(made) > 1)

    def _place(self) -> int:
        """Return where the model is to write: the cursor, or behind what is chosen."""
        return self.edit.textCursor().selectionEnd()

    def _heading(self) -> str:
        """Return what title and keywords make: a line each, and an empty one."""
        if self._form.key() != _FORM:
            return ""
        words = ", ".join(filter(None, map(str.strip, self._keywords.text().split(","))))
        lines = [line for line in (self._title.text().strip(), words) if line]
        return "\n".join([*lines, "", ""]) if lines else ""

    def _form_done(self) -> int:
        """Go back to the free form, as the heading is a part of the text now."""
        length = units(self._heading())
        self._title.clear()
        self._keywords.clear()
        self._form.set_key(_FREE)
        self._fields.hide()
        return length

    def _make_head(self) -> QHBoxLayout:
        self._title, self._keywords = QLineEdit(), QLineEdit()
        for line, name in (
            (self._title, self.tr("Title")),
            (self._keywords, self.tr("Keywords, with commas between")),
        ):
            line.setPlaceholderText(name)
            line.setAccessibleName(name)
        self._fields = QWidget()
        fields = QHBoxLayout(self._fields)
        fields.setContentsMargins(0, 0, 0, 0)
        fields.addWidget(self._title, 1)
        fields.addWidget(self._keywords, 1)
        self._fields.hide()
        row = QHBoxLayout()
        row.setSpacing(GAP)
        row.addWidget(self._form)
        row.addWidget(self._fields, 10)
        row.addWidget(self._results)
        return row

    def _make_foot(self) -> QHBoxLayout:
        self._continue = Button(
            self.tr("Continue"), self.go_on, tip=self.tr("Writes on at the end of the text")
        )
        self._again = Button(
            self.tr("Regenerate"),
            self.regenerate,
            icon="refresh",
            tip=self.tr("Writes the last passage anew, from another seed"),
        )
        self._stop = Button(self.tr("Stop"), self.stop_wanted.emit, icon="stop")
        self._undo = IconButton("undo", self.tr("Undo"), self.edit.undo)
        self._redo = IconButton("redo", self.tr("Redo"), self.edit.redo)
        copy = IconButton("copy", self.tr("Copy all of the text"), self._copy)
        self._export = Button(self.tr("Export…"), self._on_export)
        row = QHBoxLayout()
        row.setSpacing(GAP)
        row.addWidget(self._continue)
        row.addWidget(self._again)
        row.addWidget(self._stop)
        row.addWidget(self._undo)
        row.addWidget(self._redo)
        row.addStretch(1)
        row.addWidget(copy)
        row.addWidget(self._export)
        return row

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.edit.text())

    def _on_export(self) -> None:
        if self._turn is not None:
            self.export_wanted.emit([made.asset for made in self._turn.made if made.asset])
