"""The explorer's grid of mixtures: coarse from the rows, fine from the columns, or blends."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from studio.core.places import Place, seed_place
from studio.ui.pages.explore_live import Live
from studio.ui.pages.explore_state import Explorer
from studio.ui.pages.generate_seed import random_seed
from studio.ui.theme import GAP
from studio.ui.widgets.buttons import IconButton
from studio.ui.widgets.inputs import LabelledSlider
from studio.ui.widgets.mix_grid import MixGrid

_ROWS, _COLUMNS = 4, 5
_REST_MS = 250


class MixPane(QWidget):
    """The grid, how much the columns give, and other columns at the push of a button.

    Signals:
        make_wanted: Places of all cells, row by row, that are to be made for good.
    """

    make_wanted = Signal(object)

    def __init__(self, explorer: Explorer, live: Live) -> None:
        super().__init__()
        self._explorer, self._live = explorer, live
        self._layers = 0
        self._shown: object = None
        self._pictures: dict[int, QPixmap] = {}
        self._columns = [random_seed() for _ in range(_COLUMNS)]
        self.grid = MixGrid()
        self.grid.chosen.connect(self._on_chosen)
        self._share = LabelledSlider(
            self.tr("How much comes from the columns"),
            0.05,
            0.95,
            0.5,
            steps=18,
            words=(self.tr("little"), self.tr("much")),
            tip=self.tr(
                "With styles by layer, columns give the finer layers: from details alone to"
                " nearly everything (style mixing, crossover). Other models blend the two."
            ),
        )
        self._share.changed.connect(self._on_moved)
        row = QHBoxLayout()
        row.setSpacing(4)
        row.addWidget(self._share, 1)
        row.addWidget(IconButton("dice", self.tr("Other columns"), self._other_columns))
        row.addWidget(IconButton("save", self.tr("Make all of them"), self._on_make))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP)
        column.addWidget(self.grid, 1)
        column.addLayout(row)
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST_MS)
        self._rest.timeout.connect(self._picture)
        explorer.moved.connect(self._on_moved)
        explorer.changed.connect(self._on_moved)
        live.pictured.connect(self._on_pictured)

    def set_layers(self, layers: int) -> None:
        """Mix styles by so many layers; 0 blends."""
        self._layers = layers
        self._on_moved()

    def refresh(self) -> None:
        """Picture the grid anew: another model is in force, or it came into sight."""
        self._shown = None
        self._on_moved()

    def cells(self) -> list[Place]:
        """Return the places of the cells, row by row."""
        return [self._cell(row, column) for row in self._rows() for column in self._columns]

    def _rows(self) -> list[int]:
        return [anchor.seed for anchor in self._explorer.kept.anchors[:_ROWS]]

    def _cell(self, row: int, column: int) -> Place:
        """Return the place of a pair of seeds."""
        share = self._share.value()
        if self._layers:
            first = round((1 - share) * self._layers)
            place = Place(
                seeds=(row,), style_seed=column, style_from=min(max(1, first), self._layers - 1)
            )
        elif row == column:
            place = seed_place(row)
        else:
            place = Place(seeds=(row, column), weights=(round(1 - share, 3), round(share, 3)))
        return self._explorer.at(place)

    @Slot()
    def _on_moved(self) -> None:
        if self.isVisible() and self._signature() != self._shown:
            self._rest.start()

    def _signature(self) -> object:
        mine = self._explorer.place()
        ground = (tuple(mine.directions.items()), mine.label, mine.variety, self._share.value())
        return (self._explorer.model, self._rows(), list(self._columns), self._layers, ground)

    @Slot()
    def _picture(self) -> None:
        if not self.isVisible() or not self._explorer.model:
            return
        self._shown = self._signature()
        rows = self._rows()
        self.grid.set_seeds(rows, self._columns)
        self._pictures = {}
        leading = [self._explorer.at(seed_place(seed)) for seed in (*rows, *self._columns)]
        self._live.picture("mix", [*leading, *self.cells()])

    @Slot(object, int, object)
    def _on_pictured(self, key: object, start: int, pictures: list[QPixmap]) -> None:
        if key == "mix":
            self._pictures |= dict(enumerate(pictures, start))
            self.grid.set_pictures(self._pictures)

    @Slot(int, int)
    def _on_chosen(self, row: int, column: int) -> None:
        self._explorer.go_to(self._cell(self._rows()[row], self._columns[column]))

    def _other_columns(self) -> None:
        self._columns = [random_seed() for _ in range(_COLUMNS)]
        self._on_moved()

    def _on_make(self) -> None:
        self.make_wanted.emit(self.cells())
