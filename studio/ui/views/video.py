"""Moving pictures: a player with frame step, loop and speed."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout

from studio.core.blobs import Source
from studio.data.stored import Stored
from studio.ui.films.clock import FilmClock
from studio.ui.films.reader import Loop
from studio.ui.films.sound import FilmSound
from studio.ui.views.base import MediaView
from studio.ui.views.video_bar import FilmBar
from studio.ui.views.video_canvas import ClipCanvas

_ARROW = 1.0  # seconds that an arrow goes, in long films
_ARROW_SHARE = 0.1  # of the length, in short ones
_LEAP = 5  # arrows that J and L go


class ClipView(MediaView):
    """A player: the film, and below it the bar that drives it."""

    def __init__(self) -> None:
        super().__init__()
        self._canvas = ClipCanvas()
        self._sound = FilmSound(self._canvas.clock)
        self._bar = FilmBar(self._canvas.clock)
        self._bar.set_sound(self._sound)
        self._heard: Source | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self._canvas, 1)
        column.addWidget(self._bar)
        self._bar.play_wanted.connect(self._toggle)
        self._bar.step_wanted.connect(self._canvas.step)
        self._canvas.loaded.connect(self._on_loaded)
        self._canvas.frame_changed.connect(self._on_frame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(self.tr("Clip"))

    @property
    def canvas(self) -> ClipCanvas:
        """Where the film is drawn."""
        return self._canvas

    @property
    def sound(self) -> FilmSound:
        """What is heard."""
        return self._sound

    @property
    def bar(self) -> FilmBar:
        """What drives it."""
        return self._bar

    def show_media(self, path: Path) -> None:
        """Read a film and play it."""
        self.clear()
        self._canvas.play_file(path)
        self._canvas.set_playing(True)

    def show_item(self, stored: Stored, name: str) -> None:
        """Play a film as its dataset keeps it."""
        self.clear()
        self._canvas.play_source(stored, name)
        self._canvas.set_playing(True)

    def clear(self) -> None:
        """Show nothing."""
        self._canvas.clear()
        self._heard = None
        self._sound.load(None)
        self._bar.set_frames(0)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Play or hold."""
        self._toggle()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Play or hold with Space, step with , and . and go along with the arrows."""
        if event.key() == Qt.Key.Key_Space:
            self._toggle()
        elif event.key() == Qt.Key.Key_M:
            self._bar.toggle_sound()
        elif event.text() in (",", "."):
            self._canvas.step(1 if event.text() == "." else -1)
        elif not go_along(self._canvas.clock, event):
            super().keyPressEvent(event)

    @Slot()
    def _toggle(self) -> None:
        self._canvas.set_playing(not self._canvas.clock.playing)

    @Slot(int)
    def _on_loaded(self, frames: int) -> None:
        self._bar.set_frames(frames)
        facts, source = self._canvas.track.facts, self._canvas.track.source
        if self._heard is not source:
            self._heard = source
            self._sound.load(source if facts is not None and facts.sound else None)

    @Slot(int)
    def _on_frame(self, frame: int) -> None:
        self._bar.set_frame(frame, self._canvas.frames)


def go_along(clock: FilmClock, event: QKeyEvent) -> bool:
    """Do what a key does with a film's time; False when it does nothing.

    Arrows go a second, J and L five; K plays and holds; Home and End; [ and ] mark a part.
    """
    key, text = event.key(), event.text()
    arrow = min(_ARROW, clock.length * _ARROW_SHARE)
    steps = {
        Qt.Key.Key_Left: -arrow,
        Qt.Key.Key_Right: arrow,
        Qt.Key.Key_J: -_LEAP * arrow,
        Qt.Key.Key_L: _LEAP * arrow,
        Qt.Key.Key_Home: -clock.length,
        Qt.Key.Key_End: clock.length,
    }
    step = steps.get(Qt.Key(key))
    if step is not None:
        clock.seek(clock.position + step)
    elif key == Qt.Key.Key_K:
        clock.toggle()
    elif text in ("[", "]"):
        low, high = clock.part or Loop(0.0, clock.length)
        part = Loop(clock.position, high) if text == "[" else Loop(low, clock.position)
        clock.set_part(part if part.end > part.start else None)
    elif text == "\\":
        clock.set_part(None)
    else:
        return False
    return True
