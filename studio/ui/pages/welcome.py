"""The welcome page: from launch to a first training in a few clicks, or back to a project."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from studio.core.catalogue import catalogue
from studio.core.paths import starter_models
from studio.ui import nouns
from studio.ui.icons import IconLabel
from studio.ui.settings import recent_projects
from studio.ui.widgets.buttons import Button, PrimaryButton, QuietButton
from studio.ui.widgets.cards import Card
from studio.ui.widgets.labels import ElidedLabel, label
from studio.ui.widgets.panes import scrolled

_NAME_WIDTH = 320  # widest name of a recent project, in logical pixels
_LEFT = Qt.AlignmentFlag.AlignLeft


class WelcomePage(QWidget):
    """What a newcomer sees first.

    Signals:
        try_wanted: Open the first project with the digits and go on to training.
        starter_wanted: Open the first project with a ready model and go on to generating.
        new_wanted, open_wanted: Make a project, or choose one that exists.
        project_wanted: Open this folder.
    """

    try_wanted = Signal()
    starter_wanted = Signal()
    new_wanted = Signal()
    open_wanted = Signal()
    project_wanted = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._things = nouns.any_of(catalogue().modalities)
        self.setProperty("role", "page")
        self.setAccessibleName(self.tr("Welcome"))
        middle = QWidget()
        middle.setMaximumWidth(760)
        self._column = QVBoxLayout(middle)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(12)
        self._column.addStretch(2)
        self._add_hello()
        ways = QHBoxLayout()
        ways.setSpacing(12)
        for way in self._ways():
            ways.addWidget(way, 1)
        self._column.addLayout(ways)
        self._add_projects()
        self._column.addStretch(3)
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.addStretch(1)
        row.addWidget(middle, 100)
        row.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scrolled(holder))

    def _add_hello(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(4)
        words.addWidget(label(self.tr("Welcome to AIGC Studio"), "title"))
        words.addWidget(
            label(
                self.tr(
                    "Teach your computer to make {things} like yours. Everything stays on it."
                ).format(things=self._things),
                "muted",
                wrap=True,
            )
        )
        row = QHBoxLayout()
        row.setSpacing(14)
        row.addWidget(IconLabel("logo", 40, "accent"), 0, Qt.AlignmentFlag.AlignVCenter)
        row.addLayout(words, 1)
        self._column.addLayout(row)
        self._column.addSpacing(10)

    def _ways(self) -> list[Card]:
        first = self._way(
            "train",
            self.tr("See a model learn"),
            self.tr("Trains on 1,797 handwritten digits. First results within half a minute."),
        )
        first.body.addWidget(
            PrimaryButton(self.tr("Try with digits"), self.try_wanted.emit), 0, _LEFT
        )
        own = self._way(
            "folder",
            self.tr("Use your own files"),
            self.tr("Make a project, then drop a folder of {things} onto it.").format(
                things=self._things
            ),
        )
        own.body.addWidget(Button(self.tr("New project…"), self.new_wanted.emit), 0, _LEFT)
        ways = [first, own]
        if starter_models():
            ready = self._way(
                "generate",
                self.tr("Make something now"),
                self.tr("Uses a model that was trained for you with this program."),
            )
            open_it = Button(self.tr("Open a ready model"), self.starter_wanted.emit)
            ready.body.addWidget(open_it, 0, _LEFT)
            ways.insert(1, ready)
        return ways

    @staticmethod
    def _way(icon: str, title: str, sentence: str) -> Card:
        card = Card()
        card.setAccessibleName(title)
        card.body.addWidget(IconLabel(icon, 24, "accent"))
        card.body.addWidget(label(title, "heading", wrap=True))
        card.body.addWidget(label(sentence, "muted", wrap=True))
        card.body.addStretch(1)
        return card

    def _add_projects(self) -> None:
        row = QHBoxLayout()
        row.addWidget(label(self.tr("Recent projects"), "heading"))
        row.addStretch(1)
        row.addWidget(QuietButton(self.tr("Open a project…"), self.open_wanted.emit, icon="folder"))
        card = Card()
        card.body.addLayout(row)
        recent = recent_projects()
        if not recent:
            card.body.addWidget(label(self.tr("Projects that you open are listed here."), "muted"))
        for folder in recent[:5]:
            card.body.addLayout(self._project(folder))
        self._column.addWidget(card)

    def _project(self, folder: Path) -> QHBoxLayout:
        row = QHBoxLayout()
        metrics = self.fontMetrics()
        name = metrics.elidedText(folder.stem, Qt.TextElideMode.ElideRight, _NAME_WIDTH)
        button = QuietButton(name, lambda: self.project_wanted.emit(folder), icon="file")
        button.setToolTip(str(folder))
        button.setAccessibleName(folder.stem)
        row.addWidget(button)
        row.addWidget(ElidedLabel(str(folder.parent), "caption"), 1)
        return row
