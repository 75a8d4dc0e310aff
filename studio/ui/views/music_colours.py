"""How tracks look: a colour of the theme and a way of drawing each, so that colour is not alone."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtCore import QCoreApplication, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPen

from studio.core.media import Track
from studio.ui.theme import theme

#: Series of the theme for tracks; 1 is left to the playhead.
_SERIES = (0, 2, 3, 4)
PLAYHEAD_SERIES = 1
#: Steps of loudness that look different.
LEVELS = 4
_FAINTEST = 0.7  # opacity of the quietest note


class Style(NamedTuple):
    """How the notes of a track are drawn.

    Attributes:
        outline: Border of the notes; a transparent pen for none.
        fill: Opacity of their inside, 0 to 1.
    """

    colour: QColor
    outline: QPen
    fill: float


def track_style(index: int) -> Style:
    """Return how a piece's track looks: each has its own colour or its own border."""
    colour = theme().series(_SERIES[index % len(_SERIES)])
    way = index % 3 if index < len(_SERIES) else (index + 1) % 3
    if way == 0:
        return Style(colour, QPen(Qt.PenStyle.NoPen), 1.0)
    if way == 1:
        border = QColor(theme().colour("text"))
        border.setAlphaF(0.5)
        return Style(colour, QPen(border, 1.0), 0.9)
    return Style(colour, QPen(colour, 1.5), 0.35)


class KeyColours(NamedTuple):
    """White and black: of the keys at the left, and of the rows beside them."""

    white_key: QColor
    black_key: QColor
    white_row: QColor
    black_row: QColor


def key_colours() -> KeyColours:
    """Return the colours of keys and rows; black is the darker one in both palettes."""
    panel, raised = theme().colour("panel"), theme().colour("raised")
    if raised.lightness() > panel.lightness():
        return KeyColours(theme().colour("line"), theme().colour("bg"), raised, panel)
    return KeyColours(raised, theme().colour("faint"), panel, raised)


def brush(style: Style, level: int) -> QBrush:
    """Return the inside of a track's notes of one loudness."""
    colour = QColor(style.colour)
    loud = _FAINTEST + (1.0 - _FAINTEST) * level / (LEVELS - 1)
    colour.setAlphaF(style.fill * loud)
    return QBrush(colour)


def track_name(track: Track) -> str:
    """Return what a track is called: its own name, else its kind of instrument."""
    return track.name.strip() or instrument_name(track)


def instrument_name(track: Track) -> str:
    """Return the kind of instrument that plays a track, as General MIDI groups them."""
    if track.drums:
        return QCoreApplication.translate("Tracks", "Drums")
    return _instruments()[max(0, min(127, track.program)) // 8]


def draw_swatch(painter: QPainter, box: QRectF, index: int) -> None:
    """Draw a note of a track into a box, for legends."""
    style = track_style(index)
    painter.setPen(style.outline)
    painter.setBrush(brush(style, LEVELS - 1))
    painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 2, 2)


def _instruments() -> tuple[str, ...]:
    """Return the families of General MIDI, eight programs each."""
    tr = QCoreApplication.translate
    return (
        tr("Tracks", "Piano"),
        tr("Tracks", "Bells"),
        tr("Tracks", "Organ"),
        tr("Tracks", "Guitar"),
        tr("Tracks", "Bass"),
        tr("Tracks", "Strings"),
        tr("Tracks", "Ensemble"),
        tr("Tracks", "Brass"),
        tr("Tracks", "Reed"),
        tr("Tracks", "Pipe"),
        tr("Tracks", "Synth lead"),
        tr("Tracks", "Synth pad"),
        tr("Tracks", "Synth effects"),
        tr("Tracks", "Folk"),
        tr("Tracks", "Percussive"),
        tr("Tracks", "Sound effects"),
    )
