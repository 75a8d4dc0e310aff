"""Music in the window: a piano roll that plays."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Qt, Slot
from PySide6.QtGui import QHideEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QSizePolicy, QVBoxLayout

from studio.ui.sound import player, shown_pieces
from studio.ui.sound_thread import Piece
from studio.ui.theme import GAP
from studio.ui.views.base import MediaView
from studio.ui.views.music_notes import NoteTable
from studio.ui.views.music_reading import MusicFile, read_file
from studio.ui.views.music_roll import PianoRoll
from studio.ui.views.music_transport import TransportBar
from studio.ui.views.music_work import side_work
from studio.ui.widgets.buttons import IconButton
from studio.ui.widgets.labels import ElidedLabel


class MusicView(MediaView):
    """A piece as a piano roll, with a bar to play it; sheets of samples can be gone through.

    Attributes:
        roll, bar: Its two parts.
        alone: Whether it is the only thing in its dialog that plays, and may have the space bar.
    """

    def __init__(self) -> None:
        super().__init__()
        self.alone = True
        self.roll = PianoRoll()
        self.bar = TransportBar(self.roll)
        self.bar.moved.connect(lambda _seconds: self._show_sample())
        self.roll.marker_wanted.connect(self.go)
        self._ticket = 0
        self._path: Path | None = None
        self._sample = ElidedLabel("", "muted")
        before = IconButton("chevron-left", self.tr("The sample before"))
        after = IconButton("chevron-right", self.tr("The next sample"))
        before.clicked.connect(lambda _checked: self.go(-1))
        after.clicked.connect(lambda _checked: self.go(1))
        self._jumps = QHBoxLayout()
        self._jumps.setSpacing(GAP)
        for widget in (before, self._sample, after):
            self._jumps.addWidget(widget)
            widget.setVisible(False)
        self._jumps.addStretch(1)
        self._jumpers = (before, self._sample, after)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(self._jumps)
        column.addWidget(self.roll, 1)
        column.addWidget(self.bar)
        self.setFocusProxy(self.roll)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(self.tr("Music"))
        side_work().done.connect(self._on_read)

    def show_media(self, path: Path) -> None:
        """Read a MIDI file and show it."""
        self.setAccessibleDescription(path.name)
        self._path = path
        self._read(path)

    def show_item(self, stored: bytes, name: str) -> None:
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

    def toggle(self) -> None:
        """Play or hold."""
        self.bar.toggle()

    @Slot(int)
    def go(self, step: int) -> None:
        """Go to another sample of a sheet."""
        markers = self.roll.markers
        if markers:
            place = max(0, min(len(markers) - 1, self.sample() + step))
            self.bar.seek(self.roll.table.seconds_at(markers[place].tick))
            self.roll.set_playhead(self.bar.position(), follow=True)

    def sample(self) -> int:
        """Return which sample of a sheet the playhead is in, from 0."""
        tick = self.roll.table.tick_at(self.bar.position()) + 1.0
        begun = [place for place, marker in enumerate(self.roll.markers) if marker.tick <= tick]
        return begun[-1] if begun else 0

    def showEvent(self, event: QShowEvent) -> None:
        """Load the instruments, so that the first sound comes at once."""
        super().showEvent(event)
        player().warm()
        if self.alone and isinstance(self.window(), QDialog):
            self.window().installEventFilter(self)

    def hideEvent(self, event: QHideEvent) -> None:
        """Leave the keyboard of a dialog to others."""
        super().hideEvent(event)
        self.window().removeEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Play or hold with Space in a dialog, where nothing else wants the key."""
        pressed = event.key() if isinstance(event, QKeyEvent) else None
        if pressed == Qt.Key.Key_Space and event.type() is QEvent.Type.KeyPress:
            self.toggle()
            return True
        return super().eventFilter(watched, event)

    def _read(self, source: Path | bytes) -> None:
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

    def _show_jumpers(self) -> None:
        for widget in self._jumpers:
            widget.setVisible(len(self.roll.markers) > 1)
        self._show_sample()

    def _show_sample(self) -> None:
        markers = self.roll.markers
        if markers:
            words = self.tr("Sample {number} of {count}")
            place = self.sample()
            self._sample.setText(words.format(number=place + 1, count=len(markers)))
