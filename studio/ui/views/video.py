"""Moving pictures: a canvas that plays a clip, and a player with frame step around it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QRectF, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QHideEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QSlider, QVBoxLayout, QWidget

from studio.ui.clip_reader import ClipFrames, ClipReader
from studio.ui.icons import set_icon
from studio.ui.theme import theme, ui_font
from studio.ui.views.base import MediaView
from studio.ui.widgets.buttons import IconButton
from studio.ui.widgets.labels import label


class ClipCanvas(QWidget):
    """Plays a clip over and over while it is in sight. Decoding happens in a thread of its own.

    Signals:
        loaded: How many frames the clip has; 0 when it cannot be read.
        frame_changed: The frame in sight, from 0.
    """

    loaded = Signal(int)
    frame_changed = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._reader: ClipReader | None = None
        self._path: Path | None = None
        self._room: QSize | None = None
        self._clip = ClipFrames([], [])
        self._frame = 0
        self._playing = True
        self._message = ""
        self._tick = QTimer(self)
        self._tick.setSingleShot(True)
        self._tick.setTimerType(Qt.TimerType.PreciseTimer)
        self._tick.timeout.connect(self._advance)
        self.setAccessibleName(self.tr("Clip"))
        self.setMinimumSize(QSize(64, 64))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme().changed.connect(self.update)

    @property
    def playing(self) -> bool:
        """Whether the clip moves while it is in sight."""
        return self._playing

    @property
    def frames(self) -> int:
        """How many frames the clip has; 0 while it is read."""
        return len(self._clip.images)

    def play_file(self, path: Path, room: QSize | None = None) -> None:
        """Read a clip and play it, as soon as this is in sight.

        Args:
            room: Decode no larger than this, in device pixels.
        """
        self.clear()
        self._path, self._room = path, room
        self.setAccessibleDescription(path.name)
        if self.isVisible():
            self._read()

    def clear(self) -> None:
        """Show nothing and stop reading."""
        self._tick.stop()
        self._end_reader()
        self._path = None
        self._clip = ClipFrames([], [])
        self._frame = 0
        self._message = ""
        self.update()

    def set_playing(self, playing: bool) -> None:
        """Let the clip move or hold it."""
        self._playing = playing
        self._schedule()

    def show_frame(self, frame: int) -> None:
        """Show one frame; past the ends it goes round."""
        if self._clip.images:
            self._frame = frame % len(self._clip.images)
            self.frame_changed.emit(self._frame)
            self.update()

    def step(self, frames: int) -> None:
        """Hold the clip and go some frames on or back."""
        self.set_playing(False)
        self.show_frame(self._frame + frames)

    def sizeHint(self) -> QSize:
        """Ask for a useful size; small clips are enlarged."""
        return QSize(256, 256)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the frame in sight, or why there is none."""
        painter = QPainter(self)
        if not self._clip.images:
            painter.setPen(theme().colour("muted"))
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(self.rect(), flags, self._message)
            return
        image = self._clip.images[self._frame]
        shown = QSize(image.size()).scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        left, top = (self.width() - shown.width()) / 2, (self.height() - shown.height()) / 2
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(QRectF(left, top, shown.width(), shown.height()), image)

    def showEvent(self, event: QShowEvent) -> None:
        """Read what was not read yet, and go on playing."""
        super().showEvent(event)
        if not self._clip.images:
            self._read()
        self._schedule()

    def hideEvent(self, event: QHideEvent) -> None:
        """Take no time while nobody looks."""
        super().hideEvent(event)
        self._tick.stop()
        self._end_reader()

    @Slot(object)
    def _on_decoded(self, clip: ClipFrames) -> None:
        if self.sender() is not self._reader:
            return  # of a clip that was shown before
        self._end_reader()
        self._clip = clip
        if not clip.images:
            self._message = self.tr("This clip cannot be played")
        self.loaded.emit(len(clip.images))
        self.show_frame(0)
        self.update()
        self._schedule()

    @Slot()
    def _advance(self) -> None:
        self.show_frame(self._frame + 1)
        self._schedule()

    def _schedule(self) -> None:
        if self._playing and self.isVisible() and len(self._clip.images) > 1:
            self._tick.start(max(10, self._clip.milliseconds[self._frame]))
        else:
            self._tick.stop()

    def _read(self) -> None:
        if self._path is not None and self._reader is None:
            self._reader = ClipReader(self._path, self._room)
            self._reader.decoded.connect(self._on_decoded, Qt.ConnectionType.QueuedConnection)
            self._reader.start()

    def _end_reader(self) -> None:
        if self._reader is not None:
            reader, self._reader = self._reader, None
            reader.end()
            reader.deleteLater()


class ClipView(MediaView):
    """A player: play and hold, frame by frame, and a line to drag along."""

    def __init__(self) -> None:
        super().__init__()
        self._canvas = ClipCanvas()
        self._play = IconButton("pause", self.tr("Hold"), self._toggle)
        self._back = IconButton("chevron-left", self.tr("Back one frame"))
        self._forth = IconButton("chevron-right", self.tr("On one frame"))
        self._back.clicked.connect(lambda _checked: self._step(-1))
        self._forth.clicked.connect(lambda _checked: self._step(1))
        self._line = QSlider(Qt.Orientation.Horizontal)
        self._line.setAccessibleName(self.tr("Place in the clip"))
        self._line.valueChanged.connect(self._on_dragged)
        self._count = label("", "caption")
        self._count.setFont(ui_font(11, tabular=True))
        bar = QHBoxLayout()
        bar.setSpacing(4)
        for widget in (self._play, self._back, self._forth):
            bar.addWidget(widget)
        bar.addWidget(self._line, 1)
        bar.addWidget(self._count)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._canvas, 1)
        column.addLayout(bar)
        self._canvas.loaded.connect(self._on_loaded)
        self._canvas.frame_changed.connect(self._on_frame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(self.tr("Clip"))

    @property
    def canvas(self) -> ClipCanvas:
        """Where the clip is drawn."""
        return self._canvas

    def show_media(self, path: Path) -> None:
        """Read a clip and play it."""
        self._canvas.play_file(path)
        self._set_playing(True)

    def clear(self) -> None:
        """Show nothing."""
        self._canvas.clear()
        self._on_loaded(0)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Play or hold."""
        self._toggle()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Play or hold with Space, step with the arrows."""
        if event.key() == Qt.Key.Key_Space:
            self._toggle()
        elif event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self._step(1 if event.key() == Qt.Key.Key_Right else -1)
        else:
            super().keyPressEvent(event)

    def _toggle(self) -> None:
        self._set_playing(not self._canvas.playing)

    def _step(self, frames: int) -> None:
        self._set_playing(False)
        self._canvas.step(frames)

    def _set_playing(self, playing: bool) -> None:
        self._canvas.set_playing(playing)
        set_icon(self._play, "pause" if playing else "play", "muted")
        name = self.tr("Hold") if playing else self.tr("Play")
        self._play.setAccessibleName(name)
        self._play.setToolTip(name)

    @Slot(int)
    def _on_loaded(self, frames: int) -> None:
        self._line.setRange(0, max(0, frames - 1))
        for widget in (self._play, self._back, self._forth, self._line):
            widget.setEnabled(frames > 1)
        self._count.setText(self.tr("1 of {count}").format(count=frames) if frames else "")

    @Slot(int)
    def _on_frame(self, frame: int) -> None:
        blocked = self._line.blockSignals(True)
        self._line.setValue(frame)
        self._line.blockSignals(blocked)
        words = self.tr("{frame} of {count}")
        self._count.setText(words.format(frame=frame + 1, count=self._canvas.frames))

    @Slot(int)
    def _on_dragged(self, frame: int) -> None:
        self._set_playing(False)
        self._canvas.show_frame(frame)
