"""The thread that renders music or sound a little ahead of what is heard."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QCoreApplication

from studio.core.blobs import Source
from studio.core.media import Music, Sound
from studio.ui.sound_output import RATE, Output, SilentOutput, no_sound_reason
from studio.ui.sound_ring import Ring, Samples

_log = logging.getLogger(__name__)

_FIRST = 0.06  # seconds rendered first, so that the sound begins at once
_CHUNK = 0.4  # seconds rendered at a time later on
_AHEAD = 0.08  # seconds of the old sound that are heard while a new one is prepared
_FADE = 0.008  # seconds in which one goes over into the other

#: What can be heard: notes, samples, or a sound file or a video with sound.
Audible = Music | Sound | Source


class Renderer(Protocol):
    """What makes sound of a piece: `studio/data/music/sound.py`, `audio/playing.py`.

    Attributes:
        seconds: How long the sound is, with what rings on at the end. Of a file as far as it is
            known: it may change when the end is reached.
    """

    seconds: float

    def chunk(self, start: float, seconds: float) -> Samples:
        """Return sound from a time on: float32 (n, 2) at 44,100 Hz, shorter at the end."""


class Piece:
    """Something that can be played, and where its playhead rests.

    Attributes:
        source: What is heard.
        position: Seconds from the beginning, while it does not play.
        span: The part that is played, (from, to) in seconds; None for all of it.
    """

    def __init__(self, source: Audible) -> None:
        self.source = source
        self.position = 0.0
        self.span: tuple[float, float] | None = None
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

    render: Callable[[Audible], Renderer]
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
        self._instead: Piece | None = None  # what is to be heard from the same place on
        self._next = piece.position  # what is rendered next, in seconds
        self._fading = np.zeros((0, 2), np.float32)  # goes over into what comes next
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

    def go_on_in(self, piece: Piece) -> None:
        """Go on in another piece, or in the same one that changed, without a gap."""
        with self._wish:
            self._instead = piece
        self.ring.wake()

    def end(self) -> None:
        """Be silent; rendering stops and the sound card is given back a moment later."""
        self._stop_wanted.set()
        self.ring.close()

    def run(self) -> None:
        """Render until told to end."""
        output: Output = SilentOutput()
        try:
            self._fill()
            if self._before is not None:
                self._before.join()
                self._before = None
            output = self._opened()
            while not self._stop_wanted.is_set():
                if not self._fill() and self.ring.rest() == 0 and not self._wishes():
                    self._around.ended()
                    return
                self.ring.wait()
        except Exception as error:  # noqa: BLE001 - whatever a synthesiser says of odd notes
            _log.exception("a piece cannot be played")
            self._around.muted(_tr("This piece cannot be played: {error}").format(error=error))
            self._around.ended()
        finally:
            _let_go(self._piece)
            output.stop()

    def _renderer(self) -> Renderer:
        """Return what renders the piece as it is now."""
        while True:
            source, renderer = self._piece.source, self._piece.renderer
            if renderer is not None:
                return renderer
            made = self._around.render(source)
            if self._piece.source is source:  # else it was edited meanwhile
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

    def _fill(self) -> bool:
        """Render until the ring is full; tells whether there is more of the piece."""
        while not self._stop_wanted.is_set():
            renderer = self._take_wishes()
            begin, end = _bounds(self._piece, renderer)
            if self._next >= end:
                if not self._around.loops() or end <= begin:
                    return False
                self._next = begin
            # little at first, then as much as there is time for
            seconds = min(_CHUNK, max(_FIRST, self.ring.rest() / RATE))
            if self.ring.room() < (seconds + 0.01) * RATE:
                return True
            samples = _stereo(renderer.chunk(self._next, min(seconds, end - self._next)))
            if not len(samples):  # the sound is over a little before it said so
                self._next = end
                continue
            with self._wish:
                if self._from is None:
                    self.ring.write(self._faded(samples), self._next)
                    self._next += len(samples) / RATE
        return True

    def _wishes(self) -> bool:
        with self._wish:
            return self._from is not None or self._instead is not None

    def _take_wishes(self) -> Renderer:
        """Go to where and to what is wished for; returns what renders it."""
        with self._wish:
            instead, self._instead = self._instead, None
        if instead is not None:
            if instead is not self._piece:
                _let_go(self._piece)
            self._piece = instead
        renderer = self._renderer()  # what is rendered already is heard while this takes time
        begin, end = _bounds(self._piece, renderer)
        with self._wish:
            if self._from is not None:
                wanted, self._from = self._from, None
                if self._piece.span is not None and not begin <= wanted < end:
                    wanted = begin
                self._next = min(wanted, max(0.0, renderer.seconds - 0.01))
                self._fading = self._fading[:0]
                self.ring.clear(self._next)
            elif instead is not None:
                self._next, self._fading = self.ring.cut(round(_AHEAD * RATE), round(_FADE * RATE))
                if self._piece.span is not None and not begin <= self._next < end:
                    self._next = begin
        return renderer

    def _faded(self, samples: Samples) -> Samples:
        """Return samples that begin with what was heard before."""
        count = min(len(samples), len(self._fading))
        if count:
            share = np.linspace(0, 1, count, dtype=np.float32)[:, None]
            samples[:count] = samples[:count] * share + self._fading[:count] * (1 - share)
        self._fading = self._fading[:0]
        return samples


def _bounds(piece: Piece, renderer: Renderer) -> tuple[float, float]:
    """Return from where to where a piece is played, in seconds."""
    begin, end = piece.span or (0.0, renderer.seconds)
    return min(begin, renderer.seconds), min(end, renderer.seconds)


def _let_go(piece: Piece) -> None:
    """Close a piece's file, which may be moved or deleted. Instruments of notes are kept."""
    if not isinstance(piece.source, Music):
        piece.renderer = None


def _stereo(samples: npt.NDArray[np.float32]) -> Samples:
    return np.ascontiguousarray(samples, np.float32).reshape(-1, 2)


def _tr(text: str) -> str:
    return QCoreApplication.translate("Player", text)
