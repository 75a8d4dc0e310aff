"""The Models page: recipes from presets and edits, the forecast, starting, packages dropped in."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest
from asset_maker import write_package
from dataset_maker import add_dataset
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QPushButton, QTextBrowser
from pytestqt.qtbot import QtBot

from studio.core.catalogue import new_recipe
from studio.core.family_info import Task
from studio.core.media import Modality
from studio.core.packages import Manifest, ModelPackage
from studio.core.project import Project
from studio.core.protocol import (
    ErrorReport,
    Forecast,
    ForecastReady,
    ForecastResult,
    JobFinished,
    Outcome,
)
from studio.core.recipe import DataSpec, Fork, RunRecipe
from studio.core.state import EngineState
from studio.ui import settings
from studio.ui.context import Studio
from studio.ui.pages.models import ModelsPage

FORECAST = ForecastResult(
    parameters=1_900_000,
    step_seconds=0.05,
    total_seconds=178.0,
    memory=600_000_000,
    memory_total=24_000_000_000,
    disk=38_000_000,
    disk_free=10**12,
    precision="bf16",
    fits=True,
    measured_steps=20,
)


@pytest.fixture
def studio(qapp: QApplication, fake_engine: list[str], tmp_path: Path) -> Iterator[Studio]:
    """Return a project with one dataset and engines that obey a script."""
    settings.settings().clear()
    made = Studio(Project.open(tmp_path / "p.studio", create=True), fake_engine)
    add_dataset(made.project, "Animals", ["cat", "dog"] * 20)
    yield made
    made.close()
    made.deleteLater()


@pytest.fixture
def asked(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> list[Forecast]:
    """Return the list of forecasts that the page asks for; the test answers them itself."""
    jobs: list[Forecast] = []

    def submit(job: Forecast) -> str:
        jobs.append(job.model_copy(update={"job_id": f"job {len(jobs)}"}))
        return jobs[-1].job_id

    monkeypatch.setattr(studio.maker, "submit", submit)
    return jobs


def shown_page(studio: Studio, qtbot: QtBot) -> ModelsPage:
    """Return the page at its usual size."""
    page = ModelsPage(studio)
    qtbot.addWidget(page)
    page.resize(1160, 640)
    with qtbot.waitExposed(page):
        page.show()
    return page


def button(page: ModelsPage, text: str) -> QPushButton:
    """Return the button in sight that begins so."""
    found = (b for b in page.findChildren(QPushButton) if b.text().startswith(text))
    return next(b for b in found if b.isVisible())


def words(page: ModelsPage) -> str:
    """Return all texts of the forecast in sight."""
    labels = page.settings.forecast.findChildren(QLabel)
    return " | ".join(each.text() for each in labels if each.isVisible())


def package(path: Path, family: str = "gan") -> Path:
    """Write a good package."""
    recipe = RunRecipe(
        name="Shared",
        family=family,
        modality=Modality.IMAGE,
        dataset={"id": "d", "name": "D"},  # type: ignore[arg-type]
    )
    spec = DataSpec(modality=Modality.IMAGE, shape=(1, 32, 32))
    manifest = Manifest(title="Shared", recipe=recipe, spec=spec, step=1, created=0.0)
    header = json.dumps({}).encode()
    weights = struct.pack("<Q", len(header)) + header
    ModelPackage.write(path, manifest, weights, b"", "# Shared")
    return path


def drop(page: ModelsPage, path: Path) -> None:
    """Drop a file on the page."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier(0)
    copy = Qt.DropAction.CopyAction
    enter = QDragEnterEvent(QPoint(50, 50), copy, data, left, none)
    QApplication.sendEvent(page, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(page, QDropEvent(QPointF(50, 50), copy, data, left, none))


def test_presets_and_edits_make_the_recipe_and_are_undone(studio: Studio, qtbot: QtBot) -> None:
    page = shown_page(studio, qtbot)
    dataset = studio.project.library.datasets.get("animals")
    assert page.recipe == new_recipe(dataset, "gan", "quick")
    page.chooser.chosen.emit("vae")
    button(page, "Balanced").click()
    assert page.recipe == new_recipe(dataset, "vae", "balanced")
    assert page.settings.form is not None
    batch = page.settings.form.control("batch_size")
    batch.widget.setValue(32)  # type: ignore[attr-defined]
    batch.settled.emit()
    assert page.recipe.options["batch_size"] == 32
    assert studio.undo.undoText() == "changing Batch"
    button(page, "Balanced").click()
    assert page.recipe == new_recipe(dataset, "vae", "balanced"), "a second press goes back"
    studio.undo.undo()
    assert page.settings.form.control("batch_size").value() == 32
    for _ in range(3):
        studio.undo.undo()
    assert page.recipe == new_recipe(dataset, "gan", "quick")
    assert page.settings.title.text() == "GAN"


def test_only_what_can_do_the_task_is_shown(studio: Studio, qtbot: QtBot) -> None:
    page = shown_page(studio, qtbot)
    cards = page.chooser._cards
    chosen = page.chooser._task
    assert chosen.currentData() == Task.GENERATE
    for task in (Task.GENERATE, Task.RECONSTRUCT):
        chosen.setCurrentIndex(chosen.findData(task))
        infos = [entry.info for entry in studio.catalogue.families.values()]
        pictures = [info for info in infos if info.modality is Modality.IMAGE]
        able = {info.id for info in pictures if task in info.tasks}
        assert {family for family, card in cards.items() if card.isVisible()} == able
        assert able and able != set(cards)


def test_the_settings_follow_the_dataset(studio: Studio, qtbot: QtBot) -> None:
    add_dataset(studio.project, "Plants", ["one"] * 4)
    studio.project.library.datasets.set_preparation("plants", {"size": 48, "mirror": True})
    studio.select_dataset("animals")
    page = shown_page(studio, qtbot)
    button(page, "Best").click()
    studio.select_dataset("plants")
    assert page.recipe is not None
    assert (page.recipe.dataset.id, page.recipe.preset) == ("plants", "best")
    assert (page.recipe.preparation["size"], page.recipe.preparation["mirror"]) == (48, True)
    studio.undo.undo()
    assert (page.recipe.dataset.id, page.recipe.preset) == ("plants", "quick"), "of this dataset"


def test_the_newest_settings_are_measured(
    studio: Studio, qtbot: QtBot, asked: list[Forecast], monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped: list[str] = []
    monkeypatch.setattr(studio.maker, "stop", lambda job_id, save: stopped.append(job_id))
    page = shown_page(studio, qtbot)
    qtbot.waitUntil(lambda: len(asked) == 1)
    button(page, "Best").click()
    assert stopped == ["job 0"], "what nobody wants any more is cancelled"
    qtbot.waitUntil(lambda: len(asked) == 2)
    assert asked[1].recipe == page.recipe
    studio.maker.forecast_ready.emit(ForecastReady(job_id="job 0", forecast=FORECAST))
    assert "1.9 M" not in words(page), "an old answer is not shown"
    studio.maker.forecast_ready.emit(ForecastReady(job_id="job 1", forecast=FORECAST))
    for fact in ("2 min 58 s", "600 MB of 24 GB", "38 MB", "1.9 M parameters", "fits", "bf16"):
        assert fact in words(page)
    page.hide()
    page.show()
    qtbot.wait(700)
    assert len(asked) == 2, "what was measured is not measured again"


def test_what_does_not_fit_is_made_to_fit_by_a_button(
    studio: Studio, qtbot: QtBot, asked: list[Forecast]
) -> None:
    page = shown_page(studio, qtbot)
    button(page, "Best").click()
    qtbot.waitUntil(lambda: len(asked) == 1)
    large = FORECAST.model_copy(update={"fits": False, "advice": ["Batch 32 instead of 64"]})
    studio.maker.forecast_ready.emit(ForecastReady(job_id="job 0", forecast=large))
    assert "does not fit" in words(page) and "Batch 32 instead of 64" in words(page)
    assert page.recipe is not None
    size, batch = page.recipe.preparation["size"], page.recipe.options["batch_size"]
    button(page, "Halve the size").click()
    button(page, "Halve the batch").click()
    assert page.recipe.preparation["size"] == size // 2
    assert page.recipe.options["batch_size"] == batch // 2
    button(page, "Quick preset").click()
    assert page.recipe.preset == "quick"


def test_why_it_cannot_be_measured_is_said_in_place(
    studio: Studio, qtbot: QtBot, asked: list[Forecast]
) -> None:
    page = shown_page(studio, qtbot)
    qtbot.waitUntil(lambda: len(asked) == 1)
    error = ErrorReport(kind="user", title="Too few", message="Nothing is left.", hint="Add some.")
    finished = JobFinished(job_id="job 0", outcome=Outcome.FAILED, seconds=0.1, error=error)
    with qtbot.assertNotEmitted(studio.noticed):
        studio.maker.job_finished.emit(finished)
    assert "Nothing is left. Add some." in words(page)


def test_starting_queues_the_recipe_under_its_own_name(studio: Studio, qtbot: QtBot) -> None:
    studio.queue.hold()
    page = shown_page(studio, qtbot)
    studio.trainer.submit = lambda job: "id"  # type: ignore[method-assign]
    for _ in range(2):
        with qtbot.waitSignal(studio.page_requested) as request:
            page.settings.start.click()
        assert request.args[0] == "train"
    names = [entry.title for entry in studio.queue.entries()]
    assert names == ["Animals · GAN Quick", "Animals · GAN Quick (2)"]


def test_the_forecast_makes_way_for_a_training(
    studio: Studio, qtbot: QtBot, asked: list[Forecast], monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped: list[tuple[str, bool]] = []

    def stop(job_id: str, *, save: bool) -> None:
        stopped.append((job_id, save))

    monkeypatch.setattr(studio.maker, "stop", stop)
    page = shown_page(studio, qtbot)
    qtbot.waitUntil(lambda: len(asked) == 1)
    recipe = new_recipe(
        studio.project.library.datasets.get("animals"), "gan", "quick", name="controlled"
    )
    studio.queue.add(recipe)  # presses of Start elsewhere count too: the page stays in sight
    assert stopped == [("job 0", False)]
    assert "training in hand" in words(page)
    qtbot.waitUntil(lambda: studio.trainer.state is EngineState.RUNNING)
    button(page, "Balanced").click()  # what is wanted meanwhile waits as well
    assert "training in hand" in words(page)
    studio.trainer.stop()
    qtbot.waitUntil(lambda: len(asked) == 2)
    assert asked[1].recipe == page.recipe


def test_a_training_can_start_from_a_model_of_its_kind(
    studio: Studio, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready = [
        write_package(tmp_path / f"{family}.studiomodel", title=family, family=family)
        for family in ("gan", "vae")
    ]
    monkeypatch.setattr("studio.core.model_choices.starter_models", lambda: ready)
    page = shown_page(studio, qtbot)
    box = page.settings.begin._box
    assert [box.itemText(row) for row in range(box.count())] == ["Fresh weights", "gan"]
    box.activated.emit(1)
    assert page.recipe is not None
    assert page.recipe.fork == Fork(package=str(ready[0]), step=40, anew=True)
    assert box.currentText() == "gan"
    studio.undo.undo()
    assert page.recipe.fork is None
    assert box.currentText() == "Fresh weights"
    page.choose("vae", "quick")
    assert [box.itemText(row) for row in range(box.count())] == ["Fresh weights", "vae"]


def test_a_fork_from_another_page_is_kept(studio: Studio, qtbot: QtBot) -> None:
    page = shown_page(studio, qtbot)
    dataset = studio.project.library.datasets.get("animals")
    recipe = new_recipe(dataset, "vae", "quick", options={"steps": 77})
    recipe = recipe.model_copy(update={"fork": Fork(run="old-run", step=1500)})
    page.open(recipe=recipe)
    assert page.recipe == recipe
    assert "Goes on from step 1,500 of old-run." in page.settings.begin._words.text()
    studio.trainer.submit = lambda job: "id"  # type: ignore[method-assign]
    page.start()
    queued = studio.queue.entries()[0].recipe
    assert queued is not None and queued.fork == recipe.fork and queued.options["steps"] == 77


def test_packages_are_brought_in_or_refused(studio: Studio, qtbot: QtBot, tmp_path: Path) -> None:
    page = shown_page(studio, qtbot)
    bad = tmp_path / "bad.studiomodel"
    bad.write_bytes(b"no package")
    with qtbot.waitSignal(studio.noticed) as notice:
        drop(page, bad)
    assert notice.args[1] == "This model package was refused"
    drop(page, package(tmp_path / "good.studiomodel"))
    kept = studio.project.models / "good.studiomodel"
    assert kept.exists()
    cards = page.trained.findChildren(QPushButton)
    opener = next(b for b in cards if b.accessibleName() == "Open in Generate: Shared")
    with qtbot.waitSignal(studio.page_requested) as request:
        opener.click()
    assert request.args == ["generate", {"model": str(kept)}]


def test_how_it_works_is_explained(studio: Studio, qtbot: QtBot) -> None:
    page = shown_page(studio, qtbot)
    button(page, "How it works").click()
    dialog = page.findChild(QDialog)
    text = dialog.findChild(QTextBrowser).toPlainText()
    assert "Generative Adversarial Nets" in text and "critic" in text
    dialog.close()


def test_without_data_the_page_leads_to_it(studio: Studio, qtbot: QtBot) -> None:
    studio.project.library.datasets.remove("animals")
    page = shown_page(studio, qtbot)
    assert page.recipe is None
    with qtbot.waitSignal(studio.page_requested) as request:
        button(page, "Open Data").click()
    assert request.args[0] == "data"
    add_dataset(studio.project, "Plants", ["one"] * 4)
    studio.library_changed.emit("datasets")
    assert page.recipe is not None and page.settings.isVisible()


def test_a_model_from_another_page_is_in_sight(studio: Studio, qtbot: QtBot) -> None:
    page = shown_page(studio, qtbot)
    page.open(family="restore")
    assert page.chooser._cards["restore"].isVisible()
    assert page.chooser._task.currentData() == Task.RESTORE
