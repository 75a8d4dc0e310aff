"""The bar below what is played: play and hold, loop, time, loudness, zoom."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QHideEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSlider, QVBoxLayout, QWidget

from studio.ui.icons import set_icon
from studio.ui.sound import player
from studio.ui.sound_thread import Piece
from studio.ui.theme import GAP, ui_font
from studio.ui.views.timeline import Timeline
from studio.ui.widgets.buttons import Button, IconButton
from studio.ui.widgets.chips import Chip
from studio.ui.widgets.labels import label

_FRAME_MS = 16
_WITH_VOLUME, _WITH_ZOOM = 430, 330  # pixels of width that they need


class TransportBar(QWidget):
    """Plays what a timeline shows and moves its playhead.

    Attributes:
        piece: What it plays; None when there is nothing.
        row: The controls; others can be put into it.
        middle: Where in the row something of the medium's own can be shown.

    Signals:
        moved: The playhead is at another place, in seconds.
    """

    moved = Signal(float)

    def __init__(self, timeline: Timeline) -> None:
        super().__init__()
        self._timeline = timeline
        self.piece: Piece | None = None
        self._play = Button("", self.toggle, icon="play")
        self._play.setFixedSize(QSize(38, 30))
        self._play.setStyleSheet("padding: 0;")
        self._loop = Chip(self.tr("Loop"), tip=self.tr("Begin again at the end"))
        self._loop.setChecked(player().loop)
        self._loop.toggled.connect(player().set_loop)
        self._time = label("", "caption")
        self._time.setFont(ui_font(11, tabular=True))
        self.middle = QHBoxLayout()
        self.middle.setSpacing(GAP)
        self._volume = QSlider(Qt.Orientation.Horizontal)
        self._volume.setRange(0, 100)
        self._volume.setFixedWidth(72)
        self._volume.setAccessibleName(self.tr("Volume"))
        self._volume.setToolTip(self.tr("Volume"))
        self._volume.setValue(round(player().volume * 100))
        self._volume.valueChanged.connect(lambda value: player().set_volume(value / 100))
        self._zooms = [
            IconButton("minus", self.tr("Zoom out (−)"), lambda: timeline.zoom(0.8)),
            IconButton("plus", self.tr("Zoom in (+)"), lambda: timeline.zoom(1.25)),
            IconButton("fit", self.tr("Show all of it (0)"), timeline.fit),
        ]
        self._silence = label("", "warn", wrap=True)
        self._silence.setVisible(False)
        self.row = QHBoxLayout()
        self.row.setSpacing(GAP)
        for control in (self._play, self._loop, self._time):
            self.row.addWidget(control)
        self.row.addStretch(1)
        self.row.addLayout(self.middle)
        for widget in (self._volume, *self._zooms):
            self.row.addWidget(widget)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(self.row)
        column.addWidget(self._silence)
        self._frame = QTimer(self)
        self._frame.setTimerType(Qt.TimerType.PreciseTimer)
        self._frame.setInterval(_FRAME_MS)
        self._frame.timeout.connect(self._advance)
        timeline.seek_wanted.connect(self.seek)
        timeline.play_wanted.connect(self.toggle)
        player().changed.connect(self._on_changed)
        self.show_piece(None)

    def show_piece(self, piece: Piece | None) -> None:
        """Play another piece from now on; what played here stops."""
        self.hold()
        self.piece = piece
        for widget in (self._play, self._loop, *self._zooms):
            widget.setEnabled(piece is not None)
        self._fit()
        self._on_changed()

    def toggle(self) -> None:
        """Play or hold."""
        if self.piece is not None:
            player().toggle(self.piece)

    def hold(self) -> None:
        """Hold, if this is what plays."""
        if self.piece is not None and player().plays(self.piece):
            player().pause()

    @Slot(float)
    def seek(self, seconds: float) -> None:
        """Go to a place."""
        if self.piece is not None:
            player().seek(self.piece, seconds)
            self._show()
            self.moved.emit(seconds)

    def playing(self) -> bool:
        """Tell whether the piece plays now."""
        return self.piece is not None and player().plays(self.piece)

    def seconds(self) -> float:
        """Return how long the piece is."""
        return self._timeline.seconds if self.piece is not None else 0.0

    def position(self) -> float:
        """Return where the playhead is, in seconds."""
        return player().position(self.piece) if self.piece is not None else 0.0

    def hideEvent(self, event: QHideEvent) -> None:
        """Play nothing that cannot be seen."""
        super().hideEvent(event)
        self.hold()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave out what has no room."""
        super().resizeEvent(event)
        self._fit()

    @Slot()
    def _on_changed(self) -> None:
        playing = self.playing()
        set_icon(self._play, "pause" if playing else "play", "text")
        name = self.tr("Hold (Space)") if playing else self.tr("Play (Space)")
        self._play.setAccessibleName(name)
        self._play.setToolTip(name)
        if playing:
            self._frame.start()
            silence = player().silence
            self._silence.setText(silence)
            self._silence.setVisible(bool(silence))
        else:
            self._frame.stop()
        blocked = self._loop.blockSignals(True)
        self._loop.setChecked(player().loop)
        self._loop.blockSignals(blocked)
        self._show(follow=playing)

    def _fit(self) -> None:
        width = self.width()
        self._volume.setVisible(width >= _WITH_VOLUME)
        for zoom in self._zooms:
            zoom.setVisible(width >= _WITH_ZOOM)

    @Slot()
    def _advance(self) -> None:
        self._show(follow=True)
        self.moved.emit(self.position())

    def _show(self, *, follow: bool = False) -> None:
        seconds = min(self.position(), self._timeline.seconds)
        self._timeline.set_playhead(seconds, follow=follow)
        if self.piece is None:
            self._time.setText("")
        else:
            self._time.setText(f"{self.clock(seconds)} / {self.clock(self._timeline.seconds)}")

    def clock(self, seconds: float) -> str:
        """Return a time as this bar shows it."""
        return clock(seconds)


def clock(seconds: float) -> str:
    """Return a time as players show it: 1:07, 1:02:03."""
    whole = int(seconds)
    hours, minutes = divmod(whole // 60, 60)
    if hours:
        return f"{hours}:{minutes:02d}:{whole % 60:02d}"
    return f"{minutes}:{whole % 60:02d}"
