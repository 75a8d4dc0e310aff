"""Sound in the window: waveform over spectrum, with a bar to play it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QWidget

from studio.core.blobs import Source
from studio.data.modality import Rejected
from studio.data.stored import Stored
from studio.ui.sound import shown_pieces
from studio.ui.sound_thread import Piece
from studio.ui.theme import GAP
from studio.ui.views.played import PlayedView
from studio.ui.views.sound_bar import SoundBar
from studio.ui.views.sound_canvas import SoundCanvas
from studio.ui.views.sound_reading import Recording, recording_reader
from studio.ui.widgets.buttons import QuietButton
from studio.ui.widgets.labels import label
from studio.ui.widgets.progress import ProgressBar

_PATIENCE_MS = 250  # of reading, until it is said how far it is


class AudioView(PlayedView):
    """A recording to see and to hear; sheets of samples can be gone through.

    Attributes:
        canvas: Its timeline.

    Signals:
        shown: Another recording is in sight.
    """

    shown = Signal()

    def __init__(self) -> None:
        self.canvas = SoundCanvas()
        super().__init__(self.canvas, SoundBar(self.canvas))
        self._ticket = 0
        self._path: Path | None = None
        self._source: Source | None = None
        self._share = ProgressBar(self.tr("Reading"))
        self._cancel = QuietButton(self.tr("Cancel"), self._on_cancel)
        self._words = label("", "caption")
        self._reading = QWidget()
        row = QHBoxLayout(self._reading)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GAP)
        for widget in (self._words, self._share, self._cancel):
            row.addWidget(widget, 1 if widget is self._share else 0)
        self.column.insertWidget(1, self._reading)
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(_PATIENCE_MS)
        self._patience.timeout.connect(self._show_reading)
        self._reading.hide()
        self.setAccessibleName(self.tr("Sound"))
        reader = recording_reader()
        reader.done.connect(self._on_read)
        reader.progress.connect(self._on_progress)

    def show_media(self, path: Path) -> None:
        """Read a sound file, or the sound of a video, and show it."""
        self.setAccessibleDescription(path.name)
        self._path = path
        self._read(path)

    def show_item(self, stored: Stored, name: str) -> None:
        """Show an item of a dataset: the bytes of a sound file."""
        self.setAccessibleDescription(name)
        self._path = None
        self._read(stored)

    def clear(self) -> None:
        """Show nothing, read nothing and play nothing."""
        self._end_reading()
        self.bar.show_piece(None)
        self.canvas.show_message("")
        self._show_jumpers()

    def starts(self) -> Sequence[float]:
        """Return where each sample of a sheet begins, in seconds."""
        recording = self.canvas.recording
        return recording.starts if recording is not None else ()

    def _read(self, source: Source) -> None:
        self.clear()
        self._source = source
        self._ticket = recording_reader().read(source)
        self._share.set_share(0.0)
        self._patience.start()

    def _end_reading(self) -> None:
        recording_reader().drop(self._ticket)
        self._ticket = 0
        self._patience.stop()
        self._reading.hide()

    @Slot(int, object)
    def _on_read(self, ticket: int, result: object) -> None:
        if ticket != self._ticket:
            return
        self._end_reading()
        if not isinstance(result, Recording):
            told = isinstance(result, Rejected | OSError)
            self._refuse(str(result) if told else self.tr("This recording cannot be shown"))
            return
        self.canvas.show_recording(result)
        piece = Piece(result.source)
        self.bar.show_piece(piece)
        if self._path is not None:
            shown_pieces[self._path] = piece
        self._show_jumpers()
        self.shown.emit()

    @Slot(int, float)
    def _on_progress(self, ticket: int, share: float) -> None:
        if ticket == self._ticket:
            self._share.set_share(share)

    @Slot()
    def _show_reading(self) -> None:
        """Say that it takes a while, and how far it is."""
        self._words.setText(self.tr("Reading the recording…"))
        self._cancel.setText(self.tr("Cancel"))
        self._share.setVisible(True)
        self._reading.show()

    def _on_cancel(self) -> None:
        """End reading; the same button begins again."""
        source = self._source
        if self._ticket:
            self._end_reading()
            self._words.setText(self.tr("Reading was cancelled."))
            self._cancel.setText(self.tr("Read it"))
            self._share.setVisible(False)
            self._reading.show()
        elif source is not None:
            self._read(source)
            self._show_reading()

    def _refuse(self, why: str) -> None:
        self.bar.show_piece(None)
        self.canvas.show_message(why)
        self._show_jumpers()
