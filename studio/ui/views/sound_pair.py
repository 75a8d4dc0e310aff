"""Two recordings above each other with one playhead; either is heard, without a gap between."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from studio.ui.sound import player
from studio.ui.theme import GAP
from studio.ui.views.audio import AudioView
from studio.ui.views.sound_canvas import Span
from studio.ui.widgets.buttons import Button
from studio.ui.widgets.chips import ChipChoice, ChipRow
from studio.ui.widgets.labels import ElidedLabel, label


class SoundPair(QWidget):
    """A above B: they scroll and zoom together, and one bar plays the one that is chosen.

    Attributes:
        views: The two recordings.
        other: The button that goes over to the other one; so does the key X.
    """

    def __init__(self) -> None:
        super().__init__()
        self._heard = 0
        self._following = False
        self.views = [AudioView(), AudioView()]
        self._titles = [ElidedLabel("", "heading"), ElidedLabel("", "heading")]
        self._which = ChipRow(
            self.tr("Which recording is heard"), [ChipChoice(0, "A"), ChipChoice(1, "B")]
        )
        self._which.chosen.connect(self._on_picked)
        self.other = Button(self.tr("A / B"), self.switch, icon="compare")
        self.other.setToolTip(self.tr("Goes on in the other recording at the same place (X)"))
        self.other.setShortcut("X")
        self._bars = QStackedWidget()
        row = QHBoxLayout()
        row.setSpacing(GAP)
        row.addWidget(self._which)
        row.addWidget(label(self.tr("Space plays, X goes to the other one"), "caption"))
        row.addStretch(1)
        row.addWidget(self.other)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP)
        for place, view in enumerate(self.views):
            view.alone = False
            view.column.removeWidget(view.bar)
            self._bars.addWidget(view.bar)
            column.addWidget(self._titles[place])
            column.addWidget(view, 1)
            name = self.tr("Recording {letter}").format(letter="AB"[place])
            view.setAccessibleName(name)
            view.canvas.setAccessibleName(name)
            view.bar.moved.connect(partial(self._on_moved, place))
            view.canvas.span_changed.connect(partial(self._on_span, place))
            view.canvas.scrolled.connect(partial(self._on_scrolled, place))
            view.shown.connect(self._on_shown)
        column.addWidget(self._bars)
        column.addLayout(row)
        self.setFocusProxy(self.views[0].canvas)
        player().changed.connect(self._on_changed)

    def show_files(self, paths: Sequence[Path], names: Sequence[str]) -> None:
        """Show two files with their names."""
        for place, (path, name) in enumerate(zip(paths, names, strict=True)):
            self._titles[place].setText(f"{'AB'[place]} · {name}")
            self.views[place].show_media(path)
        self._show_heard(0)

    def clear(self) -> None:
        """Show and play nothing."""
        for view in self.views:
            view.clear()

    def heard(self) -> int:
        """Return which one plays or would play: 0 or 1."""
        return self._heard

    def toggle(self) -> None:
        """Play or hold."""
        self.views[self._heard].toggle()

    @Slot()
    def switch(self) -> None:
        """Go on in the other one at the same place."""
        self._go(1 - self._heard)

    def _go(self, to: int) -> None:
        before, after = self.views[self._heard].bar.piece, self.views[to].bar.piece
        if to == self._heard or before is None or after is None:
            return
        self._heard = to  # first, as the player tells of the change at once
        player().switch(before, after)
        self._show_heard(to)

    def _show_heard(self, place: int) -> None:
        self._heard = place
        self._which.set_key(place)
        self._bars.setCurrentWidget(self.views[place].bar)

    @Slot(object)
    def _on_picked(self, which: object) -> None:
        self._go(1 if which == 1 else 0)

    @Slot()
    def _on_changed(self) -> None:
        """Follow the space bar, which plays the one that has the keyboard."""
        for place, view in enumerate(self.views):
            if view.bar.playing() and place != self._heard:
                self._show_heard(place)

    @Slot()
    def _on_shown(self) -> None:
        """Give both the room of the longer one."""
        longest = max(view.canvas.seconds for view in self.views)
        for view in self.views:
            view.canvas.set_extent(longest)
            view.canvas.fit()

    def _on_moved(self, place: int, seconds: float) -> None:
        """Keep the playheads together; a click in the one that is not heard moves both."""
        if self._following:
            return
        self._following = True
        other = self.views[1 - place]
        if other.bar.piece is not None:
            if place != self._heard:
                other.bar.seek(seconds)
            else:
                other.bar.piece.position = seconds
                other.canvas.set_playhead(seconds, follow=self.views[place].bar.playing())
        self._following = False

    def _on_span(self, place: int, span: Span | None) -> None:
        if not self._following:
            self._following = True
            self.views[1 - place].canvas.set_span(span)
            self._following = False

    def _on_scrolled(self, place: int) -> None:
        if not self._following:
            self._following = True
            canvas, other = self.views[place].canvas, self.views[1 - place].canvas
            if other.recording is not None and canvas.recording is not None:
                other.show_part(canvas.left(), canvas.across)
            self._following = False
