"""The middle of the Generate page for sound: one recording large, or two compared; the batch."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget

from studio.core.assets import Asset
from studio.core.family_info import Task
from studio.core.model_choices import Model
from studio.ui.asset_source import asset_title
from studio.ui.pages.generate_audio_list import SoundList
from studio.ui.pages.generate_middle import Around
from studio.ui.pages.generate_played import PlayedMiddle
from studio.ui.sound import player
from studio.ui.theme import GAP
from studio.ui.views.audio import AudioView
from studio.ui.views.registry import VIEWS
from studio.ui.views.sound_pair import SoundPair
from studio.ui.widgets.buttons import Button, QuietButton
from studio.ui.widgets.cards import Card
from studio.ui.widgets.labels import ElidedLabel
from studio.ui.widgets.panes import Splitter


class AudioMiddle(PlayedMiddle):
    """Waveform and spectrum of the chosen recording; of two, A and B with one playhead.

    Attributes:
        view: The recording in sight.
        pair: The two that are compared.
        batch: The newest batch.
    """

    usual_count = 8
    batch: SoundList

    def __init__(self, around: Around) -> None:
        super().__init__(around)
        self._shown: Asset | None = None
        self._plays_next = False  # what is read now is to be heard at once
        self.batch = SoundList(self._source)
        self.view = AudioView()
        self.pair = SoundPair()
        self._sight = QStackedWidget()
        self._sight.addWidget(self.view)
        self._sight.addWidget(self.pair)
        self._facts = ElidedLabel("", "muted")
        self.go_on = QuietButton(self.tr("Continue this"), self._on_continue)
        self.go_on.setToolTip(self.tr("Lets the model go on from this recording"))
        self.again = QuietButton(self.tr("Use these settings"), self._on_use)
        self.export = Button(self.tr("Export…"), self._on_export)
        self.one = QuietButton(self.tr("Back to one"), self._show_one)
        self.one.setVisible(False)
        self._compare.setText(self.tr("A / B"))
        self._compare.setToolTip(
            self.tr("Compares two recordings with one playhead; choose both with Ctrl")
        )
        self._card = Card(" ")
        self._card.header.takeAt(self._card.header.count() - 1)  # the facts take the room
        self._card.header.addWidget(self._facts, 1)
        self._card.header.addWidget(self.one)
        self._card.body.addWidget(self._sight, 1)
        ends = QHBoxLayout()
        ends.setSpacing(GAP)
        ends.addStretch(1)
        for button in (self.go_on, self.again, self.export):
            ends.addWidget(button)
        self._card.body.addLayout(ends)
        parts = Splitter("generate-audio", Qt.Orientation.Vertical)
        parts.addWidget(self._card)
        parts.addWidget(self.batch_card())
        parts.setStretchFactor(0, 3)
        parts.setStretchFactor(1, 2)
        parts.restore([420, 240])
        self.build(
            parts,
            self.tr(
                "What you make appears here as waveforms to hear, and in the gallery by itself."
            ),
        )
        self.batch.shown.connect(self._on_shown)
        self.batch.heard.connect(self._on_heard)
        self.batch.play_wanted.connect(self.toggle)
        self.view.bar.moved.connect(lambda _seconds: self._show_playhead())
        self.view.shown.connect(self._on_read)
        player().changed.connect(self._show_playhead)
        self.go_on.setVisible(False)

    def set_model(self, model: Model | None, reference: str) -> None:
        """Offer what the model can do."""
        self.go_on.setVisible(model is not None and Task.CONTINUE in model.tasks)

    def toggle(self) -> None:
        """Play or hold what is in sight."""
        if self._sight.currentWidget() is self.pair:
            self.pair.toggle()
        else:
            self.view.toggle()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Play or hold with Space, wherever the keyboard is among these parts."""
        if event.key() == Qt.Key.Key_Space:
            self.toggle()
        else:
            super().keyPressEvent(event)

    # ---------------------------------------------------------------------------------- events

    @Slot(int)
    def _on_shown(self, asset_id: int) -> None:
        """Show another recording large."""
        asset = self.batch.asset(self.batch.currentIndex().row()) if asset_id else None
        if asset is None or (self._shown is not None and asset.id == self._shown.id):
            return
        self._show_one()
        self._shown = asset
        self._plays_next = False
        self._card.set_title(self.batch.name_of(self.batch.currentIndex().row()))
        self._facts.setText(_facts(asset))
        self.view.show_media(self._studio.project.folder / asset.path)

    @Slot(int)
    def _on_heard(self, row: int) -> None:
        """Play a row, or hold it."""
        asset = self.batch.asset(row)
        if asset is None:
            return
        self._show_one()
        if self._shown is not None and asset.id == self._shown.id:
            self.view.toggle()
            return
        self.batch.setCurrentIndex(self.batch.model().index(row, 0))
        self._plays_next = True

    @Slot()
    def _on_read(self) -> None:
        if self._plays_next:
            self._plays_next = False
            self.view.toggle()
        self._show_playhead()

    @Slot()
    def _show_playhead(self) -> None:
        shown = self._shown.id if self._shown is not None else 0
        single = self._sight.currentWidget() is self.view
        position = self.view.bar.position() if single else None
        self.batch.show_playhead(shown, position, plays=self.view.bar.playing())

    def _on_compare(self) -> None:
        """Show the two that are chosen, in the place of one."""
        player().pause()
        chosen = self.batch.chosen()
        if not self._actions.can_compare(chosen):
            return
        folder = self._studio.project.folder
        rows = sorted(index.row() for index in self.batch.selectedIndexes())
        names = [self.batch.name_of(row) for row in rows]
        self.pair.show_files([folder / asset.path for asset in chosen], names)
        self._sight.setCurrentWidget(self.pair)
        self.one.setVisible(True)
        self._card.set_title(self.tr("A and B"))
        self._facts.setText("")
        self.pair.setFocus()
        self._show_playhead()

    @Slot()
    def _show_one(self) -> None:
        """Show the one recording again."""
        if self._sight.currentWidget() is self.view:
            return
        self.pair.clear()
        self._sight.setCurrentWidget(self.view)
        self.one.setVisible(False)
        if self._shown is not None:
            places = self._source.ids
            row = places.index(self._shown.id) if self._shown.id in places else 0
            self._card.set_title(self.batch.name_of(row))
            self._facts.setText(_facts(self._shown))

    def _on_continue(self) -> None:
        """Ask for a continuation of the recording in sight."""
        if self._shown is not None:
            path = self._studio.project.folder / self._shown.path
            model = self._make.models.reference()
            task = Task.CONTINUE.value
            self._make.show_request({"model": model, "task": task, "inputs": [str(path)]})

    def _on_use(self) -> None:
        if self._shown is not None:
            self._actions.use_settings(self._shown)

    def _on_export(self) -> None:
        """Export what is chosen, else what is in sight."""
        chosen = [asset.id for asset in self.batch.chosen()]
        shown = [self._shown.id] if self._shown is not None else []
        self._actions.export(chosen or shown)


def _facts(asset: Asset) -> str:
    """Return what is said of a recording beside its number: title, length."""
    size = VIEWS[asset.modality].dataset.extent_words(asset.width, asset.height)
    return " · ".join(filter(None, (asset_title(asset), size if asset.width else "")))
