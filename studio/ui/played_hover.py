"""Lets music and sound in a grid be heard: a button on the cell under the pointer, and Space."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import partial
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPoint, Qt, Slot
from PySide6.QtGui import QKeyEvent

from studio.core.blobs import Source
from studio.core.media import Modality
from studio.ui.asset_source import AssetSource
from studio.ui.icons import set_icon
from studio.ui.side_work import side_work
from studio.ui.sound import player, shown_pieces
from studio.ui.sound_thread import Piece
from studio.ui.views.music_reading import MusicFile, read_file
from studio.ui.widgets.buttons import Button
from studio.ui.widgets.grid import VirtualGrid
from studio.ui.widgets.grid_painter import PAD

_SIDE = 28  # pixels of the button
_INSET = 6


#: What can be heard.
PLAYED = frozenset({Modality.MUSIC, Modality.AUDIO})


class Heard(NamedTuple):
    """What can be heard at a place of a grid.

    Attributes:
        key: Tells it from all others.
        source: What it is read from.
    """

    key: Hashable
    modality: Modality
    source: Source


def heard_asset(source: AssetSource, place: int) -> Heard | None:
    """Return what can be heard at a place of a source of assets."""
    asset, path = source.asset(place), source.path(place)
    if asset is None or path is None or asset.modality not in PLAYED:
        return None
    return Heard(asset.id, asset.modality, path)


class PlayedHover(QObject):
    """Plays from a grid; what is shown large at the same time moves its playhead there."""

    def __init__(
        self,
        grid: VirtualGrid,
        heard: Callable[[int], Heard | None],
        *,
        plays: Callable[[int], bool] | None = None,
    ) -> None:
        """Play from a grid.

        Args:
            heard: What can be heard at a place; None when nothing can.
            plays: Tells the same without reading it.
        """
        super().__init__(grid)
        self._grid, self._heard = grid, heard
        self._plays = plays or (lambda place: heard(place) is not None)
        self._place = -1
        self._ticket = 0
        self._playing: Piece | None = None
        self._key: Hashable = None  # whose piece that is
        self._at = -1  # the place at which it was asked for
        self.button = Button("", self._on_pressed, icon="play")
        self.button.setParent(grid.viewport())
        self.button.setFixedSize(_SIDE, _SIDE)
        self.button.setStyleSheet("padding: 0;")
        self.button.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the keyboard has the space bar
        self.button.hide()
        grid.entered.connect(self._on_entered)
        grid.viewportEntered.connect(self.button.hide)
        grid.verticalScrollBar().valueChanged.connect(self.button.hide)
        grid.installEventFilter(self)
        grid.viewport().installEventFilter(self)
        player().changed.connect(self._on_changed)
        side_work().done.connect(self._on_read)

    def play(self, place: int) -> bool:
        """Play or hold what is at a place; False when it cannot be heard."""
        found = self._heard(place)
        if found is None:
            return False
        seen = shown_pieces.get(found.source) if isinstance(found.source, Path) else None
        if seen is None and self._key == found.key:
            seen = self._playing
        if self._key != found.key:
            self._playing = None
        self._key, self._at = found.key, place
        if seen is None and found.modality is Modality.AUDIO:
            seen = Piece(found.source)
        if seen is not None:
            self._playing = seen
            player().toggle(seen)
        else:
            self._ticket = side_work().ask(partial(read_file, found.source), self._ticket)
        return True

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Play what the keyboard is at with the space bar; be silent when the grid goes."""
        kind = event.type()
        if kind is QEvent.Type.KeyPress and watched is self._grid:
            space = isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Space
            if space and self.play(self._grid.currentIndex().row()):
                return True
        elif kind is QEvent.Type.Hide and watched is self._grid:
            self.button.hide()
            if self._playing is not None and player().plays(self._playing):
                player().pause()
        elif kind is QEvent.Type.Leave and watched is self._grid.viewport():
            self.button.hide()
        return super().eventFilter(watched, event)

    @Slot(QModelIndex)
    def _on_entered(self, index: QModelIndex) -> None:
        if not self._plays(index.row()):
            self.button.hide()
            return
        self._place = index.row()
        cell = self._grid.visualRect(index).topLeft()
        offset = PAD if self._grid.captions else 0
        room = self._grid.picture_size()
        corner = QPoint(room.width() - _SIDE - _INSET, room.height() - _SIDE - _INSET)
        self.button.move(cell + corner + QPoint(offset, offset))
        self._on_changed()
        self.button.show()

    @Slot()
    def _on_pressed(self) -> None:
        self.play(self._place)

    @Slot(int, object)
    def _on_read(self, ticket: int, result: object) -> None:
        if ticket == self._ticket and isinstance(result, MusicFile) and not result.problem:
            self._ticket = 0
            self._playing = Piece(result.table.music)
            player().play(self._playing)

    @Slot()
    def _on_changed(self) -> None:
        mine = self._playing is not None and player().plays(self._playing)
        plays = mine and self._place == self._at
        set_icon(self.button, "pause" if plays else "play", "text")
        name = self.tr("Hold (Space)") if plays else self.tr("Play (Space)")
        self.button.setAccessibleName(name)
        self.button.setToolTip(name)
