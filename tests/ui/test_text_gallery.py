"""Texts in the Gallery: search in what they say, large, two compared, exported, dropped in."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from asset_maker import add_pictures, add_texts
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.core.assets import AssetFilter
from studio.core.library import MIGRATIONS, Library
from studio.core.media import Modality
from studio.core.project import Project
from studio.ui import settings
from studio.ui.context import Studio
from studio.ui.dialogs.export_assets import ExportAssetsDialog, formats
from studio.ui.dialogs.look_closer import LargeView
from studio.ui.dialogs.text_diff import TextDiffDialog, differences
from studio.ui.pages.gallery import GalleryPage
from studio.ui.views.text import TextView

STORIES = [
    "Once upon a time there was a fox.\nIt slept.",
    "Once upon a time there was a wolf.\nIt slept.",
    "月亮升起来了，猫在睡觉。",
]


@pytest.fixture
def studio(qapp: QApplication, fake_engine: list[str], tmp_path: Path) -> Iterator[Studio]:
    """Return an empty project with engines that obey a script."""
    settings.settings().clear()
    made = Studio(Project.open(tmp_path / "Texte.studio", create=True), fake_engine)
    yield made
    made.close()
    made.deleteLater()


def shown_page(studio: Studio, qtbot: QtBot) -> GalleryPage:
    """Return the page at its usual size."""
    page = GalleryPage(studio)
    qtbot.addWidget(page)
    page.resize(1160, 640)
    with qtbot.waitExposed(page):
        page.show()
    return page


def test_search_finds_what_texts_say_in_any_script(studio: Studio) -> None:
    fox, wolf, moon = add_texts(studio.project, STORIES)
    (picture,) = add_pictures(studio.project, 1)
    table = studio.project.library.assets

    def found(words: str) -> list[int]:
        return sorted(table.ids(AssetFilter(search=words)))

    assert found("FOX") == [fox]
    assert found("slept") == [fox, wolf]
    assert found("writer wol") == [wolf]  # said of it, and said by it
    assert found("升起") == [moon]  # inside a row of letters without spaces
    assert found("猫睡") == []
    assert found("digits") == [picture]
    table.set_tags({fox: ("mine",)})
    assert found("mine fox") == [fox]  # an edit leaves what it says


def test_a_library_of_before_is_searched_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "project.sqlite"
    before = next(i for i, script in enumerate(MIGRATIONS) if "assets_said" in script)
    old = sqlite3.connect(path)
    for script in MIGRATIONS[:before]:
        old.executescript(script)
    old.execute(f"PRAGMA user_version = {before}")
    old.execute("INSERT INTO assets(id, path, modality, created) VALUES (1, 'a.png', 'image', 1)")
    old.execute("INSERT INTO assets_text(rowid, words) VALUES (1, 'Digits 7')")
    old.commit()
    old.close()
    library = Library(path)
    try:
        assert library.assets.ids(AssetFilter(search="digits")) == [1]
        assert library.assets.kinds([1]) == {Modality.IMAGE}
    finally:
        library.close()


def test_a_text_is_shown_with_its_facts_and_large(studio: Studio, qtbot: QtBot) -> None:
    ids = add_texts(studio.project, STORIES)
    page = shown_page(studio, qtbot)
    page.grid.select_keys([ids[0]], ids[0])
    assert page.details.facts()["Size"] == "43 characters · 2 lines"
    view = page.details.findChild(TextView)
    assert view is not None
    assert view.text() == STORIES[0]
    page.actions_.enlarge(ids, 1)
    large = page.findChild(LargeView)
    assert large is not None
    shown = large.findChild(TextView)
    assert shown is not None
    assert shown.text() == STORIES[1]
    large.close()
    with qtbot.waitSignal(studio.page_requested) as asked:
        page.details.use.click()
    assert asked.args[1]["request"]["prompt"] == "Once"


def test_two_texts_are_compared_word_by_word(studio: Studio, qtbot: QtBot) -> None:
    fox, wolf, moon = add_texts(studio.project, STORIES)
    page = shown_page(studio, qtbot)
    table = studio.project.library.assets
    assert not page.actions_.can_compare(table.get([fox, wolf, moon]))
    (picture,) = add_pictures(studio.project, 1)
    assert not page.actions_.can_compare(table.get([fox, picture]))
    page.actions_.compare(table.get([fox, wolf]))
    dialog = page.findChild(TextDiffDialog)
    assert dialog is not None
    qtbot.waitUntil(lambda: dialog.count.text() == "1 difference")
    for side, word in zip(dialog.pages, ("fox", "wolf"), strict=True):
        (mark,) = side.extraSelections()
        assert mark.cursor.selectedText() == word
    dialog._after()
    dialog.close()


def test_differences_are_whole_words_at_their_places() -> None:
    first, second = "a b c\nsame\nx y", "a 🌙 c\nsame\nx y z"
    places = differences(first, second)
    assert [first[each.first[0] : each.first[1]] for each in places] == ["b", ""]
    assert [second[each.second[0] : each.second[1]] for each in places] == ["🌙", " z"]
    assert differences("alike", "alike") == []
    assert differences(first, second, lambda: False) == []


def test_what_is_offered_fits_what_is_chosen(studio: Studio, qtbot: QtBot) -> None:
    texts = add_texts(studio.project, STORIES)
    pictures = add_pictures(studio.project, 1)
    page = shown_page(studio, qtbot)
    page.actions_.export(texts)
    dialog = page.findChild(ExportAssetsDialog)
    assert dialog is not None
    assert dialog.format().key == "txt"
    dialog.choose("docx")
    assert dialog.command().format == "docx"
    dialog.accept()
    QTest.qWait(1)
    assert [each.key for each in formats({Modality.TEXT})] == ["txt", "md", "html", "docx", "zip"]
    assert "mid" in [each.key for each in formats({Modality.MUSIC})]
    assert [each.key for each in formats({Modality.TEXT, Modality.IMAGE})] == ["zip"]
    keys = [each.key for each in formats({Modality.IMAGE, Modality.VIDEO})]
    assert keys == ["png", "jpeg", "webp", "tiff", "gif", "mp4", "sheet", "zip"]
    another = ExportAssetsDialog(studio.project, pictures, page)
    assert another.format().key == "png"  # each kind of things has a format of its own
    again = ExportAssetsDialog(studio.project, texts, page)
    assert again.format().key == "docx"


def test_a_dropped_text_tells_its_recipe(studio: Studio, qtbot: QtBot, tmp_path: Path) -> None:
    (asset,) = add_texts(studio.project, STORIES[:1])
    path = studio.project.folder / studio.project.library.assets.get([asset])[0].path
    page = shown_page(studio, qtbot)
    page.take([path])
    assert page.details.facts()["Seed"] == "0"
    view = page.details.findChild(TextView)
    assert view is not None
    assert view.text() == STORIES[0]
