"""Draws the first lines of a text as a small page: for grids, cards and previews."""

from __future__ import annotations

import unicodedata

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPixmap

from studio.ui.theme import theme, ui_font

_PAD = 8
_SMALL, _LARGE = 64, 150  # logical pixels of width at which the type is smallest and largest
#: Stands between the two texts of a pair; see `data/text.py`.
PAIR_MARK = "\x1e"
_TALLEST = 400  # characters of one paragraph that are laid out


def runs_leftward(text: str) -> bool:
    """Tell whether a paragraph runs from right to left: by its first letter that says so."""
    for letter in text:
        side = unicodedata.bidirectional(letter)
        if side in ("R", "AL"):
            return True
        if side == "L":
            return False
    return False


def draw_text_page(painter: QPainter, box: QRect, text: str) -> None:
    """Draw a page with the first lines of a text into a box, in the theme's colours.

    A pair is drawn with a line between its two texts.
    """
    painter.fillRect(box, theme().colour("raised"))
    share = (box.width() - _SMALL) / (_LARGE - _SMALL)
    font = ui_font(13)
    font.setPixelSize(round(7 + 4 * max(0.0, min(1.0, share))))
    painter.setFont(font)
    pad = min(_PAD, box.width() // 10)
    room = box.adjusted(pad, pad, -pad, -pad)
    painter.save()
    top = room.top()
    for number, part in enumerate(text.split(PAIR_MARK)):
        if number:
            painter.setClipRect(room)
            painter.fillRect(room.left(), top + 3, room.width(), 1, theme().colour("faint"))
            top += 8
        painter.setPen(theme().colour("muted" if number else "text"))
        for line in part.splitlines():
            if top > room.bottom():
                break
            top += _draw_paragraph(painter, room, top, line[:_TALLEST])
    painter.restore()


def text_page(text: str, size: QSize, ratio: float) -> QPixmap:
    """Return the first lines of a text as a picture.

    Args:
        size: In logical pixels.
        ratio: Device pixels per logical pixel.
    """
    picture = QPixmap(size * ratio)
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    draw_text_page(painter, QRect(0, 0, size.width(), size.height()), text)
    painter.end()
    return picture


def _draw_paragraph(painter: QPainter, room: QRect, top: int, line: str) -> int:
    """Draw one paragraph and return the height that it took."""
    metrics = QFontMetrics(painter.font())
    if not line.strip():
        return metrics.height() // 2
    side = Qt.AlignmentFlag.AlignRight if runs_leftward(line) else Qt.AlignmentFlag.AlignLeft
    flags = side | Qt.AlignmentFlag.AlignAbsolute | Qt.TextFlag.TextWordWrap
    lines = (room.bottom() + 1 - top) // metrics.lineSpacing()
    if lines < 1:
        return room.height()  # no half lines at the foot
    place = QRectF(room.left(), top, room.width(), lines * metrics.lineSpacing())
    painter.setClipRect(place)
    taken = painter.drawText(place, int(flags), line)
    return max(metrics.height(), round(taken.height())) if taken else metrics.height()
