"""The card around an editor of texts: its legend, the tint, and the choices of a word."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt, Signal, Slot
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QWidget

from studio.ui.theme import GAP, theme
from studio.ui.views.text_choices import ChoicesCard
from studio.ui.views.text_inks import tint
from studio.ui.views.text_written import WrittenEdit
from studio.ui.widgets.cards import Card
from studio.ui.widgets.chips import Chip
from studio.ui.widgets.labels import Pill, label


class WritingCard(Card):
    """An editor with its legend above.

    Attributes:
        edit: The editor.
        choices: The card over a word.
        goes_on: Whether the model writes on from a choice, or only the word is another one.

    Signals:
        picked: (passage, number of the token, text): the user wants something else there.
    """

    picked = Signal(int, int, str)

    def __init__(self, title: str, name: str) -> None:
        super().__init__(title)
        self._passage, self._number = 0, -1
        self.edit = WrittenEdit(name)
        self.choices = ChoicesCard(self)
        self.goes_on = True
        self.edit.token_pointed.connect(self._on_pointed)
        self.edit.token_left.connect(self.choices.leave_soon)
        self.choices.picked.connect(self._on_picked)
        self._tint = Chip(
            self.tr("Tint by surprise"),
            tip=self.tr("The less the model expected a word, the stronger its tint (−log p)"),
        )
        self._tint.toggled.connect(self._on_tint)
        self._pill = Pill()
        self._pill.hide()
        self._legend = Legend()
        self.header.addWidget(self._pill)
        self.header.addWidget(self._tint)
        self.body.addWidget(self.edit, 1)
        self.body.addWidget(self._legend)

    def say(self, words: str) -> None:
        """Show how the work goes."""
        self._pill.setText(words)
        self._pill.setVisible(bool(words))

    @Slot(bool)
    def _on_tint(self, tinted: bool) -> None:
        self.edit.set_tinted(tinted)
        self._legend.set_tinted(tinted)

    @Slot(int, int, QRect)
    def _on_pointed(self, passage: int, number: int, at: QRect) -> None:
        token = self.edit.token(passage, number)
        if token is not None and token.others:
            self._passage, self._number = passage, number
            self.choices.show_token(token, at, goes_on=self.goes_on)

    @Slot(str)
    def _on_picked(self, text: str) -> None:
        self.picked.emit(self._passage, self._number, text)


class Legend(QWidget):
    """What the colours of the words mean."""

    def __init__(self) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2 * GAP)
        for kind, words, tip in (
            ("own", self.tr("yours"), ""),
            ("model", self.tr("the model's"), self.tr("Rest on a word to see other choices")),
            (
                "verbatim",
                self.tr("word for word in your data"),
                self.tr("Longer than 50 characters and just so in the data it learned from"),
            ),
        ):
            self._add(row, kind, words, tip)
        self._tints = QWidget()
        tints = QHBoxLayout(self._tints)
        tints.setContentsMargins(GAP, 0, 0, 0)
        tints.setSpacing(GAP)
        tints.addWidget(label(self.tr("expected"), "caption"))
        tints.addWidget(_Sign("tints"))
        tints.addWidget(label(self.tr("surprising"), "caption"))
        row.addWidget(self._tints)
        row.addStretch(1)
        self.set_tinted(False)

    def set_tinted(self, tinted: bool) -> None:
        """Say what the tints mean, too."""
        self._tints.setVisible(tinted)

    def _add(self, row: QHBoxLayout, kind: str, words: str, tip: str) -> None:
        pair = QHBoxLayout()
        pair.setSpacing(4)
        for each in (_Sign(kind), label(words, "caption")):
            each.setToolTip(tip)
            pair.addWidget(each)
        row.addLayout(pair)


class _Sign(QWidget):
    """A sample of how words look."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self._kind = kind
        self.setFixedSize(QSize(44 if kind == "tints" else 14, 12))
        theme().changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it."""
        painter = QPainter(self)
        if self._kind == "tints":
            for place, chance in enumerate((0.6, 0.1, 0.01, 0.0003)):
                painter.fillRect(place * 11, 0, 11, 12, tint(chance))
        elif self._kind == "verbatim":
            painter.setPen(QPen(theme().colour("warn"), 1.5, Qt.PenStyle.DashLine))
            painter.drawLine(0, 10, 14, 10)
        else:
            colour = theme().colour("accent" if self._kind == "own" else "text")
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            painter.drawEllipse(2, 1, 10, 10)
