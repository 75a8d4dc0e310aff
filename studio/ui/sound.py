"""Plays music and sound while they are rendered: one player for the whole window.

A thread renders a little ahead into a ring of samples, which the sound card reads. Where there is
no sound card, the same ring is read by the clock, so that the playhead moves all the same.

Whoever wants to be heard makes a `Piece` of its source (notes, a `Sound`, the path of a sound file
or of a video, or the bytes of one) and drives it through `player()`:

    piece = Piece(path)
    player().play(piece)             # from piece.position on; whatever else plays is held
    player().position(piece)         # what is heard now, in seconds: pictures follow this clock
    player().seek(piece, 12.5)       # goes on from there when it plays
    player().set_span(piece, (2, 4)) # only this part, over and over with set_loop(True)
    player().switch(piece, other)    # the other from the same second on, without a gap
    player().pause()                 # holds; piece.position is where

`changed` tells that something began or was held, `ended` that a piece came to its end. Nothing is
decoded in the caller's thread, and nothing is played that was not asked for: views hold their piece
when they are hidden. Why nothing is heard stands in `silence`: no sound card, no sound in the file.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from weakref import WeakValueDictionary

import numpy as np
from PySide6.QtCore import QCoreApplication, QObject, Signal, Slot

from studio.core.media import Music, Track
from studio.ui.sound_output import Output, SoundCard
from studio.ui.sound_thread import Around, Audible, Piece, Playing, Renderer

_log = logging.getLogger(__name__)

#: Pieces that a view shows now, by their file: whoever plays a file plays what is seen.
shown_pieces: WeakValueDictionary[Path, Piece] = WeakValueDictionary()


def render(source: Audible) -> Renderer:
    """Return what makes sound of notes or recordings; the first notes load the instruments."""
    if isinstance(source, Music):
        from studio.data.music.sound import Renderer as Synthesiser

        return Synthesiser(source)
    from studio.data.audio.playing import Renderer as Recording

    return Recording(source)


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
        self.render: Callable[[Audible], Renderer] = render
        self.silence = ""  # why nothing is heard
        self._piece: Piece | None = None
        self._volume = 1.0
        self._loop = False
        self._work: Playing | None = None
        self._last: Playing | None = None  # may still be giving the sound card back
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
        around = Around(self.render, self.outputs, lambda: self._loop, ended, self._mute.emit)
        self._work = Playing(piece, around, self._last)
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

    def set_span(self, piece: Piece, span: tuple[float, float] | None) -> None:
        """Play only a part of a piece from now on, or all of it again."""
        piece.span = span
        if self.plays(piece) and self._work is not None:
            self._work.go_on_in(piece)

    def replace(self, piece: Piece, source: Audible) -> None:
        """Give a piece other notes or samples; when it plays, they are heard from now on."""
        piece.source, piece.renderer = source, None
        if self.plays(piece) and self._work is not None:
            self._work.go_on_in(piece)

    def switch(self, before: Piece, after: Piece) -> None:
        """Let `after` be at the place where `before` is; when that plays, go on in it at once."""
        after.position = self.position(before)
        if self.plays(before) and self._work is not None:
            before.position = after.position
            self._piece = after
            self._work.go_on_in(after)
            self.changed.emit()

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
        piece.position = piece.span[0] if piece.span is not None else 0.0
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


def _one_note() -> Music:
    return Music((Track(np.array([[0, 10, 60, 60]], np.int32)),))
