"""Texts to read: whole files, sheets of samples, and pairs side by side."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from studio.data.stored import Stored, whole
from studio.data.text.files import PAIR
from studio.ui.theme import GAP
from studio.ui.views.base import MediaView
from studio.ui.views.text_reader import ReadingPage
from studio.ui.widgets.buttons import IconButton
from studio.ui.widgets.inputs import SearchField
from studio.ui.widgets.labels import label

_MOST = 20_000_000  # bytes that are shown of a file
_TOOLS_WIDTH, _TOOLS_HEIGHT = 300, 240  # logical pixels from which on there is room for tools


class FindBar(QWidget):
    """A line to search in pages: how often the words occur, and buttons to go through them."""

    def __init__(self, view: TextView) -> None:
        super().__init__()
        self._view = view
        self._number, self._count = 0, 0
        self.field = SearchField(self.tr("Find in the text"))
        self.field.searched.connect(self._on_searched)
        self._words = label("", "caption")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self.field, 1)
        row.addWidget(self._words)
        for sign, name, step in (
            ("chevron-up", self.tr("The one before (Shift+Enter)"), -1),
            ("chevron-down", self.tr("The next one (Enter)"), 1),
        ):
            row.addWidget(IconButton(sign, name, partial(self.go, step), 26))
        row.addWidget(IconButton("close", self.tr("Close the search (Esc)"), self.close_bar, 26))

    def open_bar(self) -> None:
        """Show it, ready to type."""
        self.show()
        self.field.setFocus()
        self.field.selectAll()

    def close_bar(self) -> None:
        """Hide it, and the marks."""
        self.hide()
        self._view.page.find_all("")
        self._view.page.setFocus()

    def go(self, step: int) -> None:
        """Go to the next occurrence, or the one before."""
        if self._count:
            self._number = (self._number + step) % self._count
            self._view.page.go_to(self._number)
        self._say()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go on with Enter, close with Esc."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            back = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
            self.go(-1 if back else 1)
        elif event.key() == Qt.Key.Key_Escape:
            self.close_bar()
        else:
            super().keyPressEvent(event)

    @Slot(str)
    def _on_searched(self, words: str) -> None:
        self._count = self._view.page.find_all(words)
        self._number = 0
        self.go(0)

    def _say(self) -> None:
        words = self.tr("{number} of {count}")
        if not self.field.text():
            words = ""
        elif not self._count:
            words = self.tr("Not found")
        self._words.setText(words.format(number=f"{self._number + 1:,}", count=f"{self._count:,}"))


class TextView(MediaView):
    """A text with search (Ctrl+F), type size and copy; the two texts of a pair side by side.

    Attributes:
        page: The text, or the source of a pair.
        target: The target of a pair; hidden for other texts.
        search: The line to search in; hidden until it is asked for.
    """

    def __init__(self) -> None:
        super().__init__()
        self._path: Path | None = None
        self.page = ReadingPage(self.tr("Text"))
        self.target = ReadingPage(self.tr("Target"))
        self.target.hide()
        self.page.size_changed.connect(self.target.set_size)
        self.search = FindBar(self)
        self.search.hide()
        pages = QHBoxLayout()
        pages.setSpacing(GAP)
        pages.addWidget(self.page, 1)
        pages.addWidget(self.target, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.search)
        column.addLayout(pages, 1)
        column.addWidget(self._make_tools())
        self.setAccessibleName(self.tr("Text"))
        self.setFocusProxy(self.page)
        for keys, act in (
            (QKeySequence.StandardKey.Find, self.search.open_bar),
            (QKeySequence.StandardKey.ZoomIn, lambda: self._resize_type(1)),
            (QKeySequence.StandardKey.ZoomOut, lambda: self._resize_type(-1)),
        ):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(act)

    def show_media(self, path: Path) -> None:
        """Show a text file; one that cannot be read is said in its place."""
        try:
            with path.open("rb") as file:
                raw = file.read(_MOST + 1)
        except OSError:
            self._show(self.tr("{name} cannot be shown").format(name=path.name))
            return
        text = raw[:_MOST].decode("utf-8", "replace")
        if len(raw) > _MOST:
            more = self.tr("Only the first {count} MB are shown.")
            text += "\n\n" + more.format(count=_MOST // 1_000_000)
        self._show(text)
        self.setAccessibleDescription(path.name)

    def show_item(self, stored: Stored, name: str) -> None:
        """Show an item of a dataset: a text, or the two of a pair."""
        self._show(whole(stored)[:_MOST].decode("utf-8", "replace"))
        self.setAccessibleDescription(name)

    def clear(self) -> None:
        """Show nothing."""
        self._show("")

    def text(self) -> str:
        """Return what is shown; a pair with the mark between its texts."""
        pair = not self.target.isHidden()
        return PAIR.join((self.page.text(), self.target.text())) if pair else self.page.text()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the tools out where there is no room for them."""
        super().resizeEvent(event)
        self._fit()

    def _show(self, text: str) -> None:
        source, mark, target = text.partition(PAIR)
        self.page.show_text(source)
        self.target.show_text(target)
        self.target.setVisible(bool(mark))
        self.page.setAccessibleName(self.tr("Source") if mark else self.tr("Text"))
        if self.search.isVisible():
            self.search.field.searched.emit(self.search.field.text())

    def _make_tools(self) -> QWidget:
        self._tools = QWidget()
        row = QHBoxLayout(self._tools)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addStretch(1)
        for sign, name, act in (
            ("search", self.tr("Find (Ctrl+F)"), self.search.open_bar),
            ("minus", self.tr("Smaller type (Ctrl+−)"), lambda: self._resize_type(-1)),
            ("plus", self.tr("Larger type (Ctrl++)"), lambda: self._resize_type(1)),
            ("copy", self.tr("Copy what is selected, else all of the text"), self._copy),
        ):
            row.addWidget(IconButton(sign, name, act, 26))
        return self._tools

    def _fit(self) -> None:
        self._tools.setVisible(self.width() >= _TOOLS_WIDTH and self.height() >= _TOOLS_HEIGHT)

    def _resize_type(self, step: int) -> None:
        self.page.set_size(self.page.size_of_type() + step)

    def _copy(self) -> None:
        cursor = self.page.textCursor()
        chosen = cursor.selectedText().replace("\u2029", "\n") if cursor.hasSelection() else ""
        QGuiApplication.clipboard().setText(chosen or self.text().replace(PAIR, "\n"))
