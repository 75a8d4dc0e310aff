"""The clock that films follow: one alone, or two that are compared."""

from __future__ import annotations

import time
from typing import Protocol

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from studio.ui.films.reader import Loop

#: Speeds that a film can be played at.
SPEEDS = (0.25, 0.5, 1.0, 1.5, 2.0)

_WAIT_MS = 4  # until a frame that was not there is looked for again
_MOST_MS = 100  # between two looks while it plays
_JUST_BEFORE = 1e-3  # seconds


class Follower(Protocol):
    """Something that shows what belongs to a time."""

    def show_time(self, seconds: float, loop: Loop | None) -> float | None:
        """Show what is seen at a time.

        Returns:
            When something else is to be seen, in seconds; None while it is not there yet.
        """


class Master(Protocol):
    """Sound that is heard with the film: its clock goes before this one's."""

    def heard(self) -> float | None:
        """Return what is heard now, in seconds of the film; None when nothing is."""


class FilmClock(QObject):
    """Tells followers what time it is. It holds while one of them has nothing to show yet.

    Attributes:
        followers: What it tells the time.
        master: Sound whose time it follows while it is heard.

    Signals:
        moved: It is at another time, in seconds.
        jumped: It went to another time at once.
        changed: It plays or holds, or its speed, its loop or the length is another one.
    """

    moved = Signal(float)
    jumped = Signal()
    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.followers: list[Follower] = []
        self.master: Master | None = None
        self._position = 0.0
        self._length = 0.0
        self._speed = 1.0
        self._playing = False
        self._loops = True
        self._part: Loop | None = None
        self._seen = 0.0  # when the position was right, by the processor's clock
        self._waits = False
        self._tick = QTimer(self)
        self._tick.setSingleShot(True)
        self._tick.setTimerType(Qt.TimerType.PreciseTimer)
        self._tick.timeout.connect(self._advance)

    # -------------------------------------------------------------------------------- what it is

    @property
    def position(self) -> float:
        """What is shown, in seconds from the beginning."""
        return self._position

    @property
    def length(self) -> float:
        """How long it is, in seconds."""
        return self._length

    @property
    def playing(self) -> bool:
        """Whether it goes on."""
        return self._playing

    @property
    def speed(self) -> float:
        """How fast it goes; 1 is as filmed."""
        return self._speed

    @property
    def loops(self) -> bool:
        """Whether it begins again at the end."""
        return self._loops

    @property
    def part(self) -> Loop | None:
        """The part that alone is played; None for all."""
        return self._part

    # ----------------------------------------------------------------------------------- changes

    def set_length(self, seconds: float) -> None:
        """Say how long it is, as far as that is known."""
        if seconds != self._length:
            self._length = seconds
            self.changed.emit()

    def play(self) -> None:
        """Go on; from the beginning when it is at the end."""
        if self._playing:
            return
        low, high = self._range()
        if not self._loops and self._position >= high - _JUST_BEFORE:
            self._position = low
        self._playing = True
        self._seen = time.perf_counter()
        self.changed.emit()
        self._show()

    def hold(self) -> None:
        """Stay where it is."""
        if self._playing:
            self._playing = False
            self.changed.emit()

    def toggle(self) -> None:
        """Play or hold."""
        if self._playing:
            self.hold()
        else:
            self.play()

    def seek(self, seconds: float) -> None:
        """Go to a time."""
        self._position = max(0.0, seconds if self._length <= 0 else min(seconds, self._length))
        self._seen = time.perf_counter()
        self.jumped.emit()
        self._show()

    def set_speed(self, speed: float) -> None:
        """Go faster or slower."""
        self._speed = max(SPEEDS[0], min(SPEEDS[-1], speed))
        self._seen = time.perf_counter()
        self.changed.emit()

    def set_loops(self, loops: bool) -> None:
        """Begin again at the end, or stay there."""
        self._loops = loops
        self.changed.emit()
        self._show()

    def set_part(self, part: Loop | None) -> None:
        """Play this part alone over and over; None for all."""
        self._part = part
        self._loops = self._loops or part is not None
        if part is not None and not part.start <= self._position < part.end:
            self._position = part.start
            self.jumped.emit()
        self.changed.emit()
        self._show()

    @Slot()
    def refresh(self) -> None:
        """Show what belongs to this time again: another film, or another size."""
        self._seen = time.perf_counter()
        self._show()

    @Slot()
    def stop(self) -> None:
        """Tell nobody anything any more, until the next `refresh`."""
        self._tick.stop()

    # ----------------------------------------------------------------------------------- running

    def _range(self) -> Loop:
        return self._part or Loop(0.0, self._length)

    @Slot()
    def _advance(self) -> None:
        now = time.perf_counter()
        if self._playing and not self._waits:
            heard = self.master.heard() if self.master is not None else None
            if heard is not None:
                self._position = heard
            else:
                self._position += (now - self._seen) * self._speed
            self._go_round()
        self._seen = now
        self._show()

    def _go_round(self) -> None:
        low, high = self._range()
        if high <= low or self._position < high:
            return
        if self._loops:
            self._position = low + (self._position - high) % (high - low)
            self.jumped.emit()
        else:
            self._position = high
            self.hold()

    def _show(self) -> None:
        """Tell the followers, and look again when something else is to be seen."""
        low, high = self._range()
        loop = Loop(low, high) if self._loops and high > low else None
        due = [each.show_time(self._position, loop) for each in self.followers]
        there = [time for time in due if time is not None]
        self._waits = len(there) < len(due)
        self.moved.emit(self._position)
        if self._waits:
            self._tick.start(_WAIT_MS)
        elif self._playing and due:
            ahead = (min(there) - self._position) / self._speed * 1000
            self._tick.start(round(max(1, min(_MOST_MS, ahead))))
        else:
            self._tick.stop()
