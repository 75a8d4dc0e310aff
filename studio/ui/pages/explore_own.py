"""The explorer's search for the user's own picture: where a model can make it, or nearly so."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from studio.core.media import Modality
from studio.ui import nouns
from studio.ui.context import Studio
from studio.ui.pages.generate_inputs import InputDrop
from studio.ui.theme import GAP
from studio.ui.widgets.buttons import Button
from studio.ui.widgets.labels import label
from studio.ui.widgets.progress import ProgressBar


class OwnPanel(QWidget):
    """Own files, and the button that looks for their places.

    Signals:
        wanted: Files whose places are to be found.
        end_wanted: The search is to end.
    """

    wanted = Signal(object)
    end_wanted = Signal()

    def __init__(self, studio: Studio) -> None:
        super().__init__()
        self._catalogue = studio.catalogue
        self._words = label("", "muted", wrap=True)
        self._words.setToolTip(self.tr("Projection, or inversion, into the latent space"))
        self.drop = InputDrop(studio.project.inputs)
        self.drop.changed.connect(self._refresh)
        self.look = Button("", self._on_find, icon="search")
        self._end = Button(self.tr("Cancel"), self.end_wanted.emit)
        self._progress = ProgressBar(self.tr("Looking for the place"))
        search = QVBoxLayout()
        search.setSpacing(GAP)
        for widget in (self.look, self._end, self._progress):
            search.addWidget(widget)
        search.addStretch(1)
        row = QHBoxLayout()
        row.setSpacing(GAP)
        row.addWidget(self.drop, 1)
        row.addLayout(search)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP)
        column.addWidget(self._words)
        column.addLayout(row)
        column.addStretch(1)
        self.set_modality(Modality.IMAGE)
        self.set_working(None, working=False)

    def set_modality(self, modality: Modality) -> None:
        """Take files of the kind that the model makes."""
        words = self.tr(
            "The model looks for the place where it makes something most like your {one}. It is"
            " then pinned, so that you can go on from there."
        )
        self._words.setText(words.format(one=nouns.one(modality)))
        self.look.setText(self.tr("Find my {one}").format(one=nouns.one(modality)))
        self.drop.set_modality(modality, self._catalogue.modalities[modality].suffixes)

    def set_working(self, share: float | None, *, working: bool) -> None:
        """Show that it is being looked for, and how far that is."""
        self.look.setVisible(not working)
        self._end.setVisible(working)
        self._progress.setVisible(working)
        self._progress.set_share(share)
        self._refresh()

    @Slot()
    def _refresh(self) -> None:
        self.look.setEnabled(bool(self.drop.files()))

    def _on_find(self) -> None:
        self.wanted.emit(self.drop.files())
