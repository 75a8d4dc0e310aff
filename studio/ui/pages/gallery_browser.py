"""The left part of the Gallery: filters, and below them the grid of what they leave."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from studio.core.assets import Asset
from studio.ui.asset_source import AssetSource
from studio.ui.clip_hover import ClipHover
from studio.ui.context import Studio
from studio.ui.pages.gallery_filters import FilterChoices, GalleryFilters
from studio.ui.played_hover import PlayedHover, heard_asset
from studio.ui.theme import GAP_CARDS
from studio.ui.widgets.cards import EmptyState
from studio.ui.widgets.grid import VirtualGrid

_MOST_LOOKED_UP = 8  # chosen things that are read to see what can be done with them


class AssetBrowser(QWidget):
    """Everything that was made, or what was deleted.

    Attributes:
        filters, grid: The two parts.

    Signals:
        changed: Other things are shown, or others are chosen.
        tags_read: Every tag that occurs, as a list.
    """

    changed = Signal()
    tags_read = Signal(list)

    def __init__(self, studio: Studio) -> None:
        super().__init__()
        self._table = studio.project.library.assets
        self._source = AssetSource(studio.project)
        self._trash = False
        self.filters = GalleryFilters()
        self.grid = VirtualGrid(
            self.tr("Everything that was made"), cell=150, gap=10, captions=True, crop=False
        )
        self.grid.files_of = self._source.files
        self._hover = ClipHover(self.grid, self._source)
        self._played = PlayedHover(self.grid, partial(heard_asset, self._source))
        self._nothing = EmptyState(
            "gallery",
            self.tr("Nothing was made yet. What you generate appears here by itself."),
            self.tr("Generate something"),
            lambda: studio.open_page("generate"),
        )
        self._none_left = EmptyState(
            "search",
            self.tr("Nothing fits these filters."),
            self.tr("Clear the filters"),
            self.filters.clear,
        )
        self._no_trash = EmptyState("trash", self.tr("The trash is empty."))
        self._stack = QStackedWidget()
        for widget in (self.grid, self._nothing, self._none_left, self._no_trash):
            self._stack.addWidget(widget)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP_CARDS)
        column.addWidget(self.filters)
        column.addWidget(self._stack, 1)
        self.filters.changed.connect(self._show)
        self.grid.selection_changed.connect(self.changed)

    @property
    def in_trash(self) -> bool:
        """Whether the trash is shown."""
        return self._trash

    def show_trash(self, trash: bool) -> None:
        """Show what was deleted, or what is there."""
        self._trash = trash
        self.grid.clearSelection()
        self.reload()

    def ids(self) -> list[int]:
        """Return the ids of what is shown."""
        return list(self._source.ids)

    def chosen_ids(self) -> list[int]:
        """Return the ids of what is chosen."""
        return [self._source.ids[place] for place in self.grid.selected()]

    def chosen(self) -> list[Asset]:
        """Return all that is chosen."""
        return self._table.get(self.chosen_ids())

    def first_chosen(self) -> list[Asset]:
        """Return a few of what is chosen, the one that the keyboard is at first."""
        places = self.grid.selected()
        current = self.grid.currentIndex().row()
        first = [current] if current in places else []
        wanted = [*first, *(place for place in places[:_MOST_LOOKED_UP] if place != current)]
        return [asset for place in wanted if (asset := self._source.asset(place)) is not None]

    def reload(self) -> None:
        """Read the library again; what is chosen stays chosen."""
        table = self._table
        tags = table.all_tags()
        self.filters.set_choices(
            FilterChoices(
                counts=table.counts(trashed=self.in_trash),
                models=table.model_titles(),
                labels=table.labels(),
                tags=tags,
            )
        )
        self.tags_read.emit(tags)
        self._show()

    def show_marks(self) -> None:
        """Show other stars and tags of what is there."""
        tags = self._table.all_tags()
        self.filters.set_tags(tags)
        self.tags_read.emit(tags)
        self._source.forget()
        self.grid.redraw()
        self.changed.emit()

    def close_source(self) -> None:
        """Let go of the project's files; a search that was just typed is not made any more."""
        self.filters.changed.disconnect(self._show)
        self._hover.stop()
        self._source.close()

    @Slot()
    def _show(self) -> None:
        """Show what the filters leave."""
        ids = self._table.ids(self.filters.filter(trashed=self.in_trash))
        if ids == self._source.ids:
            self._source.forget()
            self.grid.redraw()
        elif set(ids).isdisjoint(self._source.ids):
            self._source.show(ids)
            self.grid.set_source(self._source)
        else:
            self._source.show(ids)
            self.grid.refresh()
        self._stack.setCurrentWidget(self._place(bool(ids)))
        self.changed.emit()

    def _place(self, some: bool) -> QWidget:
        if some:
            return self.grid
        if self.filters.active():
            return self._none_left
        return self._no_trash if self.in_trash else self._nothing
