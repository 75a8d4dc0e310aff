"""What views of music and of sound share: a bar to play, and samples of a sheet to go through."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Qt, Slot
from PySide6.QtGui import QHideEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QSizePolicy, QVBoxLayout

from studio.ui.sound import player
from studio.ui.theme import GAP
from studio.ui.views.base import MediaView
from studio.ui.views.timeline import Timeline
from studio.ui.views.transport import TransportBar
from studio.ui.widgets.buttons import IconButton
from studio.ui.widgets.labels import ElidedLabel

_SAME = 0.001  # seconds by which a playhead may be short of where it was sent


class PlayedView(MediaView):
    """A timeline over a bar to play it; above them, for sheets, the samples one by one.

    Attributes:
        timeline, bar: Its two parts.
        column: Where they stand, below the samples' row.
        alone: Whether it is the only thing in its dialog that plays, and may have the space bar.
    """

    def __init__(self, timeline: Timeline, bar: TransportBar) -> None:
        super().__init__()
        self.alone = True
        self.timeline, self.bar = timeline, bar
        bar.moved.connect(lambda _seconds: self._show_sample())
        timeline.marker_wanted.connect(self.go)
        self._sample = ElidedLabel("", "muted")
        before = IconButton("chevron-left", self.tr("The sample before"))
        after = IconButton("chevron-right", self.tr("The next sample"))
        before.clicked.connect(lambda _checked: self.go(-1))
        after.clicked.connect(lambda _checked: self.go(1))
        jumps = QHBoxLayout()
        jumps.setSpacing(GAP)
        self._jumpers = (before, self._sample, after)
        for widget in self._jumpers:
            jumps.addWidget(widget)
            widget.setVisible(False)
        jumps.addStretch(1)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(6)
        self.column.addLayout(jumps)
        self.column.addWidget(timeline, 1)
        self.column.addWidget(bar)
        self.setFocusProxy(timeline)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def starts(self) -> Sequence[float]:
        """Return where each sample of a sheet begins, in seconds; nothing for other files."""
        raise NotImplementedError

    def toggle(self) -> None:
        """Play or hold."""
        self.bar.toggle()

    @Slot(int)
    def go(self, step: int) -> None:
        """Go to another sample of a sheet."""
        starts = self.starts()
        if starts:
            place = max(0, min(len(starts) - 1, self.sample() + step))
            self.bar.seek(starts[place])
            self.timeline.set_playhead(self.bar.position(), follow=True)

    def sample(self) -> int:
        """Return which sample of a sheet the playhead is in, from 0."""
        now = self.bar.position() + _SAME
        begun = [place for place, start in enumerate(self.starts()) if start <= now]
        return begun[-1] if begun else 0

    def showEvent(self, event: QShowEvent) -> None:
        """Load what the first sound needs, so that it comes at once."""
        super().showEvent(event)
        player().warm()
        if self.alone and isinstance(self.window(), QDialog):
            self.window().installEventFilter(self)

    def hideEvent(self, event: QHideEvent) -> None:
        """Leave the keyboard of a dialog to others."""
        super().hideEvent(event)
        self.window().removeEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Play or hold with Space in a dialog, where nothing else wants the key."""
        pressed = event.key() if isinstance(event, QKeyEvent) else None
        if pressed == Qt.Key.Key_Space and event.type() is QEvent.Type.KeyPress:
            self.toggle()
            return True
        return super().eventFilter(watched, event)

    def _show_jumpers(self) -> None:
        for widget in self._jumpers:
            widget.setVisible(len(self.starts()) > 1)
        self._show_sample()

    def _show_sample(self) -> None:
        count = len(self.starts())
        if count:
            words = self.tr("Sample {number} of {count}")
            self._sample.setText(words.format(number=self.sample() + 1, count=count))
