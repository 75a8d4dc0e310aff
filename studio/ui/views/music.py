"""Music in the window: a piano roll that plays."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import Slot

from studio.core.blobs import Source
from studio.data.stored import Stored
from studio.ui.side_work import side_work
from studio.ui.sound import shown_pieces
from studio.ui.sound_thread import Piece
from studio.ui.views.music_notes import NoteTable
from studio.ui.views.music_reading import MusicFile, read_file
from studio.ui.views.music_roll import PianoRoll
from studio.ui.views.music_transport import RollBar
from studio.ui.views.played import PlayedView


class MusicView(PlayedView):
    """A piece as a piano roll, with a bar to play it; sheets of samples can be gone through.

    Attributes:
        roll: Its timeline.
    """

    def __init__(self) -> None:
        self.roll = PianoRoll()
        super().__init__(self.roll, RollBar(self.roll))
        self._ticket = 0
        self._path: Path | None = None
        self.setAccessibleName(self.tr("Music"))
        side_work().done.connect(self._on_read)

    def show_media(self, path: Path) -> None:
        """Read a MIDI file and show it."""
        self.setAccessibleDescription(path.name)
        self._path = path
        self._read(path)

    def show_item(self, stored: Stored, name: str) -> None:
        """Show an item of a dataset: the bytes of a MIDI file."""
        self.setAccessibleDescription(name)
        self._path = None
        self._read(stored)

    def show_table(self, table: NoteTable) -> None:
        """Show a piece that is read already."""
        self._ticket, self._path = 0, None
        self._show(MusicFile(table))

    def clear(self) -> None:
        """Show nothing, and play nothing."""
        self._ticket = 0
        self.bar.show_piece(None)
        self.roll.show_message("")
        self._show_jumpers()

    def starts(self) -> Sequence[float]:
        """Return where each sample of a sheet begins, in seconds."""
        return [self.roll.table.seconds_at(marker.tick) for marker in self.roll.markers]

    def _read(self, source: Source) -> None:
        self.bar.show_piece(None)
        self._ticket = side_work().ask(partial(read_file, source), self._ticket)

    @Slot(int, object)
    def _on_read(self, ticket: int, result: object) -> None:
        if ticket != self._ticket:
            return
        if isinstance(result, MusicFile):
            self._show(result)
        else:
            self._refuse(self.tr("This piece cannot be shown"))

    def _show(self, file: MusicFile) -> None:
        if file.problem:
            self._refuse(file.problem)
            return
        self.roll.show_music(file.table, file.markers)
        piece = Piece(file.table.music)
        self.bar.show_piece(piece)
        if self._path is not None:
            shown_pieces[self._path] = piece
        self._show_jumpers()

    def _refuse(self, why: str) -> None:
        self.bar.show_piece(None)
        self.roll.show_message(why)
        self._show_jumpers()
