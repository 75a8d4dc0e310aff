"""The right panel of the Generate page: a path between seeds, as a strip or a clip that plays."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

from PySide6.QtCore import QSize, Signal, Slot
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QSizePolicy,
    QSpinBox,
)

from studio.core.assets import Asset
from studio.core.media import Modality
from studio.core.project import Project
from studio.core.recipe import Task
from studio.ui.dialogs.look_closer import AssetStage
from studio.ui.pages.generate_make import PathSettings
from studio.ui.pages.generate_places import PlaceList
from studio.ui.theme import GAP
from studio.ui.widgets.buttons import Button, IconButton, QuietButton
from studio.ui.widgets.cards import Card, InnerCard
from studio.ui.widgets.labels import label

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
        self._model_can = True
        self.header.addWidget(label(self.tr("a path between seeds"), "caption"))
        self.places = PlaceList()
        self.places.setMinimumHeight(76)
        self.places.setMaximumHeight(156)
        self.places.changed.connect(self._refresh)
        frame = InnerCard()
        self._hint = label(
            self.tr("Drag results here, or add seeds below. Without any, a random path is made."),
            "muted",
            wrap=True,
        )
        frame.body.addWidget(self._hint)
        frame.body.addWidget(self.places)
        self.body.addWidget(frame)
        self.body.addLayout(self._adders())
        self.body.addLayout(self._settings())
        self.make = Button(self.tr("Make the path"), self.wanted.emit, icon="play")
        self.body.addWidget(self.make)
        self._stage = AssetStage(project)
        self._stage.setMinimumSize(QSize(120, 120))
        self._stage.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.body.addWidget(self._stage, 1)
        self._below = label("", "caption", wrap=True)
        self.body.addWidget(self._below)
        self._on_form()
        self._refresh()

    def settings(self) -> PathSettings:
        """Return how a path is to be made; random places when the user chose too few."""
        seeds = self.places.seeds()
        while len(seeds) < 2:
            wanted = _PLACES - len(seeds)
            seeds += [secrets.randbelow(100_000) for _ in range(wanted)]
        if self._closed.isChecked() and seeds[0] != seeds[-1]:
            seeds.append(seeds[0])
        form = str(self._form.currentData())
        options: dict[str, Any] = {"form": form}
        if form != _STRIP:
            options["fps"] = self._fps.value()
        return PathSettings(seeds, self._frames.value(), options)

    def show_request(self, request: dict[str, Any]) -> None:
        """Show the path of a request."""
        if request.get("seeds"):
            seeds = [int(seed) for seed in request["seeds"]]
            closed = len(seeds) > 2 and seeds[0] == seeds[-1]
            self._closed.setChecked(closed)
            self.places.set_seeds(seeds[:-1] if closed else seeds)
        if "frames" in request:
            self._frames.setValue(int(request["frames"]))
        options = request.get("options") or {}
        place = self._form.findData(options.get("form"))
        if place >= 0:
            self._form.setCurrentIndex(place)
        if "fps" in options:
            self._fps.setValue(int(options["fps"]))

    def add_assets(self, assets: list[Asset], folder: Path) -> None:
        """Add the seeds of pictures that came from one seed each."""
        for asset in assets:
            seed = asset.recipe.get("facts", {}).get("seed")
            if isinstance(seed, int):
                self.places.add_seed(seed, QPixmap(str(folder / asset.path)))

    def set_tasks(self, tasks: tuple[Task, ...]) -> None:
        """Follow what the model can do."""
        self._model_can = Task.INTERPOLATE in tasks
        self._refresh()

    def set_busy(self, busy: bool) -> None:
        """Allow no second path while something is made."""
        self._busy = busy
        self._refresh()

    def show_path(self, asset: Asset) -> None:
        """Show a strip, or play a clip, that was just made."""
        self._stage.show_asset(asset)
        where = self.tr("The clip is in the gallery. Drag it out from the results.")
        if asset.modality is not Modality.VIDEO:
            where = self.tr("The strip is in the gallery. Drag it out from the results.")
        self._below.setText(where)

    _busy = False

    def _adders(self) -> QHBoxLayout:
        self._seed = QSpinBox()
        self._seed.setRange(0, 2**31 - 1)
        self._seed.setButtonSymbols(QSpinBox.ButtonSymbols.NoButtons)
        self._seed.setAccessibleName(self.tr("Seed to add"))
        self._seed.setMinimumWidth(64)
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(self._seed, 1)
        row.addWidget(IconButton("plus", self.tr("Add this seed"), self._add_seed))
        row.addWidget(IconButton("dice", self.tr("Add a random seed"), self._add_random))
        row.addWidget(Button(self.tr("Add chosen"), self.chosen_wanted.emit))
        row.addWidget(QuietButton(self.tr("Clear"), self._clear))
        return row

    def _settings(self) -> QGridLayout:
        self._frames = QSpinBox()
        self._frames.setRange(2, 600)
        self._frames.setValue(12)
        self._form = QComboBox()
        for key, text in (
            (_STRIP, self.tr("Strip")),
            ("gif", self.tr("Clip, GIF")),
            ("mp4", self.tr("Clip, MP4")),
            ("webp", self.tr("Clip, WebP")),
        ):
            self._form.addItem(text, key)
        self._form.currentIndexChanged.connect(self._on_form)
        self._fps = QSpinBox()
        self._fps.setRange(1, 60)
        self._fps.setValue(24)
        self._fps.setSuffix(self.tr(" a second"))
        self._closed = QCheckBox(self.tr("Back to the start, as a loop"))
        grid = QGridLayout()
        grid.setHorizontalSpacing(GAP)
        grid.setVerticalSpacing(4)
        for column, (name, widget) in enumerate(
            (
                (self.tr("Frames a leg"), self._frames),
                (self.tr("As"), self._form),
                (self.tr("Frames"), self._fps),
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
        self.make.setEnabled(self._model_can and not self._busy)
        self.make.setToolTip(
            "" if self._model_can else self.tr("This model cannot go from one seed to another.")
        )

    def _add_seed(self) -> None:
        self.places.add_seed(self._seed.value())

    def _add_random(self) -> None:
        self.places.add_seed(secrets.randbelow(100_000))

    def _clear(self) -> None:
        self.places.set_seeds([])
