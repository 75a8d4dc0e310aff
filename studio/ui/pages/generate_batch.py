"""The newest batch of what is played as a list of small pictures, with a star each."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from typing import NamedTuple

from PySide6.QtCore import (
    QMimeData,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    QStringListModel,
    Qt,
    QUrl,
    Signal,
)
from PySide6.QtGui import QDrag, QKeyEvent, QMouseEvent, QPainter, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from studio.core.assets import Asset
from studio.ui.asset_source import AssetSource
from studio.ui.icons import pixmap
from studio.ui.theme import RADIUS_INNER, theme, ui_font
from studio.ui.views.music_colours import PLAYHEAD_SERIES

_ROW = 44  # pixels of a row
_NAME = 58  # pixels for its name
_STAR = 28
_PLAY = 32
_PAD = 6
_KEPT = 128  # small pictures


class Small(NamedTuple):
    """What a row shows.

    Attributes:
        key: Tells its picture from that of every other.
        seconds: How long it is.
        position: Where its playhead is, in seconds; None for nowhere.
    """

    key: Hashable
    seconds: float
    position: float | None = None


class BatchList(QListView):
    """Rows: name, all of it small, a star. Space plays, 0 to 5 rate, Delete trashes.

    Rows can be dragged out of the window as files.

    Signals:
        shown: The asset id of what is to be seen large; 0 for none.
        play_wanted: What is seen is to be played, or held.
        starred: (asset id, stars) the star of a row was clicked.
        heard: The play button of this row was clicked, where rows have one.
        opened: The place of a row was double-clicked or Enter was pressed on it.
    """

    play_buttons = False

    shown = Signal(int)
    play_wanted = Signal()
    starred = Signal(int, int)
    heard = Signal(int)
    opened = Signal(int)

    def __init__(self, source: AssetSource) -> None:
        super().__init__()
        self._source = source
        self._rows = QStringListModel()
        self.setModel(self._rows)
        self.setItemDelegate(_RowPainter(self))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setDragEnabled(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(self.tr("This batch"))
        self.setMinimumSize(QSize(180, _ROW + 4))
        self.selectionModel().currentChanged.connect(lambda now, _before: self._on_current(now))
        self.activated.connect(lambda index: self.opened.emit(index.row()))
        theme().changed.connect(self.viewport().update)

    def show_rows(self) -> None:
        """Show what the source holds now; what is chosen stays chosen."""
        ids, rows = self._source.ids, self._rows.rowCount()
        if rows > len(ids):
            self._rows.setStringList([])
            rows = 0
        if rows < len(ids):
            self._rows.insertRows(rows, len(ids) - rows)
        for row in range(rows, len(ids)):
            self._rows.setData(self._rows.index(row), self.name_of(row))
        if not rows and ids:
            self.setCurrentIndex(self._rows.index(0))
        self.viewport().update()

    def name_of(self, row: int) -> str:
        """Return what a row is called."""
        raise NotImplementedError

    def small(self, row: int) -> Small | None:
        """Return what a row shows, once it is read."""
        raise NotImplementedError

    def playing(self, row: int) -> bool:
        """Tell whether a row is what plays now."""
        return False

    def draw_small(self, row: int, size: QSize, ratio: float) -> QPixmap:
        """Return the picture of a row that is read, for a screen with that device pixel ratio."""
        raise NotImplementedError

    def chosen(self) -> list[Asset]:
        """Return what is chosen, in order."""
        rows = sorted(index.row() for index in self.selectedIndexes())
        found = (self._source.asset(row) for row in rows)
        return [asset for asset in found if asset is not None]

    def asset(self, row: int) -> Asset | None:
        """Return the asset of a row."""
        return self._source.asset(row)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Play or hold with Space."""
        if event.key() == Qt.Key.Key_Space:
            self.play_wanted.emit()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Give a star, or choose."""
        index = self.indexAt(event.position().toPoint())
        asset = self._source.asset(index.row()) if index.isValid() else None
        if asset is not None and star_box(self.visualRect(index)).contains(
            event.position().toPoint()
        ):
            self.starred.emit(asset.id, 0 if asset.rating else 5)
            return
        at = event.position().toPoint()
        if (
            asset is not None
            and self.play_buttons
            and play_box(self.visualRect(index)).contains(at)
        ):
            self.heard.emit(index.row())
            return
        super().mousePressEvent(event)

    def startDrag(self, actions: Qt.DropAction) -> None:
        """Drag the files of what is chosen out of the window."""
        rows = sorted(index.row() for index in self.selectedIndexes())
        urls = [QUrl.fromLocalFile(str(path)) for path in self._source.files(rows)]
        if urls:
            data = QMimeData()
            data.setUrls(urls)
            drag = QDrag(self)
            drag.setMimeData(data)
            drag.exec(Qt.DropAction.CopyAction)

    def _on_current(self, index: QModelIndex) -> None:
        asset = self._source.asset(index.row()) if index.isValid() else None
        self.shown.emit(asset.id if asset is not None else 0)


def star_box(row: QRect) -> QRect:
    """Return where a row has its star."""
    return QRect(row.right() - _STAR, row.top(), _STAR, row.height())


def play_box(row: QRect) -> QRect:
    """Return where a row has its play button, where rows have one."""
    return QRect(row.left(), row.top(), _PLAY, row.height())


class _RowPainter(QStyledItemDelegate):
    """Draws the rows of a BatchList."""

    def __init__(self, view: BatchList) -> None:
        super().__init__(view)
        self._view = view
        self._pictures: OrderedDict[tuple[object, ...], QPixmap] = OrderedDict()
        theme().changed.connect(self._pictures.clear)

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        """Return the size of a row."""
        return QSize(120, _ROW)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Draw name, picture and star."""
        box: QRect = option.rect
        state = option.state
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if state & QStyle.StateFlag.State_Selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme().colour("selection"))
            painter.drawRoundedRect(box.adjusted(0, 1, 0, -1), RADIUS_INNER, RADIUS_INNER)
        painter.setFont(ui_font(13))
        painter.setPen(theme().colour("text"))
        before = _PLAY if self._view.play_buttons else 0
        if before:
            sign = "pause" if self._view.playing(index.row()) else "play"
            ratio = painter.device().devicePixelRatioF()
            drawn = pixmap(sign, 16, "text", ratio)
            painter.drawPixmap(play_box(box).center() - QPoint(8, 8), drawn)
        name = QRect(box.left() + _PAD + before, box.top(), _NAME, box.height())
        words = painter.fontMetrics().elidedText(
            self._view.name_of(index.row()), Qt.TextElideMode.ElideRight, name.width()
        )
        painter.drawText(name, Qt.AlignmentFlag.AlignVCenter, words)
        room = box.adjusted(before + _NAME + 2 * _PAD, _PAD - 2, -_STAR - 2, -_PAD + 2)
        self._draw_small(painter, room, index.row())
        asset = self._view.asset(index.row())
        given = asset is not None and asset.rating > 0
        ratio = painter.device().devicePixelRatioF()
        star = pixmap("star-filled" if given else "star", 16, "text" if given else "muted", ratio)
        painter.drawPixmap(star_box(box).center() - QPoint(8, 8), star)
        painter.restore()

    def _draw_small(self, painter: QPainter, room: QRect, row: int) -> None:
        small = self._view.small(row)
        if small is None or room.width() < 8:
            painter.fillRect(room, theme().colour("raised"))
            return
        ratio = painter.device().devicePixelRatioF()
        key = (small.key, room.width(), room.height(), ratio)
        picture = self._pictures.get(key)
        if picture is None:
            picture = self._view.draw_small(row, room.size(), ratio)
            self._pictures[key] = picture
            while len(self._pictures) > _KEPT:
                self._pictures.popitem(last=False)
        painter.drawPixmap(room.topLeft(), picture)
        if small.position is not None:
            share = min(1.0, small.position / max(1e-6, small.seconds))
            x = room.left() + round(share * room.width())
            painter.fillRect(
                QRect(x, room.top(), 2, room.height()), theme().series(PLAYHEAD_SERIES)
            )
