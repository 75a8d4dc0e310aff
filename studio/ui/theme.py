"""Colours, type and spacing: the one place that names them, in a light and a dark palette.

Style sheets, plots and painted widgets read their colours here and listen to `Theme.changed`.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from functools import cache
from typing import Literal

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication

from studio.ui.stylesheet import stylesheet

# Spacing in logical pixels, on a grid of 4.
MARGIN_PAGE = 22
MARGIN_CARD = 14
GAP_CARDS = 12
GAP = 8
RADIUS_CARD = 10
RADIUS_INNER = 8
#: Longest animation, in milliseconds.
MOTION_MS = 150


class ThemeMode(StrEnum):
    """What the user chose."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


@dataclass(frozen=True)
class Tokens:
    """A palette. Every text colour has a contrast of 4.5:1 or more on bg, panel and raised.

    `faint` is for marks only, never for text. `on_accent` is the text on the primary button.
    """

    bg: str
    panel: str
    raised: str
    hover: str
    line: str
    text: str
    muted: str
    faint: str
    accent: str
    accent_hover: str
    on_accent: str
    selection: str
    good: str
    warn: str
    bad: str
    series: tuple[str, ...]


DARK = Tokens(
    bg="#14161a",
    panel="#1b1e24",
    raised="#23272f",
    hover="#2b303a",
    line="#2e333d",
    text="#e8eaed",
    muted="#9aa1ad",
    faint="#6b7280",
    accent="#7c8cff",
    accent_hover="#8f9dff",
    on_accent="#14161a",
    selection="#2a3050",
    good="#3fbf7f",
    warn="#e5b454",
    bad="#ef6b6b",
    series=("#7c8cff", "#f2a65a", "#4cc9a4", "#e56b9d", "#c9b458"),
)
LIGHT = Tokens(
    bg="#f6f7f9",
    panel="#ffffff",
    raised="#f0f2f5",
    hover="#e6e9ee",
    line="#dfe3e9",
    text="#1c2026",
    muted="#5c6572",
    faint="#8b94a1",
    accent="#4f5bd5",
    accent_hover="#434fc4",
    on_accent="#ffffff",
    selection="#e6e8fb",
    good="#187a49",
    warn="#8f6208",
    bad="#c03535",
    series=("#4f5bd5", "#c8641b", "#13855f", "#b8336a", "#7a6a00"),
)

Colour = Literal[
    "bg",
    "panel",
    "raised",
    "hover",
    "line",
    "text",
    "muted",
    "faint",
    "accent",
    "accent_hover",
    "on_accent",
    "selection",
    "good",
    "warn",
    "bad",
]


class Theme(QObject):
    """The palette in force. There is one, returned by `theme()`.

    Attributes:
        tokens: The palette in force.
        mode: What the user chose.

    Signals:
        changed: The palette is another one; painted widgets and plots read it again.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.mode = ThemeMode.SYSTEM
        self.tokens = DARK
        self._follows = False
        self._motion: bool | None = None

    def colour(self, name: Colour) -> QColor:
        """Return a colour of the palette by its token."""
        return QColor(getattr(self.tokens, name))

    def series(self, index: int) -> QColor:
        """Return the colour of a curve; told apart also by dash or label, as they repeat."""
        return QColor(self.tokens.series[index % len(self.tokens.series)])

    @property
    def motion_ms(self) -> int:
        """How long an animation takes in milliseconds; 0 when motion is unwanted."""
        if self._motion is not None:
            return MOTION_MS if self._motion else 0
        return 0 if _system_reduces_motion() else MOTION_MS

    def set_motion(self, wanted: bool | None) -> None:
        """Switch animations on or off; None follows the system."""
        self._motion = wanted

    def set_mode(self, mode: ThemeMode) -> None:
        """Follow the system or keep to one palette, at once."""
        self.mode = mode
        application = _application()
        hints = application.styleHints()
        if not self._follows:
            hints.colorSchemeChanged.connect(self._on_system_change)
            self._follows = True
        schemes = {
            ThemeMode.SYSTEM: Qt.ColorScheme.Unknown,
            ThemeMode.LIGHT: Qt.ColorScheme.Light,
            ThemeMode.DARK: Qt.ColorScheme.Dark,
        }
        hints.setColorScheme(schemes[mode])  # the system draws title bars and dialogs to match
        self._apply()

    @Slot()
    def _on_system_change(self) -> None:
        if self.mode is ThemeMode.SYSTEM:
            self._apply()

    def _apply(self) -> None:
        application = _application()
        if self.mode is ThemeMode.SYSTEM:
            light = application.styleHints().colorScheme() is Qt.ColorScheme.Light
        else:
            light = self.mode is ThemeMode.LIGHT
        self.tokens = LIGHT if light else DARK
        application.setPalette(_qt_palette(self.tokens))
        application.setStyleSheet(stylesheet(asdict(self.tokens), "light" if light else "dark"))
        self.changed.emit()


@cache
def theme() -> Theme:
    """Return the application's theme."""
    return Theme()


def ui_font(pixels: int = 13, weight: int = 400, *, tabular: bool = False) -> QFont:
    """Return the system's UI font in one of the sizes 20, 18, 14, 13 and 11 pixels.

    Args:
        pixels: Size in logical pixels.
        weight: 400 for text, 500 for emphasis, 600 for titles.
        tabular: Give all digits one width, for numbers that change in place.
    """
    font = QFont(_family())
    font.setPixelSize(pixels)
    font.setWeight(QFont.Weight(weight))
    if tabular:
        font.setFeature(QFont.Tag("tnum"), 1)
    return font


@cache
def _family() -> str:
    family = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont).family()
    # without a desktop's settings Qt names only the generic face; Inter is drawn for screens
    if family in {"Sans Serif", "Sans", "sans-serif"} and "Inter" in QFontDatabase.families():
        return "Inter"
    return family


def _application() -> QApplication:
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    return application


def _system_reduces_motion() -> bool:
    hints = _application().styleHints().accessibility()
    preference = getattr(hints, "motionPreference", None)  # Qt 6.12 and later
    return preference is not None and preference().name == "ReducedMotion"


def _qt_palette(tokens: Tokens) -> QPalette:
    """Return Qt's palette for what the style sheet does not reach."""
    role = QPalette.ColorRole
    colours = {
        role.Window: tokens.bg,
        role.WindowText: tokens.text,
        role.Base: tokens.raised,
        role.AlternateBase: tokens.panel,
        role.Text: tokens.text,
        role.PlaceholderText: tokens.muted,
        role.Button: tokens.raised,
        role.ButtonText: tokens.text,
        role.BrightText: tokens.text,
        role.ToolTipBase: tokens.raised,
        role.ToolTipText: tokens.text,
        role.Highlight: tokens.accent,
        role.HighlightedText: tokens.on_accent,
        role.Accent: tokens.accent,
        role.Link: tokens.accent,
        role.LinkVisited: tokens.accent,
        role.Light: tokens.line,
        role.Midlight: tokens.line,
        role.Mid: tokens.line,
        role.Dark: tokens.line,
        role.Shadow: tokens.bg,
    }
    palette = QPalette()
    for which, colour in colours.items():
        palette.setColor(which, QColor(colour))
    for which in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, which, QColor(tokens.faint))
    return palette
