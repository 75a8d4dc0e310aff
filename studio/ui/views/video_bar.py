"""The bar below a film: play and hold, frame by frame, a line to drag along, loop, speed."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QPoint, QRect, Qt, Signal, Slot
from PySide6.QtGui import QAction, QActionGroup, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSizePolicy, QSlider, QVBoxLayout, QWidget

from studio.ui.films.clock import SPEEDS, FilmClock
from studio.ui.films.reader import Loop
from studio.ui.films.sound import FilmSound
from studio.ui.icons import set_icon
from studio.ui.sound import player
from studio.ui.theme import theme, ui_font
from studio.ui.widgets.buttons import IconButton, QuietButton
from studio.ui.widgets.labels import label

_WITH_SPEED, _WITH_LOOP, _WITH_FRAMES, _WITH_VOLUME = (
    300,
    250,
    400,
    480,
)  # pixels of width that they need
_BAND = 4  # pixels of height of the part that is played
_HANDLE = 14  # pixels of width of the slider's handle


class FilmLine(QSlider):
    """The time of a film: a press goes there, a band shows the part that is played.

    Signals:
        wanted: The user wants to see this time, in seconds.
    """

    wanted = Signal(float)

    def __init__(self) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self._part: Loop | None = None
        self.valueChanged.connect(self._on_value)

    def set_seconds(self, seconds: float, length: float) -> None:
        """Follow the film."""
        blocked = self.blockSignals(True)
        self.setRange(0, max(1, round(length * 1000)))
        self.setValue(round(seconds * 1000))
        self.blockSignals(blocked)

    def set_part(self, part: Loop | None) -> None:
        """Show which part is played; None for all."""
        self._part = part
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go where the pointer is, and take hold of the handle there."""
        if event.button() is Qt.MouseButton.LeftButton:
            room = max(1, self.width() - _HANDLE)
            share = (event.position().x() - _HANDLE / 2) / room
            self.setValue(round(max(0.0, min(1.0, share)) * self.maximum()))
        super().mousePressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the line, and the part below it."""
        super().paintEvent(event)
        if self._part is None:
            return
        left, right = (self._x(each) for each in self._part)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme().series(1))
        band = QRect(left, self.height() - _BAND, max(2, right - left), _BAND)
        painter.drawRoundedRect(band, _BAND / 2, _BAND / 2)

    def _x(self, seconds: float) -> int:
        room = max(1, self.width() - _HANDLE)
        return _HANDLE // 2 + round(seconds * 1000 / max(1, self.maximum()) * room)

    @Slot(int)
    def _on_value(self, value: int) -> None:
        self.wanted.emit(value / 1000)


class FilmBar(QWidget):
    """Drives a clock.

    Attributes:
        row: The controls of the lower line; others can be added at its end.

    Signals:
        play_wanted: The user pressed the play button.
        step_wanted: The user wants so many frames on.
    """

    play_wanted = Signal()
    step_wanted = Signal(int)

    def __init__(self, clock: FilmClock) -> None:
        super().__init__()
        self._clock = clock
        self._frame = ""
        self._play = IconButton("play", "", self.play_wanted.emit)
        self._back = IconButton(
            "chevron-left", self.tr("Back one frame (,)"), partial(self.step_wanted.emit, -1)
        )
        self._forth = IconButton(
            "chevron-right", self.tr("On one frame (.)"), partial(self.step_wanted.emit, 1)
        )
        self.line = FilmLine()
        self.line.setAccessibleName(self.tr("Place in the clip"))
        self.line.wanted.connect(clock.seek)
        self._time = label("", "caption")
        self._frames = label("", "caption")
        for words in (self._time, self._frames):
            words.setFont(ui_font(11, tabular=True))
            words.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        self._loop = IconButton("loop", "", self._on_loop)
        self._loop.setCheckable(True)
        self._speed = QuietButton("1×", self._open_speeds)
        self._speed.setFixedHeight(30)
        self._speed.setToolTip(self.tr("Speed"))
        self._sound: FilmSound | None = None
        self._mute = IconButton("muted", "", self.toggle_sound)
        self._volume = QSlider(Qt.Orientation.Horizontal)
        self._volume.setRange(0, 100)
        self._volume.setFixedWidth(64)
        self._volume.setAccessibleName(self.tr("Volume"))
        self._volume.setToolTip(self.tr("Volume"))
        self._volume.setValue(round(player().volume * 100))
        self._volume.valueChanged.connect(lambda value: player().set_volume(value / 100))
        self.row = QHBoxLayout()
        self.row.setSpacing(2)
        for button in (self._play, self._back, self._forth):
            self.row.addWidget(button)
        self.row.addSpacing(6)
        self.row.addWidget(self._time)
        self.row.addSpacing(10)
        self.row.addWidget(self._frames)
        self.row.addStretch(1)
        for widget in (self._mute, self._volume, self._speed):
            self.row.addWidget(widget)
        self.row.addWidget(self._loop)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.line)
        column.addLayout(self.row)
        clock.moved.connect(self._on_moved)
        clock.changed.connect(self._on_changed)
        self.set_frames(0)
        self._on_sound()
        self._on_changed()

    def set_frames(self, count: int) -> None:
        """Follow a film of so many frames; 0 for none."""
        for widget in (self._play, self._back, self._forth, self.line, self._loop, self._speed):
            widget.setEnabled(count > 1)
        if not count:
            self._frames.setText("")
        self._on_moved(self._clock.position)

    def set_frame(self, number: int, count: int) -> None:
        """Say which frame is seen, from 0."""
        words = self.tr("frame {number} of {count}")
        self._frames.setText(words.format(number=f"{number + 1:,}", count=f"{count:,}"))

    def set_sound(self, sound: FilmSound) -> None:
        """Offer to hear the film."""
        self._sound = sound
        sound.changed.connect(self._on_sound)
        self._on_sound()

    @Slot()
    def toggle_sound(self) -> None:
        """Let films be heard, or not."""
        if self._sound is not None and self._sound.there:
            self._sound.set_on(not self._sound.on)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave out what has no room."""
        super().resizeEvent(event)
        self._on_sound()
        self._frames.setVisible(self.width() >= _WITH_FRAMES)
        self._speed.setVisible(self.width() >= _WITH_SPEED)
        self._loop.setVisible(self.width() >= _WITH_LOOP)

    @Slot(float)
    def _on_moved(self, seconds: float) -> None:
        length = self._clock.length
        self.line.set_seconds(seconds, length)
        self._time.setText(f"{exact_time(seconds)} / {exact_time(length)}" if length else "")

    @Slot()
    def _on_changed(self) -> None:
        clock = self._clock
        set_icon(self._play, "pause" if clock.playing else "play", "text")
        name = self.tr("Hold (Space)") if clock.playing else self.tr("Play (Space)")
        self._play.setAccessibleName(name)
        self._play.setToolTip(name)
        whole, part = self.tr("Plays over and over"), self.tr("Plays a part over and over")
        once = self.tr("Plays once")
        words = (part if clock.part is not None else whole) if clock.loops else once
        self._loop.setChecked(clock.loops)
        set_icon(self._loop, "loop", "accent" if clock.loops else "muted")
        self._loop.setToolTip(words + "\n" + self.tr("[ and ] mark a part, \\ takes it away"))
        self._loop.setAccessibleName(words)
        self._speed.setText(speed_words(clock.speed))
        name = self.tr("Speed: {speed}").format(speed=speed_words(clock.speed))
        self._speed.setAccessibleName(name)
        self.line.set_part(clock.part)
        self._on_moved(clock.position)

    @Slot()
    def _on_sound(self) -> None:
        there = self._sound is not None and self._sound.there
        on = there and self._sound is not None and self._sound.on
        set_icon(self._mute, "sound" if on else "muted", "text" if on else "muted")
        name = self.tr("Be silent (M)") if on else self.tr("Let it be heard (M)")
        self._mute.setAccessibleName(name)
        self._mute.setToolTip(name)
        self._mute.setVisible(there)
        self._volume.setVisible(on and self.width() >= _WITH_VOLUME)

    @Slot()
    def _on_loop(self) -> None:
        if self._clock.part is not None:
            self._clock.set_part(None)
        else:
            self._clock.set_loops(not self._clock.loops)

    @Slot()
    def _open_speeds(self) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        group = QActionGroup(menu)
        for speed in SPEEDS:
            action = QAction(speed_words(speed), menu)
            action.setCheckable(True)
            action.setChecked(speed == self._clock.speed)
            action.triggered.connect(lambda _on, speed=speed: self._clock.set_speed(speed))
            group.addAction(action)
            menu.addAction(action)
        height = menu.sizeHint().height()
        menu.popup(self._speed.mapToGlobal(QPoint(0, -height)))


def exact_time(seconds: float) -> str:
    """Return a time to the hundredth of a second, as players show it: 0:01.20, 1:02:03.45."""
    hundredths = round(max(0.0, seconds) * 100)
    whole, rest = divmod(hundredths, 100)
    hours, minutes = divmod(whole // 60, 60)
    start = f"{hours}:{minutes:02d}" if hours else f"{minutes}"
    return f"{start}:{whole % 60:02d}.{rest:02d}"


def speed_words(speed: float) -> str:
    """Return a speed in words: `½×`, `1×`, `1.5×`."""
    return {0.25: "¼×", 0.5: "½×"}.get(speed, f"{speed:g}×")
