"""Whose words are whose: what each stretch of an editor's document knows, and how it looks."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from PySide6.QtGui import (
    QColor,
    QSyntaxHighlighter,
    QTextBlock,
    QTextCharFormat,
    QTextDocument,
    QTextFormat,
)

from studio.core.media import BLANK, Token
from studio.ui.theme import theme
from studio.ui.views.text_places import units

# what a stretch of the document knows of itself; colours follow from it and the theme
_PASSAGE = int(QTextFormat.Property.UserProperty) + 1  # which one the model wrote
_TOKEN = _PASSAGE + 1  # its place among the passage's tokens
_VERBATIM = _PASSAGE + 2  # it stands word for word in the data
_BLANK = re.compile(re.escape(BLANK))
_SURPRISED = 8.0  # nats at which a tint is at its strongest: 1 in 3,000
_TINT = 0.42  # share of the tint's colour then; words stay readable on it


class Stretch(NamedTuple):
    """A part of a document that a model wrote; places are Qt positions, no token is -1."""

    start: int
    end: int
    passage: int
    token: int


def written(passage: int, token: int = -1, *, verbatim: bool = False) -> QTextCharFormat:
    """Return the format of what a model wrote."""
    form = QTextCharFormat()
    form.setProperty(_PASSAGE, passage)
    if token >= 0:
        form.setProperty(_TOKEN, token)
    if verbatim:
        form.setProperty(_VERBATIM, True)
    return form


def origin(form: QTextCharFormat) -> tuple[int, int]:
    """Return (passage, token) of a format; (0, -1) for the user's own words."""
    if not form.hasProperty(_PASSAGE):
        return 0, -1
    number = int(form.property(_TOKEN)) if form.hasProperty(_TOKEN) else -1
    return int(form.property(_PASSAGE)), number


def stretches(block: QTextBlock) -> Iterator[Stretch]:
    """Yield the parts of a paragraph that a model wrote."""
    each = block.begin()
    while not each.atEnd():
        part = each.fragment()
        passage, number = origin(part.charFormat())
        if passage:
            yield Stretch(part.position(), part.position() + part.length(), passage, number)
        each += 1


def tint(chance: float) -> QColor:
    """Return the colour behind a token: the less it was expected, the stronger."""
    # surprise = −ln p, in nats
    surprise = -math.log(max(chance, 1e-9))
    colour = theme().series(1)
    colour.setAlphaF(_TINT * min(1.0, surprise / _SURPRISED))
    return colour


class Inks(QSyntaxHighlighter):
    """Gives each part of a document its colours; nothing of it can be undone or copied.

    Attributes:
        tinted: Whether words are tinted by how little they were expected.
    """

    def __init__(self, document: QTextDocument, token: Callable[[int, int], Token | None]) -> None:
        """Colour a document.

        Args:
            token: Returns the token with a number of a passage.
        """
        super().__init__(document)
        self.tinted = False
        self._token = token

    def highlightBlock(self, text: str) -> None:
        """Colour one paragraph."""
        if text:
            own = QTextCharFormat()
            own.setForeground(theme().colour("accent"))
            self.setFormat(0, units(text), own)
        blank = QTextCharFormat()
        blank.setForeground(theme().colour("text"))
        blank.setBackground(theme().colour("selection"))
        for found in _BLANK.finditer(text):
            self.setFormat(units(text[: found.start()]), units(BLANK), blank)
        block = self.currentBlock()
        each = block.begin()
        while not each.atEnd():
            part = each.fragment()
            form = part.charFormat()
            if form.hasProperty(_PASSAGE):
                start = part.position() - block.position()
                self.setFormat(start, part.length(), self._ink(form))
            each += 1

    def _ink(self, form: QTextCharFormat) -> QTextCharFormat:
        """Return how what a model wrote looks."""
        ink = QTextCharFormat()
        ink.setForeground(theme().colour("text"))
        if form.hasProperty(_VERBATIM):
            ink.setUnderlineStyle(QTextCharFormat.UnderlineStyle.DashUnderline)
            ink.setUnderlineColor(theme().colour("warn"))
        token = self._token(*origin(form)) if self.tinted else None
        if token is not None:
            ink.setBackground(tint(token.chance))
        return ink
