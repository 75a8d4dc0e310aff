"""From the first launch to a training preview: at most four clicks and half a minute."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from studio.ui import first_steps, settings
from studio.ui.main_window import MainWindow
from studio.ui.pages.train import TrainPage

MOST_CLICKS = 4
MOST_SECONDS = 30.0


@pytest.fixture
def window(
    qtbot: QtBot, own_folders: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[MainWindow]:
    """Return the real window as at the very first launch."""
    settings.settings().clear()
    monkeypatch.setattr(first_steps, "default_projects_dir", lambda: tmp_path / "Documents")
    made = MainWindow()
    made.resize(1280, 800)
    made.show()
    yield made
    made._leave_project()
    made.close()
    made.deleteLater()


@pytest.mark.slow
def test_four_clicks_and_half_a_minute(
    qapp: QApplication, window: MainWindow, qtbot: QtBot
) -> None:
    clicks: list[str] = []

    def click(text: str) -> None:
        def there() -> QPushButton | None:
            buttons = window.findChildren(QPushButton)
            found = (b for b in buttons if b.text() == text and b.isVisible() and b.isEnabled())
            return next(found, None)

        qtbot.waitUntil(lambda: there() is not None, timeout=30_000)
        button = there()
        assert button is not None
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
        clicks.append(text)

    began = time.monotonic()
    click("Try with digits")
    click("Start training")
    page = window.page("train")
    assert isinstance(page, TrainPage)
    qtbot.waitUntil(lambda: page.samples.step() is not None, timeout=60_000)
    assert time.monotonic() - began < MOST_SECONDS
    assert len(clicks) <= MOST_CLICKS
