"""The middle panel of the Generate page: what was just made, and what can be done with it."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Slot
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget

from studio.core.assets import Asset, AssetFilter
from studio.ui.asset_actions import AssetActions
from studio.ui.asset_source import AssetSource
from studio.ui.clip_hover import ClipHover
from studio.ui.clip_wall import ClipWall
from studio.ui.context import Studio
from studio.ui.theme import GAP
from studio.ui.widgets.buttons import Button, QuietButton
from studio.ui.widgets.cards import Card, EmptyState
from studio.ui.widgets.grid import VirtualGrid
from studio.ui.widgets.inputs import StarRating
from studio.ui.widgets.labels import Pill

#: Things that were made are shown together this often, so that large batches cost no more.
_GATHER_MS = 60
_SMALL_CELL = 92  # pixels, where all clips play: many are seen at once


class ResultsPanel(Card):
    """The newest batch, filling as it is made."""

    def __init__(self, studio: Studio, actions: AssetActions) -> None:
        super().__init__(self.tr("Results"))
        self._studio = studio
        self._actions = actions
        self._source = AssetSource(studio.project)
        self._made: list[int] = []
        self._gather = QTimer(self)
        self._gather.setSingleShot(True)
        self._gather.setInterval(_GATHER_MS)
        self._gather.timeout.connect(self._show_made)
        self._pill = Pill()
        self._pill.setVisible(False)
        self.header.addWidget(self._pill)
        self.grid = VirtualGrid(self.tr("Results"), cell=126, crop=False)
        self.grid.files_of = self._source.files
        self.grid.set_source(self._source)
        self.grid.selection_changed.connect(self._on_selection)
        self.grid.opened.connect(self._on_opened)
        self._hover = ClipHover(self.grid, self._source)
        self._wall: ClipWall | None = None
        actions.add_keys(self.grid, self.chosen_ids)
        self._empty = EmptyState(
            "generate",
            "",
            self.tr("Choose what to train"),
            lambda: studio.open_page("models"),
        )
        self.set_model_there(True)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self.grid)
        self.body.addWidget(self._stack, 1)
        self._stars = StarRating()
        self._stars.rated.connect(lambda stars: actions.rate(self.chosen_ids(), stars))
        self._compare = QuietButton(self.tr("Compare"), self._on_compare, icon="compare")
        self._use = QuietButton(self.tr("Use these settings"), self._on_use)
        self._export = Button(self.tr("Export…"), self._on_export)
        row = QHBoxLayout()
        row.setSpacing(GAP)
        row.addWidget(self._stars)
        row.addWidget(self._compare)
        row.addWidget(self._use)
        row.addStretch(1)
        row.addWidget(self._export)
        self.body.addLayout(row)
        studio.library_changed.connect(self._on_library)
        self._on_selection()

    # ------------------------------------------------------------------------------- contents

    def set_model_there(self, there: bool) -> None:
        """Say what happens next, which depends on whether there is a model."""
        self._empty.button.setVisible(not there)
        self._empty.set_sentence(
            self.tr("What you make appears here, and in the gallery by itself.")
            if there
            else self.tr("There is no model yet. Train one, or drop a model package on this page.")
        )

    def play_all(self) -> None:
        """Let all clips in sight play at once, not only the one under the pointer."""
        self._hover.end()
        self._wall = ClipWall(self.grid, self._source)
        self.grid.set_cell(_SMALL_CELL)

    def begin(self) -> None:
        """Make room for a new batch."""
        self._made = []
        self._show([])
        self.say("")

    def add(self, asset: int) -> None:
        """Show a thing that was just made, behind those that are there."""
        self._made.append(asset)
        if not self._gather.isActive():
            self._gather.start()

    def ids(self) -> list[int]:
        """Return the batch so far."""
        return self._source.ids + self._made

    @Slot()
    def _show_made(self) -> None:
        ids, self._made = self.ids(), []
        self._show(ids)

    def say(self, words: str) -> None:
        """Show how far the batch is."""
        self._pill.setText(words)
        self._pill.setVisible(bool(words))

    def chosen(self) -> list[Asset]:
        """Return what is chosen."""
        found = (self._source.asset(place) for place in self.grid.selected())
        return [asset for asset in found if asset is not None]

    def chosen_ids(self) -> list[int]:
        """Return the ids of what is chosen."""
        return [asset.id for asset in self.chosen()]

    def _show(self, ids: list[int]) -> None:
        self._source.show(ids)
        self.grid.refresh()
        self._stack.setCurrentWidget(self.grid if ids else self._empty)
        self._on_selection()

    # --------------------------------------------------------------------------------- events

    @Slot()
    def _on_selection(self) -> None:
        chosen = self.chosen()
        one = chosen[0] if len(chosen) == 1 else None
        self._stars.setEnabled(bool(chosen))
        self._stars.set_stars(min((asset.rating for asset in chosen), default=0))
        self._compare.setEnabled(self._actions.can_compare(chosen))
        self._use.setEnabled(one is not None)
        self._export.setEnabled(bool(self._source.ids))

    @Slot(str)
    def _on_library(self, what: str) -> None:
        """Follow edits: stars change, what went to the trash goes from here too."""
        if what == "marks":
            self._source.forget()
            self.grid.redraw()
            self._on_selection()
        if what != "assets" or not self._source.ids:
            return
        there = set(self._studio.project.library.assets.ids(AssetFilter()))
        self._show([asset for asset in self._source.ids if asset in there])

    @Slot(int)
    def _on_opened(self, place: int) -> None:
        self._actions.enlarge(self.ids(), place)

    def _on_compare(self) -> None:
        self._actions.compare(self.chosen())

    def _on_use(self) -> None:
        self._actions.use_settings(self.chosen()[0])

    def _on_export(self) -> None:
        """Export what is chosen, else the whole batch."""
        self._actions.export(self.chosen_ids() or self.ids())
