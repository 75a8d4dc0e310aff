"""Things large: one at a time with the arrow keys, or several compared."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QImageIOHandler, QImageReader, QKeyEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from studio.core.assets import Asset
from studio.core.catalogue import catalogue
from studio.core.media import Modality
from studio.core.project import Project
from studio.ui.asset_source import asset_title
from studio.ui.theme import GAP, MARGIN_CARD
from studio.ui.views.base import MediaView
from studio.ui.views.image import CompareSlider, SideBySide
from studio.ui.views.registry import make_view
from studio.ui.views.video_pair import FilmPair
from studio.ui.widgets.buttons import IconButton
from studio.ui.widgets.chips import Chip, ChipChoice, ChipRow
from studio.ui.widgets.inputs import StarRating
from studio.ui.widgets.labels import ElidedLabel

_SIZE = QSize(900, 680)
#: Most pictures that stand beside each other.
MOST_COMPARED = 4
_SAME_SHAPE = 0.02  # of width to height, that may differ


class AssetStage(QStackedWidget):
    """Shows any asset with the view of its modality; views are made when first needed."""

    def __init__(self, project: Project) -> None:
        super().__init__()
        self._project = project
        self._views: dict[Modality, MediaView] = {}
        self._shown = 0

    def show_asset(self, asset: Asset) -> None:
        """Show an asset's file; one that is shown already goes on playing, and keeps its zoom."""
        if asset.id != self._shown:
            self.show_file(self._project.folder / asset.path, asset.modality)
            self._shown = asset.id

    def show_file(self, path: Path, modality: Modality) -> None:
        """Show any file with the view of a modality."""
        self._shown = 0
        view = self._views.get(modality)
        if view is None:
            view = self._views[modality] = make_view(modality)
            self.addWidget(view)
        for other in self._views.values():
            if other is not view:
                other.clear()
        view.show_media(path)
        self.setCurrentWidget(view)

    def clear(self) -> None:
        """Show nothing."""
        self._shown = 0
        for view in self._views.values():
            view.clear()


class LargeView(QDialog):
    """One asset as large as the window allows; ← and → go through the others.

    Signals:
        rated: (id, stars) the user gave one stars, by mouse or keys 0 to 5.
    """

    rated = Signal(int, int)

    def __init__(self, project: Project, ids: list[int], place: int, parent: QWidget) -> None:
        super().__init__(parent)
        self._table = project.library.assets
        self._ids = ids
        self._place = place
        self.resize(_SIZE)
        self._project = project
        self._stage = AssetStage(project)
        self._slider = CompareSlider()
        self._pair: FilmPair | None = None
        self._room = QStackedWidget()
        self._room.addWidget(self._stage)
        self._room.addWidget(self._slider)
        self._before = Chip(self.tr("Before / after"))
        self._before.setToolTip(self.tr("Compares it with the file that it started from (B)"))
        self._before.setShortcut("B")
        self._before.setChecked(True)
        self._before.toggled.connect(lambda _on: self._show())
        self._title = ElidedLabel("", "heading")
        self._count = ElidedLabel("", "muted")
        self._stars = StarRating()
        self._stars.rated.connect(self._on_rated)
        bar = QHBoxLayout()
        bar.setSpacing(GAP)
        for icon, name, step in (
            ("chevron-left", self.tr("The one before"), -1),
            ("chevron-right", self.tr("The next one"), 1),
        ):
            button = IconButton(icon, name, partial(self._go, step))
            button.setAutoDefault(False)  # Enter is not a wish to go back
            bar.addWidget(button)
        bar.addWidget(self._title, 1)
        bar.addWidget(self._before)
        bar.addWidget(self._count)
        bar.addWidget(self._stars)
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN_CARD, MARGIN_CARD, MARGIN_CARD, MARGIN_CARD)
        column.addWidget(self._room, 1)
        column.addLayout(bar)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFocus()  # the arrow keys go from one to the next until a player is clicked
        self._show()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go on with the arrows, rate with 0 to 5."""
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        step = steps.get(Qt.Key(event.key()))
        if step is not None:
            self._go(step)
        elif event.text() and event.text() in "012345":
            self._stars.set_stars(int(event.text()))
            self._on_rated(self._stars.stars())
        else:
            super().keyPressEvent(event)

    def _go(self, step: int) -> None:
        self._place = (self._place + step) % len(self._ids)
        self._show()

    def _show(self) -> None:
        found = self._table.get([self._ids[self._place]])
        if not found:
            self._stage.clear()
            return
        asset = found[0]
        source = source_of(asset, self._project)
        self._before.setVisible(source is not None)
        if self._pair is not None:
            self._pair.clear()
        if source is not None and self._before.isChecked():
            self._stage.clear()
            self._compare(source, asset)
        else:
            self._stage.show_asset(asset)
            self._room.setCurrentWidget(self._stage)
        self._title.setText(asset_title(asset))
        self.setWindowTitle(asset_title(asset))
        self._count.setText(f"{self._place + 1:,} / {len(self._ids):,}")
        self._stars.set_stars(asset.rating)

    def _compare(self, source: Path, asset: Asset) -> None:
        """Show what an asset was made of beside it."""
        path = self._project.folder / asset.path
        if asset.modality is Modality.IMAGE:
            self._slider.show_pair(source, path)
            self._room.setCurrentWidget(self._slider)
            return
        if self._pair is None:
            self._pair = FilmPair()
            self._room.addWidget(self._pair)
        self._pair.show_files(source, path, (source.name, asset_title(asset)))
        self._room.setCurrentWidget(self._pair)

    @Slot(int)
    def _on_rated(self, stars: int) -> None:
        self.rated.emit(self._ids[self._place], stars)


def source_of(asset: Asset, project: Project) -> Path | None:
    """Return the user's own file that an asset shows changed, where the two fit together.

    Pictures fit when they have one shape: what a model brought to its own size shows another part.
    """
    if asset.modality is Modality.VIDEO:
        return film_source(asset, project.folder)
    kept = asset.recipe.get("facts", {}).get("source")
    if not isinstance(kept, str) or asset.modality is not Modality.IMAGE or not asset.height:
        return None
    path = project.folder / kept
    reader = QImageReader(str(path))
    reader.setAutoTransform(True)
    size = reader.size()
    if reader.transformation() & QImageIOHandler.Transformation.TransformationRotate90:
        size.transpose()
    across, down = size.width() * asset.height, size.height() * asset.width
    alike = size.isValid() and abs(across - down) <= _SAME_SHAPE * down
    return path if alike else None


def film_source(asset: Asset, folder: Path) -> Path | None:
    """Return the user's own film that a clip was made of; None when it is gone or there is none.

    Args:
        folder: Of the project, which keeps inputs that are not too large.
    """
    facts = asset.recipe.get("facts", {})
    inputs, number = asset.recipe.get("request", {}).get("inputs") or [], facts.get("input")
    named = [inputs[number]] if isinstance(number, int) and 0 <= number < len(inputs) else []
    kept = [facts["source"]] if isinstance(facts.get("source"), str) else []
    films = catalogue().modalities[Modality.VIDEO].suffixes
    for path in (folder / str(each) for each in (*kept, *named)):
        if path.suffix.lower() in films and path.exists():
            return path
    return None


class CompareDialog(QDialog):
    """Two to four pictures beside each other; two also in one place, divided by a line."""

    def __init__(self, paths: list[Path], names: list[str], parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Compare"))
        self.resize(_SIZE)
        self._ways = ChipRow(
            self.tr("How to compare"),
            [
                ChipChoice("side", self.tr("Side by side")),
                ChipChoice("slider", self.tr("Slider")),
            ],
        )
        self._ways.chosen.connect(self._show_way)
        self._ways.setVisible(len(paths) == 2)
        self._side = SideBySide()
        self._side.show_all(paths)
        self._slider = CompareSlider()
        if len(paths) == 2:
            self._slider.show_pair(*paths)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._side)
        self._stack.addWidget(self._slider)
        captions = QHBoxLayout()
        captions.setSpacing(GAP)
        for name in names:
            caption = ElidedLabel(name, "muted")
            caption.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            captions.addWidget(caption, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN_CARD, MARGIN_CARD, MARGIN_CARD, MARGIN_CARD)
        column.setSpacing(GAP)
        column.addWidget(self._ways)
        column.addWidget(self._stack, 1)
        column.addLayout(captions)

    @Slot(object)
    def _show_way(self, way: object) -> None:
        self._stack.setCurrentWidget(self._slider if way == "slider" else self._side)
