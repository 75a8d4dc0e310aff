"""The Generate page: what the form asks for, results as they come, models brought in or refused."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from asset_maker import RUN, add_clip, add_pictures, recipe_of, write_package
from PIL import Image as Pillow
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QPixmap
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QTableWidget
from pytestqt.qtbot import QtBot

from studio.core.catalogue import catalogue
from studio.core.family_info import Task
from studio.core.files import write_json
from studio.core.media import Modality
from studio.core.model_choices import models
from studio.core.options import SampleSettings, option
from studio.core.places import Place, seed_place
from studio.core.project import Project
from studio.core.protocol import (
    AssetMade,
    ExportModel,
    ExportOnnx,
    Generate,
    GenerateRequest,
    JobFinished,
    Message,
    Outcome,
    Severity,
    Stop,
)
from studio.core.recipe import DatasetRef, DataSpec, RunRecipe
from studio.core.runs import CheckpointInfo, Run, RunState, RunStatus, step_name
from studio.data.image import files as picture_files
from studio.ui import settings
from studio.ui.context import Studio
from studio.ui.dialogs.export_model import ExportModelDialog
from studio.ui.model_exports import ExportedDialog
from studio.ui.pages.generate import GeneratePage
from studio.ui.pages.generate_path_result import wrapped

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def studio(
    qapp: QApplication, fake_engine: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Studio]:
    """Return an empty project whose only ready model is a small VAE."""
    settings.settings().clear()
    ready = write_package(tmp_path / "ready.studiomodel", title="Ready digits")
    monkeypatch.setattr("studio.core.model_choices.starter_models", lambda: [ready])
    made = Studio(Project.open(tmp_path / "Bilder für alle.studio", create=True), fake_engine)
    yield made
    made.close()
    made.deleteLater()


@pytest.fixture
def sent(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> list[Message]:
    """Return the jobs that the page hands to the maker; none of them is run."""
    jobs: list[Message] = []

    def submit(job: Message) -> str:
        jobs.append(job)
        return f"job-{len(jobs)}"

    monkeypatch.setattr(studio.maker, "submit", submit)
    return jobs


def shown_page(studio: Studio, qtbot: QtBot) -> GeneratePage:
    """Return the page at its usual size."""
    page = GeneratePage(studio)
    qtbot.addWidget(page)
    page.resize(1160, 640)
    with qtbot.waitExposed(page):
        page.show()
    return page


def add_run(studio: Studio, *steps: int, family: str = "gan") -> Run:
    """Write a run with checkpoints that hold what the window reads of them; the best is 20."""
    run = Run(studio.project.runs / RUN)
    recipe = RunRecipe(
        name="Digits run",
        family=family,
        modality=Modality.IMAGE,
        dataset=DatasetRef(id="digits", name="digits"),
        options=catalogue().family(family).values("quick") | {"conditional": True},
    )
    run.create(recipe)
    run.write_state(RunState(status=RunStatus.DONE, step=steps[-1], best_step=20))
    spec = DataSpec(modality=Modality.IMAGE, shape=(1, 28, 28), labels=("cat", "dog"))
    for step in steps:
        folder = run.checkpoints / step_name(step)
        folder.mkdir()
        info = CheckpointInfo(
            step=step, seconds=1.0, created=1.0, metrics={}, spec=spec, labelled=bool(spec.labels)
        )
        write_json(folder / CheckpointInfo.FILE, info.model_dump(mode="json"))
    return run


def requests(sent: list[Message]) -> list[GenerateRequest]:
    """Return what was asked of the engine."""
    return [job.request for job in sent if isinstance(job, Generate)]


def test_one_click_makes_something_in_an_empty_project(
    studio: Studio, qtbot: QtBot, sent: list[Message], tmp_path: Path
) -> None:
    page = shown_page(studio, qtbot)
    assert page.make.generate.text() == "Generate 16"
    qtbot.mouseClick(page.make.generate, LEFT)
    (request,) = requests(sent)
    assert request.model == str(tmp_path / "ready.studiomodel")
    assert (request.task, request.count) == (Task.GENERATE, 16)


def test_form_becomes_a_request(studio: Studio, qtbot: QtBot, sent: list[Message]) -> None:
    add_run(studio, 10, 20, 30)
    page = shown_page(studio, qtbot)
    make = page.make
    assert make.models.reference() == RUN  # the newest run, before what is ready
    assert make.models._step.currentText() == "Best: step 20"
    page.open(model=f"{RUN}@10")
    make._count.setValue(3)
    make._label.setCurrentIndex(make._label.findData("dog"))
    make._variety.set_value(0.5)
    make._seed.field.clear()
    QTest.keyClicks(make._seed.field, "77")
    qtbot.mouseClick(make.generate, LEFT)
    (request,) = requests(sent)
    assert request == GenerateRequest(model=f"{RUN}@10", count=3, seed=77, label="dog", variety=0.5)


def test_what_a_sampler_can_be_told_becomes_a_form(
    studio: Studio, qtbot: QtBot, sent: list[Message], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Sampler(SampleSettings):
        rounds: int = option(20, title="Rounds", help="More is finer.", group="Size", main=True)

    entry = catalogue().family("gan")
    monkeypatch.setattr(entry, "sampling", Sampler.model_json_schema())
    add_run(studio, 20)
    page = shown_page(studio, qtbot)
    page.open(request={"model": RUN, "options": {"rounds": 7}})
    page.make.generate.click()
    (request,) = requests(sent)
    assert request.options == {"rounds": 7}


def test_locked_seed_stays_and_an_unlocked_one_changes(
    studio: Studio, qtbot: QtBot, sent: list[Message]
) -> None:
    page = shown_page(studio, qtbot)
    for _ in range(2):
        page.make.generate.click()
        page._on_finished(JobFinished(job_id=page._job_id, outcome=Outcome.DONE, seconds=0.1))
    page.make.set_seed(5)
    for _ in range(2):
        page.make.generate.click()
        page._on_finished(JobFinished(job_id=page._job_id, outcome=Outcome.DONE, seconds=0.1))
    seeds = [request.seed for request in requests(sent)]
    assert seeds[0] != seeds[1]
    assert seeds[2:] == [5, 5]


def test_results_fill_and_stop_stops(
    studio: Studio, qtbot: QtBot, sent: list[Message], monkeypatch: pytest.MonkeyPatch
) -> None:
    page = shown_page(studio, qtbot)
    page.make.generate.click()
    assert page.make.stop.isVisible()
    assert not page.make.generate.isVisible()
    ids = add_pictures(studio.project, 3)
    for index, asset in enumerate(ids):
        made = AssetMade(job_id="job-1", asset=asset, path="x", index=index, total=16)
        studio.maker.asset_made.emit(made)
    qtbot.waitUntil(lambda: page.results._source.ids == ids)
    assert page.results._pill.text() == "3 of 16"
    studio.maker.asset_made.emit(  # of another page's job
        AssetMade(job_id="other", asset=99, path="x", index=0, total=1)
    )
    stopped: list[str] = []
    monkeypatch.setattr(studio.maker, "stop", stopped.append)
    qtbot.mouseClick(page.make.stop, LEFT)
    assert stopped == ["job-1"]
    assert Stop().save  # what was made is kept
    with qtbot.waitSignal(studio.library_changed):
        studio.maker.job_finished.emit(
            JobFinished(job_id="job-1", outcome=Outcome.STOPPED, seconds=0.4)
        )
    assert page.results._pill.text() == "3 of 16 · stopped"
    assert page.results.ids() == ids
    assert page.make.generate.isVisible()


def test_results_can_be_rated_and_leave_with_the_trash(
    studio: Studio, qtbot: QtBot, sent: list[Message]
) -> None:
    page = shown_page(studio, qtbot)
    first, second = add_pictures(studio.project, 2)
    page.results.add(first)
    page.results.add(second)
    qtbot.waitUntil(lambda: page.results.grid.source.count() == 2)
    page.results.grid.setFocus()
    page.results.grid.select_keys([first], first)
    QTest.keyClick(page.results.grid, Qt.Key.Key_3)
    assert page.results._stars.stars() == 3
    QTest.keyClick(page.results.grid, Qt.Key.Key_Delete)
    assert page.results.ids() == [second]
    studio.undo.undo()
    assert studio.project.library.assets.get([first])[0].trashed is None


def test_path_goes_through_the_chosen_seeds_and_back(
    studio: Studio, qtbot: QtBot, sent: list[Message], tmp_path: Path
) -> None:
    page = shown_page(studio, qtbot)
    made = tmp_path / "made.png"
    picture_files.save(Pillow.new("RGB", (8, 8)), made, recipe_of(41))
    Pillow.new("RGB", (8, 8)).save(tmp_path / "foreign.png")
    drop(page.path, [made, tmp_path / "foreign.png"])
    page.path._seed.set_seed(7)
    page.path._add_seed()
    page.path._closed.setChecked(True)
    page.path._form.setCurrentIndex(page.path._form.findData("gif"))
    qtbot.mouseClick(page.path.make, LEFT)
    (request,) = requests(sent)
    assert request.task is Task.INTERPOLATE
    assert request.places == [Place(seeds=(41,), variety=1.2), seed_place(7)]
    assert request.loop
    assert (request.form, request.fps) == ("gif", 24)
    clip = add_clip(studio.project)
    studio.maker.asset_made.emit(AssetMade(job_id="job-1", asset=clip, path="x", index=0, total=1))
    canvas = page.path.result.stage.currentWidget().canvas  # type: ignore[union-attr]
    qtbot.waitUntil(lambda: canvas.frames == 6 and canvas.frame > 0)


def test_strip_is_wrapped_to_be_looked_at(qapp: QApplication) -> None:
    strip = QPixmap(50, 10)
    strip.fill(Qt.GlobalColor.red)
    sheet = wrapped(strip, 5)
    assert (sheet.width(), sheet.height()) == (30, 20)
    image = sheet.toImage()
    assert image.pixelColor(15, 15).alpha() == 255  # the fifth picture
    assert image.pixelColor(25, 15).alpha() == 0  # there is no sixth


def test_random_path_needs_no_choice(studio: Studio, qtbot: QtBot, sent: list[Message]) -> None:
    page = shown_page(studio, qtbot)
    page.path.make.click()
    (request,) = requests(sent)
    assert len(request.places) == 4


def test_own_pictures_are_asked_for_and_taken(
    studio: Studio, qtbot: QtBot, sent: list[Message], tmp_path: Path
) -> None:
    page = shown_page(studio, qtbot)
    task = page.make._task
    task.setCurrentIndex(task.findData(Task.MORPH.value))
    assert not page.make.generate.isEnabled()
    assert page.make.problem() == "Drop 2 pictures or more to start from."
    assert page.make.generate.text() == "Morph"
    paths = [tmp_path / f"{number}.png" for number in range(2)]
    for path in paths:
        Pillow.new("RGB", (8, 8)).save(path)
    (tmp_path / "words.txt").write_text("no picture")
    drop(page, [*paths, tmp_path / "words.txt"])
    assert page.make.generate.text() == "Morph 2"
    page.make.generate.click()
    (request,) = requests(sent)
    assert request.inputs == [str(path) for path in paths]
    assert request.form == "strip"
    assert request.places == []


def test_tasks_and_labels_follow_the_model(studio: Studio, qtbot: QtBot) -> None:
    add_run(studio, 20)  # a GAN: no own pictures
    package = write_package(studio.project.models / "plain.studiomodel", title="Plain", labels=())
    page = shown_page(studio, qtbot)
    tasks = [page.make._task.itemData(row) for row in range(page.make._task.count())]
    assert tasks == list(studio.catalogue.family("gan").info.tasks)
    assert page.make._label.isVisible()
    assert page._export.isEnabled()
    page.open(model=str(package))
    assert page.make._task.count() == len(studio.catalogue.family("vae").info.tasks)
    assert not page.make._label.isVisible()
    assert page._export.isEnabled()  # a package may leave as ONNX files
    assert studio.model == str(package)


def test_a_model_without_ways_between_things_offers_none(studio: Studio, qtbot: QtBot) -> None:
    page = shown_page(studio, qtbot)
    path = page.path
    for tasks, paths, settings_of_paths in (
        ((Task.GENERATE, Task.INTERPOLATE), True, True),
        ((Task.GENERATE, Task.MORPH), False, True),
        ((Task.GENERATE,), False, False),
    ):
        path.set_tasks(tasks)
        assert path.make.isVisible() == paths
        assert path._frames.isVisible() == settings_of_paths
        assert path._none.isVisible() == (not settings_of_paths)


def test_use_these_settings_fills_the_form(
    studio: Studio, qtbot: QtBot, sent: list[Message]
) -> None:
    add_run(studio, 20, 40)
    page = shown_page(studio, qtbot)
    page.open(request=recipe_of(103, "dog")["request"] | {"seed": 103})
    page.make.generate.click()
    (request,) = requests(sent)
    assert (request.model, request.seed, request.label) == (f"{RUN}@40", 103, "dog")
    assert request.variety == 1.2
    with qtbot.waitSignal(studio.noticed) as noticed:
        page.open(request={"model": "gone@3", "seed": 1})
    assert noticed.args[0] is Severity.WARNING


def test_good_package_is_brought_in_and_chosen(
    studio: Studio, qtbot: QtBot, tmp_path: Path
) -> None:
    page = shown_page(studio, qtbot)
    good = write_package(tmp_path / "mine.studiomodel", title="Mine")
    drop(page, [good])
    assert page.make.models.reference() == str(studio.project.models / "mine.studiomodel")
    drop(page, [good])  # a second one gets a name of its own
    assert sorted(path.name for path in studio.project.models.iterdir()) == [
        "mine-2.studiomodel",
        "mine.studiomodel",
    ]


def test_bad_package_is_refused_in_words(studio: Studio, qtbot: QtBot, tmp_path: Path) -> None:
    page = shown_page(studio, qtbot)
    before = page.make.models.reference()
    bad = write_package(tmp_path / "bad.studiomodel")
    with zipfile.ZipFile(bad, "a") as archive:
        archive.writestr("evil.pkl", b"\x80\x04N.")
    with qtbot.waitSignal(studio.noticed) as noticed:
        drop(page, [bad])
    severity, title, message, hint, _action = noticed.args
    assert severity is Severity.ERROR
    assert title == "This model package was refused"
    assert "evil.pkl" in message
    assert hint
    assert page.make.models.reference() == before
    assert not studio.project.models.exists()


def test_export_model_asks_how_and_says_where_it_is(
    studio: Studio, qtbot: QtBot, sent: list[Message], tmp_path: Path
) -> None:
    add_run(studio, 20, 40)
    page = shown_page(studio, qtbot)
    page._export.click()
    dialog = page.findChild(ExportModelDialog)
    target = tmp_path / "out.studiomodel"
    dialog._place.setText(str(target))
    dialog.accept()
    folder = str(studio.project.folder)
    assert sent == [ExportModel(project=folder, model=f"{RUN}@20", path=str(target))]
    with qtbot.waitSignal(studio.noticed) as noticed:
        studio.maker.job_finished.emit(
            JobFinished(
                job_id="job-1", outcome=Outcome.DONE, seconds=1.0, result={"path": str(target)}
            )
        )
    assert "out.studiomodel" in noticed.args[1]
    assert page.findChild(ExportedDialog) is None  # nothing was changed, nothing is to be told


def test_what_a_change_costs_is_shown(
    studio: Studio, qtbot: QtBot, sent: list[Message], tmp_path: Path
) -> None:
    add_run(studio, 20, 40)
    page = shown_page(studio, qtbot)
    page._export.click()
    dialog = page.findChild(ExportModelDialog)
    dialog._kind.chosen.emit("onnx")
    dialog._place.setText(str(tmp_path / "out"))
    dialog._int8.setChecked(True)
    dialog._prune.set_value(0.5)
    for row in range(2):
        dialog._steps.item(row).setCheckState(Qt.CheckState.Checked)
    dialog.accept()
    (command,) = sent
    assert isinstance(command, ExportOnnx)
    assert (command.average, command.prune, command.int8) == ((20, 40), 0.5, True)
    network = {"max_error": 2e-3, "torch_milliseconds": 1.0, "milliseconds": 0.4, "bytes": 9e6}
    network |= {"int8": {"bytes": 3e6, "mean_error": 0.01}}
    result = {
        "path": str(tmp_path / "out"),
        "networks": {"decoder": network},
        "report": {"before": {"bytes": 4e6}, "after": {"bytes": 2e6, "difference": 3.5}},
    }
    studio.maker.job_finished.emit(
        JobFinished(job_id="job-1", outcome=Outcome.DONE, seconds=1.0, result=result)
    )
    table = page.findChild(ExportedDialog).findChild(QTableWidget)
    cells = [[table.item(r, c).text() for c in range(3)] for r in range(table.rowCount())]
    assert ["Size, packed", "4.0 MB", "2.0 MB"] in cells
    assert any(row[2] == "⚠ 0.002" for row in cells)  # it does not pass, and that is said


def test_models_without_a_checkpoint_are_left_out(studio: Studio) -> None:
    run = add_run(studio, 20)
    assert models(studio.project)[0].reference == RUN
    for path in run.checkpoints.rglob("*.json"):
        path.unlink()
    assert [model.title for model in models(studio.project)] == ["Ready digits"]


def drop(target: object, paths: list[Path]) -> None:
    """Drop files on a widget."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    event = QDropEvent(
        QPointF(10, 10),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    target.dropEvent(event)  # type: ignore[attr-defined]
