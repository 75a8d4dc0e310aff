"""Plays music while it is rendered: one player for the whole window.

A thread renders a little ahead into a ring of samples, which the sound card reads. Where there is
no sound card, the same ring is read by the clock, so that the playhead moves all the same.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import Protocol
from weakref import WeakValueDictionary

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QCoreApplication, QObject, Signal, Slot

from studio.core.media import Music, Track
from studio.ui.sound_output import RATE, Output, SilentOutput, SoundCard, no_sound_reason
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


#: Pieces that a view shows now, by their file: whoever plays a file plays what is seen.
shown_pieces: WeakValueDictionary[Path, Piece] = WeakValueDictionary()


def render(music: Music) -> Renderer:
    """Return what makes sound of a piece; the first call loads the instruments."""
    from studio.data.music_sound import Renderer as Synthesiser

    return Synthesiser(music)


class Player(QObject):
    """Plays one piece at a time.

    Attributes:
        outputs: Makes the way to the sound card; tests put another one in.
        render: Makes sound of a piece.

    Signals:
        changed: Another piece plays, or none, or there is no sound.
        ended: The Piece that played is at its end.
    """

    changed = Signal()
    ended = Signal(object)
    _run_out = Signal(int)
    _mute = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.outputs: Callable[[], Output] = SoundCard
        self.render: Callable[[Music], Renderer] = render
        self.silence = ""  # why nothing is heard
        self._piece: Piece | None = None
        self._volume = 1.0
        self._loop = False
        self._work: _Playing | None = None
        self._last: _Playing | None = None  # may still be giving the sound card back
        self._warm: threading.Thread | None = None
        self._number = 0
        self._run_out.connect(self._on_run_out)
        self._mute.connect(self._on_mute)

    # -------------------------------------------------------------------------------- playing

    def plays(self, piece: Piece | None = None) -> bool:
        """Tell whether something plays, or whether this piece does."""
        return self._work is not None and piece in (None, self._piece)

    def play(self, piece: Piece) -> None:
        """Play a piece from where its playhead rests; what plays now is held."""
        self.pause()
        self._number += 1
        self._piece = piece
        ended = partial(self._run_out.emit, self._number)
        self._work = _Playing(self, piece, ended, self._mute.emit, self._last)
        self._work.ring.volume = self._volume
        self._work.start()
        self.changed.emit()

    @Slot()
    def pause(self) -> None:
        """Hold what plays where it is. It is silent at once; its thread ends by itself."""
        if self._work is None or self._piece is None:
            return
        self._last, self._work = self._work, None
        self._piece.position = self._last.position()
        self._last.end()
        self.changed.emit()

    def toggle(self, piece: Piece) -> None:
        """Play a piece, or hold it when it plays."""
        if self.plays(piece):
            self.pause()
        else:
            self.play(piece)

    def position(self, piece: Piece) -> float:
        """Return what is heard of a piece now, in seconds from its beginning."""
        if self._work is not None and piece is self._piece:
            return self._work.position()
        return piece.position

    def seek(self, piece: Piece, seconds: float) -> None:
        """Go to another place of a piece; it plays on from there when it plays."""
        piece.position = max(0.0, seconds)
        if self.plays(piece) and self._work is not None:
            self._work.seek(piece.position)

    @property
    def loop(self) -> bool:
        """Whether pieces begin again at their end."""
        return self._loop

    def set_loop(self, loop: bool) -> None:
        """Begin again at the end, or do not."""
        self._loop = loop  # read by the thread that renders

    def replace(self, piece: Piece, music: Music) -> None:
        """Give a piece other notes; when it plays, they are heard from now on."""
        piece.music, piece.renderer = music, None
        if self.plays(piece) and self._work is not None:
            self._work.seek(self._work.position())

    @property
    def volume(self) -> float:
        """How loud it is, 0 to 1."""
        return self._volume

    def set_volume(self, volume: float) -> None:
        """Play louder or softer."""
        self._volume = max(0.0, min(1.0, volume))
        if self._work is not None:
            self._work.ring.volume = self._volume

    # ------------------------------------------------------------------------------- starting

    def warm(self) -> None:
        """Load instruments and find the sound card in the background, once."""
        if self._warm is None:
            self._warm = threading.Thread(target=self._load, name="warm-sound")
            self._warm.start()

    @Slot()
    def close(self) -> None:
        """Hold what plays and wait for the threads; the next sound starts anew."""
        self.pause()
        for thread in (self._last, self._warm):
            if thread is not None:
                thread.join()
        self._last = self._warm = None

    def _load(self) -> None:
        """Load what the first sound would wait for; runs in a thread."""
        try:
            self.outputs()
            self.render(_one_note()).chunk(0.0, 0.01)
        except Exception as error:  # noqa: BLE001 - the first sound tells the user why
            _log.info("sound is not ready: %s", error)

    @Slot(int)
    def _on_run_out(self, number: int) -> None:
        if number != self._number or self._work is None or self._piece is None:
            return
        piece = self._piece
        self.pause()
        piece.position = 0.0
        self.ended.emit(piece)

    @Slot(str)
    def _on_mute(self, reason: str) -> None:
        if reason != self.silence:
            self.silence = reason
            self.changed.emit()


@cache
def player() -> Player:
    """Return the one player; it ends with the program."""
    made = Player()
    application = QCoreApplication.instance()
    if application is not None:
        application.aboutToQuit.connect(made.close)
    return made


class _Playing(threading.Thread):
    """Renders a piece ahead of what is heard, until it is ended or the piece is over."""

    def __init__(
        self,
        player: Player,
        piece: Piece,
        ended: Callable[[], object],
        muted: Callable[[str], object],
        before: threading.Thread | None,
    ) -> None:
        """Prepare to play; `start` begins.

        Args:
            ended: Called when the piece is over.
            muted: Told why nothing is heard; an empty text when something is.
            before: Had the sound card last.
        """
        super().__init__(name="player", daemon=True)
        self._player, self._piece, self._before = player, piece, before
        self._ended, self._muted = ended, muted
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
                    self._ended()
                    return
                self.ring.wait()
        except Exception as error:  # noqa: BLE001 - whatever a synthesiser says of odd notes
            _log.exception("a piece cannot be played")
            self._muted(_tr("This piece cannot be played: {error}").format(error=error))
            self._ended()
        finally:
            output.stop()

    def _renderer(self) -> Renderer:
        """Return what renders the piece as it is now."""
        while True:
            music, renderer = self._piece.music, self._piece.renderer
            if renderer is not None:
                return renderer
            made = self._player.render(music)
            if self._piece.music is music:  # else it was edited meanwhile
                self._piece.renderer = made

    def _opened(self) -> Output:
        """Return a running way to the sound card, else a silent one."""
        try:
            output = self._player.outputs()
            output.start(self.ring.read)
        except OSError as error:
            _log.info("no sound: %s", error)
            self._muted(no_sound_reason(error))
            output = SilentOutput()
            output.start(self.ring.read)
        else:
            self._muted("")
        self.ring.latency = output.latency
        return output

    def _fill(self, renderer: Renderer) -> bool:
        """Render until the ring is full; tells whether there is more of the piece."""
        while not self._stop_wanted.is_set():
            self._take_wish(renderer)
            if self._next >= renderer.seconds:
                if not self._player.loop or renderer.seconds <= 0:
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


def _one_note() -> Music:
    return Music((Track(np.array([[0, 10, 60, 60]], np.int32)),))


def _stereo(samples: npt.NDArray[np.float32]) -> Samples:
    return np.ascontiguousarray(samples, np.float32).reshape(-1, 2)


def _tr(text: str) -> str:
    return QCoreApplication.translate("Player", text)
