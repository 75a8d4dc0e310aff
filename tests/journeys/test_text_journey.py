"""From a dropped text to a written one: import, train, write, compare, export; real engines."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from studio.core.catalogue import new_recipe
from studio.core.project import Project
from studio.core.protocol import ImportFiles, Outcome, Train
from studio.data.text.files import read_tokens
from studio.headless import ensure_project, run_with
from studio.terminal import Sink
from studio.ui import settings
from studio.ui.dialogs.export_assets import ExportAssetsDialog
from studio.ui.main_window import MainWindow
from studio.ui.pages.data import DataPage
from studio.ui.pages.gallery import GalleryPage
from studio.ui.pages.generate import GeneratePage
from studio.ui.pages.generate_text import TextMiddle
from studio.ui.pages.generate_text_editor import EditorPart
from studio.ui.views.text import TextView

LEFT = Qt.MouseButton.LeftButton
WORDS = ("The", "fox", "moon", "saw", "a", "the", "and", "night", "under", "stars", "who", "sings")
PATIENCE = 120_000  # milliseconds; the engine's first job waits for torch to be imported


@pytest.fixture
def written_project(tmp_path: Path) -> Path:
    """Return a project with a text and a writer that was trained on it for two steps."""
    folder = tmp_path / "Gedichte.studio"
    ensure_project(folder)
    text = tmp_path / "moon.txt"
    chance = random.Random(0)
    lines = (" ".join(chance.choices(WORDS, k=9)) for _ in range(300))
    text.write_text("\n".join(lines), "utf-8")
    command = ImportFiles(project=str(folder), name="Moon", paths=[str(text)])
    assert run_with(command, Sink()).outcome is Outcome.DONE
    project = Project.open(folder)
    (dataset,) = project.library.datasets.all()
    project.close()
    options = {"steps": 2, "batch_size": 4, "width": 32, "depth": 1, "heads": 2}
    recipe = new_recipe(
        dataset,
        "gpt",
        "quick",
        options=options | {"precision": "fp32"},
        preparation={"size": 16},
    )
    trained = run_with(Train(project=str(folder), recipe=recipe), Sink())
    assert trained.outcome is Outcome.DONE, trained.error
    return folder


@pytest.fixture
def window(qtbot: QtBot, own_folders: None, written_project: Path) -> Iterator[MainWindow]:
    """Return the window with that project."""
    settings.settings().clear()
    made = MainWindow()
    made.resize(1280, 800)
    made.show()
    assert made.open_project(written_project)
    yield made
    made._leave_project()
    made.close()
    made.deleteLater()


def button(parent: QWidget, text: str) -> QPushButton:
    """Return the button in sight with that text."""
    found = (b for b in parent.findChildren(QPushButton) if b.text() == text)
    return next(each for each in found if each.isVisible())


@pytest.mark.slow
def test_from_a_text_to_a_written_one(
    qapp: QApplication, window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    assert window.studio is not None
    window.show_page("data")
    data = window.page("data")
    assert isinstance(data, DataPage)
    qtbot.waitUntil(lambda: data.header.subtitle().startswith("1 text · "), timeout=PATIENCE)

    window.show_page("generate")
    page = window.page("generate")
    assert isinstance(page, GeneratePage)
    project = window.studio.project
    page.open(model=next(iter(project.runs.iterdir())).name)
    middle = page.middle
    assert isinstance(middle, TextMiddle)
    part = middle.part
    assert isinstance(part, EditorPart)
    form = page.make._sampler
    form.set_value("length", 30)
    page.make._seed.keep(5)  # with which a model that knows nearly nothing does not end at once
    QTest.keyClicks(part.edit, "The fox ")
    qtbot.mouseClick(button(page, "Write"), LEFT)
    qtbot.waitUntil(lambda: bool(part._turn and part._turn.made), timeout=PATIENCE)
    qtbot.waitUntil(lambda: not part.working, timeout=PATIENCE)
    written = part.edit.text()
    assert written.startswith("The fox ")
    assert len(written) > len("The fox ")
    assert part.edit.token_at(len("The fox ")) == (part.edit.newest(), 0)
    qtbot.mouseClick(part._continue, LEFT)
    qtbot.waitUntil(lambda: not part.working and part.edit.text() != written, timeout=PATIENCE)
    assert part.edit.text().startswith(written)

    window.show_page("gallery")
    gallery = window.page("gallery")
    assert isinstance(gallery, GalleryPage)
    newest, first = gallery.ids()
    gallery.filters._search.setText("fox")
    qtbot.waitUntil(lambda: len(gallery.ids()) == 2)
    gallery.grid.select_keys([first], first)
    view = gallery.details.findChild(TextView)
    assert view is not None
    assert view.text() == written
    (asset,) = project.library.assets.get([first])
    tokens = read_tokens(project.folder / asset.path)
    assert "The fox " + "".join(token.text for token in tokens) == written
    assert gallery.actions_.can_compare(project.library.assets.get([first, newest]))

    qtbot.mouseClick(button(gallery, "Export…"), LEFT)
    dialog = gallery.findChild(ExportAssetsDialog)
    assert dialog is not None
    dialog.choose("html")
    dialog.set_place(tmp_path / "exported")
    with qtbot.waitSignal(window.studio.maker.job_finished, timeout=PATIENCE):
        qtbot.mouseClick(button(dialog, "Export"), LEFT)
    (page_file,) = (tmp_path / "exported").iterdir()
    assert "The fox" in page_file.read_text("utf-8")
