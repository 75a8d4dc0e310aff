"""The middle of the Generate page for moving pictures: one large in a player, the batch playing."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from studio.core.assets import Asset
from studio.core.family_info import Task
from studio.core.model_choices import Model
from studio.core.protocol import AssetMade, GenerateRequest, JobFinished, Progress
from studio.ui.asset_actions import sound_button
from studio.ui.asset_source import asset_title
from studio.ui.dialogs.look_closer import film_source
from studio.ui.pages.generate_middle import Around
from studio.ui.pages.generate_pictures import PicturesMiddle
from studio.ui.pages.generate_tasks import PATHS
from studio.ui.views.registry import VIEWS
from studio.ui.views.video import ClipView
from studio.ui.views.video_pair import FilmPair
from studio.ui.widgets.cards import Card, EmptyState
from studio.ui.widgets.chips import Chip
from studio.ui.widgets.labels import ElidedLabel, label
from studio.ui.widgets.panes import Splitter
from studio.ui.widgets.progress import ProgressBar
from studio.ui.words import duration

_LOWEST = 190  # pixels of height of the player, and of the results

#: Tasks whose result shows the same as the file at every moment.
_CHANGED = frozenset({Task.TRANSLATE, Task.RESTORE, Task.STYLIZE, Task.DENOISE, Task.RECONSTRUCT})


class FilmStage(Card):
    """One result large: in the player, or beside the file that it was made of.

    Signals:
        sound_wanted: The clip that is shown (an Asset) is to get a sound.

    Attributes:
        view, pair: The two ways.
        beside: Chooses between them, where there is such a file.
        sound: Asks for a sound.
    """

    sound_wanted = Signal(object)

    def __init__(self, folder: Path) -> None:
        """Make an empty stage.

        Args:
            folder: Of the project.
        """
        super().__init__(" ")
        self._folder = folder
        self._asset: Asset | None = None
        self._facts = ElidedLabel("", "muted")
        self.beside = Chip(
            self.tr("Beside the original"),
            tip=self.tr("Shows it and the file that it was made of at the same moment"),
        )
        self.beside.toggled.connect(lambda _on: self._show())
        self.header.takeAt(self.header.count() - 1)  # the facts take the room
        self.header.addWidget(self._facts, 1)
        self.sound = sound_button(lambda: self.sound_wanted.emit(self._asset))
        self.header.addWidget(self.beside)
        self.header.addWidget(self.sound)
        self._nothing = EmptyState("play", self.tr("What you make plays here."))
        self.view, self.pair = ClipView(), FilmPair()
        self._sight = QStackedWidget()
        for widget in (self._nothing, self.view, self.pair):
            self._sight.addWidget(widget)
        self._words = label("", "caption")
        self._bar = ProgressBar(self.tr("Being made"))
        self.body.addWidget(self._sight, 1)
        self.body.addWidget(self._words)
        self.body.addWidget(self._bar)
        self.say(None)
        self.show_asset(None, None)

    @property
    def asset(self) -> Asset | None:
        """What is shown."""
        return self._asset

    def show_asset(self, asset: Asset | None, task: Task | None) -> None:
        """Show a result; None shows that there is none yet.

        Args:
            task: What it is the result of, when that is known.
        """
        if asset is not None and self._asset is not None and asset.id == self._asset.id:
            return
        self._asset = asset
        source = film_source(asset, self._folder) if asset is not None else None
        blocked = self.beside.blockSignals(True)
        self.beside.setChecked(source is not None and task in _CHANGED)
        self.beside.blockSignals(blocked)
        self.beside.setVisible(source is not None)
        self.sound.setVisible(asset is not None)
        self.set_title(asset_title(asset) if asset is not None else self.tr("Player"))
        size = ""
        if asset is not None and asset.width:
            size = VIEWS[asset.modality].dataset.extent_words(asset.width, asset.height)
        self._facts.setText(size)
        self._show()

    def say(self, event: Progress | None) -> None:
        """Show how far what is being made is; None when nothing is."""
        self._words.setVisible(event is not None)
        self._bar.setVisible(event is not None)
        if event is None:
            return
        parts = [event.stage]
        if event.total:
            words = self.tr("{done} of {total} {unit}")
            done, total = f"{event.done:,}", f"{event.total:,}"
            parts.append(words.format(done=done, total=total, unit=event.unit).strip())
        if event.seconds_left is not None:
            parts.append(self.tr("{time} left").format(time=duration(event.seconds_left)))
        self._words.setText(" · ".join(filter(None, parts)))
        self._bar.set_share(event.done / event.total if event.total else None)

    def _show(self) -> None:
        asset = self._asset
        self.view.clear()
        self.pair.clear()
        if asset is None:
            self._sight.setCurrentWidget(self._nothing)
            return
        path = self._folder / asset.path
        source = film_source(asset, self._folder) if self.beside.isChecked() else None
        if source is not None:
            self.pair.show_files(source, path, (source.name, asset_title(asset)))
            self._sight.setCurrentWidget(self.pair)
        else:
            self.view.show_media(path)
            self._sight.setCurrentWidget(self.view)


class VideoMiddle(PicturesMiddle):
    """The chosen result in the player, and below it the batch, in which all clips play at once.

    Attributes:
        stage: The player.
    """

    usual_count = 16

    def __init__(self, around: Around) -> None:
        super().__init__(around)
        self.stage = FilmStage(self._studio.project.folder)
        self.stage.sound_wanted.connect(self._actions.add_sound)
        self.results.play_all()
        parts = Splitter("generate-video", Qt.Orientation.Vertical)
        lower = QWidget()
        column = QVBoxLayout(lower)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.explore.middle)
        lower.setMinimumHeight(_LOWEST)  # the explorer, which stands there at times, wants more
        self.stage.setMinimumHeight(_LOWEST)
        parts.addWidget(self.stage)
        parts.addWidget(lower)
        self.explore.middle.currentChanged.connect(
            lambda _place: self.stage.setVisible(not self.explore.is_open)
        )
        parts.setStretchFactor(0, 3)
        parts.setStretchFactor(1, 2)
        parts.restore([400, 260])
        self.column.addWidget(parts)
        self.results.grid.selection_changed.connect(self._on_chosen)

    def set_model(self, model: Model | None, reference: str) -> None:
        """Offer what the model can do; a path only where it knows one."""
        super().set_model(model, reference)
        self.side_wanted = model is not None and bool(PATHS & set(model.tasks))

    def begin(self, request: GenerateRequest, total: int) -> None:
        """Make room for a new batch."""
        super().begin(request, total)
        self.stage.show_asset(None, None)

    def asset_made(self, event: AssetMade, asset: Asset | None) -> None:
        """Add a clip to the batch; the first one plays large."""
        super().asset_made(event, asset)
        if self.stage.asset is None and asset is not None:
            self.stage.show_asset(asset, self._task)

    def progress(self, event: Progress) -> None:
        """Show how far the clip, or the file, in hand is."""
        super().progress(event)
        self.stage.say(event)

    def finished(self, event: JobFinished) -> None:
        """Show that nothing more comes."""
        super().finished(event)
        self.stage.say(None)

    @Slot()
    def _on_chosen(self) -> None:
        chosen = self.results.chosen()
        if len(chosen) == 1:
            self.stage.show_asset(chosen[0], self._task)
