"""Two films compared: beside each other, or in one place divided by a line; one clock for both."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QPointF, QRect, QSize, Qt, Slot
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from studio.ui.films.sound import FilmSound
from studio.ui.theme import GAP, theme
from studio.ui.views.video import go_along
from studio.ui.views.video_bar import FilmBar
from studio.ui.views.video_canvas import FilmSurface, draw_frame
from studio.ui.widgets.chips import ChipChoice, ChipRow
from studio.ui.widgets.labels import ElidedLabel

_HANDLE = 8  # pixels from the middle of the line's handle to its edge
_KEY_STEP = 0.02  # share of the width that Shift and an arrow move the line
SIDE, SLIDER = "side", "slider"


class PairCanvas(FilmSurface):
    """The first film at the left, the second at the right of the line."""

    def __init__(self) -> None:
        super().__init__(2)
        self._slider = False
        self._share = 0.5
        self.set_share(0.5)

    @property
    def share(self) -> float:
        """Where the line is: 0 left to 1 right."""
        return self._share

    def set_slider(self, slider: bool) -> None:
        """Show both in one place divided by a line, or beside each other."""
        self._slider = slider
        self.setCursor(Qt.CursorShape.SplitHCursor if slider else Qt.CursorShape.ArrowCursor)
        self._fit()
        self.set_share(self._share)

    def set_share(self, share: float) -> None:
        """Put the line at a share of the width."""
        self._share = max(0.0, min(1.0, share))
        words = self.tr("First and second clip, line at {share}")
        beside = self.tr("First and second clip beside each other")
        name = words.format(share=f"{self._share:.0%}") if self._slider else beside
        self.setAccessibleName(name)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw both films, and the line."""
        painter = QPainter(self)
        if not self._slider:
            for track, room in zip(self.tracks, self._rooms(), strict=True):
                if track.image is not None:
                    draw_frame(painter, track.image, room)
            return
        line = round(self.width() * self._share)
        sides = (QRect(0, 0, line, self.height()), QRect(line, 0, self.width(), self.height()))
        for track, side in zip(self.tracks, sides, strict=True):
            if track.image is not None:
                painter.setClipRect(side)
                draw_frame(painter, track.image, self.rect())
        painter.setClipping(False)
        painter.fillRect(line - 1, 0, 2, self.height(), theme().colour("accent"))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme().colour("accent"))
        painter.drawEllipse(QPointF(line, self.height() / 2), _HANDLE, _HANDLE)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Put the line under the pointer."""
        if self._slider:
            self.set_share(event.position().x() / max(1, self.width()))
        else:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Let the line follow the pointer while a button is held."""
        if self._slider:
            self.set_share(event.position().x() / max(1, self.width()))

    def _rooms(self) -> tuple[QRect, QRect]:
        half = (self.width() - GAP) // 2
        left = QRect(0, 0, half, self.height())
        return left, QRect(half + GAP, 0, self.width() - half - GAP, self.height())

    def _pixels(self) -> QSize:
        room = self.size() if self._slider else self._rooms()[0].size()
        return room * self.devicePixelRatioF()


class FilmPair(QWidget):
    """Two films with their names, and one bar that drives both.

    Attributes:
        canvas: Where they are drawn.
        sound: What is heard of the first one, else of the second.
    """

    def __init__(self) -> None:
        super().__init__()
        self.canvas = PairCanvas()
        self.sound = FilmSound(self.canvas.clock)
        self._bar = FilmBar(self.canvas.clock)
        self._bar.set_sound(self.sound)
        self._ways = ChipRow(
            self.tr("How to compare"),
            [
                ChipChoice(SLIDER, self.tr("Slider")),
                ChipChoice(SIDE, self.tr("Side by side")),
            ],
        )
        self._ways.chosen.connect(self._on_way)
        self._names = [ElidedLabel("", "muted"), ElidedLabel("", "muted")]
        self._names[1].setAlignment(Qt.AlignmentFlag.AlignRight)
        names = QHBoxLayout()
        names.setSpacing(GAP)
        names.addWidget(self._names[0], 1)
        names.addWidget(self._ways)
        names.addWidget(self._names[1], 1)
        self._ways.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP)
        column.addLayout(names)
        column.addWidget(self.canvas, 1)
        column.addWidget(self._bar)
        self._bar.play_wanted.connect(self.toggle)
        self._bar.step_wanted.connect(self.canvas.step)
        self.canvas.loaded.connect(self._on_loaded)
        self.canvas.frame_changed.connect(
            lambda frame: self._bar.set_frame(frame, self.canvas.frames)
        )
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.set_way(SLIDER)

    def show_files(self, first: Path, second: Path, names: tuple[str, str]) -> None:
        """Play two films."""
        self.sound.load(None)
        self.canvas.play_sources([first, second])
        self.canvas.set_playing(True)
        for words, name in zip(self._names, names, strict=True):
            words.setText(name)

    def set_way(self, way: str) -> None:
        """Show them beside each other (`side`) or divided by a line (`slider`)."""
        self._ways.set_key(way)
        self.canvas.set_slider(way == SLIDER)

    def clear(self) -> None:
        """Show nothing."""
        self.sound.load(None)
        self.canvas.clear()

    @Slot()
    def toggle(self) -> None:
        """Play or hold both."""
        self.canvas.set_playing(not self.canvas.clock.playing)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Do as the player of one film; Shift and the arrows move the line."""
        line = {Qt.Key.Key_Left: -_KEY_STEP, Qt.Key.Key_Right: _KEY_STEP}
        step = line.get(Qt.Key(event.key()))
        if step is not None and event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.canvas.set_share(self.canvas.share + step)
        elif event.key() == Qt.Key.Key_Space:
            self.toggle()
        elif event.key() == Qt.Key.Key_M:
            self._bar.toggle_sound()
        elif event.text() in (",", "."):
            self.canvas.step(1 if event.text() == "." else -1)
        elif not go_along(self.canvas.clock, event):
            super().keyPressEvent(event)

    @Slot(object)
    def _on_way(self, way: object) -> None:
        self.set_way(str(way))

    @Slot(int)
    def _on_loaded(self, frames: int) -> None:
        self._bar.set_frames(frames)
        if self.sound.there:
            return
        for track in self.canvas.tracks:
            if track.facts is not None and track.facts.sound:
                self.sound.load(track.source)
                return
