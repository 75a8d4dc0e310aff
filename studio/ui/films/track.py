"""One film that follows a clock: the frame that is to be seen now."""

from __future__ import annotations

from PySide6.QtCore import QObject, QSize, Qt, Signal, Slot
from PySide6.QtGui import QImage

from studio.core.blobs import Source
from studio.ui.films.file import FilmFacts, Frame
from studio.ui.films.reader import FilmReader, Loop

_ONE = 0.04  # seconds until a clock looks again at a film that cannot be read


class FilmTrack(QObject):
    """Reads a film while somebody looks, and keeps the frame that belongs to the clock's time.

    Attributes:
        facts: What the file says of itself; None while it is opened, or cannot be read.
        frame: What is seen now; None before the first one.
        failed: Whether it cannot be read.
        shown: How many different frames were shown so far.

    Signals:
        opened: `facts` are known, or it failed.
        turned: Another frame is to be seen.
        measured: How long it is is known for sure.
    """

    opened = Signal()
    turned = Signal()
    measured = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.facts: FilmFacts | None = None
        self.frame: Frame | None = None
        self.failed = False
        self.shown = 0
        self._source: Source | None = None
        self._room: QSize | None = None
        self._reader: FilmReader | None = None
        self._count = 0

    @property
    def image(self) -> QImage | None:
        """The picture to draw; None when there is none."""
        return self.frame.image if self.frame is not None else None

    @property
    def count(self) -> int:
        """How many frames there are, as far as that is known."""
        return self._count or (self.facts.frames if self.facts is not None else 0)

    @property
    def seconds(self) -> float:
        """How long the film is, as far as that is known."""
        return self.facts.seconds if self.facts is not None else 0.0

    @property
    def source(self) -> Source | None:
        """The film's file, or its bytes."""
        return self._source

    def time_of(self, number: int) -> float:
        """Return when a frame is shown, in seconds; past the ends it goes round."""
        if not self.count or self.facts is None:
            return 0.0
        number %= self.count
        exact = self._reader.start_of(number) if self._reader is not None else None
        return number / self.facts.rate if exact is None else exact

    def load(self, source: Source, room: QSize | None) -> None:
        """Read another film from now on, no larger than `room` in device pixels."""
        self.clear()
        self._source, self._room = source, room
        self._read()

    def clear(self) -> None:
        """Forget the film."""
        self.rest()
        self._reader = None
        self._source = None
        self.facts = self.frame = None
        self.failed = False
        self._count = self.shown = 0

    def rest(self) -> None:
        """Stop reading while nobody looks; what was read stays."""
        if self._reader is not None:
            self._reader.end()

    def wake(self) -> None:
        """Go on reading."""
        if self._reader is not None and not self._reader.isRunning() and not self._reader.whole:
            self._read()

    def set_room(self, room: QSize) -> None:
        """Read the film larger or smaller, where that makes a difference."""
        before, self._room = self._room, room
        if self.facts is None or before is None or before == room:
            return
        own = self.facts.size
        if own.width() > min(before.width(), room.width()) or own.height() > min(
            before.height(), room.height()
        ):
            self._read()

    def show_time(self, seconds: float, loop: Loop | None) -> float | None:
        """Show what is seen at a time, as a clock's follower does."""
        if self._reader is None or self.failed:
            return seconds + _ONE
        found = self._reader.at(seconds)
        self._reader.want(seconds, loop)
        if found is None:
            return None
        if self.frame is None or found.image is not self.frame.image:
            self.frame = found
            self.shown += 1
            self.turned.emit()
        return found.end if found.end > seconds else seconds + _ONE

    def _read(self) -> None:
        if self._source is None:
            return
        if self._reader is not None:
            self._reader.end()
            self._reader.deleteLater()
        self._reader = FilmReader(self._source, self._room)
        self._reader.opened.connect(self._on_opened, Qt.ConnectionType.QueuedConnection)
        self._reader.measured.connect(self._on_measured, Qt.ConnectionType.QueuedConnection)
        self._reader.start()

    @Slot(object)
    def _on_opened(self, facts: object) -> None:
        if self.sender() is not self._reader:
            return  # of a film that was shown before
        self.failed = not isinstance(facts, FilmFacts)
        again = self.facts is not None
        self.facts = facts if isinstance(facts, FilmFacts) else None
        if not again:
            self.opened.emit()

    @Slot(int, float)
    def _on_measured(self, count: int, seconds: float) -> None:
        if self.sender() is self._reader and self.facts is not None:
            self._count = count
            self.facts = self.facts._replace(seconds=seconds, frames=count or self.facts.frames)
            self.measured.emit()
