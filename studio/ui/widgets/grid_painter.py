"""How one cell of a VirtualGrid is drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from studio.ui.theme import RADIUS_INNER, theme, ui_font

if TYPE_CHECKING:
    from studio.ui.widgets.grid import VirtualGrid

Index = QModelIndex | QPersistentModelIndex

#: Height of a caption and room around a picture in a card, in logical pixels.
CAPTION = 22
PAD = 8


class CellPainter(QStyledItemDelegate):
    """Draws one cell: the picture, and for cards the caption and badge below it."""

    def __init__(self, grid: VirtualGrid) -> None:
        super().__init__(grid)
        self._grid = grid
        self._font = ui_font(11)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return self._grid.gridSize()

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        grid = self._grid
        whole: QRect = option.rect
        state: QStyle.StateFlag = option.state
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        focused = bool(state & QStyle.StateFlag.State_HasFocus) and grid.hasFocus()
        box = QRect(whole.topLeft(), grid.inner_size())
        place = index.row()
        room = QRect(box)
        if grid.captions:
            _fill(painter, box, chosen=chosen)
            room = QRect(box.topLeft() + QPoint(PAD, PAD), grid.picture_size())
        if grid.source.dimmed(place):
            painter.setOpacity(0.35)
        self._draw_picture(painter, room, grid.picture(place))
        if place == grid.scrub.place:
            _mark_place(painter, room, grid.scrub.share)
        painter.setOpacity(1.0)
        if grid.captions:
            self._draw_words(painter, box, place)
        if chosen or focused:
            _outline(painter, box, chosen=chosen, round_corners=grid.captions)

    @staticmethod
    def _draw_picture(painter: QPainter, room: QRect, picture: QPixmap | None) -> None:
        if picture is None or picture.isNull():
            painter.fillRect(room, theme().colour("hover"))
            return
        if picture.hasAlphaChannel():  # a roll stands on nothing: its cell is to be seen
            painter.fillRect(room, theme().colour("raised"))
        size = picture.deviceIndependentSize().toSize()
        shown = size.scaled(room.size(), Qt.AspectRatioMode.KeepAspectRatio)
        target = QRect(QPoint(0, 0), shown)
        target.moveCenter(room.center())
        if shown == size:
            painter.drawPixmap(target.topLeft(), picture)
        else:
            painter.drawPixmap(target, picture)

    def _draw_words(self, painter: QPainter, box: QRect, place: int) -> None:
        source = self._grid.source
        line = QRect(box.left() + PAD, box.bottom() - CAPTION, box.width() - 2 * PAD, CAPTION)
        painter.setFont(self._font)
        painter.setPen(theme().colour("muted"))
        metrics = painter.fontMetrics()
        middle = Qt.AlignmentFlag.AlignVCenter
        badge = source.badge(place)
        if badge:
            painter.drawText(line, middle | Qt.AlignmentFlag.AlignRight, badge)
            line.setRight(line.right() - metrics.horizontalAdvance(badge) - 6)
        elide = Qt.TextElideMode.ElideRight
        painter.drawText(
            line, middle, metrics.elidedText(source.caption(place), elide, line.width())
        )


def _mark_place(painter: QPainter, room: QRect, share: float) -> None:
    """Show how far the pointer is along a strip."""
    line = QRect(room.left(), room.bottom() - 2, round(room.width() * share), 3)
    painter.fillRect(line, theme().colour("accent"))


def _fill(painter: QPainter, box: QRect, *, chosen: bool) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme().colour("selection" if chosen else "raised"))
    painter.drawRoundedRect(box, RADIUS_INNER, RADIUS_INNER)


def _outline(painter: QPainter, box: QRect, *, chosen: bool, round_corners: bool) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    pen = painter.pen()
    pen.setColor(theme().colour("accent" if chosen else "muted"))
    pen.setWidth(2)
    pen.setStyle(Qt.PenStyle.SolidLine)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    radius = RADIUS_INNER if round_corners else 2
    painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), radius, radius)
