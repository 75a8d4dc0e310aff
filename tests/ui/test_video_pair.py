"""Two films at one time: the slider, side by side, keys, and the gallery's dialog."""

from __future__ import annotations

from pathlib import Path

import pytest
from film_maker import number_in, write_film
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from studio.core.media import Clip
from studio.data.video.clips import save_clip
from studio.ui.dialogs.compare_films import CompareFilmsDialog
from studio.ui.views.video_pair import SIDE, FilmPair


def shown(qtbot: QtBot, first: Path, second: Path) -> FilmPair:
    """Return two films, held at their beginning."""
    pair = FilmPair()
    qtbot.addWidget(pair)
    pair.resize(640, 480)
    pair.show_files(first, second, ("Before", "After"))
    pair.canvas.set_playing(False)
    with qtbot.waitExposed(pair):
        pair.show()
    qtbot.waitUntil(lambda: all(track.image is not None for track in pair.canvas.tracks))
    return pair


def test_both_films_show_the_same_time(qtbot: QtBot, tmp_path: Path) -> None:
    first = write_film(tmp_path / "a.mp4", 75)
    second = write_film(tmp_path / "b.webm", 90, width=96, height=96, rate=30)
    pair = shown(qtbot, first, second)

    def numbers() -> list[int]:
        images = [track.image for track in pair.canvas.tracks]
        return [number_in(image) for image in images if image is not None]

    pair.canvas.clock.seek(2.0)
    qtbot.waitUntil(lambda: numbers() == [50, 60])
    QTest.keyClick(pair, Qt.Key.Key_Period)
    qtbot.waitUntil(lambda: numbers() == [51, 61])
    QTest.keyClick(pair, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: numbers()[0] > 60)
    QTest.keyClick(pair, Qt.Key.Key_K)
    one, two = numbers()
    assert one / 25 == pytest.approx(two / 30, abs=0.06)


def test_the_line_divides_them_and_they_stand_beside_each_other(
    qtbot: QtBot, tmp_path: Path
) -> None:
    import numpy as np

    paths = []
    for name, colour in (("red", (255, 0, 0)), ("blue", (0, 0, 255))):
        pixels = np.zeros((5, 64, 64, 3), np.uint8)
        pixels[:] = colour
        save_clip(Clip(pixels, 25.0), tmp_path / f"{name}.gif")
        paths.append(tmp_path / f"{name}.gif")
    pair = shown(qtbot, *paths)
    canvas = pair.canvas

    def at(share: float) -> QColor:
        image = canvas.grab().toImage()
        return image.pixelColor(round(image.width() * share), image.height() // 3)

    assert (at(0.45), at(0.55)) == (QColor(255, 0, 0), QColor(0, 0, 255))
    QTest.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=QPoint(canvas.width() * 6 // 10, 20))
    assert at(0.55) == QColor(255, 0, 0)
    for _ in range(8):
        QTest.keyClick(pair, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert at(0.5) == QColor(0, 0, 255)
    assert "44%" in canvas.accessibleName()
    pair.set_way(SIDE)
    assert (at(0.25), at(0.75)) == (QColor(255, 0, 0), QColor(0, 0, 255))
    assert "beside" in canvas.accessibleName()


def test_the_dialog_compares_two_clips(qtbot: QtBot, tmp_path: Path) -> None:
    first = write_film(tmp_path / "a.mp4", 10)
    page = QWidget()
    qtbot.addWidget(page)
    dialog = CompareFilmsDialog([first, first], ["a", "b"], page)
    dialog.show()
    qtbot.waitUntil(lambda: dialog.pair.canvas.track.image is not None)
    dialog.close()
