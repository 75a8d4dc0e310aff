"""The explorer's map with its seeds: added, moved, exchanged."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QTimer, Slot
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from studio.core.exploration import place_on_map
from studio.core.places import place_of, seed_place
from studio.data.image.files import read_recipe
from studio.ui.pages.explore_live import Live
from studio.ui.pages.explore_state import Explorer
from studio.ui.pages.generate_seed import SeedField, random_seed
from studio.ui.theme import GAP
from studio.ui.widgets.buttons import IconButton
from studio.ui.widgets.labels import ElidedLabel
from studio.ui.widgets.latent_map import TILES, LatentMap

_REST_MS = 250  # after the last change, until the map's own pictures are made anew
_PATIENCE = 6.0  # seconds that the map's ground may take; slower models go without


class MapPane(QWidget):
    """The map, and a row to choose its seeds with."""

    def __init__(self, explorer: Explorer, live: Live) -> None:
        super().__init__()
        self._explorer, self._live = explorer, live
        self._pictured: tuple[object, object] | None = None
        self._pictures: dict[int, QPixmap] = {}
        self._tiles: dict[int, QPixmap] = {}
        self._asked: list[int] = []
        self.map = LatentMap()
        self.map.moved.connect(explorer.go_on_map)
        self.map.settled.connect(explorer.keep_point)
        self.map.anchor_moved.connect(explorer.move_anchor)
        self.map.removed.connect(explorer.remove_anchor)
        self.map.dropped.connect(self._on_dropped)
        self._seed = SeedField(self.tr("Seed to add"))
        self._seed.returnPressed.connect(self._add_seed)
        self._remove = IconButton("trash", self.tr("Take the chosen seed away"), self._on_remove)
        row = QHBoxLayout()
        row.setSpacing(4)
        row.addWidget(self._seed, 1)
        row.addWidget(IconButton("plus", self.tr("Add this seed"), self._add_seed))
        row.addWidget(IconButton("dice", self.tr("Add a random seed"), self._add_random))
        row.addWidget(self._remove)
        row.addWidget(IconButton("refresh", self.tr("Other seeds"), explorer.new_map))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP)
        column.addWidget(self.map, 1)
        column.addWidget(
            ElidedLabel(self.tr("Drag the point. A double click on a seed goes there."), "caption")
        )
        column.addLayout(row)
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST_MS)
        self._rest.timeout.connect(self._picture)
        explorer.moved.connect(self._on_moved)
        explorer.changed.connect(self._on_changed)
        live.pictured.connect(self._on_pictured)

    def refresh(self) -> None:
        """Make the map's pictures anew: another model is in force, or it came into sight."""
        self._pictured = None
        self._on_changed("anchors")
        self._on_moved()

    @Slot()
    def _on_moved(self) -> None:
        """Follow the point; with another label, variety or direction all pictures change."""
        kept = self._explorer.kept
        weights = place_on_map(kept.anchors, *kept.point) if kept.anchors else seed_place(0)
        parts = weights.weights or (1.0,)
        shares = dict(zip(weights.seeds, parts, strict=True))
        self.map.set_point(*kept.point, shares, on_map=self._explorer.on_map)
        if self._signature() != self._pictured:
            self._rest.start()

    @Slot(str)
    def _on_changed(self, field: str) -> None:
        if field == "anchors":
            self.map.set_anchors(self._explorer.kept.anchors)
            self._remove.setEnabled(len(self._explorer.kept.anchors) > 1)

    def _signature(self) -> tuple[object, object]:
        """Return what the map's own pictures show, and where."""
        mine = self._explorer.place()
        ground = (tuple(mine.directions.items()), mine.label, mine.variety)
        return ((self._explorer.model, ground), self._explorer.kept.anchors)

    @Slot()
    def _picture(self) -> None:
        """Ask for what the seeds make and for what lies where."""
        if not self.isVisible() or not self._explorer.model:
            return
        before, self._pictured = self._pictured, self._signature()
        if before is None or before[0] != self._pictured[0]:
            self._pictures, self._tiles = {}, {}
        anchors = self._explorer.kept.anchors
        self._asked = [anchor.seed for anchor in anchors]
        at = self._explorer.at
        self._live.picture("seeds", [at(seed_place(seed)) for seed in self._asked])
        points = map(LatentMap.tile_centre, range(TILES * TILES))
        ground = [at(place_on_map(anchors, *point)) for point in points]
        fast = self._live.seconds_each * len(ground) < _PATIENCE
        self._live.picture("ground", ground if fast else [])

    @Slot(object, int, object)
    def _on_pictured(self, key: object, start: int, pictures: list[QPixmap]) -> None:
        if key == "seeds":
            seeds = self._asked[start : start + len(pictures)]
            self._pictures |= dict(zip(seeds, pictures, strict=False))
            self.map.set_pictures(self._pictures)
        elif key == "ground":
            self._tiles |= dict(enumerate(pictures, start))
            self.map.set_tiles(self._tiles)

    @Slot()
    def _add_seed(self) -> None:
        self._explorer.add_seed(self._seed.seed())

    def _add_random(self) -> None:
        self._explorer.add_seed(random_seed())

    def _on_remove(self) -> None:
        anchors = self._explorer.kept.anchors
        chosen = self.map.chosen()
        self._explorer.remove_anchor(chosen if chosen >= 0 else len(anchors) - 1)

    @Slot(object, float, float)
    def _on_dropped(self, files: list[Path], x: float, y: float) -> None:
        """Put the seeds of pictures that the studio made on the map."""
        for file in files:
            place = place_of(read_recipe(file) or {})
            if place is not None and place.heaviest is not None:
                self._explorer.add_seed(place.heaviest, x, y)
                x, y = min(0.95, x + 0.08), min(0.95, y + 0.08)
