"""The card for recordings on the Data page: how they are cut, and how a slice sounds."""

from __future__ import annotations

from functools import partial
from pathlib import PurePath

from pydantic import ValidationError
from PySide6.QtCore import QCoreApplication, Qt, QTimer, Slot
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from studio.core.datasets import Dataset
from studio.data.audio.preparation import AudioPreparation
from studio.data.modality import Rejected
from studio.ui.context import Studio
from studio.ui.pages.data_audio_cuts import Cuts, CutView, as_heard, read_cuts
from studio.ui.pages.data_bench import DataBench
from studio.ui.side_work import side_work
from studio.ui.sound import player
from studio.ui.sound_thread import Piece
from studio.ui.theme import GAP
from studio.ui.views.audio_dataset import rate_words
from studio.ui.widgets.buttons import Button, IconButton
from studio.ui.widgets.cards import Card
from studio.ui.widgets.labels import ElidedLabel, label

_REST_MS = 250
_FRAME_MS = 30


class AudioBench(DataBench):
    """One recording with its slices, in numbers too.

    Attributes:
        cuts: What is drawn.
        words: The same in numbers.
    """

    def __init__(self, studio: Studio) -> None:
        super().__init__(studio)
        self._dataset: Dataset | None = None
        self._place = 0
        self._ticket = 0
        self._shown: Cuts | None = None
        self._piece: Piece | None = None
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST_MS)
        self._rest.timeout.connect(self._ask)
        self._frame = QTimer(self)
        self._frame.setInterval(_FRAME_MS)
        self._frame.timeout.connect(self._show_playhead)
        self.cuts = CutView()
        self.cuts.slice_wanted.connect(self._on_slice)
        self._name = ElidedLabel("", "muted")
        self.words = label("", "caption", wrap=True)
        before = IconButton("chevron-left", self.tr("The recording before"))
        after = IconButton("chevron-right", self.tr("The next recording"))
        before.clicked.connect(lambda _checked: self._go(-1))
        after.clicked.connect(lambda _checked: self._go(1))
        self._steps = (before, after)
        self.hear = Button("", self._on_hear, icon="play")
        row = QHBoxLayout()
        row.setSpacing(GAP)
        row.addWidget(self._name, 1)
        for button in self._steps:
            row.addWidget(button)
        card = Card(self.tr("How recordings are cut"))
        card.body.addLayout(row)
        card.body.addWidget(self.cuts)
        card.body.addWidget(self.words)
        card.body.addWidget(self.hear, 0, Qt.AlignmentFlag.AlignLeft)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(card)
        side_work().done.connect(self._on_read)
        player().changed.connect(self._on_player)
        self._on_player()
        self._show(None)

    def show_dataset(self, dataset: Dataset) -> None:
        """Show how a dataset is cut by its settings."""
        if self._dataset is None or dataset.id != self._dataset.id:
            self._place = 0
            self._show(None)
            self.words.setText(self.tr("Reading a recording…"))
        self._dataset = dataset
        self._rest.start()

    def end(self) -> None:
        """Read nothing more, and play nothing."""
        self._rest.stop()
        self._hold()

    def showEvent(self, event: QShowEvent) -> None:
        """Ask what was not asked while nobody looked."""
        super().showEvent(event)
        player().warm()
        self._rest.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Play nothing that cannot be seen."""
        super().hideEvent(event)
        self._hold()

    @Slot()
    def _ask(self) -> None:
        if self._dataset is None or not self.isVisible():
            return
        try:
            preparation = AudioPreparation.model_validate(self._dataset.preparation)
        except ValidationError:
            return  # the form above says what is wrong
        folder = self._studio.project.folder
        work = partial(read_cuts, folder, self._dataset.id, preparation, self._place)
        self._ticket = side_work().ask(work, self._ticket)

    def _go(self, step: int) -> None:
        self._place += step
        self._ask()

    @Slot(int, object)
    def _on_read(self, ticket: int, result: object) -> None:
        if ticket != self._ticket:
            return
        self._ticket = 0
        if isinstance(result, Cuts):
            self._show(result)
            self.words.setText(cut_words(result))
            self.cuts.setAccessibleDescription(self.words.text())
            return
        self._show(None)
        if isinstance(result, Rejected | OSError):
            self.words.setText(str(result))
        else:
            self.words.setText(self.tr("There is no recording to cut."))

    def _show(self, cuts: Cuts | None) -> None:
        self._hold()
        self._shown, self._piece = cuts, None
        self.cuts.show_cuts(cuts)
        for button in self._steps:
            button.setEnabled(cuts is not None and cuts.items > 1)
        self.hear.setEnabled(cuts is not None and bool(cuts.slices))
        if cuts is None:
            self._name.setText("")
        else:
            self._place = cuts.place
            words = self.tr("{name} · {place} of {count}")
            count, place = f"{cuts.items:,}", f"{cuts.place + 1:,}"
            self._name.setText(
                words.format(name=PurePath(cuts.name).name, place=place, count=count)
            )

    @Slot(int)
    def _on_slice(self, index: int) -> None:
        """Play a slice as the model hears it; hold it when it plays."""
        if self._shown is None:
            return
        self._hold()
        self._piece = Piece(as_heard(self._shown, index))
        player().play(self._piece)

    def _on_hear(self) -> None:
        if self._piece is not None and player().plays(self._piece):
            self._hold()
        else:
            self._on_slice(self.cuts.chosen)

    def _hold(self) -> None:
        if self._piece is not None and player().plays(self._piece):
            player().pause()

    @Slot()
    def _on_player(self) -> None:
        plays = self._piece is not None and player().plays(self._piece)
        self.hear.setText(self.tr("Hold") if plays else self.tr("Hear a slice"))
        if plays:
            self._frame.start()
        else:
            self._frame.stop()
        self._show_playhead()

    @Slot()
    def _show_playhead(self) -> None:
        plays = self._piece is not None and player().plays(self._piece)
        if self._piece is None or self._shown is None or not plays:
            self.cuts.show_playhead(None)
            return
        first, last = self._shown.slices[self.cuts.chosen]
        self.cuts.show_playhead(min(last, first + player().position(self._piece)))


def cut_words(cuts: Cuts) -> str:
    """Return the slices in numbers: `3 slices of 1.02 s, 0.4 s of silence left out.`"""
    preparation, slices = cuts.preparation, cuts.slices
    if not slices:
        return _tr("Nothing is heard in it, so it is left out.")
    one = (
        _tr("1 slice of {seconds} s") if len(slices) == 1 else _tr("{count} slices of {seconds} s")
    )
    count = f"{len(slices):,}"
    parts = [one.format(count=count, seconds=f"{preparation.seconds:.2f}")]
    if cuts.left_out >= 0.05:
        rest = _tr("{rest} s after the beginning left out")
        silence = _tr("{rest} s of silence left out")
        words = rest if preparation.whole else silence
        parts.append(words.format(rest=f"{cuts.left_out:.1f}"))
    if cuts.filled >= 0.05:
        parts.append(_tr("{rest} s filled up with silence").format(rest=f"{cuts.filled:.1f}"))
    at = _tr("Heard at {rate}, {channels}.")
    channels = _tr("stereo") if preparation.channels == "stereo" else _tr("mono")
    lines = [
        ", ".join(parts) + ".",
        at.format(rate=rate_words(preparation.rate), channels=channels),
    ]
    if not cuts.whole:
        lines.append(_tr("Of the first ten minutes."))
    return " ".join(lines)


def _tr(text: str) -> str:
    return QCoreApplication.translate("AudioBench", text)
