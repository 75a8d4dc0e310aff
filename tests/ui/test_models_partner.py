"""The Models page for kinds of models that learn from two datasets."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from dataset_maker import add_dataset
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.core.catalogue import catalogue
from studio.core.project import Project
from studio.ui import settings
from studio.ui.context import Studio
from studio.ui.pages.models import ModelsPage


@pytest.fixture
def studio(qapp: QApplication, fake_engine: list[str], tmp_path: Path) -> Iterator[Studio]:
    """Return a project with one dataset and engines that obey a script."""
    settings.settings().clear()
    made = Studio(Project.open(tmp_path / "p.studio", create=True), fake_engine)
    add_dataset(made.project, "Horses", ["horse"] * 20)
    yield made
    made.close()
    made.deleteLater()


def learn_from_two(
    monkeypatch: pytest.MonkeyPatch, how: Literal["unpaired", "paired"] = "unpaired"
) -> None:
    """Let the VAE want a second dataset."""
    entry = catalogue().family("vae")
    info = entry.info.model_copy(
        update={"partner": how, "partner_needs": "pictures of the other kind"}
    )
    monkeypatch.setitem(catalogue().families, "vae", entry.model_copy(update={"info": info}))


def shown_page(studio: Studio, qtbot: QtBot) -> ModelsPage:
    page = ModelsPage(studio)
    qtbot.addWidget(page)
    page.resize(1160, 640)
    with qtbot.waitExposed(page):
        page.show()
    return page


def names(page: ModelsPage) -> list[str]:
    box = page.settings.partner._box
    return [box.itemText(row) for row in range(box.count())]


def test_a_model_that_learns_from_one_dataset_asks_for_no_other(
    studio: Studio, qtbot: QtBot
) -> None:
    page = shown_page(studio, qtbot)
    assert not page.settings.partner.isVisible()
    assert page.settings.start.isEnabled()


def test_without_another_dataset_it_says_how_to_get_one(
    studio: Studio, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    learn_from_two(monkeypatch)
    page = shown_page(studio, qtbot)
    page.choose("vae", "quick")
    assert not page.settings.start.isEnabled()
    assert "no other dataset" in page.settings.partner._missing.text()
    with qtbot.waitSignal(studio.page_requested) as wanted:
        page.settings.partner._add.click()
    assert wanted.args[0] == "data"


def test_the_only_other_one_is_taken_and_of_several_the_user_chooses(
    studio: Studio, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    learn_from_two(monkeypatch)
    first = studio.project.library.datasets.find("Horses")
    assert first is not None
    zebras = add_dataset(studio.project, "Zebras", ["zebra"] * 12)
    studio.select_dataset(first.id)
    page = shown_page(studio, qtbot)
    page.choose("vae", "quick")
    assert page.recipe is not None
    assert page.recipe.partner is not None
    assert page.recipe.partner.name == "Zebras"
    assert page.settings.start.isEnabled()

    add_dataset(studio.project, "Donkeys", ["donkey"] * 12)
    page.choose("gan", "quick")
    assert page.recipe.partner is None
    page.choose("vae", "quick")
    assert page.recipe.partner is None
    assert not page.settings.start.isEnabled()
    assert sorted(names(page)) == ["Donkeys", "Zebras"]
    box = page.settings.partner._box
    box.activated.emit(names(page).index("Zebras"))
    assert page.recipe.partner is not None
    assert page.recipe.partner.id == zebras
    assert page.settings.start.isEnabled()
    page.choose("vae", "balanced")  # stays with another preset
    assert page.recipe.partner.id == zebras
    studio.undo.undo()
    studio.undo.undo()
    assert page.recipe.partner is None


def test_pairs_may_stand_side_by_side_in_one_dataset(
    studio: Studio, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    learn_from_two(monkeypatch, "paired")
    page = shown_page(studio, qtbot)
    page.choose("vae", "quick")
    assert names(page) == ["The same: pairs side by side"]
    page.settings.partner._box.activated.emit(0)
    assert page.recipe is not None
    assert page.recipe.partner is not None
    assert page.recipe.partner.id == page.recipe.dataset.id
    page.start()
    (entry,) = studio.queue.entries()
    assert entry.recipe is not None
    assert entry.recipe.partner == page.recipe.partner
