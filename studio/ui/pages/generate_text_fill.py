"""Blanks on the Generate page: the user marks them in a text, and a model fills them."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout

from studio.core.media import BLANK
from studio.core.protocol import GenerateRequest, JobFinished, Outcome
from studio.ui.pages.generate_text_card import WritingCard
from studio.ui.pages.generate_text_part import Made, TextPart
from studio.ui.theme import GAP
from studio.ui.views.text_blanks import filled_parts, with_blanks
from studio.ui.widgets.buttons import Button, IconButton
from studio.ui.widgets.chips import ChipChoice, ChipRow
from studio.ui.widgets.labels import label


class FillPart(TextPart):
    """A text with blanks; filled, its new words offer what else would fit.

    Attributes:
        card: The editor with its legend and switches.
        edit: The editor itself.
    """

    def __init__(self) -> None:
        super().__init__()
        self._asked = ""  # the text with its blanks, as it was sent
        self._made: list[Made] = []
        self._total = self._shown = 0
        self.card = WritingCard(self.tr("Text with blanks"), self.tr("Text with blanks"))
        self.edit = self.card.edit
        self.edit.setPlaceholderText(
            self.tr("Write or paste a text, and put {blank} where words are to be found.").format(
                blank=BLANK
            )
        )
        hint = self.tr("{blank} is a blank: Ctrl+B puts one in, in the place of what is chosen.")
        self._results = ChipRow(self.tr("Texts of this batch"))
        self._results.chosen.connect(lambda key: self._show(int(str(key))))
        self._results.hide()
        head = QHBoxLayout()
        head.setSpacing(GAP)
        head.addWidget(label(hint.format(blank=BLANK), "caption"))
        head.addStretch(1)
        head.addWidget(self._results)
        self.card.body.insertLayout(1, head)
        self.card.body.addLayout(self._make_foot())
        self.column.addWidget(self.card)
        self.card.goes_on = False
        self.card.picked.connect(self._on_picked)
        self.edit.textChanged.connect(self.refresh)
        blank = QShortcut(QKeySequence("Ctrl+B"), self.edit)
        blank.setContext(Qt.ShortcutContext.WidgetShortcut)
        blank.activated.connect(self.insert_blank)
        self.refresh()

    def prompt(self) -> str:
        """Return the text with its blanks."""
        return with_blanks(self.edit.text())

    def problem(self) -> str:
        """Return that there is nothing to fill."""
        if BLANK in with_blanks(self.edit.text()):
            return ""
        return self.tr("Put a blank into the text first: {blank}").format(blank=BLANK)

    def show_prompt(self, prompt: str) -> None:
        """Show a text with blanks."""
        if prompt != self.edit.text():
            self.edit.put(prompt)

    def begin(self, request: GenerateRequest, total: int) -> None:
        """Keep the text as it was sent, to fill it again."""
        self._asked, self._total, self._made = request.prompt, total, []
        self._show_chips()
        self.edit.setReadOnly(True)
        self.card.say(self.tr("filling…"))
        self.refresh()

    def written(self, index: int, text: str) -> None:
        """Wait for the whole: blanks are not filled in the order of the text."""

    def made(self, index: int, text: Made) -> None:
        """Show the first way to fill the text, keep the others beside it."""
        self._made.append(text)
        self.edit.setReadOnly(False)
        if len(self._made) == 1:
            self._show(0)
        self._show_chips()

    def finished(self, event: JobFinished) -> None:
        """Say how it went."""
        self.edit.setReadOnly(False)
        words = f"{event.seconds:.1f} s"
        if len(self._made) < self._total:
            failed = event.outcome is Outcome.FAILED
            words = self.tr("failed") if failed else self.tr("stopped")
        self.card.say(words)
        self.refresh()

    @Slot()
    def insert_blank(self) -> None:
        """Put a blank in at the cursor, in the place of what is chosen."""
        self.edit.own_words(BLANK)
        self.edit.setFocus()

    @Slot()
    def regenerate(self) -> None:
        """Fill the same blanks anew."""
        if self._asked:
            self.asked.emit({"prompt": self._asked})

    def refresh(self) -> None:
        """Bring the buttons up to date, and say what is missing."""
        document = self.edit.document()
        self._blank.setEnabled(not self.working)
        self._again.setEnabled(not self.working and bool(self._made))
        self._undo.setEnabled(not self.working and document.isUndoAvailable())
        self._export.setEnabled(any(made.asset for made in self._made))
        self.problem_changed.emit(self.problem())

    def _show(self, number: int) -> None:
        """Show a way to fill the text, its new words marked as the model's."""
        made = self._made[number]
        self._shown = number
        parts = filled_parts(self._asked, made.text, made.tokens, made.filled)
        self.edit.put_parts(parts, made.tokens)
        self._show_chips()

    def _show_chips(self) -> None:
        choices = [ChipChoice(place, str(place + 1)) for place in range(len(self._made))]
        self._results.set_choices(choices)
        self._results.set_key(self._shown)
        self._results.setVisible(len(self._made) > 1)

    @Slot(int, int, str)
    def _on_picked(self, passage: int, number: int, instead: str) -> None:
        """Put an alternative in the place of a word."""
        span = self.edit.token_span(passage, number)
        if span is not None and not self.working:
            self.edit.swap(span, instead)

    def _make_foot(self) -> QHBoxLayout:
        self._blank = Button(self.tr("Insert a blank"), self.insert_blank, icon="plus")
        self._again = Button(
            self.tr("Regenerate"),
            self.regenerate,
            icon="refresh",
            tip=self.tr("Fills the same blanks anew, from another seed"),
        )
        self._undo = IconButton("undo", self.tr("Undo"), self.edit.undo)
        self._export = Button(self.tr("Export…"), self._on_export)
        row = QHBoxLayout()
        row.setSpacing(GAP)
        for widget in (self._blank, self._again, self._undo):
            row.addWidget(widget)
        row.addStretch(1)
        row.addWidget(self._export)
        return row

    def _on_export(self) -> None:
        self.export_wanted.emit([made.asset for made in self._made if made.asset])
