"""The piano roll: where notes are, what is in sight, zoom, playhead, and 20,000 notes in time."""

from __future__ import annotations

import time

import numpy as np
import pytest
from music_maker import crowded, scale
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from studio.core.media import Music, Track
from studio.ui.theme import ThemeMode, theme
from studio.ui.views.music_edges import KEYS, RULER
from studio.ui.views.music_notes import NoteTable, pitch_name
from studio.ui.views.music_roll import PianoRoll


def shown(qtbot: QtBot, music: Music, width: int = 800, height: int = 400) -> PianoRoll:
    """Return a roll on the screen."""
    roll = PianoRoll()
    qtbot.addWidget(roll)
    roll.resize(width, height)
    roll.show_music(NoteTable(music))
    with qtbot.waitExposed(roll):
        roll.show()
    return roll


def middle(roll: PianoRoll, index: int) -> QPoint:
    """Return the middle of a note in the viewport."""
    return roll.note_box(index).center().toPoint()


def test_search_finds_what_a_look_at_every_note_finds() -> None:
    notes = [(0, 500_000, 20, 90)]  # a note held through everything must not hide others
    rng = np.random.default_rng(1)
    notes += [(int(s), int(d), int(p), 64) for s, d, p in rng.integers(1, 4000, (300, 3))]
    rows = np.array(notes, np.int32)
    rows[:, 2] %= 128
    table = NoteTable(Music((Track(rows[:150]), Track(rows[150:]))))
    for left, right in ((0, 1), (100, 900), (3990, 9000), (7999, 8000), (600_000, 700_000)):
        wanted = np.flatnonzero((table.start < right) & (table.end > left))
        assert table.between(left, right).tolist() == wanted.tolist()
        low = wanted[(table.pitch[wanted] >= 30) & (table.pitch[wanted] <= 40)]
        assert table.inside(left, right, 30, 40).tolist() == low.tolist()
    assert (np.diff(table.start) >= 0).all()


def test_time_follows_tempos_and_metres() -> None:
    music = Music(
        (Track(np.array([[9600, 480, 60, 64]], np.int32)),),
        480,
        ((0, 120.0), (1920, 60.0)),
        ((0, 4, 4), (3840, 6, 8)),
    )
    table = NoteTable(music)
    assert table.seconds_at(1920) == pytest.approx(2.0)
    assert table.seconds_at(2400) == pytest.approx(3.0), "the tempo is halved"
    for tick in (0.0, 100.0, 1920.0, 5000.0):
        assert table.tick_at(table.seconds_at(tick)) == pytest.approx(tick)
    assert table.bars_between(0, 6720) == [(1, 0), (2, 1920), (3, 3840), (4, 5280)]
    assert table.place(5280 + 240) == (4, 2.0)
    assert table.beat_ticks(4000) == 240


def test_a_note_says_what_it_is(qtbot: QtBot) -> None:
    roll = shown(qtbot, scale())
    names = {roll.note_words(roll.note_at(QPointF(middle(roll, i)))) for i in range(2)}
    assert any("C4 · bar 1, beat 1" in words and "Tune" in words for words in names)
    assert any("C2" in words and "4 beats" in words and "Bass" in words for words in names)
    assert roll.note_at(QPointF(KEYS + 3, RULER + 2)) == -1
    assert pitch_name(60) == "C4" and pitch_name(21) == "A0"
    assert "20 notes in 2 tracks" in roll.accessibleDescription()


@pytest.mark.parametrize("mode", [ThemeMode.DARK, ThemeMode.LIGHT])
def test_tracks_are_told_apart_and_follow_the_theme(qtbot: QtBot, mode: ThemeMode) -> None:
    roll = shown(qtbot, scale())
    theme().set_mode(mode)
    image = roll.viewport().grab().toImage()

    def near(index: int, series: int) -> bool:
        place = middle(roll, index) * image.devicePixelRatio()
        drawn, wanted = image.pixelColor(place), theme().series(series)
        apart = [abs(drawn.red() - wanted.red()), abs(drawn.blue() - wanted.blue())]
        return max(apart) < 60

    table = roll.table
    melody, bass = (int(np.flatnonzero(table.track == track)[1]) for track in (0, 1))
    assert near(melody, 0) and not near(melody, 2)
    assert near(bass, 2) and not near(bass, 0)
    ground = image.pixelColor(image.width() - 40, image.height() // 2)
    grounds = [theme().colour("panel"), theme().colour("raised"), theme().colour("line")]
    assert ground.name() in {colour.name() for colour in grounds}
    theme().set_mode(ThemeMode.SYSTEM)


def test_zoom_keeps_the_place_under_the_pointer(qtbot: QtBot) -> None:
    roll = shown(qtbot, scale(64))
    roll.horizontalScrollBar().setValue(300)
    before = roll.tick_at(QPointF(KEYS + 200, 100))
    roll.zoom(2.0, 200)
    assert roll.tick_at(QPointF(KEYS + 200, 100)) == pytest.approx(before, abs=5)
    QTest.keyClick(roll, Qt.Key.Key_0)
    assert roll.horizontalScrollBar().maximum() == 0, "the whole piece is in sight"
    QTest.keyClick(roll, "+")
    assert roll.horizontalScrollBar().maximum() > 0
    rows = roll.scale.row
    roll.zoom_rows(1.5)
    assert roll.scale.row == pytest.approx(rows * 1.5)


def test_playhead_is_moved_by_keys_and_turns_the_page(qtbot: QtBot) -> None:
    roll = shown(qtbot, scale(64))
    with qtbot.waitSignal(roll.seek_wanted) as moved:
        QTest.keyClick(roll, Qt.Key.Key_Right)
    assert moved.args == [pytest.approx(0.5)], "a quarter at 120 a minute"
    with qtbot.waitSignal(roll.seek_wanted) as moved:
        QTest.keyClick(roll, Qt.Key.Key_End)
    assert moved.args == [pytest.approx(128.0)]
    with qtbot.waitSignal(roll.seek_wanted) as moved:
        QTest.mouseClick(roll.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(KEYS, RULER + 50))
    assert moved.args == [pytest.approx(0.0, abs=0.01)]
    roll.set_playhead(100.0, follow=False)
    assert roll.horizontalScrollBar().value() == 0
    roll.set_playhead(100.0, follow=True)
    left = roll.horizontalScrollBar().value()
    assert left > 0
    x = roll.scale.x(roll.table.tick_at(100.0)) - left
    assert 0 <= x <= roll.viewport().width() - KEYS
    image = roll.viewport().grab().toImage()
    line = image.pixelColor(round(KEYS + x), RULER + 5)
    assert line == theme().series(1)


@pytest.mark.parametrize(
    "music",
    [
        Music(()),
        Music((Track(np.array([[0, 1, 127, 1]], np.int32)),), 1),
        Music((Track(np.array([[0, 2**31 - 10, 60, 64]], np.int32)),), 480, ((0, 500.0),)),
        Music((Track(np.array([[2**31 - 20, 1, 0, 127]], np.int32)),), 32767, (), ()),
    ],
    ids=["empty", "a tick", "held for days", "far away"],
)
def test_odd_pieces_are_drawn(qtbot: QtBot, music: Music) -> None:
    roll = shown(qtbot, music)
    for work in (roll.fit, lambda: roll.zoom(1e9), lambda: roll.zoom(1e-9)):
        work()
        began = time.thread_time()
        roll.viewport().repaint()
        assert time.thread_time() - began < 1.0
    roll.set_playhead(roll.table.seconds, follow=True)
    assert roll.horizontalScrollBar().maximum() < 2**31


def test_a_message_stands_where_a_piece_would(qtbot: QtBot) -> None:
    roll = shown(qtbot, scale())
    roll.show_message("It is cut off.")
    image = roll.viewport().grab().toImage()
    colours = {
        QColor(image.pixel(x, y)).name()
        for x in range(0, image.width(), 2)
        for y in range(image.height() // 2 - 10, image.height() // 2 + 10)
    }
    assert theme().colour("muted").name() in colours


def test_20000_notes_scroll_and_play_smoothly(qtbot: QtBot) -> None:
    """The processor's time counts, so that what else runs on the machine does not."""
    roll = shown(qtbot, crowded(20_000, 400), 1200, 700)
    QTest.qWait(50)
    bar = roll.horizontalScrollBar()

    def p95(step: object) -> float:
        assert callable(step)
        taken = []
        for frame in range(150):
            step(frame)
            began = time.thread_time()
            roll.viewport().repaint()
            taken.append(time.thread_time() - began)
        return sorted(taken)[142] * 1000

    scrolling = p95(lambda _frame: bar.setValue(bar.value() + 37))
    assert bar.value() > 3000
    playing = p95(lambda frame: roll.set_playhead(20 + frame / 2, follow=True))
    assert scrolling < 16, f"{scrolling:.1f} ms"
    assert playing < 16, f"{playing:.1f} ms"
