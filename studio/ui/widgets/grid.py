"""A grid of thumbnails that stays smooth at 100,000 things."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Sequence
from itertools import groupby
from pathlib import Path

from PySide6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QMimeData,
    QModelIndex,
    QPoint,
    QSize,
    Qt,
    QTimer,
    QUrl,
    Signal,
    Slot,
)
from PySide6.QtGui import (
    QContextMenuEvent,
    QDrag,
    QPaintEvent,
    QPixmap,
    QRegion,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QListView,
)

from studio.ui.theme import theme
from studio.ui.widgets.grid_model import GridModel
from studio.ui.widgets.grid_painter import CAPTION, PAD, CellPainter
from studio.ui.widgets.grid_scrub import StripScrub
from studio.ui.widgets.grid_source import GridSource, PictureCache, decode

#: Time for decoding in one paint, in seconds: while scrolling, so that a frame never waits for
#: pictures, and when the grid stands still.
_BUDGET_SCROLLING = 0.004
_BUDGET_STANDING = 0.008
_STANDS_AFTER = 0.1


class VirtualGrid(QListView):
    """Thumbnails of a GridSource in equal cells that fill the width.

    Only what is in sight is asked of the source; pictures are decoded a few at a time. Selection
    by mouse (shift, ctrl, rubber band) and keyboard, and screen readers, are QListView's.

    Attributes:
        files_of: Returns the files that are dragged out for the things at these places; None
            forbids dragging out.
        captions: Whether cells are cards with a caption.
        scrub: Looks through the strip under the pointer.
        crop: Whether cells are filled, and what stands out is cut.
        moving: Returns what a place shows instead of its still picture, such as a frame of a clip
            that plays; None for the still one.

    Signals:
        selection_changed: Other things are chosen.
        current_changed: The place that the keyboard is at; -1 for none.
        opened: A place was double-clicked or Enter was pressed on it.
        menu_wanted: (global position) the context menu for what is chosen.
    """

    selection_changed = Signal()
    current_changed = Signal(int)
    opened = Signal(int)
    menu_wanted = Signal(QPoint)

    def __init__(
        self, name: str, *, cell: int = 66, gap: int = 6, captions: bool = False, crop: bool = True
    ) -> None:
        """Make an empty grid.

        Args:
            name: For screen readers: "Pictures of the dataset".
            cell: Smallest width of a cell in logical pixels; cells grow to fill the width.
            gap: Room between cells.
            captions: Show each thing as a small card with a caption and a badge.
            crop: Fill cells and cut what stands out; else show pictures whole.
        """
        super().__init__()
        self.files_of: Callable[[list[int]], Sequence[Path]] | None = None
        self.moving: Callable[[int], QPixmap | None] | None = None
        self._cell, self._gap, self.captions, self.crop = cell, gap, captions, crop
        self._model = GridModel()
        self._cache = PictureCache()
        self._deadline = self._scrolled = 0.0
        self._late = False
        self.setModel(self._model)
        self.setItemDelegate(CellPainter(self))
        self.setAccessibleName(name)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFlow(QListView.Flow.LeftToRight)
        self.setWrapping(True)
        self.setUniformItemSizes(True)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setMovement(QListView.Movement.Static)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setSelectionRectVisible(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setDragEnabled(True)
        self.setMouseTracking(True)
        self.selectionModel().selectionChanged.connect(self._on_selection)
        self.selectionModel().currentChanged.connect(self._on_current)
        self.activated.connect(lambda index: self.opened.emit(index.row()))
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.verticalScrollBar().valueChanged.connect(self._on_scroll)
        theme().changed.connect(self._on_theme)
        self.scrub = StripScrub(self)
        self._fit()

    # ------------------------------------------------------------------------------- contents

    def set_source(self, source: GridSource) -> None:
        """Show other things; nothing is chosen then."""
        self._cache.clear()
        self.scrub.stop()
        self._model.show_source(source)
        self.scrollToTop()

    def refresh(self) -> None:
        """Show the same source again after things came, went or moved; what is chosen stays."""
        self.scrub.stop()
        chosen = self.selected_keys()
        place = self.verticalScrollBar().value()
        current = self.currentIndex().row()
        current_key = self._model.keys[current] if current >= 0 else None
        self._model.show_source(self._model.source)
        if chosen or current_key is not None:
            self.select_keys(chosen, current_key)
        self.doItemsLayout()
        self.verticalScrollBar().setValue(place)

    def redraw(self, keys: Sequence[Hashable] = ()) -> None:
        """Paint again after captions or badges changed; pictures with these keys are read anew."""
        for key in keys:
            self._cache.forget(key)
        self.viewport().update()

    def set_cell(self, cell: int) -> None:
        """Change the smallest width of a cell, in logical pixels."""
        self._cell = cell
        self._fit()

    @property
    def source(self) -> GridSource:
        """What is shown."""
        return self._model.source

    # ------------------------------------------------------------------------------ selection

    def selected(self) -> list[int]:
        """Return the places that are chosen, in order."""
        places: list[int] = []
        selection = self.selectionModel().selection()
        for part in (selection.at(number) for number in range(selection.count())):
            places.extend(range(part.top(), part.bottom() + 1))
        return sorted(places)

    def selected_keys(self) -> list[Hashable]:
        """Return the keys of what is chosen, in order."""
        return [self._model.keys[place] for place in self.selected()]

    def select_keys(self, keys: Sequence[Hashable], current: Hashable = None) -> None:
        """Choose these things and no others, and put the keyboard on `current`."""
        wanted = set(keys)
        selection = QItemSelection()
        keys_now = self._model.keys
        current_place = keys_now.index(current) if current in keys_now else -1
        for chosen, run in groupby(range(len(keys_now)), lambda place: keys_now[place] in wanted):
            if chosen:
                members = list(run)
                selection.select(self._model.index(members[0]), self._model.index(members[-1]))
        self.selectionModel().select(selection, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        if current_place >= 0:
            self.selectionModel().setCurrentIndex(
                self._model.index(current_place), QItemSelectionModel.SelectionFlag.NoUpdate
            )

    @Slot()
    def _on_scroll(self) -> None:
        self._scrolled = time.perf_counter()

    @Slot()
    def _on_theme(self) -> None:
        self._cache.clear()  # pages of texts are drawn in the theme's colours
        self.viewport().update()

    @Slot()
    def _on_selection(self) -> None:
        self.selection_changed.emit()

    @Slot(QModelIndex, QModelIndex)
    def _on_current(self, current: QModelIndex, _before: QModelIndex) -> None:
        self.current_changed.emit(current.row())

    # --------------------------------------------------------------------------------- events

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Let the cells fill the new width."""
        self._fit()
        super().resizeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint; pictures that found no time are painted in the next frames."""
        now = time.perf_counter()
        standing = now - self._scrolled > _STANDS_AFTER
        self._deadline = now + (_BUDGET_STANDING if standing else _BUDGET_SCROLLING)
        self._late = False
        super().paintEvent(event)
        if self._late:
            QTimer.singleShot(0, self.viewport(), self.viewport().update)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom with Ctrl, else scroll."""
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            step = 1.15 if event.angleDelta().y() > 0 else 1 / 1.15
            self.set_cell(max(40, min(360, round(self._cell * step))))
            event.accept()
        else:
            super().wheelEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for the context menu of what is chosen."""
        if self.selectionModel().hasSelection():
            self.menu_wanted.emit(event.globalPos())

    def startDrag(self, actions: Qt.DropAction) -> None:
        """Drag the files of what is chosen out of the window."""
        places = self.selected()
        if self.files_of is None or not places:
            return
        urls = [QUrl.fromLocalFile(str(path)) for path in self.files_of(places)]
        if not urls:
            return
        data = QMimeData()
        data.setUrls(urls)
        drag = QDrag(self)
        drag.setMimeData(data)
        found = self._cache.get(self._model.keys[places[0]])
        if found is not None:
            drag.setPixmap(found[1])
        drag.exec(Qt.DropAction.CopyAction)

    # --------------------------------------------------------------------------------- layout

    def visualRegionForSelection(self, selection: QItemSelection) -> QRegion:
        """Paint all that is in sight anew: adding up 100,000 cells takes a second."""
        return QRegion(self.viewport().rect())

    def picture_size(self) -> QSize:
        """Return the room for a picture in a cell, in logical pixels."""
        size = self.inner_size()
        if self.captions:
            size -= QSize(2 * PAD, 2 * PAD + CAPTION)
        return size

    def picture(self, place: int) -> QPixmap | None:
        """Return a picture to paint; None while there was no time for it."""
        if place == self.scrub.place:
            return self.scrub.picture()
        moving = self.moving(place) if self.moving is not None else None
        if moving is not None:
            return moving
        key = self._model.keys[place]
        cell = self.picture_size()
        found = self._cache.get(key)
        if found is not None and found[0] == cell:
            return found[1]
        if time.perf_counter() >= self._deadline:
            self._late = True
            return found[1] if found is not None else None  # one of another size will do till then
        ratio = self.devicePixelRatioF()
        drawn = decode(self._model.source.thumbnail(place), cell, ratio, crop=self.crop)
        self._cache.add(key, cell, drawn)
        return drawn

    def inner_size(self) -> QSize:
        """Return the size of a cell without the gap, in logical pixels."""
        return self.gridSize() - QSize(self._gap, self._gap)

    def _fit(self) -> None:
        """Make the cells as wide as fills the viewport."""
        width = max(self._cell, self.viewport().width() - 1)
        columns = max(1, (width + self._gap) // (self._cell + self._gap))
        cell = width // columns
        # the room for a picture is square, with a caption below it
        size = QSize(cell, cell + CAPTION if self.captions else cell)
        if size != self.gridSize():
            self.setGridSize(size)
