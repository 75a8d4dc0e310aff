"""The edges of a recording's picture: time above it, level and pitch at its left."""

from __future__ import annotations

import math

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QPainter

from studio.ui.theme import theme, ui_font

GUTTER = 44  # logical pixels, the width of the labels at the left
RULER = 20  # logical pixels, the height of the ruler
_APART = 76.0  # pixels between two times
_STEPS = (1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1800.0, 3600.0)
_PITCHES = (50, 100, 200, 300, 500, 1000, 2000, 3000, 5000, 10_000, 20_000)
_LINE = 14  # pixels of a label


def time_step(across: float) -> float:
    """Return how many seconds the times of a ruler are apart.

    Args:
        across: Pixels of a second.
    """
    wanted = _APART / across
    if wanted > 1:
        return next(
            (step for step in _STEPS if step >= wanted), _STEPS[-1] * math.ceil(wanted / 3600)
        )
    scale = 10.0 ** math.floor(math.log10(wanted))
    return next(scale * part for part in (1, 2, 5, 10) if scale * part >= wanted * 0.999)


def time_words(seconds: float, step: float) -> str:
    """Return a time as finely as times that are `step` apart need it: `1:02`, `0:03.25`."""
    digits = max(0, math.ceil(-math.log10(step) - 1e-9)) if step < 1 else 0
    whole = round(seconds * 10**digits)
    minutes, rest = divmod(whole, 60 * 10**digits)
    width = 2 + (digits + 1 if digits else 0)
    tail = f"{rest / 10**digits:0{width}.{digits}f}"
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{tail}" if hours else f"{minutes}:{tail}"


def draw_ruler(painter: QPainter, room: QRect, left: float, across: float, seconds: float) -> None:
    """Draw the times above a recording.

    Args:
        room: Where the recording is drawn.
        left: The time at the room's left edge.
        seconds: How long the recording is.
    """
    painter.save()
    painter.fillRect(QRectF(0, 0, room.right() + 1, RULER), theme().colour("panel"))
    painter.setClipRect(QRectF(room.left(), 0, room.width(), RULER))
    painter.setFont(ui_font(11, tabular=True))
    step = time_step(across)
    number = math.floor(left / step)
    end = min(seconds, left + room.width() / across)
    taken = -math.inf  # up to where times are written
    while number * step <= end:
        x = room.left() + (number * step - left) * across
        painter.fillRect(QRectF(round(x), RULER - 6, 1, 6), theme().colour("faint"))
        painter.setPen(theme().colour("muted"))
        words = time_words(number * step, step)
        box = QRectF(x + 4, 0, painter.fontMetrics().horizontalAdvance(words), RULER - 2)
        if box.right() > room.right() and (number + 1) * step > seconds:
            box.moveRight(x - 4)  # nothing comes behind the last one, and it is to be read
        if box.left() > taken:
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, words)
            taken = box.right() + 4
        number += 1
    painter.restore()


def draw_levels(painter: QPainter, wave: QRect, lanes: int, gain: float) -> None:
    """Draw at the left how loud the edges of each lane are, in dB below the loudest possible.

    Args:
        wave: Where the waveform is drawn.
        gain: What samples are multiplied with before they are drawn.
    """
    _begin(painter, wave)
    lane = wave.height() / max(1, lanes)
    for channel in range(lanes):
        middle, half = wave.top() + (channel + 0.5) * lane, lane / 2 - 2
        both = lane >= (5 if lanes == 1 else 7) * _LINE
        marks = [(1.0, True), (-1.0, both), (0.0, lane >= 3 * _LINE)]
        marks += [(share, lane >= 9 * _LINE) for share in (0.5, -0.5)]
        for share, shown in marks:
            if shown:
                y = middle - share * half
                words = "−∞" if share == 0 else decibels(20 * math.log10(abs(share) / gain))
                _label(painter, wave, y, words)
    _unit(painter, wave, "dB", lane >= 3 * _LINE)
    painter.restore()


def draw_pitches(painter: QPainter, spectrum: QRect, highest: float) -> None:
    """Draw at the left which height of a spectrum is which frequency."""
    from studio.data.audio.mel import mel

    _begin(painter, spectrum)
    top = float(mel(highest))
    before = math.inf
    for hertz in reversed([pitch for pitch in _PITCHES if pitch < highest * 0.97]):
        y = spectrum.bottom() - float(mel(hertz)) / top * spectrum.height()
        if abs(before - y) >= _LINE and y - spectrum.top() > _LINE + 4:
            _label(painter, spectrum, y, f"{hertz // 1000}k" if hertz >= 1000 else f"{hertz}")
            before = y
    _unit(painter, spectrum, "Hz", True)
    painter.restore()


def decibels(level: float) -> str:
    """Return a level as it is written, `−12`; above 0 dB with a sign."""
    whole = round(level)
    return f"−{-whole}" if whole < 0 else f"{whole}"


def _begin(painter: QPainter, beside: QRect) -> None:
    painter.save()
    painter.setClipRect(QRectF(0, beside.top(), GUTTER, beside.height()))
    painter.fillRect(QRectF(0, beside.top(), GUTTER, beside.height()), theme().colour("panel"))
    painter.setFont(ui_font(11, tabular=True))


def _label(painter: QPainter, beside: QRect, y: float, words: str) -> None:
    """Write a label at a height; at the edges it stays inside."""
    top = min(max(y - _LINE / 2, beside.top()), beside.bottom() + 1 - _LINE)
    painter.fillRect(QRectF(GUTTER - 5, round(y), 5, 1), theme().colour("faint"))
    painter.setPen(theme().colour("muted"))
    flags = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
    painter.drawText(QRectF(0, top, GUTTER - 8, _LINE), flags, words)


def _unit(painter: QPainter, beside: QRect, words: str, shown: bool) -> None:
    if shown:
        painter.setPen(theme().colour("muted"))
        box = QRectF(2, beside.top(), GUTTER - 8, _LINE)
        painter.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, words)
