"""Pictures in the window: zooming, comparing, files that cannot be read."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from studio.core.media import Modality
from studio.ui.views.image import CompareSlider, ImageView, SideBySide
from studio.ui.views.registry import VIEWS, make_view


@pytest.fixture
def pictures(tmp_path: Path) -> tuple[Path, Path]:
    """Return a red and a blue picture of 40 × 20 pixels."""
    paths = (tmp_path / "red.png", tmp_path / "blue.png")
    for path, colour in zip(paths, ("red", "blue"), strict=True):
        Image.new("RGB", (40, 20), colour).save(path)
    return paths


def shown(view: ImageView | CompareSlider, x: int, y: int) -> QColor:
    """Return what a view draws at a place."""
    return view.grab().toImage().pixelColor(x, y)


def test_picture_fits_and_zooms_at_the_pointer(qtbot: QtBot, pictures: tuple[Path, Path]) -> None:
    view = ImageView()
    qtbot.addWidget(view)
    view.resize(400, 400)
    view.show()
    view.show_media(pictures[0])
    assert view.scale() == 10.0
    red = QColor("red")
    assert shown(view, 200, 200) == red
    assert shown(view, 200, 50) != red, "above the picture"
    before = view._to_picture(QPointF(100, 180))
    view.zoom(2.0, QPointF(100, 180))
    assert view.scale() == 20.0
    assert view._to_picture(QPointF(100, 180)) == before
    qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=QPoint(100, 100))
    qtbot.mouseMove(view, QPoint(140, 100))
    qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=QPoint(140, 100))
    assert view._to_picture(QPointF(140, 180)) == before, "the picture followed the hand"
    qtbot.keyClick(view, Qt.Key.Key_0)
    assert view.scale() == 10.0


def test_a_file_that_is_no_picture_is_said(qtbot: QtBot, tmp_path: Path) -> None:
    view = make_view(Modality.IMAGE)
    qtbot.addWidget(view)
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"nothing")
    view.show_media(broken)
    assert isinstance(view, ImageView)
    assert "broken.png" in view._message
    view.clear()
    assert view._message == ""


def test_slider_shows_one_picture_on_each_side(qtbot: QtBot, pictures: tuple[Path, Path]) -> None:
    slider = CompareSlider()
    qtbot.addWidget(slider)
    slider.resize(400, 200)
    slider.show()
    slider.show_pair(*pictures)
    assert (shown(slider, 100, 50), shown(slider, 300, 50)) == (QColor("red"), QColor("blue"))
    slider.set_share(0.1)
    assert shown(slider, 100, 50) == QColor("blue")
    for _ in range(50):
        qtbot.keyClick(slider, Qt.Key.Key_Right)
    assert shown(slider, 350, 50) == QColor("red")
    assert "100%" in slider.accessibleName()


def test_side_by_side_grows_and_shrinks(qtbot: QtBot, pictures: tuple[Path, Path]) -> None:
    row = SideBySide()
    qtbot.addWidget(row)
    row.show_all([*pictures, pictures[0]])
    assert len(row._views) == 3
    row.show_all([pictures[1]])
    assert [view.accessibleDescription() for view in row._views] == ["blue.png"]


def test_every_view_can_be_made(qtbot: QtBot) -> None:
    for modality in VIEWS:
        qtbot.addWidget(make_view(modality))
