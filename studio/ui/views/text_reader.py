"""A page of text to read: opens at once however long the text is, with search and type sizes."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import islice

from PySide6.QtCore import QPoint, Qt, QTimer, Signal, Slot
from PySide6.QtGui import (
    QPainter,
    QPaintEvent,
    QTextBlock,
    QTextCharFormat,
    QTextCursor,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QTextEdit

from studio.data.text.files import RULE
from studio.ui import settings
from studio.ui.theme import theme, ui_font
from studio.ui.views.text_column import ColumnEdit
from studio.ui.views.text_places import Places

#: Sizes of the type, in logical pixels.
SMALLEST, USUAL, LARGEST = 10, 14, 32
_FIRST, _PIECE = 60_000, 20_000  # characters that are laid out at once, and in each turn after
_LONGEST = (
    8_000  # characters of a paragraph; longer ones are broken, as one would be laid out whole
)
_MOST_FOUND = 10_000
_RULE = RULE.strip()  # a line that is drawn as a rule between the texts of a sheet
_SIZE = "text/size"


class ReadingPage(ColumnEdit):
    """Shows a text of any script and length; the first screen is there at once, the rest follows.

    Signals:
        filled: All of the text has been laid out.
        size_changed: The size of the type in logical pixels.
    """

    filled = Signal()
    size_changed = Signal(int)

    def __init__(self, name: str) -> None:
        super().__init__()
        self._text, self._laid = "", 0
        self._places = Places("")
        self._found: list[int] = []
        self._marks: list[QTextEdit.ExtraSelection] = []
        self._length = 0  # of what is searched for
        self.setAccessibleName(name)
        self.setReadOnly(True)
        self.setUndoRedoEnabled(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setProperty("role", "reading")
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self._feed = QTimer(self)
        self._feed.setInterval(0)
        self._feed.timeout.connect(self._lay_more)
        self.verticalScrollBar().valueChanged.connect(self._mark)
        theme().changed.connect(self._mark)
        self.set_size(settings.number(_SIZE, USUAL))

    # ------------------------------------------------------------------------------- contents

    def show_text(self, text: str) -> None:
        """Show another text from its beginning."""
        self._feed.stop()
        self._text = _broken(text.replace("\r\n", "\n").replace("\r", "\n"))
        self._places = Places(self._text)
        self._marks = []
        self._laid = min(_FIRST, len(self._text))
        self.setPlainText(self._text[: self._laid])
        self.find_all("")
        if self._laid < len(self._text):
            self._feed.start()
        else:
            self.filled.emit()

    def text(self) -> str:
        """Return what is shown."""
        return self._text

    @property
    def is_filled(self) -> bool:
        """Whether all of the text has been laid out."""
        return self._laid >= len(self._text)

    @Slot()
    def _lay_more(self) -> None:
        """Lay out another piece; the window draws in between."""
        self._lay_until(min(self._laid + _PIECE, len(self._text)))

    def _lay_until(self, place: int) -> None:
        if place > self._laid:
            end = QTextCursor(self.document())
            end.movePosition(QTextCursor.MoveOperation.End)
            end.insertText(self._text[self._laid : place])
            self._laid = place
        if self._laid >= len(self._text) and self._feed.isActive():
            self._feed.stop()
            self.filled.emit()

    # --------------------------------------------------------------------------------- search

    def find_all(self, words: str) -> int:
        """Look for words, in any case, and mark them; returns how often they occur."""
        self._found = _places(self._text, words)
        self._length = len(words)
        self._mark()
        return len(self._found)

    def go_to(self, number: int) -> None:
        """Bring the occurrence with this number into sight and select it."""
        if not self._found:
            return
        place = self._found[number % len(self._found)]
        self._lay_until(min(len(self._text), place + self._length + _PIECE))
        self.setTextCursor(self._cursor(place))
        self.centerCursor()
        self._mark()

    @Slot()
    def _mark(self) -> None:
        """Mark what was found, as far as it is in sight."""
        marks = list(self._marks)
        if self._found:
            corner = QPoint(self.viewport().width(), self.viewport().height())
            first = self._places.place(self.firstVisibleBlock().position())
            last = self._places.place(self.cursorForPosition(corner).position())
            form = QTextCharFormat()
            form.setBackground(theme().colour("selection"))
            begin = bisect_left(self._found, first)
            for place in self._found[begin : bisect_right(self._found, last)]:
                mark = QTextEdit.ExtraSelection()
                mark.cursor, mark.format = self._cursor(place), form
                marks.append(mark)
        self.setExtraSelections(marks)

    def _cursor(self, place: int) -> QTextCursor:
        """Return a cursor that has chosen what was found at a place."""
        cursor = QTextCursor(self.document())
        cursor.setPosition(self._places.unit(place))
        keep = QTextCursor.MoveMode.KeepAnchor
        cursor.setPosition(self._places.unit(place + self._length), keep)
        return cursor

    def last(self) -> int:
        """Return the last Qt position."""
        return max(0, self.document().characterCount() - 1)

    def set_marks(self, marks: Sequence[QTextEdit.ExtraSelection]) -> None:
        """Mark parts of the text for good, beside what is searched for."""
        self._marks = list(marks)
        self._mark()

    def show_place(self, place: int) -> None:
        """Bring a character into sight."""
        self._lay_until(min(len(self._text), place + _PIECE))
        cursor = QTextCursor(self.document())
        cursor.setPosition(min(self._places.unit(place), self.last()))
        self.setTextCursor(cursor)
        self.centerCursor()

    # ----------------------------------------------------------------------------------- type

    def set_size(self, pixels: int) -> None:
        """Change the size of the type, in logical pixels."""
        pixels = max(SMALLEST, min(LARGEST, pixels))
        font = ui_font(14)
        font.setPixelSize(pixels)
        self.setFont(font)
        self.fit()
        if pixels != settings.number(_SIZE, USUAL):
            settings.store(_SIZE, pixels)
        self.size_changed.emit(pixels)

    def size_of_type(self) -> int:
        """Return the size of the type, in logical pixels."""
        return self.font().pixelSize()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Change the type's size with Ctrl, else scroll."""
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.set_size(self.size_of_type() + (1 if event.angleDelta().y() > 0 else -1))
            event.accept()
        else:
            super().wheelEvent(event)

    # -------------------------------------------------------------------------------- drawing

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the text, and the rules between texts on one page."""
        super().paintEvent(event)
        painter = QPainter(self.viewport())
        painter.setPen(theme().colour("faint"))
        block: QTextBlock = self.firstVisibleBlock()
        while block.isValid():
            box = self.blockBoundingGeometry(block).translated(self.contentOffset())
            if box.top() > self.viewport().height():
                break
            if block.text() == _RULE:
                painter.fillRect(box, theme().colour("panel"))
                middle = round(box.center().y())
                painter.drawLine(0, middle, self.viewport().width(), middle)
            block = block.next()


def _broken(text: str) -> str:
    """Return a text with paragraphs that can be laid out within a moment, broken at spaces."""
    if len(text) <= _LONGEST:
        return text
    lines = text.split("\n")
    if max(map(len, lines)) <= _LONGEST:
        return text
    parts: list[str] = []
    for line in lines:
        start = 0
        while len(line) - start > _LONGEST:
            space = line.rfind(" ", start + 1, start + _LONGEST)
            end = space + 1 if space > 0 else start + _LONGEST
            parts.append(line[start:end])
            start = end
        parts.append(line[start:])
    return "\n".join(parts)


def _places(text: str, words: str) -> list[int]:
    """Return where words occur in a text, in any case; at most 10,000 places."""
    if not words:
        return []
    folded, wanted = text.lower(), words.lower()
    if len(folded) != len(text):  # a few letters become two when they are made small
        pattern = re.compile(re.escape(words), re.IGNORECASE)
        return [found.start() for found in islice(pattern.finditer(text), _MOST_FOUND)]
    places: list[int] = []
    place = folded.find(wanted)
    while place >= 0 and len(places) < _MOST_FOUND:
        places.append(place)
        place = folded.find(wanted, place + len(wanted))
    return places
