"""Two texts side by side, word by word: what only one of them has is marked."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Sequence
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QSize, QThread, Signal, Slot
from PySide6.QtGui import QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QDialog, QHBoxLayout, QTextEdit, QVBoxLayout, QWidget

from studio.ui.theme import GAP, MARGIN_CARD, theme
from studio.ui.views.text_places import Places
from studio.ui.views.text_reader import ReadingPage
from studio.ui.widgets.buttons import IconButton
from studio.ui.widgets.labels import ElidedLabel, label

_SIZE = QSize(980, 680)
_LONGEST = 400_000  # characters that are compared of each
_MOST_MARKS = 5_000
_TOO_MANY = 100_000_000  # pairs of words; changed parts that have more are marked as a whole
_WORD = re.compile(r"\w+|\s+|[^\w\s]")


class Difference(NamedTuple):
    """A place where two texts differ: from and to which character in each."""

    first: tuple[int, int]
    second: tuple[int, int]


def differences(
    first: str, second: str, going: Callable[[], bool] = lambda: True
) -> list[Difference]:
    """Return where two texts differ: lines first, then whole words in lines that are alike.

    Args:
        going: Asked again and again; no more is looked for once it says no.
    """
    found: list[Difference] = []
    lines = [text.splitlines(keepends=True) for text in (first, second)]
    starts = [_starts(each) for each in lines]
    for a, b, c, d in _changes(*lines):
        if not going():
            break
        start = (starts[0][a], starts[1][c])
        words = [_WORD.findall("".join(part)) for part in (lines[0][a:b], lines[1][c:d])]
        if len(words[0]) * len(words[1]) > _TOO_MANY:
            end = (starts[0][b], starts[1][d])
            found.append(Difference((start[0], end[0]), (start[1], end[1])))
            continue
        places = [_starts(each, at) for each, at in zip(words, start, strict=True)]
        found.extend(
            Difference((places[0][e], places[0][f]), (places[1][g], places[1][h]))
            for e, f, g, h in _changes(*words)
        )
    return found


def _changes(first: Sequence[str], second: Sequence[str]) -> list[tuple[int, int, int, int]]:
    """Return the parts that differ: from and to which place in each."""
    # what is everywhere is no landmark in long texts
    matcher = difflib.SequenceMatcher(None, first, second, autojunk=True)
    return [(a, b, c, d) for tag, a, b, c, d in matcher.get_opcodes() if tag != "equal"]


def _starts(parts: Sequence[str], start: int = 0) -> list[int]:
    """Return where each part begins, and where the last one ends."""
    return list(accumulate((len(part) for part in parts), initial=start))


class DiffThread(QThread):
    """Compares two texts beside the window's work.

    Signals:
        found: List of Difference.
    """

    found = Signal(object)

    def __init__(self, first: str, second: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("text differences")
        self._texts = first, second

    def run(self) -> None:
        """Compare."""
        found = differences(*self._texts, lambda: not self.isInterruptionRequested())
        self.found.emit(found)


class TextDiffDialog(QDialog):
    """Two texts beside each other; the buttons go from difference to difference.

    Attributes:
        pages: The two texts.
        count: How many differences there are, in words.
    """

    def __init__(self, paths: Sequence[Path], names: Sequence[str], parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Compare texts"))
        self.resize(_SIZE)
        self._differences: list[Difference] = []
        self._place = -1
        self.pages = [ReadingPage(name) for name in names]
        texts = [_read(path) for path in paths]
        for page, text in zip(self.pages, texts, strict=True):
            page.show_text(text)
        self.count = label(self.tr("Comparing…"), "muted")
        row = QHBoxLayout()
        row.setSpacing(GAP)
        row.addWidget(self.count, 1)
        self._steps = [
            IconButton("chevron-up", self.tr("The difference before (Shift+F3)"), self._before),
            IconButton("chevron-down", self.tr("The next difference (F3)"), self._after),
        ]
        for button, keys in zip(self._steps, ("Shift+F3", "F3"), strict=True):
            button.setShortcut(keys)
            button.setEnabled(False)
            row.addWidget(button)
        sides = QHBoxLayout()
        sides.setSpacing(2 * GAP)
        for page, name in zip(self.pages, names, strict=True):
            side = QVBoxLayout()
            side.addWidget(ElidedLabel(name, "heading"))
            side.addWidget(page, 1)
            sides.addLayout(side, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN_CARD, MARGIN_CARD, MARGIN_CARD, MARGIN_CARD)
        column.setSpacing(GAP)
        column.addLayout(row)
        column.addLayout(sides, 1)
        theme().changed.connect(self._mark)
        self._thread = DiffThread(self.pages[0].text(), self.pages[1].text(), self)
        self._thread.found.connect(self._on_found)
        self._thread.start(QThread.Priority.LowPriority)
        self.finished.connect(self._end)

    @Slot()
    def _end(self) -> None:
        """End the thread, and wait for it."""
        self._thread.requestInterruption()
        self._thread.wait()

    @Slot(object)
    def _on_found(self, found: list[Difference]) -> None:
        self._differences = found
        words = self.tr("1 difference") if len(found) == 1 else self.tr("{count} differences")
        self.count.setText(words.format(count=f"{len(found):,}") if found else self.tr("The same"))
        for button in self._steps:
            button.setEnabled(bool(found))
        self._mark()

    @Slot()
    def _mark(self) -> None:
        """Mark what differs: missing on one side in one colour, on the other in another."""
        for side, page in enumerate(self.pages):
            form = QTextCharFormat()
            colour = theme().colour("bad" if side == 0 else "good")
            colour.setAlphaF(0.3)
            form.setBackground(colour)
            places = Places(page.text())
            marks = []
            for each in self._differences[:_MOST_MARKS]:
                start, end = each[side]
                mark = QTextEdit.ExtraSelection()
                cursor = QTextCursor(page.document())
                cursor.setPosition(min(places.unit(start), page.last()))
                keep = QTextCursor.MoveMode.KeepAnchor
                cursor.setPosition(min(places.unit(end), page.last()), keep)
                mark.cursor, mark.format = cursor, form
                marks.append(mark)
            page.set_marks(marks)

    def _after(self) -> None:
        self._go(1)

    def _before(self) -> None:
        self._go(-1)

    def _go(self, step: int) -> None:
        self._place = (self._place + step) % len(self._differences)
        each = self._differences[self._place]
        for side, page in enumerate(self.pages):
            page.show_place(each[side][0])


def _read(path: Path) -> str:
    try:
        return path.read_bytes()[: 4 * _LONGEST].decode("utf-8", "replace")[:_LONGEST]
    except OSError:
        return ""
