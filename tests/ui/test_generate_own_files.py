"""The Generate page with words, masks, and what was made from own files beside the file itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from asset_maker import add_pictures, recipe_of, write_package
from PIL import Image as Pillow
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication, QDialogButtonBox
from pytestqt.qtbot import QtBot

from studio.arguments import modality_of, own_files
from studio.core.catalogue import catalogue
from studio.core.errors import StudioError
from studio.core.family_info import Task
from studio.core.media import Modality
from studio.core.model_choices import Model
from studio.core.options import SampleSettings, option
from studio.core.project import Project
from studio.core.protocol import Generate, GenerateRequest, Message
from studio.ui import settings
from studio.ui.asset_actions import settings_of
from studio.ui.context import Studio
from studio.ui.dialogs.look_closer import LargeView
from studio.ui.dialogs.mask_painter import MaskPainter
from studio.ui.pages.generate import GeneratePage

LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton


class Told(SampleSettings):
    """What the model's sampler can be told."""

    steps: int = option(20, title="Steps", help="", group="Learning", ge=1)
    strength: float = option(
        0.6, title="Strength", help="", group="Learning", ge=0, le=1, tasks=("vary",)
    )


@pytest.fixture
def studio(
    qapp: QApplication, fake_engine: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Studio]:
    """Return a project whose only model follows words and repaints."""
    settings.settings().clear()
    painter = Model(
        reference=str(write_package(tmp_path / "painter.studiomodel")),
        title="Painter",
        family="diffusion",
        modality=Modality.IMAGE,
        steps=(),
        best=40,
        tasks=(Task.GENERATE, Task.VARY, Task.INPAINT, Task.RESTORE),
        labels=("cat", "dog"),
        sampling=Told.model_json_schema(),
        prompted=True,
        masked=True,
    )
    monkeypatch.setattr("studio.ui.pages.generate.models", lambda _project: [painter])
    made = Studio(Project.open(tmp_path / "p.studio", create=True), fake_engine)
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
    page = GeneratePage(studio)
    qtbot.addWidget(page)
    page.resize(1160, 640)
    with qtbot.waitExposed(page):
        page.show()
    return page


def choose(page: GeneratePage, task: Task) -> None:
    page.make._task.setCurrentIndex(page.make._task.findData(task.value))


def picture(path: Path, size: tuple[int, int] = (60, 40)) -> Path:
    Pillow.new("RGB", size, (90, 120, 40)).save(path)
    return path


def asked(sent: list[Message]) -> GenerateRequest:
    (job,) = sent
    assert isinstance(job, Generate)
    return job.request


def test_words_go_along_and_ctrl_return_makes_it(
    studio: Studio, qtbot: QtBot, sent: list[Message]
) -> None:
    page = shown_page(studio, qtbot)
    assert page.make.prompt.isVisible()
    page.make.prompt.setFocus()
    qtbot.keyClicks(page.make.prompt, "a red  ring")
    qtbot.keyClick(page.make.prompt, Qt.Key.Key_Return)
    qtbot.keyClicks(page.make.prompt, "on a wall")
    qtbot.keyClick(page.make.prompt, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert asked(sent).prompt == "a red ring on a wall"


def test_repairing_follows_no_words_and_no_label(
    studio: Studio, qtbot: QtBot, sent: list[Message], tmp_path: Path
) -> None:
    page = shown_page(studio, qtbot)
    page.make.prompt.setPlainText("a red ring")
    choose(page, Task.RESTORE)
    assert not page.make.prompt.isVisible()
    assert not page.make._label.isVisible()
    page.make.inputs.add([picture(tmp_path / "a.png")])
    page.make.inputs.set_mask(str(tmp_path / "a.png"), picture(tmp_path / "mask.png"))
    page.make.generate.click()
    request = asked(sent)
    assert (request.prompt, request.label) == ("", "")
    assert request.masks == [str(tmp_path / "mask.png")]


def test_only_settings_that_count_are_shown_and_each_file_is_made_several_times(
    studio: Studio, qtbot: QtBot, sent: list[Message], tmp_path: Path
) -> None:
    page = shown_page(studio, qtbot)
    assert list(page.make._sampler.values()) == ["steps"]
    choose(page, Task.VARY)
    assert list(page.make._sampler.values()) == ["steps", "strength"]
    page.make._count.setValue(3)
    page.make.inputs.add([picture(tmp_path / "a.png"), picture(tmp_path / "b.png")])
    assert page.make.generate.text() == "Vary 6"
    page.make.generate.click()
    request = asked(sent)
    assert (request.count, len(request.inputs), request.masks) == (3, 2, [])
    assert request.options == {"steps": 20, "strength": 0.6}


def test_a_mask_is_painted_rubbed_out_and_taken_back(qtbot: QtBot, tmp_path: Path) -> None:
    dialog = MaskPainter(picture(tmp_path / "a.png"), None, None)  # type: ignore[arg-type]
    qtbot.addWidget(dialog)
    with qtbot.waitExposed(dialog):
        dialog.show()
    canvas = dialog.canvas
    use = dialog.findChild(QDialogButtonBox).button(QDialogButtonBox.StandardButton.Ok)
    assert not use.isEnabled()  # nothing is painted yet
    middle = canvas.rect().center()

    def stroke(button: Qt.MouseButton) -> None:
        qtbot.mousePress(canvas, button, pos=middle - QPoint(60, 0))
        qtbot.mouseMove(canvas, middle + QPoint(60, 0))
        qtbot.mouseRelease(canvas, button, pos=middle + QPoint(60, 0))

    def level(x: int, y: int) -> int:
        return QColor(canvas.painting().pixel(x, y)).value()

    stroke(LEFT)
    assert canvas.painting().size().toTuple() == (60, 40)
    assert level(30, 20) == 255
    assert level(30, 2) == 0
    assert use.isEnabled()
    stroke(RIGHT)
    assert level(30, 20) == 0
    canvas.undo()
    assert level(30, 20) == 255
    canvas.undo()
    canvas.redo()
    assert level(30, 20) == 255
    canvas.swap()
    assert (level(30, 20), level(30, 2)) == (0, 255)
    canvas.clear()
    assert not use.isEnabled()


def test_repainting_asks_for_a_mask_on_every_file(
    studio: Studio, qtbot: QtBot, sent: list[Message], tmp_path: Path
) -> None:
    page = shown_page(studio, qtbot)
    choose(page, Task.INPAINT)
    inputs = page.make.inputs
    inputs.add([picture(tmp_path / "a.png"), picture(tmp_path / "b.png")])
    assert "Paint" in page.make.problem()
    assert not page.make.generate.isEnabled()
    for _ in range(2):
        inputs._brush.click()
        dialog = next(d for d in inputs.findChildren(MaskPainter) if d.isVisible())
        dialog.canvas.swap()
        dialog.accept()
        qtbot.waitUntil(lambda dialog=dialog: not dialog.isVisible())
    assert page.make.problem() == ""
    page.make.generate.click()
    masks = [Path(mask) for mask in asked(sent).masks]
    assert len(set(masks)) == 2
    assert all(mask.is_relative_to(studio.project.inputs) for mask in masks)
    with Pillow.open(masks[0]) as mask:
        assert mask.size == (60, 40)
        assert mask.getpixel((5, 5)) == 255


def test_before_and_after_stand_in_one_place(studio: Studio, qtbot: QtBot, tmp_path: Path) -> None:
    project = studio.project
    kept = project.keep_input(picture(tmp_path / "photo.png", (64, 64)))
    assert project.keep_input(tmp_path / "photo.png") == kept  # one copy of one content
    wide = project.keep_input(picture(tmp_path / "wide.png", (64, 32)))
    ids = []
    for source in (kept, wide, ""):
        recipe = recipe_of(100)
        recipe["facts"] |= {"input": 0} | ({"source": source} if source else {})
        ids += add_pictures(project, 1, recipe=recipe)
    view = LargeView(project, ids, 0, None)  # type: ignore[arg-type]
    qtbot.addWidget(view)
    with qtbot.waitExposed(view):
        view.show()
    assert view._before.isVisible()
    assert view._room.currentWidget() is view._slider
    view._before.click()
    assert view._room.currentWidget() is view._stage
    view._before.click()
    for _ in range(2):  # another part of the picture, then none at all: nothing to compare
        view._go(1)
        assert not view._before.isVisible()
        assert view._room.currentWidget() is view._stage


def test_its_settings_bring_the_file_and_the_mask_back(
    studio: Studio, qtbot: QtBot, sent: list[Message], tmp_path: Path
) -> None:
    page = shown_page(studio, qtbot)
    kept = [
        studio.project.keep_input(picture(tmp_path / name)) for name in ("photo.png", "mask.png")
    ]
    recipe = recipe_of(7)
    recipe["request"] |= {"model": page.make.models.reference(), "task": "inpaint", "count": 2}
    recipe["request"] |= {"inputs": ["photo.png"], "masks": ["mask.png"]}
    recipe["facts"] |= {"input": 0, "source": kept[0], "mask": kept[1]}
    page.open(request=settings_of(recipe, studio.project.folder))
    page.make.generate.click()
    request = asked(sent)
    assert request.task is Task.INPAINT
    assert [request.seed, request.count] == [7, 2]
    assert request.inputs == [str(studio.project.folder / kept[0])]
    assert request.masks == [str(studio.project.folder / kept[1])]


def test_a_folder_stands_for_all_its_pictures(
    studio: Studio, qtbot: QtBot, sent: list[Message], tmp_path: Path
) -> None:
    page = shown_page(studio, qtbot)
    choose(page, Task.VARY)
    folder = tmp_path / "holiday"
    (folder / "day 2").mkdir(parents=True)
    names = ["b.png", "a.JPG", "day 2/c.webp"]
    for name in names:
        picture(folder / name)
    (folder / "notes.txt").write_text("sunny")
    page.make.inputs.add([folder, folder / "b.png"])
    files = [str(folder / name) for name in ("a.JPG", "b.png", "day 2/c.webp")]
    assert page.make.inputs.files() == files
    assert own_files([folder], Modality.IMAGE) == files
    assert modality_of(studio.project.folder, page.make.models.reference()) is Modality.IMAGE
    assert modality_of(studio.project.folder, "nowhere@3") is None
    (tmp_path / "empty").mkdir()
    with pytest.raises(StudioError, match="no file"):
        own_files([tmp_path / "empty"])


@pytest.fixture
def restyler(
    studio: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[Studio, Model]:
    """Return the project with a model that paints in three styles instead."""
    model = Model(
        reference=str(write_package(tmp_path / "restyler.studiomodel")),
        title="Restyler",
        family="style_transfer",
        modality=Modality.IMAGE,
        steps=(),
        best=40,
        tasks=(Task.STYLIZE,),
        labels=(),
        sampling=catalogue().family("style_transfer").sampling,
        styles=("waves", "ink", "1 + 1"),
    )
    monkeypatch.setattr("studio.ui.pages.generate.models", lambda _project: [model])
    return studio, model


def test_styles_are_mixed_with_sliders(
    restyler: tuple[Studio, Model], qtbot: QtBot, sent: list[Message], tmp_path: Path
) -> None:
    page = shown_page(restyler[0], qtbot)
    styles = page.make.styles
    assert styles.isVisible()
    assert "styles" not in page.make._sampler.values()  # no second field for the same
    page.make.inputs.add([picture(tmp_path / "a.png")])
    assert styles.text() == "waves"
    styles._sliders[0]._slider.setValue(10)  # of 20
    styles._sliders[2]._slider.setValue(20)
    page.make.generate.click()
    request = asked(sent)
    assert request.task is Task.STYLIZE
    assert request.options["styles"] == "waves: 0.5 + 3: 1"
    assert request.options["strength"] == 1
    # the gallery's "Make again with these settings" brings the sliders back
    styles.show_text("ink")
    assert styles.text() == "ink"
    page.make.show_request(request.model_dump())
    assert styles.text() == "waves: 0.5 + 3: 1"


def test_without_any_style_nothing_is_made(
    restyler: tuple[Studio, Model], qtbot: QtBot, tmp_path: Path
) -> None:
    page = shown_page(restyler[0], qtbot)
    page.make.inputs.add([picture(tmp_path / "a.png")])
    assert page.make.generate.isEnabled()
    page.make.styles._sliders[0]._slider.setValue(0)
    assert not page.make.generate.isEnabled()
    assert "style" in page.make.problem()
