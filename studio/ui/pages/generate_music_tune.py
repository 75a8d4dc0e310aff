"""The piece in hand on the Generate page: its roll, its edits, and a bar to play it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QUndoStack
from PySide6.QtWidgets import QHBoxLayout, QWidget

from studio.ui.pages.generate_music_draft import Draft, State
from studio.ui.sound import player
from studio.ui.theme import GAP
from studio.ui.undo import Swap
from studio.ui.views import music_editing
from studio.ui.views.music_editing import Edited
from studio.ui.views.music_editor import NoteEditor
from studio.ui.views.music_facts import PieceFacts, facts_words
from studio.ui.views.music_notes import Chosen, NoteTable
from studio.ui.views.music_transport import RollBar
from studio.ui.widgets.buttons import Button, IconButton, QuietButton
from studio.ui.widgets.cards import Card
from studio.ui.widgets.labels import ElidedLabel, Pill, Tone, label
from studio.ui.widgets.spin import ComboBox

_GOOD_SCALE, _POOR_SCALE = 0.9, 0.75  # shares of notes in the scale that are praised, or warned of


class TuneCard(Card):
    """Shows one draft and changes it; every change can be undone.

    Attributes:
        editor, bar: The roll and the bar below it.

    Signals:
        edited: The Draft has other notes now, also when that was undone.
        save_wanted, export_wanted, continue_wanted: Buttons, for the draft in sight.
    """

    edited = Signal(object)
    save_wanted = Signal()
    export_wanted = Signal()
    continue_wanted = Signal()

    def __init__(self, undo: QUndoStack) -> None:
        super().__init__(" ")
        self._undo = undo
        self._draft: Draft | None = None
        self._continuable = False
        self._facts = ElidedLabel("", "muted")
        self._scale_pill, self._empty_pill = Pill(), Pill()
        self.header.takeAt(self.header.count() - 1)  # the facts take the room after the title
        self.header.addWidget(self._facts, 1)
        self.header.addWidget(self._scale_pill)
        self.header.addWidget(self._empty_pill)
        self.editor = NoteEditor()
        self.editor.setAccessibleName(self.tr("Piano roll of the piece"))
        self.bar = RollBar(self.editor)
        self.save = QuietButton(self.tr("Save as new"), self.save_wanted.emit)
        self.save.setToolTip(self.tr("Keeps the edited piece beside the original (Ctrl+Shift+S)"))
        self.save.setShortcut("Ctrl+Shift+S")
        self.back = IconButton("undo", self.tr("Undo"), undo.undo)
        self.go_on = QuietButton(self.tr("Continue it"), self.continue_wanted.emit)
        self.go_on.setToolTip(self.tr("Lets the model go on from this piece"))
        self.export = Button(self.tr("Export…"), self.export_wanted.emit)
        self._tools = EditTools(self._apply)
        ends = QHBoxLayout()
        ends.setSpacing(GAP)
        ends.addWidget(self._tools, 1)
        for button in (self.go_on, self.back, self.save, self.export):
            ends.addWidget(button)
        self.body.addWidget(self.editor, 1)
        self.body.addWidget(self.bar)
        self.body.addLayout(ends)
        undo.canUndoChanged.connect(self.back.setEnabled)
        undo.undoTextChanged.connect(self._on_undo_text)
        self.back.setEnabled(undo.canUndo())
        self.editor.chosen_changed.connect(self._on_chosen)
        self.editor.move_wanted.connect(self._on_move)
        self.editor.stretch_wanted.connect(
            lambda ticks: self._apply(
                self.tr("changing lengths"),
                lambda: music_editing.stretch(*self._chosen(), ticks),
            )
        )
        self.editor.delete_wanted.connect(self._tools.delete)
        self.set_continuable(False)
        self.show_draft(None)

    @property
    def draft(self) -> Draft | None:
        """What is in sight."""
        return self._draft

    def show_draft(self, draft: Draft | None) -> None:
        """Show another piece."""
        self._draft = draft
        self.set_title(draft.title if draft is not None else self.tr("Piece"))
        self.show_facts(None)
        if draft is None:
            self.bar.show_piece(None)
            self.editor.show_message("")
        else:
            position = draft.piece.position
            self.editor.show_music(draft.state.table)
            self.bar.show_piece(draft.piece)
            self.bar.seek(position)
        self._tools.show_table(self.editor)
        self.export.setEnabled(draft is not None)
        self.go_on.setEnabled(draft is not None)
        self._on_chosen()
        self._show_saved()

    def show_facts(self, facts: PieceFacts | None) -> None:
        """Show what was measured of the piece."""
        self._facts.setText(facts_words(facts) if facts is not None else "")
        for pill in (self._scale_pill, self._empty_pill):
            pill.setVisible(facts is not None and facts.notes > 0)
        if facts is None:
            return
        self._scale_pill.setText(self.tr("in scale {share}").format(share=f"{facts.in_scale:.0%}"))
        self._scale_pill.setToolTip(self.tr("Notes that belong to the key that was found"))
        good: Tone = "good" if facts.in_scale >= _GOOD_SCALE else ""
        self._scale_pill.set_tone("warn" if facts.in_scale < _POOR_SCALE else good)
        empty = round(facts.empty_bars * facts.bars)
        words = self.tr("1 empty bar") if empty == 1 else self.tr("{count} empty bars")
        self._empty_pill.setText(words.format(count=empty))

    def set_continuable(self, can: bool) -> None:
        """Offer to go on from a piece, for models that can."""
        self._continuable = can
        self.go_on.setVisible(can and not self.editor.chosen().any())

    def saved(self) -> None:
        """Follow that the edits of the draft are in a file now."""
        self._show_saved()

    # --------------------------------------------------------------------------------- edits

    def _chosen(self) -> tuple[NoteTable, Chosen]:
        return self.editor.table, self.editor.chosen()

    def _apply(self, words: str, change: Callable[[], Edited], merge: int = -1) -> None:
        """Change the draft in sight by what `change` makes of it."""
        draft = self._draft
        if draft is None or not self.editor.chosen().any():
            return
        state = draft.after(words, change())

        def swap(other: State) -> State:
            before = draft.swap(other)
            player().replace(draft.piece, other.table.music)
            if draft is self._draft:
                self._show_edited()
            self.edited.emit(draft)
            return before

        self._undo.push(Swap(words, swap, state, merge=merge))

    @Slot(int, int)
    def _on_move(self, ticks: int, semitones: int) -> None:
        self._apply(
            self.tr("moving notes"),
            lambda: music_editing.move(*self._chosen(), ticks, semitones),
        )

    def _show_edited(self) -> None:
        if self._draft is not None:
            self.editor.show_edited(self._draft.state.table, self._draft.state.chosen)
            self.bar.show_tracks()
            self._on_chosen()
            self._show_saved()

    @Slot()
    def _on_chosen(self) -> None:
        chosen = self.editor.chosen()
        if self._draft is not None and len(chosen) == len(self._draft.state.table):
            self._draft.state = self._draft.state._replace(chosen=chosen)
        count = int(chosen.sum())
        self._tools.show_count(count, there=self._draft is not None)
        self.go_on.setVisible(self._continuable and not count)  # makes room for the tools

    @Slot(str)
    def _on_undo_text(self, text: str) -> None:
        self.back.setToolTip(self.tr("Undo {what}").format(what=text).strip())

    def _show_saved(self) -> None:
        self.save.setEnabled(self._draft is not None and self._draft.changed)


class EditTools(QWidget):
    """What can be done with chosen notes, as buttons; says how to choose some while none is."""

    def __init__(self, apply: Callable[[str, Callable[[], Edited]], None]) -> None:
        super().__init__()
        self._apply = apply
        self._editor: NoteEditor | None = None
        self._hint = ElidedLabel("", "caption")
        self._buttons = [
            self._button("chevron-down", self.tr("A semitone lower (↓)"), self._move, -1),
            self._button("chevron-up", self.tr("A semitone higher (↑)"), self._move, 1),
            self._button("octave-down", self.tr("An octave lower (Shift+↓)"), self._move, -12),
            self._button("octave-up", self.tr("An octave higher (Shift+↑)"), self._move, 12),
            self._button("shorter", self.tr("Shorter (Shift+←)"), self._stretch, -1),
            self._button("longer", self.tr("Longer (Shift+→)"), self._stretch, 1),
        ]
        self._grid = ComboBox()
        self._grid.setAccessibleName(self.tr("Grid"))
        self._grid.setToolTip(self.tr("Grid on which notes begin when they are straightened"))
        for name, parts in (
            (self.tr("1/4"), 1),
            (self.tr("1/8"), 2),
            (self.tr("1/8 triplets"), 3),
            (self.tr("1/16"), 4),
            (self.tr("1/16 triplets"), 6),
            (self.tr("1/32"), 8),
        ):
            self._grid.addItem(name, parts)
        self._grid.setCurrentIndex(3)
        self._grid.setMinimumWidth(84)
        snap = IconButton("snap", self.tr("Straighten"), self.quantise, 26)
        snap.setToolTip(
            self.tr("Moves the beginnings of notes to the nearest line of the grid (quantise, Q)")
        )
        snap.setShortcut("Q")
        bin_ = IconButton("trash", self.tr("Delete (Del)"), self.delete, 26)
        self._count = label("", "caption")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        row.addWidget(self._hint, 100)
        row.addWidget(self._count)
        self._shown = [self._count, *self._buttons, self._grid, snap, bin_]
        for widget in self._shown[1:]:
            row.addWidget(widget)
        row.addStretch(1)

    def show_table(self, editor: NoteEditor) -> None:
        """Work on the notes of an editor."""
        self._editor = editor

    def show_count(self, count: int, *, there: bool) -> None:
        """Show the buttons when notes are chosen, else how to choose some."""
        for widget in self._shown:
            widget.setVisible(count > 0)
        self._hint.setVisible(count == 0)
        self._hint.setText(
            self.tr("Click a note or draw a frame around several to change them.") if there else ""
        )
        words = self.tr("1 note") if count == 1 else self.tr("{count} notes")
        self._count.setText(words.format(count=f"{count:,}"))

    def delete(self) -> None:
        """Take the chosen notes away."""
        editor = self._editor
        if editor is not None:
            self._apply(
                self.tr("deleting notes"),
                lambda: music_editing.delete(editor.table, editor.chosen()),
            )

    def quantise(self) -> None:
        """Move the chosen notes to the grid."""
        editor = self._editor
        if editor is not None:
            grid = editor.table.music.ticks / int(self._grid.currentData())
            self._apply(
                self.tr("straightening notes"),
                lambda: music_editing.quantise(editor.table, editor.chosen(), grid),
            )

    def _move(self, semitones: int) -> None:
        editor = self._editor
        if editor is not None:
            self._apply(
                self.tr("transposing notes"),
                lambda: music_editing.move(editor.table, editor.chosen(), 0, semitones),
            )

    def _stretch(self, steps: int) -> None:
        editor = self._editor
        if editor is not None:
            ticks = steps * editor.grid()
            self._apply(
                self.tr("changing lengths"),
                lambda: music_editing.stretch(editor.table, editor.chosen(), ticks),
            )

    @staticmethod
    def _button(icon: str, name: str, work: Callable[[int], None], amount: int) -> IconButton:
        return IconButton(icon, name, lambda: work(amount), 26)
