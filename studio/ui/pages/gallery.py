"""The Gallery page: everything that was made, to look at, sort, compare, export and delete."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from PySide6.QtCore import QPoint, QTimer, Slot
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QShowEvent
from PySide6.QtWidgets import QMenu

from studio.core.media import Modality
from studio.core.protocol import Severity
from studio.ui import asset_edits
from studio.ui.asset_actions import AssetActions, settings_of
from studio.ui.context import Studio
from studio.ui.dropped_recipes import recipe_in
from studio.ui.model_files import bring_in, dropped_files, packages_in
from studio.ui.pages.gallery_browser import AssetBrowser
from studio.ui.pages.gallery_details import DetailsPanel
from studio.ui.pages.gallery_trash import TrashEmptier
from studio.ui.widgets.buttons import Button
from studio.ui.widgets.chips import Chip
from studio.ui.widgets.page import Page
from studio.ui.widgets.panes import Columns


class GalleryPage(Page):
    """One grid of all assets, filters above it, the chosen one at the right.

    Attributes:
        browser, details: The two parts.
        filters, grid: The parts of the browser.
    """

    def __init__(self, studio: Studio) -> None:
        super().__init__(self.tr("Gallery"))
        self._studio = studio
        self.emptier = TrashEmptier(studio, self)
        self.actions_ = AssetActions(studio, self)
        self.browser = AssetBrowser(studio)
        self.filters, self.grid = self.browser.filters, self.browser.grid
        self.details = DetailsPanel(studio.project)
        columns = Columns(
            "gallery",
            self.browser,
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
        return self.browser.ids()

    def chosen_ids(self) -> list[int]:
        """Return the ids of what is chosen."""
        return self.browser.chosen_ids()

    @property
    def in_trash(self) -> bool:
        """Whether the trash is shown."""
        return self.browser.in_trash

    def reload(self) -> None:
        """Read the library again; what is chosen stays chosen."""
        self._stale = False
        self.browser.reload()

    @Slot()
    def _on_changed(self) -> None:
        """Follow what is shown and chosen."""
        assets, count = self.browser.first_chosen(), len(self.grid.selected())
        comparable = count == len(assets) and self.actions_.can_compare(assets)
        self.details.set_chosen(assets, count, comparable=comparable, trashed=self.in_trash)
        self.header.set_subtitle(self._words(len(self.ids()), count))
        self._sheet.setEnabled(bool(self.ids()) and not self.in_trash)
        self._empty.setVisible(self.in_trash)
        self._empty.setEnabled(bool(self.ids()) and not self.emptier.busy)

    def _words(self, shown: int, chosen: int) -> str:
        one = shown == 1
        if self.in_trash:
            words = (
                self.tr("1 thing in the trash") if one else self.tr("{count} things in the trash")
            )
        elif self.filters.active():
            words = self.tr("1 thing that fits") if one else self.tr("{count} things that fit")
        else:
            words = self.tr("1 thing made") if one else self.tr("{count} things made")
        parts = [words.format(count=f"{shown:,}")]
        if chosen:
            parts.append(self.tr("{count} chosen").format(count=f"{chosen:,}"))
        return " · ".join(parts)

    # --------------------------------------------------------------------------------- events

    def _connect(self) -> None:
        self.browser.changed.connect(self._on_changed)
        self.browser.tags_read.connect(self.details.tags.set_known)
        self.emptier.changed.connect(self._on_changed)
        self.grid.opened.connect(lambda place: self.actions_.enlarge(self.ids(), place))
        self.grid.menu_wanted.connect(self._open_menu)
        self.actions_.add_keys(self.grid, self.chosen_ids)
        details = self.details
        details.rated.connect(lambda stars: self.actions_.rate(self.chosen_ids(), stars))
        details.tag_added.connect(self._on_tag_added)
        details.tag_removed.connect(self._on_tag_removed)
        details.use_wanted.connect(self._on_use)
        details.sound_wanted.connect(
            lambda: self.actions_.add_sound(self.browser.first_chosen()[0])
        )
        details.run_wanted.connect(lambda: self.actions_.show_run(self.browser.chosen()[0]))
        details.compare_wanted.connect(lambda: self.actions_.compare(self.browser.chosen()))
        details.delete_wanted.connect(lambda: self.actions_.trash(self.chosen_ids()))
        details.restore_wanted.connect(self._restore)
        details.export_wanted.connect(lambda: self.actions_.export(self.chosen_ids()))
        self._studio.library_changed.connect(self._on_library)
        self._studio.closing.connect(self.browser.close_source)

    def _add_header(self, columns: Columns) -> None:
        self._sheet = Button(self.tr("Contact sheet…"), self._on_sheet)
        self._empty = Button(self.tr("Empty the trash…"), self.emptier.ask)
        self._trash = Chip(self.tr("Trash"), tip=self.tr("Show what was deleted"))
        self._trash.toggled.connect(self.browser.show_trash)
        for widget in (columns.fold_button, self._empty, self._sheet, self._trash):
            self.header.add_action(widget)

    @Slot(str)
    def _on_library(self, what: str) -> None:
        if what == "marks" and self.isVisible() and not self.filters.by_marks():
            self.browser.show_marks()  # the same things in the same order: nothing is looked up
            return
        if what not in ("assets", "marks"):
            return
        self._stale = True
        if self.isVisible():
            # a moment later, so that an edit of many things is read once
            QTimer.singleShot(0, self, self._reload_if_stale)

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
            made_by = cast("dict[str, Any]", dict(recipe))
            request = settings_of(made_by, self._studio.project.folder)
            self._studio.open_page("generate", request=request)

    def _on_sheet(self) -> None:
        """Make a sheet of the pictures that are chosen, else of all that are shown."""
        ids = self.chosen_ids() or self.ids()
        kinds = self._studio.project.library.assets.kinds(ids)
        if kinds <= {Modality.IMAGE, Modality.VIDEO}:
            self.actions_.export(ids, form="sheet")
            return
        self._studio.notify(
            Severity.INFO,
            self.tr("A contact sheet holds pictures alone"),
            self.tr("Texts and pieces are among what it would be made of."),
            self.tr("Choose pictures, or show only them by the filter above."),
        )

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
            chosen = self.browser.first_chosen()
            if len(ids) == 1 and chosen and chosen[0].modality is Modality.VIDEO:
                clip = chosen[0]
                menu.addAction(self.tr("Add sound…"), lambda: self.actions_.add_sound(clip))
            menu.addAction(self.tr("Export…"), lambda: self.actions_.export(ids))
            menu.addAction(self.tr("Delete"), lambda: self.actions_.trash(ids))
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(where)

    @Slot()
    def _restore(self) -> None:
        asset_edits.restore(self._studio, self.chosen_ids())

    # ---------------------------------------------------------------------------------- files

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take model packages, and what the studio made to read its recipe."""
        if event.source() is None and dropped_files(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Bring packages in, or read the recipe of the first file that has one."""
        event.acceptProposedAction()
        self.take(dropped_files(event.mimeData()))

    def take(self, files: list[Path]) -> None:
        """Do what dropped files are for."""
        packages = packages_in(files)
        if packages:
            bring_in(self._studio, packages)
            return
        for path in files:
            recipe = recipe_in(path)
            if recipe is not None and "request" in recipe:
                self.grid.clearSelection()
                self.details.show_file(path, recipe)
                return
        if files:
            self._studio.notify(
                Severity.INFO,
                self.tr("No recipe in {name}").format(name=files[0].name),
                self.tr(
                    "Only files that the studio wrote with their recipe tell how they were made."
                ),
            )
