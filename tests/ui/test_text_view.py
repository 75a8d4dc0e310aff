"""Texts to read: any length at once, any script, search, pairs, sheets, small pages in grids."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.core.thumbnails import text_thumbnail
from studio.data.text.files import PAIR, RULE
from studio.ui import settings
from studio.ui.theme import ThemeMode, theme
from studio.ui.views.text import TextView
from studio.ui.views.text_dataset import TextDatasetView, length_bars
from studio.ui.views.text_places import Places, units
from studio.ui.views.text_reader import ReadingPage
from studio.ui.widgets.grid_source import decode
from studio.ui.widgets.text_page import runs_leftward

_LINES = (
    "Der Mond ist aufgegangen,",
    "die goldnen Sternlein prangen",
    "",
    "月亮升起来了 🌙",
    "قمر",
)


@pytest.fixture(autouse=True)
def usual_type(qapp: QApplication) -> Iterator[None]:
    """Start with the usual size of type."""
    settings.settings().clear()
    yield


def shown(qtbot: QtBot, text: str, folder: Path) -> TextView:
    """Return a view in sight that shows a file with this text."""
    path = folder / "text.txt"
    path.write_text(text, "utf-8", newline="")
    view = TextView()
    qtbot.addWidget(view)
    view.resize(700, 600)
    with qtbot.waitExposed(view):
        view.show()
    view.show_media(path)
    return view


def test_every_script_and_line_end_is_shown_as_it_stands(qtbot: QtBot, tmp_path: Path) -> None:
    view = shown(qtbot, "\r\n".join(_LINES), tmp_path)
    assert view.page.toPlainText() == "\n".join(_LINES)
    view._copy()
    assert QGuiApplication.clipboard().text() == "\n".join(_LINES)
    view.show_media(tmp_path / "gone.txt")
    assert "gone.txt" in view.page.toPlainText()


def test_five_megabytes_open_at_once_and_scroll_smoothly(qtbot: QtBot, tmp_path: Path) -> None:
    """Time of the window's own thread is counted, so that other work does not decide."""
    line = "All the world's a stage, and all the men and women merely players. "
    view = shown(qtbot, "", tmp_path)
    path = tmp_path / "long.txt"
    path.write_text("\n".join(f"{i} {line}" for i in range(70_000)), "utf-8")
    assert path.stat().st_size > 5_000_000
    began = time.thread_time()
    view.show_media(path)
    view.page.viewport().repaint()
    opening = time.thread_time() - began
    assert opening < 0.1
    turns = []
    while not view.page.is_filled:
        began = time.thread_time()
        QApplication.processEvents()
        turns.append(time.thread_time() - began)
    frames = []
    bar = view.page.verticalScrollBar()
    for step in range(200):
        began = time.thread_time()
        bar.setValue(bar.maximum() * step // 400 if step % 2 else bar.value() + 3)
        view.page.viewport().repaint()
        frames.append(time.thread_time() - began)
    assert sorted(frames)[190] < 0.016
    assert sorted(turns)[len(turns) * 95 // 100] < 0.016
    assert view.page.find_all("69999 ALL the") == 1  # in any case, at the far end
    view.page.go_to(0)
    assert view.page.textCursor().selectedText() == "69999 All the"


def test_one_endless_line_is_broken_at_spaces_and_nothing_is_lost(
    qtbot: QtBot, tmp_path: Path
) -> None:
    text = "word " * 200_000
    view = shown(qtbot, text, tmp_path)
    qtbot.waitUntil(lambda: view.page.is_filled)
    blocks = view.page.document().blockCount()
    assert blocks > 100
    assert view.page.toPlainText().replace("\n", "") == text


def test_search_marks_counts_and_goes_round(qtbot: QtBot, tmp_path: Path) -> None:
    view = shown(qtbot, "🌙 Moon 🌙\nthe moon\nMOON", tmp_path)
    QTest.keyClick(view.page, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert view.search.isVisible()
    QTest.keyClicks(view.search.field, "moon")
    qtbot.waitUntil(lambda: view.search._words.text() == "1 of 3")
    assert view.page.textCursor().selectedText() == "Moon"  # emoji are two units for Qt
    QTest.keyClick(view.search.field, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert view.search._words.text() == "3 of 3"
    assert view.page.textCursor().selectedText() == "MOON"
    QTest.keyClick(view.search.field, Qt.Key.Key_Escape)
    assert not view.search.isVisible()


def test_pairs_stand_side_by_side_and_sheets_have_rules(qtbot: QtBot, tmp_path: Path) -> None:
    view = shown(qtbot, f"one{RULE}two\n", tmp_path)
    assert view.target.isHidden()
    rule = next(
        number
        for number in range(view.page.document().blockCount())
        if view.page.document().findBlockByNumber(number).text() == RULE.strip()
    )
    box = view.page.blockBoundingGeometry(view.page.document().findBlockByNumber(rule))
    picture = view.page.viewport().grab().toImage()
    right = picture.width() - 3  # no letter stands there
    lines = [y for y in range(60) if picture.pixelColor(right, y) == theme().colour("faint")]
    assert len(lines) == 1
    assert box.top() < lines[0] < box.bottom() + 8
    view.show_item(f"Guten Tag{PAIR}Good day".encode(), "pair 1")
    assert view.target.isVisible()
    assert (view.page.toPlainText(), view.target.toPlainText()) == ("Guten Tag", "Good day")


def test_the_size_of_the_type_is_remembered(qtbot: QtBot, tmp_path: Path) -> None:
    view = shown(qtbot, "a", tmp_path)
    view._resize_type(4)
    assert view.page.size_of_type() == 18
    assert ReadingPage("another").size_of_type() == 18


def test_places_follow_letters_of_two_units() -> None:
    text = "a🌙b🌙🌙c"
    places = Places(text)
    assert [places.unit(place) for place in range(len(text) + 1)] == [0, 1, 3, 4, 6, 8, 9]
    assert [places.place(unit) for unit in (0, 1, 3, 4, 6, 8, 9)] == [0, 1, 2, 3, 4, 5, 6]
    assert units("🌙") == 2


def test_thumbnails_of_texts_follow_the_theme(qapp: QApplication) -> None:
    seen = set()
    for mode in (ThemeMode.DARK, ThemeMode.LIGHT):
        theme().set_mode(mode)
        page = decode(text_thumbnail("مرحبا\nHello"), QSize(120, 120), 2.0, crop=True)
        assert page.deviceIndependentSize().toSize() == QSize(120, 120)
        image = page.toImage()
        assert image.pixelColor(1, 1) == theme().colour("raised")
        colours = {image.pixelColor(x, y).name() for x in range(240) for y in range(60)}
        assert len(colours) > 10  # letters, with their soft edges
        seen.add(image.pixelColor(1, 1).name())
    theme().set_mode(ThemeMode.SYSTEM)
    assert len(seen) == 2
    assert runs_leftward("12 مرحبا") and not runs_leftward("Hello مرحبا")


def test_a_dataset_is_told_by_its_lengths(qapp: QApplication) -> None:
    bars = length_bars({0: 1, 40: 3, 250: 2, 5_000_000: 1})
    assert [(bar.text, bar.number) for bar in bars if bar.number] == [
        ("1", 1),
        ("30", 3),
        ("100", 2),
        ("3M", 1),
    ]
    assert TextDatasetView.size_words({(1_115_394, 40_000): 1}) == "1.1 M characters"
