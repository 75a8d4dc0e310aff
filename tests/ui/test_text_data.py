"""Texts on the Data page: opened to read, cut into tokens, cleaned, prepared."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from dataset_maker import add_texts
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.core.project import Project
from studio.core.protocol import PreviewReady
from studio.data.text.files import PAIR, RULE
from studio.ui import settings
from studio.ui.context import Studio
from studio.ui.dialogs.look_at_item import ItemDialog
from studio.ui.pages.data import DataPage
from studio.ui.pages.data_text import RemovedDialog, TextBench
from studio.ui.views.text import TextView

POEM = "月亮升起来了 🌙\nDer Mond ist aufgegangen\n"
PAGE = "It was a dark night.\n" * 20
BOOK = "\n".join(f"{number}\n\n{PAGE}" for number in range(1, 40))


@pytest.fixture
def studio(qapp: QApplication, fake_engine: list[str], tmp_path: Path) -> Iterator[Studio]:
    """Return a project with a dataset of texts."""
    settings.settings().clear()
    made = Studio(Project.open(tmp_path / "Texte.studio", create=True), fake_engine)
    add_texts(made.project, "Poems", [POEM, BOOK, f"Guten Tag{PAIR}Good day"])
    yield made
    made.close()
    made.deleteLater()


def shown_page(studio: Studio, qtbot: QtBot) -> DataPage:
    """Return the page at its usual size."""
    page = DataPage(studio)
    qtbot.addWidget(page)
    page.resize(1160, 700)
    with qtbot.waitExposed(page):
        page.show()
    return page


def test_enter_opens_a_text_and_the_next_one_follows(studio: Studio, qtbot: QtBot) -> None:
    page = shown_page(studio, qtbot)
    qtbot.waitUntil(lambda: page.header.subtitle().startswith("3 texts · "))
    assert page.browser.grid.picture_size().width() > 120  # first lines need room
    grid = page.browser.grid
    grid.setFocus()
    grid.setCurrentIndex(grid.model().index(0, 0))
    QTest.keyClick(grid, Qt.Key.Key_Return)
    dialog = page.findChild(ItemDialog)
    assert dialog is not None
    assert isinstance(dialog.view, TextView)
    assert dialog.view.text() == POEM
    dialog.go(2)
    assert dialog.view.target.toPlainText() == "Good day"
    dialog.close()


def test_a_single_text_is_shown_whole(studio: Studio, qtbot: QtBot) -> None:
    add_texts(studio.project, "Book", [BOOK])
    page = shown_page(studio, qtbot)
    studio.select_dataset("book")
    view = page.browser.whole
    assert isinstance(view, TextView)
    assert view.isVisible()
    assert not page.browser.grid.isVisible()
    assert view.text() == BOOK
    studio.select_dataset("poems")
    assert page.browser.whole is None
    assert page.browser.grid.isVisible()


def test_a_sentence_is_shown_as_the_tokens_it_becomes(studio: Studio, qtbot: QtBot) -> None:
    page = shown_page(studio, qtbot)
    bench = page.benches.bench
    assert isinstance(bench, TextBench)
    bench.sentence.setText("Der 🌙")
    qtbot.waitUntil(lambda: len(bench.pieces.pieces()) == 5, timeout=20_000)
    assert [text for text, _number in bench.pieces.pieces()] == ["D", "e", "r", " ", "🌙"]
    assert bench._count.text().startswith("5 tokens for 5 characters · characters, ")
    studio.project.library.datasets.set_preparation("poems", {"tokeniser": "bytes"})
    studio.library_changed.emit("datasets")
    qtbot.waitUntil(lambda: len(bench.pieces.pieces()) == 8, timeout=20_000)
    assert bench.pieces.pieces()[0] == ("D", 4 + ord("D"))
    assert bench.pieces.heightForWidth(40) > bench.pieces.heightForWidth(400)


def test_what_cleaning_takes_out_can_be_read(studio: Studio, qtbot: QtBot) -> None:
    page = shown_page(studio, qtbot)
    bench = page.benches.bench
    assert isinstance(bench, TextBench)
    qtbot.waitUntil(lambda: "Page numbers: 39" in bench.removed.text(), timeout=20_000)
    bench._on_show()
    dialog = page.findChild(RemovedDialog)
    assert dialog is not None
    assert "Page numbers" in dialog.page.toPlainText()
    dialog.close()
    studio.project.library.datasets.set_preparation("poems", {"boilerplate": False})
    studio.library_changed.emit("datasets")
    qtbot.waitUntil(lambda: "Nothing" in bench.removed.text(), timeout=20_000)


def test_the_preparation_shows_its_texts_and_hides_what_families_set(
    studio: Studio, qtbot: QtBot, tmp_path: Path
) -> None:
    page = shown_page(studio, qtbot)
    assert "form" not in page.prepare.form.values()
    sheet = tmp_path / "preview.txt"
    sheet.write_text(f"one{RULE}two\n", "utf-8")
    page.prepare._job_id = "mine"
    studio.maker.tell(PreviewReady(job_id="mine", path=str(sheet)))
    view = page.prepare.findChild(TextView)
    assert view is not None
    assert view.page.toPlainText().startswith("one")
    assert not page.prepare._sheet.isVisible()
