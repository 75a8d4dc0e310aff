"""The right panel of the Generate page: a path between seeds, as a strip or a clip that plays."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QPainter, QPixmap
from PySide6.QtWidgets import (
    QCheckBox,
    QGridLayout,
    QHBoxLayout,
    QSizePolicy,
    QWidget,
)

from studio.core.assets import Asset
from studio.core.family_info import Task
from studio.core.media import Modality
from studio.core.project import Project
from studio.ui.dialogs.look_closer import AssetStage
from studio.ui.model_files import dropped_files
from studio.ui.pages.generate_make import PathSettings
from studio.ui.pages.generate_places import PlaceList
from studio.ui.pages.generate_seed import SeedField, random_seed
from studio.ui.theme import GAP
from studio.ui.views.image import ImageView
from studio.ui.widgets.buttons import Button, IconButton, QuietButton
from studio.ui.widgets.cards import Card, InnerCard
from studio.ui.widgets.labels import label
from studio.ui.widgets.spin import ComboBox, SpinBox

_PLACES = 4  # seeds of a path that the user did not choose
_STRIP = "strip"


class ExplorePanel(Card):
    """Settings of a path and the path that was made.

    Signals:
        wanted: The user wants the path to be made.
        chosen_wanted: The user wants what is chosen in the results to be added.
    """

    wanted = Signal()
    chosen_wanted = Signal()

    def __init__(self, project: Project) -> None:
        super().__init__(self.tr("Explore"))
        self._project = project
        self._model_can = False
        self._busy = False
        self.places = PlaceList()
        self.places.changed.connect(self._refresh)
        frame = InnerCard()
        self._hint = label(
            self.tr(
                "A path from seed to seed. Drag results here, or add seeds below;"
                " without any, a random path is made."
            ),
            "muted",
            wrap=True,
        )
        frame.body.addWidget(self._hint)
        frame.body.addWidget(self.places)
        self._clear = QuietButton(self.tr("Clear"), lambda: self.places.set_seeds([]))
        row = QHBoxLayout()
        row.addWidget(Button(self.tr("Add chosen results"), self.chosen_wanted.emit))
        row.addStretch(1)
        row.addWidget(self._clear)
        frame.body.addLayout(row)
        self.setAcceptDrops(True)
        adders, self._path_settings = QWidget(), QWidget()
        adders.setLayout(self._adders())
        self._path_settings.setLayout(self._settings())
        self.make = Button(self.tr("Make the path"), self.wanted.emit, icon="play")
        self._none = label(
            self.tr("This model makes each one by itself: it knows no way between two."),
            "muted",
            wrap=True,
        )
        self._none.setVisible(False)
        self._path_parts = (frame, adders, self.make)
        for part in (frame, adders, self._path_settings, self.make, self._none):
            self.body.addWidget(part)
        self._stage = AssetStage(project)
        self._stage.setMinimumSize(QSize(120, 120))
        self._stage.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._strip = ImageView()
        self._strip.setVisible(False)
        self.body.addWidget(self._stage, 1)
        self.body.addWidget(self._strip, 1)
        self._below = label("", "caption", wrap=True)
        self.body.addWidget(self._below)
        self._on_form()
        self._refresh()

    def settings(self) -> PathSettings:
        """Return how a path is to be made; random places when the user chose too few."""
        seeds = self.places.seeds()
        while len(seeds) < 2:
            wanted = _PLACES - len(seeds)
            seeds += [random_seed() for _ in range(wanted)]
        if self._closed.isChecked() and seeds[0] != seeds[-1]:
            seeds.append(seeds[0])
        form = str(self._form.currentData())
        return PathSettings(seeds, self._frames.value(), form, self._fps.value())

    def show_request(self, request: dict[str, Any]) -> None:
        """Show the path of a request."""
        if request.get("seeds"):
            seeds = [int(seed) for seed in request["seeds"]]
            closed = len(seeds) > 2 and seeds[0] == seeds[-1]
            self._closed.setChecked(closed)
            self.places.set_seeds(seeds[:-1] if closed else seeds)
        if "frames" in request:
            self._frames.setValue(int(request["frames"]))
        place = self._form.findData(request.get("form"))
        if place >= 0:
            self._form.setCurrentIndex(place)
        if "fps" in request:
            self._fps.setValue(int(request["fps"]))

    def add_assets(self, assets: list[Asset], folder: Path) -> None:
        """Add the seeds of pictures that came from one seed each."""
        for asset in assets:
            seed = asset.recipe.get("facts", {}).get("seed")
            if isinstance(seed, int):
                self.places.add_seed(seed, QPixmap(str(folder / asset.path)))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take results anywhere on the panel, as the list of places hides while it is empty."""
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Add the seeds of pictures that the studio made."""
        for path in dropped_files(event.mimeData()):
            self.places.add_file(path)
        event.acceptProposedAction()

    def set_tasks(self, tasks: tuple[Task, ...]) -> None:
        """Follow what the model can do; what it cannot is not offered."""
        self._model_can = Task.INTERPOLATE in tasks
        paths = self._model_can or not tasks  # without a model all is shown, and nothing works
        for part in self._path_parts:
            part.setVisible(paths)
        some = paths or Task.MORPH in tasks
        self._path_settings.setVisible(some)
        self._none.setVisible(not some)
        self._refresh()

    def set_busy(self, busy: bool) -> None:
        """Allow no second path while something is made."""
        self._busy = busy
        self._refresh()

    def show_path(self, asset: Asset) -> None:
        """Show a strip, or play a clip, that was just made."""
        strip = asset.modality is Modality.IMAGE
        self._stage.setVisible(not strip)
        self._strip.setVisible(strip)
        if not strip:
            self._stage.show_asset(asset)
            self._below.setText(self.tr("The clip is in the gallery. Drag it out of the results."))
        else:
            frames = int(asset.recipe.get("facts", {}).get("frames", 1))
            picture = QPixmap(str(self._project.folder / asset.path))
            self._strip.show_picture(wrapped(picture, frames))
            self._below.setText(self.tr("The strip is in the gallery. Drag it out of the results."))

    def _adders(self) -> QHBoxLayout:
        self._seed = SeedField(self.tr("Seed to add"))
        self._seed.returnPressed.connect(self._add_seed)
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(self._seed, 1)
        row.addWidget(IconButton("plus", self.tr("Add this seed"), self._add_seed))
        row.addWidget(IconButton("dice", self.tr("Add a random seed"), self._add_random))
        return row

    def _settings(self) -> QGridLayout:
        self._frames = SpinBox()
        self._frames.setRange(2, 600)
        self._frames.setValue(12)
        self._form = ComboBox()
        for key, text in (
            (_STRIP, self.tr("Strip")),
            ("gif", self.tr("Clip, GIF")),
            ("mp4", self.tr("Clip, MP4")),
            ("webp", self.tr("Clip, WebP")),
        ):
            self._form.addItem(text, key)
        self._form.currentIndexChanged.connect(self._on_form)
        self._fps = SpinBox()
        self._fps.setRange(1, 60)
        self._fps.setValue(24)
        self._fps.setSuffix(self.tr(" /s"))
        self._closed = QCheckBox(self.tr("Back to the start, as a loop"))
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(GAP)
        grid.setVerticalSpacing(4)
        for column, (name, widget) in enumerate(
            (
                (self.tr("Frames a leg"), self._frames),
                (self.tr("As"), self._form),
                (self.tr("Speed"), self._fps),
            )
        ):
            caption = label(name, "caption")
            caption.setBuddy(widget)
            widget.setAccessibleName(name)
            grid.addWidget(caption, 0, column)
            grid.addWidget(widget, 1, column)
        grid.addWidget(self._closed, 2, 0, 1, 3)
        return grid

    @Slot()
    def _on_form(self) -> None:
        self._fps.setEnabled(self._form.currentData() != _STRIP)

    @Slot()
    def _refresh(self) -> None:
        some = self.places.count() > 0
        self._hint.setVisible(not some)
        self.places.setVisible(some)
        self._clear.setVisible(some)
        self.make.setEnabled(self._model_can and not self._busy)

    @Slot()
    def _add_seed(self) -> None:
        self.places.add_seed(self._seed.seed())

    def _add_random(self) -> None:
        self.places.add_seed(random_seed())


def wrapped(strip: QPixmap, frames: int) -> QPixmap:
    """Return a strip of `frames` pictures in rows, about as wide as high, to look at it."""
    columns = math.ceil(math.sqrt(frames))
    width, height = strip.width() // max(1, frames), strip.height()
    sheet = QPixmap(columns * width, math.ceil(frames / columns) * height)
    sheet.fill(Qt.GlobalColor.transparent)
    painter = QPainter(sheet)
    for place in range(frames):
        row, column = divmod(place, columns)
        painter.drawPixmap(column * width, row * height, strip, place * width, 0, width, height)
    painter.end()
    return sheet
