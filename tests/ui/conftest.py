"""What the tests of the window share: the application and an engine that obeys a script."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from studio.ui.engine_client import EngineClient


@pytest.fixture(scope="session")
def fake_engine() -> list[str]:
    """Return the command of an engine that speaks the protocol and does as its jobs' names say."""
    return [sys.executable, str(Path(__file__).parent / "fake_engine.py")]


@pytest.fixture
def client(qapp: QApplication, fake_engine: list[str], tmp_path: Path) -> Iterator[EngineClient]:
    """Return a client of the fake engine."""
    made = EngineClient("fake", tmp_path / "engine.log", fake_engine)
    yield made
    made.close(grace_seconds=1.0)
    made.deleteLater()
