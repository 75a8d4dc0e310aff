"""The service in the window: started, shown, ended with the window, and what goes wrong."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.ui.dialogs.service import ServiceDialog
from studio.ui.service import Service, ServiceState

_ANSWERS = """
import json, sys, time
print(json.dumps({"url": "http://127.0.0.1:1234", "token": "secret"}), flush=True)
time.sleep(600)
"""
_REFUSES = """
import sys
sys.stderr.write("The service cannot listen there")
sys.exit(1)
"""


@pytest.fixture
def service(qapp: QApplication, tmp_path: Path) -> Iterator[Service]:
    made = Service(tmp_path, [sys.executable, "-c", _ANSWERS])
    yield made
    made.stop()
    made.deleteLater()


def test_it_says_where_it_answers_and_ends_at_once(
    service: Service, qtbot: QtBot, qapp: QApplication
) -> None:
    dialog = ServiceDialog(service, None)
    qtbot.addWidget(dialog)
    with qtbot.waitExposed(dialog):
        dialog.show()
    assert not dialog._running.isVisible()
    dialog._start.click()
    assert service.state is ServiceState.STARTING
    qtbot.waitUntil(lambda: service.state is ServiceState.ON, timeout=20_000)
    assert dialog._url.text() == "http://127.0.0.1:1234"
    assert dialog._token.text() == "secret"
    assert "secret" in dialog._example.toPlainText()
    dialog._docs.click()
    assert qapp.clipboard().text() == "http://127.0.0.1:1234/docs"
    assert service._process is not None
    process = psutil.Process(service._process.processId())
    service.start()  # it runs already
    dialog._stop.click()
    assert service.state is ServiceState.OFF
    assert not process.is_running()
    assert dialog._start.isVisible()


def test_why_it_could_not_start_is_shown(qapp: QApplication, qtbot: QtBot, tmp_path: Path) -> None:
    for command, words in (
        ([sys.executable, "-c", _REFUSES], "cannot listen"),
        ([str(tmp_path / "nothing")], "could not be started"),
    ):
        service = Service(tmp_path, command)
        dialog = ServiceDialog(service, None)
        qtbot.addWidget(dialog)
        dialog.show()
        service.start()
        qtbot.waitUntil(lambda service=service: bool(service.problem), timeout=20_000)
        assert service.state is ServiceState.OFF
        assert words in dialog._problem.text()
        service.deleteLater()
