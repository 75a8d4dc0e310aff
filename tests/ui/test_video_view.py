"""The player of films: keys, the line, a part over and over, speed, sound in time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from film_maker import number_in, write_film
from music_maker import Card, cards
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.core.blobs import BlobReader, BlobWriter
from studio.ui import settings
from studio.ui.films.reader import Loop
from studio.ui.sound import player
from studio.ui.views.video import ClipView
from studio.ui.views.video_bar import exact_time, speed_words


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a film of 4 seconds with sound, 25 frames a second."""
    return write_film(tmp_path_factory.mktemp("films") / "sounding.mp4", 100, sound=True)


@pytest.fixture
def opened(qapp: QApplication) -> Iterator[list[Card]]:
    """Return the cards that are opened."""
    settings.store("video/sound", False)
    with cards() as made:
        yield made
    settings.store("video/sound", False)


@pytest.fixture
def view(qtbot: QtBot, opened: list[Card], film: Path) -> ClipView:
    """Return a view of the film, held at its beginning."""
    made = ClipView()
    qtbot.addWidget(made)
    made.resize(600, 400)
    made.show_media(film)
    made.canvas.set_playing(False)
    with qtbot.waitExposed(made):
        made.show()
    qtbot.waitUntil(lambda: made.canvas.track.image is not None)
    qtbot.waitUntil(lambda: made.canvas.frames == 100)
    return made


def shown(view: ClipView) -> int:
    """Return the number in the frame that is seen."""
    image = view.canvas.track.image
    assert isinstance(image, QImage)
    return number_in(image)


def test_keys_go_along_the_film(view: ClipView, qtbot: QtBot) -> None:
    def pressed(key: Qt.Key) -> int:
        QTest.keyClick(view, key)
        qtbot.waitUntil(lambda: not view.canvas.clock._waits)
        return shown(view)

    assert pressed(Qt.Key.Key_Period) == 1
    assert pressed(Qt.Key.Key_Period) == 2
    assert pressed(Qt.Key.Key_Comma) == 1
    assert pressed(Qt.Key.Key_Right) == 11, "a tenth of so short a film"
    assert pressed(Qt.Key.Key_L) == 61
    assert pressed(Qt.Key.Key_J) == 11
    assert pressed(Qt.Key.Key_Left) == 1
    assert pressed(Qt.Key.Key_End) == 99
    assert pressed(Qt.Key.Key_Period) == 0
    assert pressed(Qt.Key.Key_Comma) == 99
    assert pressed(Qt.Key.Key_Home) == 0
    QTest.keyClick(view, Qt.Key.Key_Space)
    assert view.canvas.clock.playing
    qtbot.waitUntil(lambda: shown(view) > 3)
    QTest.keyClick(view, Qt.Key.Key_K)
    assert not view.canvas.clock.playing


def test_a_part_is_played_over_and_over(view: ClipView, qtbot: QtBot) -> None:
    clock = view.canvas.clock
    clock.seek(1.0)
    QTest.keyClick(view, Qt.Key.Key_BracketLeft)
    clock.seek(1.2)
    QTest.keyClick(view, Qt.Key.Key_BracketRight)
    assert clock.part == Loop(1.0, 1.2)
    numbers: list[int] = []
    view.canvas.frame_changed.connect(numbers.append)
    view.canvas.set_playing(True)
    qtbot.waitUntil(lambda: len(numbers) > 12)
    assert set(numbers) <= {25, 26, 27, 28, 29, 30}
    QTest.keyClick(view, Qt.Key.Key_Backslash)
    assert clock.part is None


def test_the_line_goes_where_it_is_pressed(view: ClipView, qtbot: QtBot) -> None:
    line = view.bar.line
    QTest.mouseClick(line, Qt.MouseButton.LeftButton, pos=QPoint(line.width() // 2, 8))
    assert view.canvas.clock.position == pytest.approx(2.0, abs=0.05)
    qtbot.waitUntil(lambda: shown(view) in (49, 50, 51))
    words = view.bar._frames.text()
    assert f"frame {shown(view) + 1} of 100" in words
    assert view.bar._time.text().endswith("/ 0:04.00")


def test_sound_is_heard_when_it_is_asked_for_and_leads(
    view: ClipView, opened: list[Card], qtbot: QtBot
) -> None:
    view.canvas.set_playing(True)
    qtbot.wait(100)
    assert not player().plays(), "a film that begins by itself is silent"
    QTest.keyClick(view, Qt.Key.Key_M)
    qtbot.waitUntil(player().plays)
    qtbot.waitUntil(lambda: bool(opened))
    qtbot.wait(400)
    heard = view.sound.heard()
    assert heard is not None
    assert view.canvas.clock.position == pytest.approx(heard, abs=0.15)
    view.canvas.clock.seek(3.0)
    qtbot.waitUntil(lambda: (view.sound.heard() or 0.0) >= 3.0)
    view.canvas.clock.set_speed(0.5)
    assert not player().plays(), "slow motion is silent"
    view.canvas.clock.set_speed(1.0)
    assert player().plays()
    view.hide()
    assert not player().plays(), "what cannot be seen is silent"


def test_a_larger_view_reads_the_film_larger(qtbot: QtBot, tmp_path: Path) -> None:
    film = write_film(tmp_path / "wide.mp4", 30, width=960, height=540)
    view = ClipView()
    qtbot.addWidget(view)
    view.resize(320, 240)
    view.show_media(film)
    with qtbot.waitExposed(view):
        view.show()
    qtbot.waitUntil(lambda: view.canvas.track.image is not None)

    def width() -> int:
        image = view.canvas.track.image
        return image.width() if image is not None else 0

    small = width()
    assert small <= 320
    view.resize(900, 700)
    qtbot.waitUntil(lambda: width() > 800)
    assert width() == view.canvas.width()


def test_times_and_speeds_in_words() -> None:
    assert [exact_time(each) for each in (0, 1.204, 59.999, 3723.45)] == [
        "0:00.00",
        "0:01.20",
        "1:00.00",
        "1:02:03.45",
    ]
    assert [speed_words(each) for each in (0.25, 0.5, 1.0, 1.5)] == ["¼×", "½×", "1×", "1.5×"]


def test_a_film_of_a_dataset_is_played_where_it_lies(
    qtbot: QtBot, opened: list[Card], film: Path, tmp_path: Path
) -> None:
    """Large items are not read into memory: the pack holds others before and after."""
    pack = tmp_path / "items.pack"
    with BlobWriter(pack) as writer:
        writer.add(bytes(1000))
        span = writer.add_file(film)
        writer.add(bytes(1000))
    view = ClipView()
    qtbot.addWidget(view)
    view.show_item(BlobReader(pack).part(span), "sounding.mp4")
    view.canvas.set_playing(False)
    with qtbot.waitExposed(view):
        view.show()
    qtbot.waitUntil(lambda: view.canvas.track.image is not None)
    qtbot.waitUntil(lambda: view.canvas.frames == 100)
    assert view.sound.there
    view.canvas.show_frame(60)
    qtbot.waitUntil(lambda: shown(view) == 60)
    view.clear()
