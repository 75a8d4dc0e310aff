"""An editor for what a person and a model write together: it knows whose each word is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from PySide6.QtCore import QEvent, QMimeData, QPoint, QRect, QTimer, Signal, Slot
from PySide6.QtGui import (
    QInputMethodEvent,
    QKeyEvent,
    QMouseEvent,
    QTextCharFormat,
    QTextCursor,
)
from PySide6.QtWidgets import QFrame

from studio.core.media import Token
from studio.ui.theme import theme, ui_font
from studio.ui.views.text_blanks import Part
from studio.ui.views.text_column import ColumnEdit
from studio.ui.views.text_inks import Inks, Stretch, origin, stretches, written
from studio.ui.views.text_places import Places, units

_REST_MS = 220
_LABELLED = 4_000  # tokens of a passage, its last ones, that can be asked for their chances
_TYPE = 15  # pixels


class WrittenEdit(ColumnEdit):
    """Plain text with passages that a model wrote; every change can be undone.

    Signals:
        token_pointed: (passage, number of the token, where it stands on the screen): the pointer
            rests on a word that a model wrote.
        token_left: It does so no more.
    """

    token_pointed = Signal(int, int, QRect)
    token_left = Signal()

    def __init__(self, name: str) -> None:
        super().__init__()
        self._tokens: dict[int, tuple[Token, ...]] = {}
        self._start, self._streamed, self._stream = 0, "", 0
        self._joins = False
        self._pointed = (0, -1)
        self.setAccessibleName(name)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setProperty("role", "reading")
        font = ui_font(14)
        font.setPixelSize(_TYPE)
        self.setFont(font)
        self.setMouseTracking(True)
        self.viewport().setMouseTracking(True)
        self._inks = Inks(self.document(), self.token)
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST_MS)
        self._rest.timeout.connect(self._point)
        theme().changed.connect(self.repaint_words)

    # -------------------------------------------------------------------------------- content

    def text(self) -> str:
        """Return all of it."""
        return self.toPlainText()

    def text_before(self, position: int) -> str:
        """Return what stands before a Qt position."""
        text = self.text()
        return text[: Places(text).place(position)]

    def end(self) -> int:
        """Return the last Qt position."""
        return max(0, self.document().characterCount() - 1)

    def put(self, text: str) -> None:
        """Make this the user's whole text; can be undone."""
        cursor = QTextCursor(self.document())
        cursor.select(QTextCursor.SelectionType.Document)
        cursor.insertText(text, QTextCharFormat())

    def write(self, position: int, text: str, *, joins: bool = False) -> int:
        """Insert words as the user's own; returns the Qt position behind them.

        Args:
            joins: Undo takes them back together with the change before.
        """
        cursor = self._cursor(position, position)
        _begin(cursor, joins=joins)
        cursor.insertText(text, QTextCharFormat())
        cursor.endEditBlock()
        return cursor.position()

    def remove(self, start: int, end: int) -> None:
        """Take a part away."""
        self._cursor(start, end).removeSelectedText()

    def own_words(self, text: str) -> None:
        """Insert words as the user's own at the cursor, in the place of what is chosen."""
        self.textCursor().insertText(text, QTextCharFormat())

    def put_parts(self, parts: Sequence[Part], tokens: Sequence[Token]) -> None:
        """Show a text of which a model wrote parts, as one change that can be undone."""
        self._stream = max(self._tokens, default=0) + 1
        self._tokens[self._stream] = tuple(tokens)
        cursor = QTextCursor(self.document())
        cursor.beginEditBlock()
        cursor.select(QTextCursor.SelectionType.Document)
        cursor.removeSelectedText()
        for words, own, token in parts:
            form = QTextCharFormat() if own else written(self._stream, token)
            cursor.insertText(words, form)
        cursor.endEditBlock()

    def swap(self, span: tuple[int, int], text: str) -> None:
        """Put other words into the place of a token; they stay the model's."""
        cursor = self._cursor(*span)
        passage, number = origin(self._cursor(span[0] + 1, span[0] + 1).charFormat())
        cursor.insertText(text, written(passage, number))

    # ------------------------------------------------------------------------------- passages

    def begin_passage(self, position: int, *, joins: bool = False) -> int:
        """Let a model write from here on; returns the passage's number.

        Args:
            joins: Undo takes the passage back together with the change before.
        """
        self._stream = max(self._tokens, default=0) + 1
        self._tokens[self._stream] = ()
        self._start, self._streamed, self._joins = position, "", joins
        self.setReadOnly(True)
        return self._stream

    def stream(self, text: str) -> None:
        """Show what the passage in hand has become so far."""
        kept = _common(self._streamed, text)
        start = self._start + units(self._streamed[:kept])
        cursor = self._cursor(start, self._start + units(self._streamed))
        _begin(cursor, joins=self._joins)
        cursor.insertText(text[kept:], written(self._stream))
        cursor.endEditBlock()
        self._joins, self._streamed = True, text
        self._follow(cursor)

    def end_passage(
        self,
        text: str,
        tokens: Sequence[Token] = (),
        verbatim: Sequence[tuple[int, int]] = (),
    ) -> None:
        """Say that the passage in hand is done.

        Args:
            text: All that the model wrote.
            tokens: Its tokens; joined they are the text.
            verbatim: From and to which character it stands word for word in the data.
        """
        if text != self._streamed:
            self.stream(text)
        self._tokens[self._stream] = tuple(tokens)
        self._label(self._stream, self._start, text, tokens, verbatim)
        self.setReadOnly(False)

    def keep_passage(self) -> None:
        """Say that the passage in hand ends here, as it stands."""
        self.setReadOnly(False)

    def newest(self) -> int:
        """Return the number of the passage that was begun last; 0 before the first."""
        return self._stream

    def span(self, passage: int) -> tuple[int, int] | None:
        """Return from where to where a passage stands in the document; None when it is gone."""
        parts = [each for each in self._stretches() if each.passage == passage]
        return (parts[0].start, parts[-1].end) if parts else None

    def token(self, passage: int, number: int) -> Token | None:
        """Return a token of a passage."""
        tokens = self._tokens.get(passage, ())
        return tokens[number] if 0 <= number < len(tokens) else None

    def token_span(self, passage: int, number: int) -> tuple[int, int] | None:
        """Return from where to where a token stands in the document; None when it is gone."""
        for each in self._stretches():
            if (each.passage, each.token) == (passage, number):
                return each.start, each.end
        return None

    def token_at(self, position: int) -> tuple[int, int]:
        """Return passage and number of the token of the character at a Qt position; (0, -1)."""
        if position >= self.end():
            return 0, -1
        return origin(self._cursor(position + 1, position + 1).charFormat())

    def set_tinted(self, tinted: bool) -> None:
        """Tint words by how little they were expected, or do not."""
        self._inks.tinted = tinted
        self.repaint_words()

    @Slot()
    def repaint_words(self) -> None:
        """Draw all words anew, in the theme's colours."""
        self._inks.rehighlight()

    # --------------------------------------------------------------------------------- typing

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take what is typed as the user's own, wherever it is typed."""
        if event.text().isprintable() and event.text():
            self._own_words()
        super().keyPressEvent(event)

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        """Take what is composed as the user's own."""
        self._own_words()
        super().inputMethodEvent(event)

    def insertFromMimeData(self, source: QMimeData) -> None:
        """Paste and drop as the user's own words, without the colours of others."""
        self.textCursor().insertText(source.text(), QTextCharFormat())

    def _own_words(self) -> None:
        cursor = self.textCursor()
        if self.isReadOnly() or not origin(cursor.charFormat())[0]:
            return
        cursor.removeSelectedText()
        cursor.setCharFormat(QTextCharFormat())
        self.setTextCursor(cursor)

    # -------------------------------------------------------------------------------- pointing

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """See over which word the pointer rests."""
        super().mouseMoveEvent(event)
        pointed = self._under(event.position().toPoint())
        if pointed != self._pointed:
            self._pointed = pointed
            self._rest.start()

    def leaveEvent(self, event: QEvent) -> None:
        """Point at nothing."""
        super().leaveEvent(event)
        self._pointed = (0, -1)
        self._rest.start()

    @Slot()
    def _point(self) -> None:
        passage, number = self._pointed
        if number < 0 or self.isReadOnly():
            self.token_left.emit()
        else:
            self.point_at(passage, number)

    def point_at(self, passage: int, number: int) -> None:
        """Tell where a token stands, as when the pointer rests on it."""
        span = self.token_span(passage, number)
        if span is None:
            return
        box = self.cursorRect(self._cursor(span[0], span[0]))
        last = self.cursorRect(self._cursor(span[1], span[1]))
        if last.top() == box.top():
            box = box.united(last)
        corner = self.viewport().mapToGlobal(box.topLeft())
        self.token_pointed.emit(passage, number, QRect(corner, box.size()))

    def _under(self, point: QPoint) -> tuple[int, int]:
        cursor = self.cursorForPosition(point)
        box = self.cursorRect(cursor)
        if not box.top() <= point.y() <= box.bottom():
            return 0, -1
        position = cursor.position() - (1 if point.x() < box.left() else 0)
        return self.token_at(position) if position >= 0 else (0, -1)

    # --------------------------------------------------------------------------------- private

    def _cursor(self, start: int, end: int) -> QTextCursor:
        cursor = QTextCursor(self.document())
        last = self.end()
        cursor.setPosition(min(start, last))
        cursor.setPosition(min(end, last), QTextCursor.MoveMode.KeepAnchor)
        return cursor

    def _follow(self, cursor: QTextCursor) -> None:
        """Keep the end of what is being written in sight, unless the user looks elsewhere."""
        self.setTextCursor(cursor)
        self.ensureCursorVisible()

    def _label(
        self,
        passage: int,
        start: int,
        text: str,
        tokens: Sequence[Token],
        verbatim: Sequence[tuple[int, int]],
    ) -> None:
        """Let each part of a passage know its token, and whether it is verbatim."""
        if not tokens and not verbatim:
            return
        cuts = {0, len(text)}
        place = 0
        begins: dict[int, int] = {}
        for number, token in enumerate(tokens):
            if token.text and number >= len(tokens) - _LABELLED:
                begins[place] = number
            place += len(token.text)
            if number >= len(tokens) - _LABELLED - 1:
                cuts.add(min(place, len(text)))
        cuts.update(edge for pair in verbatim for edge in pair if 0 <= edge <= len(text))
        order, places = sorted(cuts), Places(text)
        cursor = QTextCursor(self.document())
        cursor.joinPreviousEditBlock()
        number = -1
        for low, high in pairwise(order):
            number = begins.get(low, number)
            known = any(begin <= low and high <= end for begin, end in verbatim)
            cursor.setPosition(start + places.unit(low))
            cursor.setPosition(start + places.unit(high), QTextCursor.MoveMode.KeepAnchor)
            cursor.setCharFormat(written(passage, number, verbatim=known))
        cursor.endEditBlock()

    def _stretches(self) -> Iterator[Stretch]:
        """Yield the parts of the document that a model wrote, in order."""
        block = self.document().begin()
        while block.isValid():
            yield from stretches(block)
            block = block.next()


def _begin(cursor: QTextCursor, *, joins: bool) -> None:
    if joins:
        cursor.joinPreviousEditBlock()
    else:
        cursor.beginEditBlock()


def _common(first: str, second: str) -> int:
    """Return how many characters two texts begin with alike."""
    if second.startswith(first):
        return len(first)
    pairs = enumerate(zip(first, second, strict=False))
    return next((place for place, (a, b) in pairs if a != b), min(len(first), len(second)))
