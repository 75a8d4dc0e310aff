"""The thread that renders a piece a little ahead of what is heard."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QCoreApplication

from studio.core.media import Music
from studio.ui.sound_output import RATE, Output, SilentOutput, no_sound_reason
from studio.ui.sound_ring import Ring, Samples

_log = logging.getLogger(__name__)

_FIRST = 0.06  # seconds rendered first, so that the sound begins at once
_CHUNK = 0.4  # seconds rendered at a time later on


class Renderer(Protocol):
    """What makes sound of a piece, as `studio/data/music_sound.py` does.

    Attributes:
        seconds: How long the sound is, with what rings on at the end.
    """

    seconds: float

    def chunk(self, start: float, seconds: float) -> Samples:
        """Return sound from a time on: float32 (n, 2) at 44,100 Hz, shorter at the end."""


class Piece:
    """A piece that can be played, and where its playhead rests.

    Attributes:
        music: Its notes.
        position: Seconds from the beginning, while it does not play.
    """

    def __init__(self, music: Music) -> None:
        self.music = music
        self.position = 0.0
        self.renderer: Renderer | None = None  # made by the thread that renders, and kept


class Around(NamedTuple):
    """What a thread that plays is given.

    Attributes:
        render: Makes sound of a piece.
        outputs: Makes a way to the sound card; raises OSError when there is none.
        loops: Whether the piece begins again at its end.
        ended: Called when the piece is over.
        muted: Told why nothing is heard; an empty text when something is.
    """

    render: Callable[[Music], Renderer]
    outputs: Callable[[], Output]
    loops: Callable[[], bool]
    ended: Callable[[], object]
    muted: Callable[[str], object]


class Playing(threading.Thread):
    """Renders a piece ahead of what is heard, until it is ended or the piece is over."""

    def __init__(
        self, piece: Piece, around: Around, before: threading.Thread | None = None
    ) -> None:
        """Prepare to play from where the piece's playhead rests; `start` begins.

        Args:
            before: Had the sound card last.
        """
        super().__init__(name="player", daemon=True)
        self._piece, self._around, self._before = piece, around, before
        self._from: float | None = piece.position  # where to go, None while it goes on
        self._next = piece.position  # what is rendered next, in seconds
        self._wish = threading.Lock()
        self._stop_wanted = threading.Event()
        self.ring = Ring(RATE)

    def position(self) -> float:
        """Return the place in the piece that is heard now, in seconds."""
        with self._wish:
            return self._from if self._from is not None else self.ring.heard()

    def seek(self, seconds: float) -> None:
        """Go on from another place."""
        with self._wish:
            self._from = seconds
        self.ring.wake()

    def end(self) -> None:
        """Be silent; rendering stops and the sound card is given back a moment later."""
        self._stop_wanted.set()
        self.ring.close()

    def run(self) -> None:
        """Render until told to end."""
        output: Output = SilentOutput()
        try:
            renderer = self._renderer()
            self._fill(renderer)
            if self._before is not None:
                self._before.join()
                self._before = None
            output = self._opened()
            while not self._stop_wanted.is_set():
                renderer = self._renderer()
                if not self._fill(renderer) and self.ring.rest() == 0 and self._from is None:
                    self._around.ended()
                    return
                self.ring.wait()
        except Exception as error:  # noqa: BLE001 - whatever a synthesiser says of odd notes
            _log.exception("a piece cannot be played")
            self._around.muted(_tr("This piece cannot be played: {error}").format(error=error))
            self._around.ended()
        finally:
            output.stop()

    def _renderer(self) -> Renderer:
        """Return what renders the piece as it is now."""
        while True:
            music, renderer = self._piece.music, self._piece.renderer
            if renderer is not None:
                return renderer
            made = self._around.render(music)
            if self._piece.music is music:  # else it was edited meanwhile
                self._piece.renderer = made

    def _opened(self) -> Output:
        """Return a running way to the sound card, else a silent one."""
        try:
            output = self._around.outputs()
            output.start(self.ring.read)
        except OSError as error:
            _log.info("no sound: %s", error)
            self._around.muted(no_sound_reason(error))
            output = SilentOutput()
            output.start(self.ring.read)
        else:
            self._around.muted("")
        self.ring.latency = output.latency
        return output

    def _fill(self, renderer: Renderer) -> bool:
        """Render until the ring is full; tells whether there is more of the piece."""
        while not self._stop_wanted.is_set():
            self._take_wish(renderer)
            if self._next >= renderer.seconds:
                if not self._around.loops() or renderer.seconds <= 0:
                    return False
                self._next = 0.0
            # little at first, then as much as there is time for
            seconds = min(_CHUNK, max(_FIRST, self.ring.rest() / RATE))
            if self.ring.room() < (seconds + 0.01) * RATE:
                return True
            samples = _stereo(renderer.chunk(self._next, seconds))
            if not len(samples):  # the sound is over a little before it said so
                self._next = renderer.seconds
                continue
            with self._wish:
                if self._from is None:
                    self.ring.write(samples, self._next)
                    self._next += len(samples) / RATE
        return True

    def _take_wish(self, renderer: Renderer) -> None:
        with self._wish:
            if self._from is not None:
                self._next, self._from = min(self._from, max(0.0, renderer.seconds - 0.01)), None
                self.ring.clear(self._next)


def _stereo(samples: npt.NDArray[np.float32]) -> Samples:
    return np.ascontiguousarray(samples, np.float32).reshape(-1, 2)


def _tr(text: str) -> str:
    return QCoreApplication.translate("Player", text)
