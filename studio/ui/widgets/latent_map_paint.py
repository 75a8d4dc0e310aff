"""How the parts of a map of seeds are drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen, QPixmap

from studio.ui.theme import RADIUS_INNER, theme

#: Radius of the point, in logical pixels.
POINT = 9.0
_THUMB = 34.0  # side of a seed's picture
_PLATE = 15.0  # height of the number below it
_PALE = 0.45  # how strongly the ground shows what lies where


def draw_ground(painter: QPainter, room: QRectF, tiles: Mapping[int, QPixmap], across: int) -> None:
    """Draw pictures of what lies where, pale; `tiles` are numbered row by row."""
    shape = QPainterPath()
    shape.addRoundedRect(room, RADIUS_INNER, RADIUS_INNER)
    painter.fillPath(shape, theme().colour("raised"))
    if not tiles:
        return
    painter.save()
    painter.setClipPath(shape)
    side = room.width() / across
    for number, tile in tiles.items():
        row, column = divmod(number, across)
        cell = QRectF(room.left() + column * side, room.top() + row * side, side, side)
        painter.drawPixmap(cell.adjusted(0, 0, 0.5, 0.5), tile, QRectF(tile.rect()))
    veil = theme().colour("panel")
    veil.setAlphaF(1 - _PALE)
    painter.fillRect(room, veil)
    painter.restore()


def draw_weights(
    painter: QPainter, here: QPointF, places: Sequence[QPointF], shares: Sequence[float]
) -> None:
    """Draw a line from the point to each seed, the stronger the more it weighs."""
    colour = theme().colour("accent")
    for place, share in zip(places, shares, strict=True):
        colour.setAlphaF(min(1.0, 0.2 + share))
        painter.setPen(QPen(colour, 1 + 3 * share))
        painter.drawLine(here, place)


def draw_seed(
    painter: QPainter,
    room: QRectF,
    centre: QPointF,
    seed: int,
    picture: QPixmap | None,
    *,
    chosen: bool,
) -> None:
    """Draw a seed: what it makes, with its number below; above it at the foot of the room."""
    box = QRectF(centre.x() - _THUMB / 2, centre.y() - _THUMB / 2, _THUMB, _THUMB)
    shape = QPainterPath()
    shape.addRoundedRect(box, 6, 6)
    painter.fillPath(shape, theme().colour("hover"))
    if picture is not None:
        painter.save()
        painter.setClipPath(shape)
        painter.drawPixmap(box, picture, QRectF(picture.rect()))
        painter.restore()
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(theme().colour("accent" if chosen else "text"), 2 if chosen else 1))
    painter.drawRoundedRect(box, 6, 6)
    words = str(seed)
    width = painter.fontMetrics().horizontalAdvance(words) + 8
    below = box.bottom() + 2
    top = below if below + _PLATE < room.bottom() else box.top() - 2 - _PLATE
    plate = QRectF(centre.x() - width / 2, top, width, _PLATE)
    ground = theme().colour("panel")
    ground.setAlphaF(0.85)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ground)
    painter.drawRoundedRect(plate, 4, 4)
    painter.setPen(theme().colour("text"))
    painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, words)


def draw_point(painter: QPainter, here: QPointF, *, filled: bool) -> None:
    """Draw where one is; hollow while the place shown is not on the map."""
    painter.setPen(QPen(theme().colour("on_accent" if filled else "accent"), 2))
    painter.setBrush(theme().colour("accent") if filled else Qt.BrushStyle.NoBrush)
    painter.drawEllipse(here, POINT, POINT)
