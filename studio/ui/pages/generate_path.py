"""The right panel of the Generate page: a path through key-frames, as a strip or a clip."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QPixmap
from PySide6.QtWidgets import QCheckBox, QGridLayout, QHBoxLayout, QWidget

from studio.core.assets import Asset
from studio.core.exploration import KeyFrame
from studio.core.family_info import Task
from studio.core.places import Place, place_of, seed_place, with_places
from studio.core.project import Project
from studio.ui.model_files import dropped_files
from studio.ui.pages.explore_state import Explorer, packed
from studio.ui.pages.generate_key_frames import KeyFrameList, frames_in
from studio.ui.pages.generate_path_result import PathResult
from studio.ui.pages.generate_seed import SeedField, random_seed
from studio.ui.theme import GAP
from studio.ui.widgets.buttons import Button, IconButton, QuietButton
from studio.ui.widgets.cards import Card, InnerCard
from studio.ui.widgets.labels import label
from studio.ui.widgets.spin import ComboBox, SpinBox

_PLACES = 4  # of a path that the user did not choose
_STRIP = "strip"
_DURATION = 1  # turns of a spin box that are undone together


class PathSettings(NamedTuple):
    """How a path is made: the panel's side of a request.

    Attributes:
        places: Places to go through; two or more make a path.
        legs: Frames of each leg; empty when all take `frames`.
        easing: steady or gentle.
        form: strip, gif, mp4 or webp.
        fps: Frames a second of a clip.
    """

    places: list[Place]
    frames: int
    legs: list[int]
    easing: str
    loop: bool
    form: str
    fps: float


class PathPanel(Card):
    """Key-frames and settings of a path, and the path that was made.

    Signals:
        wanted: The user wants the path to be made.
        chosen_wanted: The user wants what is chosen in the results to be added.
    """

    wanted = Signal()
    chosen_wanted = Signal()

    def __init__(self, project: Project, explorer: Explorer) -> None:
        super().__init__(self.tr("Path"))
        self._project, self._explorer = project, explorer
        self._model_can = False
        self._busy = False
        self._common = 12  # frames of a leg that has no number of its own
        self.frames = KeyFrameList()
        self.frames.changed.connect(self._put)
        self.frames.dropped.connect(lambda files: explorer.add_key_frames(frames_in(files)))
        self.frames.itemSelectionChanged.connect(self._on_chosen)
        explorer.changed.connect(self._on_changed)
        frame = InnerCard()
        self._hint = label(
            self.tr(
                "A path from place to place. Drag results here, add seeds below or places from"
                " the explorer; without any, a random path is made."
            ),
            "muted",
            wrap=True,
        )
        frame.body.addWidget(self._hint)
        frame.body.addWidget(self.frames)
        self._clear = QuietButton(self.tr("Clear"), self._on_clear)
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
        self.result = PathResult(project)
        self.body.addWidget(self.result, 1)
        self._on_form()
        self._refresh()

    def settings(self) -> PathSettings:
        """Return how a path is to be made; random places when the user chose too few."""
        frames = list(self.frames.frames())
        if len(frames) < 2:
            more = _PLACES - len(frames)
            frames += [KeyFrame(place=seed_place(random_seed())) for _ in range(more)]
        loop = self._closed.isChecked()
        legs = [frame.frames or self._common for frame in (frames if loop else frames[:-1])]
        return PathSettings(
            places=[frame.place for frame in frames],
            frames=self._common,
            legs=legs if set(legs) != {self._common} else [],
            easing=str(self._easing.currentData()),
            loop=loop,
            form=str(self._form.currentData()),
            fps=self._fps.value(),
        )

    def show_request(self, request: Mapping[str, Any]) -> None:
        """Show the path of a request."""
        fields = with_places(request)
        if "frames" in fields:
            self._common = int(fields["frames"])
        if fields.get("task") == Task.INTERPOLATE and fields.get("places"):
            self._show_places([Place.model_validate(each) for each in fields["places"]], fields)
        self._on_chosen()
        for combo, name in ((self._form, "form"), (self._easing, "easing")):
            place = combo.findData(fields.get(name))
            if place >= 0:
                combo.setCurrentIndex(place)
        if "fps" in fields:
            self._fps.setValue(int(fields["fps"]))

    def add_assets(self, assets: list[Asset]) -> None:
        """Add the places of pictures that have one."""
        found = [(place_of(asset.recipe), self._project.folder / asset.path) for asset in assets]
        self._explorer.add_key_frames(
            [
                KeyFrame(place=place, picture=packed(QPixmap(str(path))))
                for place, path in found
                if place is not None
            ]
        )

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take results anywhere on the panel, as the list hides while it is empty."""
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Add the places of pictures that the studio made."""
        self._explorer.add_key_frames(frames_in(dropped_files(event.mimeData())))
        event.acceptProposedAction()

    def show_path(self, asset: Asset) -> None:
        """Show a path that was just made."""
        self.result.show_path(asset)

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

    # --------------------------------------------------------------------------------- private

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
        self._frames, self._fps = SpinBox(), SpinBox()
        self._frames.setRange(2, 600)
        self._frames.setValue(self._common)
        self._frames.valueChanged.connect(self._on_frames)
        self._easing, self._form = ComboBox(), ComboBox()
        self._easing.addItem(self.tr("Steady"), "steady")
        self._easing.addItem(self.tr("Gentle"), "gentle")
        self._easing.setToolTip(
            self.tr("Gentle slows down at each key-frame (easing: linear, or ease in and out)")
        )
        for key, text in (
            (_STRIP, self.tr("Strip")),
            ("gif", self.tr("Clip, GIF")),
            ("mp4", self.tr("Clip, MP4")),
            ("webp", self.tr("Clip, WebP")),
        ):
            self._form.addItem(text, key)
        self._form.currentIndexChanged.connect(self._on_form)
        self._fps.setRange(1, 60)
        self._fps.setValue(24)
        self._fps.setSuffix(self.tr(" /s"))
        self._closed = QCheckBox(self.tr("Back to the start, as a loop"))
        self._legs_name = label("", "caption")
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(GAP)
        grid.setVerticalSpacing(4)
        captions = (
            (self._legs_name, self._frames),
            (label(self.tr("Pace"), "caption"), self._easing),
            (label(self.tr("As"), "caption"), self._form),
            (label(self.tr("Speed"), "caption"), self._fps),
        )
        for place, (caption, widget) in enumerate(captions):
            row, column = divmod(place, 2)
            caption.setBuddy(widget)
            widget.setAccessibleName(caption.text())
            grid.addWidget(caption, 2 * row, column)
            grid.addWidget(widget, 2 * row + 1, column)
        for column in (0, 1):
            grid.setColumnStretch(column, 1)
        grid.addWidget(self._closed, 4, 0, 1, 2)
        self._on_chosen()
        return grid

    def _show_places(self, places: list[Place], fields: Mapping[str, Any]) -> None:
        """Put other key-frames on the path; a path that ends where it began is a loop."""
        came_back = len(places) > 2 and places[0] == places[-1] and not fields.get("loop")
        self._closed.setChecked(bool(fields.get("loop")) or came_back)
        places = places[:-1] if came_back else places
        own: list[int | None] = [*(fields.get("legs") or [])]
        own += [None] * (len(places) - len(own))
        frames = [KeyFrame(place=p, frames=n) for p, n in zip(places, own, strict=False)]
        if [frame.place for frame in self.frames.frames()] != places:
            self._put(tuple(frames), self.tr("showing a path"))

    @Slot(object, str)
    def _put(self, frames: tuple[KeyFrame, ...], words: str) -> None:
        self._explorer.put("key_frames", frames, words)

    @Slot(str)
    def _on_changed(self, field: str) -> None:
        if field == "key_frames":
            self.frames.set_frames(self._explorer.kept.key_frames)
            self._refresh()

    @Slot()
    def _on_chosen(self) -> None:
        """Let the number of frames be that of the chosen key-frames, else of all legs."""
        rows = self.frames.rows()
        name = self.tr("Frames to the next") if rows else self.tr("Frames a leg")
        self._legs_name.setText(name)
        self._frames.setAccessibleName(name)
        own = self.frames.frames()[rows[0]].frames if rows else None
        blocked = self._frames.blockSignals(True)
        self._frames.setValue(own or self._common)
        self._frames.blockSignals(blocked)

    @Slot(int)
    def _on_frames(self, count: int) -> None:
        rows = self.frames.rows()
        if not rows:
            self._common = count
            return
        own = count if count != self._common else None
        frames = [
            frame.model_copy(update={"frames": own}) if row in rows else frame
            for row, frame in enumerate(self.frames.frames())
        ]
        words = self.tr("another duration")
        self._explorer.put("key_frames", tuple(frames), words, merge=_DURATION)

    @Slot()
    def _on_form(self) -> None:
        self._fps.setEnabled(self._form.currentData() != _STRIP)

    @Slot()
    def _refresh(self) -> None:
        some = self.frames.count() > 0
        self._hint.setVisible(not some)
        self.frames.setVisible(some)
        self._clear.setVisible(some)
        self.make.setEnabled(self._model_can and not self._busy)

    def _on_clear(self) -> None:
        self._put((), self.tr("clearing the path"))

    @Slot()
    def _add_seed(self) -> None:
        self._explorer.add_key_frames([KeyFrame(place=seed_place(self._seed.seed()))])

    def _add_random(self) -> None:
        self._explorer.add_key_frames([KeyFrame(place=seed_place(random_seed()))])
