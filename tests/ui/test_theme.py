"""Colours: contrast, live switching, and one place that names them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.core.paths import program_dir, resource
from studio.ui.icons import icon
from studio.ui.theme import DARK, LIGHT, ThemeMode, Tokens, theme
from studio.ui.widgets.buttons import Button


def luminance(colour: str) -> float:
    """Return the relative luminance of WCAG 2."""
    parts = [QColor(colour).redF(), QColor(colour).greenF(), QColor(colour).blueF()]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of WCAG 2."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("tokens", [DARK, LIGHT], ids=["dark", "light"])
def test_every_text_can_be_read(tokens: Tokens) -> None:
    pairs = [
        (text, ground)
        for text in ("text", "muted", "accent", "good", "warn", "bad")
        for ground in ("bg", "panel", "raised")
    ]
    pairs += [("text", "selection"), ("text", "hover"), ("on_accent", "accent")]
    weak = {
        pair: round(ratio, 2)
        for pair in pairs
        if (ratio := contrast(getattr(tokens, pair[0]), getattr(tokens, pair[1]))) < 4.5
    }
    assert not weak


def test_switching_is_live(qapp: QApplication, qtbot: QtBot) -> None:
    theme().set_mode(ThemeMode.DARK)
    button = Button("Pause", icon="pause")
    qtbot.addWidget(button)
    before = button.icon().pixmap(16).toImage()
    with qtbot.waitSignal(theme().changed):
        theme().set_mode(ThemeMode.LIGHT)
    assert qapp.palette().window().color() == QColor(LIGHT.bg)
    assert LIGHT.bg in qapp.styleSheet()
    assert button.icon().pixmap(16).toImage() != before
    theme().set_mode(ThemeMode.DARK)
    assert button.icon().pixmap(16).toImage() == before


def test_motion_can_be_switched_off(qapp: QApplication) -> None:
    theme().set_motion(False)
    assert theme().motion_ms == 0
    theme().set_motion(None)


def test_every_icon_draws_something(qapp: QApplication) -> None:
    names = sorted(path.stem for path in resource("icons").glob("*.svg"))
    assert names
    for name in names:
        image = icon(name, "text").pixmap(20).toImage()
        drawn = any(image.pixelColor(x, y).alpha() for x in range(20) for y in range(20))
        assert drawn, f"{name}.svg is empty"


def test_only_the_theme_names_colours() -> None:
    """Style sheets take their arrows from files, whose colours are checked below."""
    named = re.compile(r"""["']#[0-9a-fA-F]{3,8}["']|QColor\(["'\d]""")
    offenders = [
        str(path.relative_to(program_dir()))
        for path in Path(program_dir(), "studio", "ui").rglob("*.py")
        if path.name != "theme.py" and named.search(path.read_text("utf-8"))
    ]
    assert not offenders


@pytest.mark.parametrize(("tone", "tokens"), [("dark", DARK), ("light", LIGHT)])
def test_arrows_of_style_sheets_have_the_palettes_colours(tone: str, tokens: Tokens) -> None:
    files = sorted(resource("icons", "qss").glob(f"*-{tone}.svg"))
    assert len(files) == 4
    for path in files:
        colours = set(re.findall(r"#[0-9a-f]{6}", path.read_text("utf-8")))
        assert colours <= {tokens.muted, tokens.on_accent}
