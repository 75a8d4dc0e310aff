"""The thread that reads a film a little ahead of what is shown, into a bounded ring of frames."""

from __future__ import annotations

import logging
import threading
from collections import deque
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QObject, QSize, QThread, Signal

from studio.core.blobs import Source
from studio.ui.films.file import FilmFile, Frame, fitted, open_film

_log = logging.getLogger(__name__)

#: Bytes of pixels that one film may hold. What fits wholly is decoded once and kept.
BUDGET = 192 << 20
_FEWEST = 8  # frames in the ring, however large they are
_BEHIND = 0.25  # share of the ring that is kept behind the playhead, to step back
_NEAR = 1.0  # seconds from the ring in which what is wanted is waited for, or stepped back to
_BACK = 0.5  # seconds that are read before a place that was stepped back to


class Loop(NamedTuple):
    """The part that is played over and over, in seconds."""

    start: float
    end: float


class FilmReader(QThread):
    """Reads one file at one size until it is ended.

    Frames come in the order in which they are played: behind the end of a loop its beginning
    follows, so that it is there in time. A film that fits wholly into the budget is read once.

    Signals:
        opened: FilmFacts; None when the file cannot be read.
        measured: (frames, seconds) the film's end was reached, so its length is known for sure;
            frames is 0 unless all of them are in memory.
    """

    opened = Signal(object)
    measured = Signal(int, float)

    def __init__(
        self,
        source: Source,
        room: QSize | None = None,
        *,
        budget: int = BUDGET,
        parent: QObject | None = None,
    ) -> None:
        """Prepare to read; `start` begins.

        Args:
            room: Frames are made no larger than this, in device pixels.
            budget: Bytes of pixels that may be held.
        """
        super().__init__(parent)
        self.setObjectName("film-reader")
        self._source, self._room, self._budget = source, room, budget
        self._changed = threading.Condition()
        self._frames: deque[Frame] = deque()
        self._place = 0  # in the ring, of the frame that was shown last
        self._capacity = _FEWEST
        self._from: float | None = 0.0  # where to read from, None while reading goes on
        self._loop: Loop | None = None
        self._first = False  # whether the ring begins with the film's first frame
        self._end: float | None = None  # of the film, once it was reached
        self._fits = False  # whether the film is expected to fit wholly
        self._closed = False

    # -------------------------------------------------------------------- for the window's thread

    @property
    def whole(self) -> bool:
        """Whether every frame of the film is in memory."""
        return self._first and self._end is not None

    def at(self, seconds: float) -> Frame | None:
        """Return the frame that is shown at a time; None while it is not read yet.

        Frames behind it may be forgotten from now on.
        """
        with self._changed:
            found = self._find(seconds)
            if found is None:
                return None
            if found != self._place:
                self._place = found
                self._changed.notify_all()
            return self._frames[found]

    def start_of(self, number: int) -> float | None:
        """Return when a frame is shown; None when not all of them are in memory."""
        with self._changed:
            known = self.whole and number < len(self._frames)
            return self._frames[number].start if known else None

    def want(self, seconds: float, loop: Loop | None = None) -> None:
        """Read on from a time where the ring does not reach it.

        Args:
            loop: What is played over and over, if anything is.
        """
        with self._changed:
            if loop != self._loop:
                self._loop = loop
                if self._frames and not (self._fits or self.whole):
                    self._jump(seconds)
                return
            waits = self._from is not None or self._fits or self.whole
            if waits or self._find(seconds) is not None:
                return
            if self._frames:
                first, last = self._frames[0], self._frames[-1]
                if last.end <= seconds < last.end + _NEAR:
                    self._place = len(self._frames) - 1  # it comes, when there is room
                    self._changed.notify_all()
                    return
                near = 0 < first.start - seconds < _NEAR
                self._jump(seconds - _BACK if near else seconds)

    def end(self) -> None:
        """Stop reading and wait for it; answers within a frame. What was read stays."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self.wait()

    def _find(self, seconds: float) -> int | None:
        """Return the place of a frame in the ring, looked for from the one shown last."""
        frames, count = self._frames, len(self._frames)
        if not count:
            return None
        if self._first and seconds <= frames[0].start:
            return 0
        if self._end is not None and seconds >= self._end:
            return max(range(count), key=lambda place: frames[place].end)
        start = self._place
        for place, frame in enumerate(islice(frames, start, None), start):
            if frame.start <= seconds < frame.end:
                return place
        for place, frame in enumerate(islice(frames, 0, start)):
            if frame.start <= seconds < frame.end:
                return place
        return None

    def _jump(self, seconds: float) -> None:
        self._frames.clear()
        self._place = 0
        self._first = False
        self._from = max(0.0, seconds)
        self._changed.notify_all()

    # ---------------------------------------------------------------------------- in its own thread

    def run(self) -> None:
        """Read until the film is in memory or is not wanted any more."""
        import av  # loaded in this thread: it takes a tenth of a second

        try:
            film = open_film(self._source)
        except (OSError, ValueError, SyntaxError, av.FFmpegError) as error:
            _log.info("%s cannot be played: %s", self._name(), error)
            self.opened.emit(None)
            return
        try:
            self._read(film)
        except (OSError, ValueError, SyntaxError, av.FFmpegError) as error:
            _log.info("%s cannot be played to its end: %s", self._name(), error)
            with self._changed:
                self._end = max((frame.end for frame in self._frames), default=0.0)
        finally:
            film.close()

    def _read(self, film: FilmFile) -> None:
        told = False
        start = self._next()
        while start is not None:
            at_end = True
            for frame in film.frames(start, self._fit, self._goes_on):
                if not told:
                    size = frame.image.sizeInBytes()
                    self._capacity = max(_FEWEST, self._budget // max(1, size))
                    self._fits = 0 < film.facts.frames <= self._capacity
                    self.opened.emit(film.facts)
                    told = True
                if not self._put(frame, first=start == 0.0):
                    at_end = False
                    break
            at_end = at_end and self._goes_on()
            if not told:
                self.opened.emit(None)
                return
            with self._changed:
                new = at_end and self._frames and self._end is None
                if at_end and self._frames:
                    self._end = self._frames[-1].end
                self._fits = False
                count = len(self._frames) if self.whole else 0
            if new and self._end is not None:
                self.measured.emit(count, self._end)
            if count:
                return
            start = self._next()

    def _put(self, frame: Frame, *, first: bool) -> bool:
        """Add a frame, when there is room; False when reading is to go on elsewhere."""
        with self._changed:
            loops = self._loop is not None and not self._fits
            if loops and self._loop is not None and frame.start >= self._loop.end:
                return False
            while self._from is None and not self._closed and not self._room_for_one():
                self._changed.wait()
            if self._from is not None or self._closed:
                return False
            if not self._frames:
                self._first = first and frame.number == 0
            self._frames.append(frame)
            return True

    def _room_for_one(self) -> bool:
        """Tell whether a frame can be added; forgets one that is well behind for it."""
        if len(self._frames) < self._capacity:
            return True
        self._fits = False
        if self._place <= self._capacity * _BEHIND:
            return False
        self._frames.popleft()
        self._place -= 1
        self._first = False
        return True

    def _next(self) -> float | None:
        """Return where to read from, when there is something to read; None when it is over."""
        with self._changed:
            while not self._closed:
                if self._from is not None:
                    start, self._from = self._from, None
                    return start
                if self._loop is not None:
                    return self._loop.start
                self._changed.wait()
        return None

    def _goes_on(self) -> bool:
        return not self._closed and self._from is None

    def _fit(self, size: QSize) -> QSize:
        return fitted(size, self._room)

    def _name(self) -> str:
        return self._source.name if isinstance(self._source, Path) else "a film of a dataset"
