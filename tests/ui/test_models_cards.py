"""Pictures on the cards of the Models page."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QPoint
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.data.video.pictures import strip
from studio.ui.pages.models_cards import SamplePicture


def _green(picture: SamplePicture) -> int:
    return picture.grab().toImage().pixelColor(picture.rect().center()).green()


def test_clips_play_as_the_pointer_moves_along_them(qtbot: QtBot) -> None:
    picture = SamplePicture("Samples of a model")
    qtbot.addWidget(picture)
    picture.resize(200, 74)
    levels = [0, 80, 160, 240]
    picture.set_samples(strip([np.full((32, 64, 3), level, np.uint8) for level in levels]))
    picture.show()
    assert _green(picture) < 5, "the first moment alone"
    for place, level in ((10, 0), (70, 80), (120, 160), (199, 240)):
        QTest.mouseMove(picture, QPoint(place, 30))
        assert abs(_green(picture) - level) < 8
    QApplication.sendEvent(picture, QEvent(QEvent.Type.Leave))
    assert _green(picture) < 5
