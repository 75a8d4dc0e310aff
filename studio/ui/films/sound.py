"""What is heard with a film: the window's one player, driven by the film's clock and driving it."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, Slot

from studio.core.blobs import Source
from studio.ui import settings
from studio.ui.films.clock import FilmClock
from studio.ui.sound import player
from studio.ui.sound_thread import Piece

_ON = "video/sound"


class FilmSound(QObject):
    """Plays the sound of a film while its clock goes at the speed it was filmed at.

    Films begin to move by themselves, but nothing is heard until the user switches the sound on;
    that is remembered.

    Signals:
        changed: There is sound or not, or it is on or off.
    """

    changed = Signal()

    def __init__(self, clock: FilmClock) -> None:
        super().__init__(clock)
        self._clock = clock
        self._piece: Piece | None = None
        clock.master = self
        clock.changed.connect(self._follow)
        clock.jumped.connect(self._on_jumped)

    @property
    def there(self) -> bool:
        """Whether the film has sound."""
        return self._piece is not None

    @property
    def on(self) -> bool:
        """Whether the user wants to hear films."""
        return settings.flag(_ON)

    def load(self, source: Source | None) -> None:
        """Play the sound of another film from now on; None for a film without."""
        self._be_silent()
        self._piece = Piece(source) if source is not None else None
        self._follow()
        self.changed.emit()

    def set_on(self, on: bool) -> None:
        """Let films be heard, or not."""
        settings.store(_ON, on)
        self._follow()
        self.changed.emit()

    def heard(self) -> float | None:
        """Return what is heard now, in seconds of the film; None when nothing is."""
        if self._piece is None or not player().plays(self._piece):
            return None
        return player().position(self._piece)

    @Slot()
    def _follow(self) -> None:
        """Play or be silent, as the clock says."""
        clock, piece = self._clock, self._piece
        if piece is None:
            return
        wanted = clock.playing and clock.speed == 1.0 and self.on
        if wanted and not player().plays(piece):
            piece.position = clock.position
            player().play(piece)
        elif not wanted:
            self._be_silent()

    @Slot()
    def _on_jumped(self) -> None:
        if self._piece is None:
            return
        if player().plays(self._piece):
            player().seek(self._piece, self._clock.position)
        else:
            self._follow()

    def _be_silent(self) -> None:
        if self._piece is not None and player().plays(self._piece):
            player().pause()
