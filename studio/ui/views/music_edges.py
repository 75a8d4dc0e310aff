"""The edges of a piano roll: the keyboard at its left, bars and markers above it."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QPainter

from studio.ui.theme import theme, ui_font
from studio.ui.views.music_colours import key_colours
from studio.ui.views.music_notes import NoteTable, is_black, pitch_name
from studio.ui.views.music_tiles import Scale, shown_bars

KEYS = 40  # logical pixels, the width of the keyboard
RULER = 20  # logical pixels, the height of the ruler
_NUMBERS_APART = 34.0


class Marker(NamedTuple):
    """A named place in a piece, in ticks."""

    tick: int
    name: str


def draw_keys(painter: QPainter, scale: Scale, room: QRect, scrolled: int, gap: int) -> None:
    """Draw the keyboard at the left of the notes.

    Args:
        room: Where notes are drawn.
        scrolled: Pixels above the part that is in sight.
        gap: Empty pixels above the highest row.
    """
    painter.save()
    ground = QRectF(0, room.top(), KEYS, room.height())
    painter.setClipRect(ground)
    painter.fillRect(ground, theme().colour("panel"))
    painter.translate(0, room.top() + gap - scrolled)
    painter.setFont(ui_font(9 if scale.row < 12 else 11))
    top = min(scale.high, scale.pitch(scrolled))
    bottom = max(scale.low, scale.pitch(scrolled + room.height()))
    colours = key_colours()
    named = scale.row >= 12  # every white key has its name, else C alone
    for pitch in range(bottom, top + 1):
        y = scale.y(pitch)
        black = is_black(pitch)
        key = colours.black_key if black else colours.white_key
        width = (KEYS - 6) * (0.6 if black else 1.0)
        painter.fillRect(QRectF(0, y + 0.5, width, max(1.0, scale.row - 1)), key)
        if pitch % 12 == 0 or (named and not black):
            # a name is taller than a low row: it stands on the lower edge of its key
            box = QRectF(0, y + scale.row - 14, KEYS - 9, 14)
            painter.setPen(theme().colour("text" if pitch % 12 == 0 else "muted"))
            flags = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom
            painter.drawText(box, flags, pitch_name(pitch))
    painter.restore()


def draw_ruler(
    painter: QPainter,
    table: NoteTable,
    scale: Scale,
    room: QRect,
    scrolled: int,
    markers: tuple[Marker, ...],
) -> None:
    """Draw the numbers of bars above the notes; where there are markers, their names instead."""
    painter.save()
    painter.setClipRect(QRectF(0, 0, room.right() + 1, RULER))
    painter.fillRect(QRectF(0, 0, room.right() + 1, RULER), theme().colour("panel"))
    painter.setFont(ui_font(11, tabular=True))
    painter.setPen(theme().colour("muted"))
    left = scrolled / scale.across
    right = (scrolled + room.width()) / scale.across
    if markers:
        places = [(marker.name, float(marker.tick)) for marker in markers]
    else:
        early = left - 40 / scale.across  # a number that begins out of sight reaches into it
        bars = shown_bars(table, scale, max(0.0, early), right, _NUMBERS_APART)
        places = [(f"{number:,}", tick) for number, tick in bars]
    painter.setClipRect(QRectF(room.left(), 0, room.width(), room.bottom()))
    for name, tick in places:
        x = room.left() + scale.x(tick) - scrolled
        if x > room.right() or x < room.left() - 200:
            continue
        painter.drawText(QRectF(x + 3, 0, 200, RULER), Qt.AlignmentFlag.AlignVCenter, name)
        if markers:
            painter.fillRect(QRectF(x, 0, 1, room.bottom()), theme().colour("muted"))
    painter.restore()
