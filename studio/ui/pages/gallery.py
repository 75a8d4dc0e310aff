"""The Gallery page: everything that was made, to look at, sort, compare, export and delete."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from PySide6.QtCore import QPoint, QTimer, Slot
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QShowEvent
from PySide6.QtWidgets import QMenu, QStackedWidget, QVBoxLayout, QWidget

from studio.core.assets import Asset
from studio.core.protocol import Severity
from studio.data.picture_files import read_recipe
from studio.ui import asset_edits
from studio.ui.asset_actions import AssetActions, settings_of
from studio.ui.asset_source import AssetSource
from studio.ui.clip_hover import ClipHover
from studio.ui.context import Studio
from studio.ui.model_files import bring_in, dropped_files, packages_in
from studio.ui.pages.gallery_details import DetailsPanel
from studio.ui.pages.gallery_filters import FilterChoices, GalleryFilters
from studio.ui.pages.gallery_trash import TrashEmptier
from studio.ui.theme import GAP_CARDS
from studio.ui.widgets.buttons import Button
from studio.ui.widgets.cards import EmptyState
from studio.ui.widgets.chips import Chip
from studio.ui.widgets.grid import VirtualGrid
from studio.ui.widgets.page import Page
from studio.ui.widgets.panes import Columns

_MOST_LOOKED_UP = 8  # chosen things that are read to see whether they can be compared


class GalleryPage(Page):
    """One grid of all assets, filters above it, the chosen one at the right.

    Attributes:
        filters, grid, details: The three parts.
    """

    def __init__(self, studio: Studio) -> None:
        super().__init__(self.tr("Gallery"))
        self._studio = studio
        self._table = studio.project.library.assets
        self._source = AssetSource(studio.project)
        self.emptier = TrashEmptier(studio, self)
        self.actions_ = AssetActions(studio, self)
        self.filters = GalleryFilters()
        self.grid = VirtualGrid(
            self.tr("Everything that was made"), cell=150, gap=10, captions=True, crop=False
        )
        self.grid.files_of = self._source.files
        self.details = DetailsPanel(studio.project)
        self._hover = ClipHover(self.grid, self._source)
        self._stack = QStackedWidget()
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
            self._clear,
        )
        self._no_trash = EmptyState("trash", self.tr("The trash is empty."))
        for widget in (self.grid, self._nothing, self._none_left, self._no_trash):
            self._stack.addWidget(widget)
        middle = QWidget()
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP_CARDS)
        column.addWidget(self.filters)
        column.addWidget(self._stack, 1)
        columns = Columns(
            "gallery",
            middle,
            right=self.details,
            right_width=318,
            right_title=self.tr("Details"),
        )
        self._add_header(columns)
        self.body.addWidget(columns)
        self.setAcceptDrops(True)
        self._connect()
        self._stale = False
        self.reload()

    def open(self, **what: object) -> None:
        """Show one asset (`asset`, its id), or everything of a `model` by its title."""
        model, asset = what.get("model"), what.get("asset")
        if isinstance(model, str):
            self.filters.choose(model=model)
        if isinstance(asset, int):
            self.grid.select_keys([asset], asset)

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what was made while nobody looked."""
        super().showEvent(event)
        if self._stale:
            self.reload()

    # ------------------------------------------------------------------------------- contents

    def ids(self) -> list[int]:
        """Return the ids of what is shown."""
        return list(self._source.ids)

    def chosen_ids(self) -> list[int]:
        """Return the ids of what is chosen."""
        return [self._source.ids[place] for place in self.grid.selected()]

    @property
    def in_trash(self) -> bool:
        """Whether the trash is shown."""
        return self._trash.isChecked()

    def reload(self) -> None:
        """Read the library again; what is chosen stays chosen."""
        self._stale = False
        table = self._table
        self.filters.set_choices(
            FilterChoices(
                counts=table.counts(trashed=self.in_trash),
                models=table.model_titles(),
                labels=table.labels(),
                tags=(tags := table.all_tags()),
            )
        )
        self.details.tags.set_known(tags)
        self._show()

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
        self._on_selection()

    def _place(self, some: bool) -> QWidget:
        if some:
            return self.grid
        if self.filters.active():
            return self._none_left
        return self._no_trash if self.in_trash else self._nothing

    def _clear(self) -> None:
        self.filters.clear()

    # ------------------------------------------------------------------------------ selection

    @Slot()
    def _on_selection(self) -> None:
        places = self.grid.selected()
        current = self.grid.currentIndex().row()
        first = [current] if current in places else []
        wanted = [*first, *(place for place in places[:_MOST_LOOKED_UP] if place != current)]
        assets = [asset for place in wanted if (asset := self._source.asset(place)) is not None]
        comparable = len(places) == len(assets) and self.actions_.can_compare(assets)
        self.details.set_chosen(assets, len(places), comparable=comparable, trashed=self.in_trash)
        self._say(len(places))

    def _say(self, chosen: int) -> None:
        count = f"{len(self._source.ids):,}"
        if self.in_trash:
            words = self.tr("{count} things in the trash").format(count=count)
        elif self.filters.active():
            words = self.tr("{count} things that fit").format(count=count)
        else:
            words = self.tr("{count} things made").format(count=count)
        if chosen:
            words += " · " + self.tr("{count} chosen").format(count=f"{chosen:,}")
        self.header.set_subtitle(words)
        self._sheet.setEnabled(bool(self._source.ids) and not self.in_trash)
        self._empty.setVisible(self.in_trash)
        self._empty.setEnabled(bool(self._source.ids) and not self.emptier.busy)

    def _chosen(self) -> list[Asset]:
        return self._table.get(self.chosen_ids())

    # --------------------------------------------------------------------------------- events

    def _connect(self) -> None:
        self.filters.changed.connect(self._show)
        self.emptier.changed.connect(self._on_selection)
        self.grid.selection_changed.connect(self._on_selection)
        self.grid.opened.connect(lambda place: self.actions_.enlarge(self._source.ids, place))
        self.grid.menu_wanted.connect(self._open_menu)
        self.actions_.add_keys(self.grid, self.chosen_ids)
        details = self.details
        details.rated.connect(lambda stars: self.actions_.rate(self.chosen_ids(), stars))
        details.tag_added.connect(self._on_tag_added)
        details.tag_removed.connect(self._on_tag_removed)
        details.use_wanted.connect(self._on_use)
        details.run_wanted.connect(lambda: self.actions_.show_run(self._chosen()[0]))
        details.compare_wanted.connect(lambda: self.actions_.compare(self._chosen()))
        details.delete_wanted.connect(lambda: self.actions_.trash(self.chosen_ids()))
        details.restore_wanted.connect(self._restore)
        details.export_wanted.connect(lambda: self.actions_.export(self.chosen_ids()))
        self._studio.library_changed.connect(self._on_library)
        self._studio.closing.connect(self._on_closing)

    def _add_header(self, columns: Columns) -> None:
        self._sheet = Button(self.tr("Contact sheet…"), self._on_sheet)
        self._empty = Button(self.tr("Empty the trash…"), self.emptier.ask)
        self._trash = Chip(self.tr("Trash"), tip=self.tr("Show what was deleted"))
        self._trash.toggled.connect(self._on_trash_toggled)
        for widget in (columns.fold_button, self._empty, self._sheet, self._trash):
            self.header.add_action(widget)

    @Slot(str)
    def _on_library(self, what: str) -> None:
        if what == "marks" and self.isVisible() and not self.filters.by_marks():
            self._show_marks()  # the same things in the same order: nothing is looked up again
            return
        if what not in ("assets", "marks"):
            return
        self._stale = True
        if self.isVisible():
            # a moment later, so that an edit of many things is read once
            QTimer.singleShot(0, self, self._reload_if_stale)

    def _show_marks(self) -> None:
        """Show other stars and tags of what is there."""
        tags = self._table.all_tags()
        self.filters.set_tags(tags)
        self.details.tags.set_known(tags)
        self._source.forget()
        self.grid.redraw()
        self._on_selection()

    @Slot()
    def _reload_if_stale(self) -> None:
        if self._stale:
            self.reload()

    @Slot(str)
    def _on_tag_added(self, tag: str) -> None:
        asset_edits.tag(self._studio, self.chosen_ids(), add=tag)

    @Slot(str)
    def _on_tag_removed(self, tag: str) -> None:
        asset_edits.tag(self._studio, self.chosen_ids(), remove=tag)

    @Slot(object)
    def _on_use(self, recipe: object) -> None:
        if isinstance(recipe, Mapping):
            request = settings_of(cast("dict[str, Any]", dict(recipe)))
            self._studio.open_page("generate", request=request)

    def _on_sheet(self) -> None:
        """Make a sheet of what is chosen, else of all that is shown."""
        self.actions_.export(self.chosen_ids() or self.ids(), form="sheet")

    @Slot(QPoint)
    def _open_menu(self, where: QPoint) -> None:
        menu = QMenu(self)
        ids = self.chosen_ids()
        if self.in_trash:
            menu.addAction(self.tr("Restore"), self._restore)
        else:
            for stars in range(5, -1, -1):
                action = menu.addAction("★" * stars if stars else self.tr("No stars"))
                action.triggered.connect(
                    lambda _checked, stars=stars: self.actions_.rate(ids, stars)
                )
            menu.addSeparator()
            menu.addAction(self.tr("Export…"), lambda: self.actions_.export(ids))
            menu.addAction(self.tr("Delete"), lambda: self.actions_.trash(ids))
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(where)

    # ---------------------------------------------------------------------------------- trash

    @Slot()
    def _on_trash_toggled(self) -> None:
        self.grid.clearSelection()
        self.reload()

    @Slot()
    def _restore(self) -> None:
        asset_edits.restore(self._studio, self.chosen_ids())

    @Slot()
    def _on_closing(self) -> None:
        self._hover.stop()
        self._source.close()

    # ---------------------------------------------------------------------------------- files

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take model packages, and pictures to read their recipe."""
        if event.source() is None and dropped_files(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Bring packages in, or read the recipe of the first picture that has one."""
        event.acceptProposedAction()
        self.take(dropped_files(event.mimeData()))

    def take(self, files: list[Path]) -> None:
        """Do what dropped files are for."""
        packages = packages_in(files)
        if packages:
            bring_in(self._studio, packages)
            return
        for path in files:
            recipe = read_recipe(path)
            if recipe is not None and "request" in recipe:
                self.grid.clearSelection()
                self.details.show_file(path, recipe)
                return
        if files:
            self._studio.notify(
                Severity.INFO,
                self.tr("No recipe in {name}").format(name=files[0].name),
                self.tr(
                    "Only pictures that the studio wrote with their recipe tell how they were made."
                ),
            )
