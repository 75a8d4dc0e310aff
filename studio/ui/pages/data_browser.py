"""The items of a dataset: filters, search, the grid, and edits of what is chosen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QCoreApplication, QPoint, Qt, Signal, Slot
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QInputDialog, QMenu

from studio.core.datasets import Dataset
from studio.core.items import ItemFilter
from studio.data.modality import modality_data
from studio.ui.context import Studio
from studio.ui.dialogs.look_at_item import ItemDialog, Look, can_look
from studio.ui.pages.data_edits import DatasetEdits
from studio.ui.pages.data_facts import Facts
from studio.ui.pages.data_footer import Footer
from studio.ui.pages.data_source import ItemSource
from studio.ui.pages.data_words import item_words, note_words
from studio.ui.played_hover import PLAYED, Heard, PlayedHover
from studio.ui.theme import GAP
from studio.ui.views.base import MediaView
from studio.ui.views.registry import VIEWS, make_view
from studio.ui.widgets.cards import Card, EmptyState
from studio.ui.widgets.chips import Chip, ChipChoice, ChipRow
from studio.ui.widgets.grid import VirtualGrid
from studio.ui.widgets.grid_source import EmptySource
from studio.ui.widgets.inputs import SearchField

_ALL = "all"
_LABEL = "label"
_PROBLEM = "problem"
_URGENT = frozenset({"excluded", "duplicate"})  # stand before the labels
_MENU_LABELS = 30


class DataBrowser(Card):
    """One dataset's items.

    Attributes:
        grid: The items that the filters leave.
        whole: Shows the only item of a dataset large, where its modality can; None otherwise.
        edits: Edits of the dataset in hand.

    Signals:
        rejects_wanted: The user wants to see the files that were not taken.
    """

    rejects_wanted = Signal()

    def __init__(self, studio: Studio) -> None:
        super().__init__()
        self.setAccessibleName(QCoreApplication.translate("DataBrowser", "Items"))
        self._studio = studio
        self._dataset: Dataset | None = None
        self._facts: Facts | None = None
        self._filter = ItemFilter()
        self._chosen_ids: Sequence[int] = ()  # what a finding is about, while it is shown
        self.edits: DatasetEdits | None = None
        self._chips = ChipRow(self.tr("Filters"))
        self._chips.chosen.connect(self._on_chip)
        self._finding = Chip("", checked=True)
        self._finding.clicked.connect(lambda _on: self.show_all())
        self._search = SearchField(self.tr("Search"))
        self._search.setMaximumWidth(160)
        self._search.searched.connect(self._on_search)
        self.grid = VirtualGrid(self.tr("Items of the dataset"))
        self.grid.setContextMenuPolicy(Qt.ContextMenuPolicy.DefaultContextMenu)
        self.grid.menu_wanted.connect(self._open_menu)
        self.grid.selection_changed.connect(self._show_footer)
        self.grid.opened.connect(self.look)
        self._played = PlayedHover(self.grid, self._heard, plays=self._can_be_heard)
        self.whole: MediaView | None = None
        self._footer = Footer()
        self._nothing = EmptyState(
            "search", self.tr("Nothing fits these filters."), self.tr("Show all"), self.show_all
        )
        self._build()
        self._add_actions()

    # ------------------------------------------------------------------------------- contents

    def show_dataset(self, dataset: Dataset | None, edits: DatasetEdits | None) -> None:
        """Show another dataset, or the same one after its items changed."""
        same = dataset is not None and self._dataset is not None and dataset.id == self._dataset.id
        self._dataset, self.edits = dataset, edits
        if dataset is not None and not same:
            self.grid.set_cell(VIEWS[dataset.modality].dataset.cell)
        if not same:
            self._filter, self._chosen_ids, self._facts = ItemFilter(), (), None
            self._search.clear()
            self._chips.set_choices([])
        self._load(keep=same)

    def show_facts(self, facts: Facts) -> None:
        """Show counts on the filters and below the items."""
        if self._dataset is None:
            return
        self._facts = facts
        labels = [ChipChoice((_LABEL, name), name, n) for name, n in facts.labels.items()]
        if facts.labels and facts.unlabelled:
            labels.append(ChipChoice((_LABEL, ""), self.tr("No label"), facts.unlabelled))
        urgent, others = [], []
        for name, number in facts.problems.items():
            if "=" in name:
                continue  # a measure, such as the frames of a clip: the charts show it
            chip = ChipChoice((_PROBLEM, name), note_words(name, self._dataset.modality), number)
            if name in _URGENT:
                urgent.append(chip)
            elif number < facts.count:  # what is true of every item chooses nothing
                others.append(chip)
        everything = ChipChoice((_ALL, ""), self.tr("All"), facts.count)
        self._chips.set_choices([everything, *urgent, *labels, *others])
        self._sync_chips()
        self._show_footer()

    def show_items(self, title: str, ids: Sequence[int]) -> None:
        """Show only these items, until the user shows others."""
        self._chosen_ids = ids
        self._finding.setText(f"{title}  ✕")
        self._finding.setAccessibleName(self.tr("{title}, show all again").format(title=title))
        self._load(keep=False)

    def show_label(self, name: str) -> None:
        """Show only the items of a label."""
        self._on_chip((_LABEL, name))

    @Slot()
    def show_all(self) -> None:
        """Take every filter away."""
        self._filter, self._chosen_ids = ItemFilter(), ()
        self._search.clear()
        self._load(keep=False)

    def chosen(self) -> list[int]:
        """Return the ids of the items that are chosen, in order."""
        source = self.grid.source
        return (
            [source.ids[i] for i in self.grid.selected()] if isinstance(source, ItemSource) else []
        )

    # ---------------------------------------------------------------------------------- edits

    def label_chosen(self, name: str) -> None:
        """Give what is chosen a label; an empty one takes labels away."""
        ids = self.chosen()
        if ids and self.edits is not None:
            text = self.tr("labelling {count} as {label}")
            words = text.format(count=f"{len(ids):,}", label=name or self.tr("nothing"))
            self.edits.set_labels(words, dict.fromkeys(ids, name))

    def leave_out_chosen(self, excluded: bool) -> None:
        """Leave what is chosen out of the training, or take it in again."""
        ids = self.chosen()
        if ids and self.edits is not None:
            text = self.tr("leaving out {count}") if excluded else self.tr("taking in {count}")
            self.edits.set_excluded(
                text.format(count=f"{len(ids):,}"), dict.fromkeys(ids, excluded)
            )

    @Slot()
    def ask_label(self) -> None:
        """Ask for a label for what is chosen."""
        if not self.chosen():
            return
        known = list(self._facts.labels) if self._facts is not None else []
        name, given = QInputDialog.getItem(
            self, self.tr("Label"), self.tr("Label of what is chosen:"), ["", *known], 0, True
        )
        if given:
            self.label_chosen(name.strip())

    def ask_rename(self, name: str) -> None:
        """Ask for another name for a label."""
        words = self.tr("New name of the label “{label}”:").format(label=name)
        after, given = QInputDialog.getText(self, self.tr("Rename label"), words, text=name)
        after = after.strip()
        if given and after and after != name and self.edits is not None:
            text = self.tr("renaming {before} to {after}").format(before=name, after=after)
            if self._filter.label == name:
                self._filter = replace(self._filter, label=after)
            self.edits.rename_label(text, name, after)

    @Slot(int)
    def look(self, place: int) -> None:
        """Show the item at a place large."""
        source, dataset = self.grid.source, self._dataset
        if dataset is None or not isinstance(source, ItemSource) or not can_look(dataset.modality):
            return

        def seen(at: int) -> Look | None:
            item = source.item(at)
            if item is None:
                return None
            words = item_words(item, dataset.modality).removeprefix(f"{item.name} · ")
            return Look(source.stored(item), item.name, words)

        dialog = ItemDialog(dataset.modality, source.count(), place, seen, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def _can_be_heard(self, place: int) -> bool:
        dataset = self._dataset
        return dataset is not None and dataset.modality in PLAYED and place >= 0

    def _heard(self, place: int) -> Heard | None:
        """Return the item at a place as it can be heard."""
        source, dataset = self.grid.source, self._dataset
        if dataset is None or not self._can_be_heard(place) or not isinstance(source, ItemSource):
            return None
        item = source.item(place) if place < source.count() else None
        if item is None:
            return None
        return Heard((dataset.id, item.id), dataset.modality, source.stored(item))

    # -------------------------------------------------------------------------------- reading

    def _load(self, *, keep: bool) -> None:
        """Fill the grid with what the filters leave."""
        source = self.grid.source
        if self._dataset is None:
            self.grid.set_source(EmptySource())
        else:
            table = self._studio.project.library.datasets
            ids = self._chosen_ids or table.ids(self._dataset.id, self._filter)
            if keep and isinstance(source, ItemSource):
                source.show_again(ids)
                self.grid.refresh()
            else:
                folder = self._studio.project.dataset(self._dataset.id)
                data = modality_data(self._dataset.modality)
                self.grid.set_source(ItemSource(data, table, folder, ids))
        if isinstance(source, ItemSource) and source is not self.grid.source:
            source.close()
        count = self.grid.source.count()
        self._show_whole()
        self.grid.setVisible(count > 0 and self.whole is None)
        self._chips.setVisible(self.whole is None)
        self._search.setVisible(self.whole is None)
        self._nothing.setVisible(count == 0)
        self._sync_chips()
        self._show_footer()

    def _show_whole(self) -> None:
        """Show a dataset of one long text or piece as such: one small cell says too little."""
        if self.whole is not None:
            self.whole.clear()
            self.whole.deleteLater()
            self.whole = None
        source, dataset = self.grid.source, self._dataset
        if dataset is None or not isinstance(source, ItemSource) or source.count() != 1:
            return
        filtered = self._filter != ItemFilter() or bool(self._chosen_ids)
        item = None if filtered or not can_look(dataset.modality) else source.item(0)
        if item is not None:
            self.whole = make_view(dataset.modality)
            self.whole.show_item(source.stored(item), item.name)
            self.body.insertWidget(self.body.indexOf(self.grid), self.whole, 1)

    @Slot(object)
    def _on_chip(self, key: tuple[str, str]) -> None:
        kind, name = key
        label = name if kind == _LABEL else None
        problem = name if kind == _PROBLEM else ""
        self._change(replace(self._filter, label=label, problem=problem))

    @Slot(str)
    def _on_search(self, text: str) -> None:
        if text != self._filter.search:
            self._change(replace(self._filter, search=text))

    def _change(self, chosen: ItemFilter) -> None:
        self._filter, self._chosen_ids = chosen, ()
        self._load(keep=False)

    def _sync_chips(self) -> None:
        key = (_ALL, "")
        if self._filter.label is not None:
            key = (_LABEL, self._filter.label)
        elif self._filter.problem:
            key = (_PROBLEM, self._filter.problem)
        self._chips.set_key(key)
        self._finding.setVisible(bool(self._chosen_ids))
        self._finding.setChecked(True)

    @Slot()
    def _show_footer(self) -> None:
        chosen = self.grid.selected()
        if not chosen:
            self._footer.show_dataset(self._facts, choosing=self.whole is None)
            return
        source = self.grid.source
        single = (
            source.item(chosen[0]) if len(chosen) == 1 and isinstance(source, ItemSource) else None
        )
        words = item_words(single, self._dataset.modality) if single and self._dataset else ""
        self._footer.show_chosen(len(chosen), single, words)

    # ------------------------------------------------------------------------------- controls

    def _build(self) -> None:
        filters = QHBoxLayout()
        filters.setSpacing(GAP)
        filters.addWidget(self._finding)
        filters.addWidget(self._chips, 1)
        filters.addWidget(self._search)
        self._footer.label_wanted.connect(self.ask_label)
        self._footer.leave_out_wanted.connect(self.leave_out_chosen)
        self._footer.rejects_wanted.connect(self.rejects_wanted)
        self.body.addLayout(filters)
        self.body.addWidget(self.grid, 1)
        self.body.addWidget(self._nothing, 1)
        self.body.addWidget(self._footer)

    def _add_actions(self) -> None:
        """Add what the keyboard and the context menu do with what is chosen."""
        tr = self.tr
        self._label_action = self._action(tr("Label what is chosen…"), "L", self.ask_label)
        self._leave_action = self._action(
            tr("Leave out what is chosen"), "Del", partial(self.leave_out_chosen, True)
        )
        self._take_action = self._action(
            tr("Take what is chosen in again"), "Ins", partial(self.leave_out_chosen, False)
        )

    def _action(self, text: str, keys: str, run: Callable[[], object]) -> QAction:
        action = QAction(text, self.grid)
        action.setShortcut(QKeySequence(keys))
        action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        action.triggered.connect(lambda _checked: run())
        self.grid.addAction(action)
        return action

    @Slot(QPoint)
    def _open_menu(self, place: QPoint) -> None:
        self.menu().popup(place)

    def menu(self) -> QMenu:
        """Return the context menu of what is chosen."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        labels = menu.addMenu(self.tr("Label as"))
        known = list(self._facts.labels) if self._facts is not None else []
        for name in known[:_MENU_LABELS]:
            _add(labels, name, partial(self.label_chosen, name))
        labels.addSeparator()
        _add(labels, self.tr("Another label…"), self.ask_label)
        _add(labels, self.tr("No label"), partial(self.label_chosen, ""))
        single = self._label_of_chosen()
        if single:
            words = self.tr("Rename label “{label}”…").format(label=single)
            _add(menu, words, partial(self.ask_rename, single))
        menu.addSeparator()
        menu.addActions([self._leave_action, self._take_action])
        return menu

    def _label_of_chosen(self) -> str:
        source, chosen = self.grid.source, self.grid.selected()
        item = source.item(chosen[0]) if chosen and isinstance(source, ItemSource) else None
        return item.label if item is not None else ""


def _add(menu: QMenu, text: str, run: Callable[[], object]) -> None:
    menu.addAction(text).triggered.connect(lambda _checked: run())
