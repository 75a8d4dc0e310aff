"""The explorer's pins: places that are kept with the project, as small pictures with names."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QSize, Qt, Signal, Slot
from PySide6.QtGui import QIcon, QKeySequence, QPixmap, QShortcut
from PySide6.QtWidgets import QListView, QListWidget, QListWidgetItem, QMenu, QStackedWidget

from studio.core.exploration import Pin
from studio.ui.icons import icon
from studio.ui.pages.explore_state import unpacked
from studio.ui.theme import ui_font
from studio.ui.widgets.labels import label
from studio.ui.words import place_words

_THUMB = 56
_CELL = QSize(_THUMB + 24, _THUMB + 26)


class PinsPanel(QStackedWidget):
    """Pins in their order: a click or Enter goes there, F2 renames, Delete takes away.

    Signals:
        wanted: The pin that the user wants to go to.
        changed: The pins that there are to be now, and what was done to them.
        path_wanted: Pins that are to be added to the path.
    """

    wanted = Signal(object)
    changed = Signal(object, str)
    path_wanted = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._pins: tuple[Pin, ...] = ()
        empty = label(
            self.tr(
                "Pin what you like: it is kept with the project, and can be shown, named and put"
                " on a path at any time."
            ),
            "muted",
            wrap=True,
        )
        empty.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self.list = QListWidget()
        self.list.setAccessibleName(self.tr("Pins"))
        self.list.setToolTip(self.tr("Click to go there. F2 renames, Delete takes away."))
        self.list.setViewMode(QListView.ViewMode.IconMode)
        self.list.setIconSize(QSize(_THUMB, _THUMB))
        self.list.setGridSize(_CELL)
        self.list.setFont(ui_font(11))
        self.list.setResizeMode(QListView.ResizeMode.Adjust)
        self.list.setMovement(QListView.Movement.Static)
        self.list.setSelectionMode(QListWidget.SelectionMode.ExtendedSelection)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setEditTriggers(QListWidget.EditTrigger.EditKeyPressed)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.customContextMenuRequested.connect(self._open_menu)
        self.list.itemClicked.connect(self._on_wanted)
        self.list.itemActivated.connect(self._on_wanted)
        self.list.itemChanged.connect(self._on_renamed)
        remove = QShortcut(QKeySequence.StandardKey.Delete, self.list)
        remove.setContext(Qt.ShortcutContext.WidgetShortcut)
        remove.activated.connect(self.remove_chosen)
        self.addWidget(empty)
        self.addWidget(self.list)

    def set_pins(self, pins: Sequence[Pin]) -> None:
        """Show these pins."""
        self._pins = tuple(pins)
        blocked = self.list.blockSignals(True)
        self.list.clear()
        for pin in pins:
            picture = unpacked(pin.picture)
            shown = icon("pin", "muted") if picture.isNull() else QIcon(_enlarged(picture))
            item = QListWidgetItem(shown, pin.title)
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsEditable)
            item.setToolTip(
                self.tr("{title}: {place}").format(title=pin.title, place=place_words(pin.place))
            )
            self.list.addItem(item)
        self.list.blockSignals(blocked)
        self.setCurrentIndex(1 if pins else 0)

    def chosen(self) -> list[Pin]:
        """Return the pins that are chosen, in order."""
        return [self._pins[row] for row in self._rows()]

    @Slot()
    def remove_chosen(self) -> None:
        """Take the chosen pins away."""
        rows = self._rows()
        if rows:
            left = tuple(pin for row, pin in enumerate(self._pins) if row not in rows)
            self.changed.emit(left, self.tr("removing a pin"))

    @Slot()
    def rename_chosen(self) -> None:
        """Let the user type another name."""
        if self.list.currentItem() is not None:
            self.list.editItem(self.list.currentItem())

    def _rows(self) -> list[int]:
        return sorted(index.row() for index in self.list.selectedIndexes())

    @Slot(QListWidgetItem)
    def _on_wanted(self, item: QListWidgetItem) -> None:
        self.wanted.emit(self._pins[self.list.row(item)])

    @Slot(QListWidgetItem)
    def _on_renamed(self, item: QListWidgetItem) -> None:
        row, title = self.list.row(item), item.text().strip()
        pins = list(self._pins)
        if not title or title == pins[row].title:
            self.set_pins(pins)
            return
        pins[row] = pins[row].model_copy(update={"title": title})
        self.changed.emit(tuple(pins), self.tr("renaming a pin"))

    @Slot(QPoint)
    def _open_menu(self, position: QPoint) -> None:
        if not self._rows():
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(self.tr("Add to the path"), lambda: self.path_wanted.emit(self.chosen()))
        menu.addAction(self.tr("Rename"), self.rename_chosen)
        menu.addAction(self.tr("Remove"), self.remove_chosen)
        menu.popup(self.list.viewport().mapToGlobal(position))


def _enlarged(picture: QPixmap) -> QPixmap:
    """Return a small picture at the size of a cell: icons are never enlarged by themselves."""
    return picture.scaled(
        2 * _THUMB,
        2 * _THUMB,
        Qt.AspectRatioMode.KeepAspectRatio,
        Qt.TransformationMode.SmoothTransformation,
    )
