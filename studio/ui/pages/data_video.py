"""A card for films on the Data page: how one of them is cut into scenes and clips."""

from __future__ import annotations

from functools import partial

from pydantic import ValidationError
from PySide6.QtCore import QTimer, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QVBoxLayout

from studio.core.datasets import Dataset
from studio.data.modality import Rejected
from studio.data.video.preparation import VideoPreparation
from studio.ui.context import Studio
from studio.ui.pages.data_bench import DataBench
from studio.ui.side_work import side_work
from studio.ui.views.video_cuts import CutFilm, CutLine, cut_film
from studio.ui.widgets.buttons import IconButton
from studio.ui.widgets.cards import Card
from studio.ui.widgets.labels import ElidedLabel, label

_REST_MS = 250


class VideoBench(DataBench):
    """The card.

    Attributes:
        line: The film along time.
        words: What came of it.
    """

    def __init__(self, studio: Studio) -> None:
        super().__init__(studio)
        self._dataset: Dataset | None = None
        self._place = 0
        self._ticket = 0
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST_MS)
        self._rest.timeout.connect(self._ask)
        self.line = CutLine()
        self.words = label("", "caption", wrap=True)
        self._name = ElidedLabel("", "muted")
        card = Card(self.tr("How a clip is cut"))
        card.setToolTip(
            self.tr("Scenes above, in turn light and dark; below what the model sees at once")
        )
        for icon, name, step in (
            ("chevron-left", self.tr("The clip before"), -1),
            ("chevron-right", self.tr("The next clip"), 1),
        ):
            card.header.addWidget(IconButton(icon, name, partial(self.go, step)))
        for widget in (self._name, self.line, self.words):
            card.body.addWidget(widget)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(card)
        side_work().done.connect(self._on_cut)

    def show_dataset(self, dataset: Dataset) -> None:
        """Show how a film of a dataset is cut by its settings."""
        if self._dataset is None or dataset.id != self._dataset.id:
            self._place = 0
            self._show(None, self.tr("Reading…"))
        self._dataset = dataset
        self._rest.start()

    def go(self, step: int) -> None:
        """Show another film."""
        self._place += step
        self._rest.start()

    def end(self) -> None:
        """End what reads, and wait for it."""
        self._rest.stop()
        self._ticket = 0
        side_work().drop()
        side_work().wait()

    def showEvent(self, event: QShowEvent) -> None:
        """Read what was not read while nobody looked."""
        super().showEvent(event)
        self._rest.start()

    @Slot()
    def _ask(self) -> None:
        if self._dataset is None or not self.isVisible():
            return
        try:
            preparation = VideoPreparation.model_validate(self._dataset.preparation)
        except ValidationError:
            return  # the form above says what is wrong
        folder = self._studio.project.folder
        work = partial(cut_film, folder, self._dataset.id, self._place, preparation)
        self._ticket = side_work().ask(work, self._ticket)

    @Slot(int, object)
    def _on_cut(self, ticket: int, result: object) -> None:
        if ticket != self._ticket or not ticket:
            return
        if isinstance(result, CutFilm):
            self._show(result, self._words_of(result))
        elif isinstance(result, Rejected):
            self._show(None, f"{result.message} {result.suggestion}")
        else:
            self._show(None, self.tr("It could not be read."))

    def _show(self, film: CutFilm | None, words: str) -> None:
        self.line.show_film(film)
        self.line.setVisible(film is not None)
        self._name.setText(film.name if film is not None else "")
        self.words.setText(words)

    def _words_of(self, film: CutFilm) -> str:
        if not film.clips:
            words = self.tr("{frames} frames: too few for a clip of {length}, or cut too often.")
            return words.format(frames=f"{film.frames:,}", length=film.length)
        scenes, clips = len(film.cuts) + 1, len(film.clips)
        parts = [
            self.tr("{frames} frames").format(frames=f"{film.frames:,}"),
            self.tr("1 scene") if scenes == 1 else self.tr("{n} scenes").format(n=scenes),
            self.tr("1 clip of {length} frames").format(length=film.length)
            if clips == 1
            else self.tr("{n} clips of {length} frames").format(n=clips, length=film.length),
        ]
        if film.unused:
            parts.append(self.tr("{n} frames are in none").format(n=f"{film.unused:,}"))
        return " · ".join(parts)
