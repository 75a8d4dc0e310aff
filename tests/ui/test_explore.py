"""The latent explorer: what it asks of the engine, what it keeps, and how one moves in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from asset_maker import RUN, add_pictures, recipe_of, write_package
from PIL import Image as Pillow
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QPixmap
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.core.catalogue import catalogue
from studio.core.exploration import KeyFrame, Pin, place_on_map
from studio.core.family_info import Task
from studio.core.places import Place, seed_place
from studio.core.project import Project
from studio.core.protocol import (
    AssetMade,
    ErrorReport,
    Explore,
    Generate,
    JobFinished,
    Message,
    Outcome,
    Progress,
)
from studio.data.image import files as picture_files
from studio.ui import settings
from studio.ui.asset_actions import settings_of
from studio.ui.asset_source import asset_title
from studio.ui.context import Studio
from studio.ui.engine_client import is_look
from studio.ui.pages.explore_state import packed, unpacked
from studio.ui.pages.gallery_details import _request_facts
from studio.ui.pages.generate import GeneratePage
from studio.ui.widgets.latent_map import TILES, LatentMap

LEFT = Qt.MouseButton.LeftButton
SIDE = 4  # of the pictures that the engine of these tests makes


class Maker:
    """The engine of these tests: keeps what it is asked, answers when it is told to."""

    def __init__(self, studio: Studio, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.studio, self.folder = studio, folder
        self.jobs: list[Message] = []
        self.layers = self.directions = 0
        monkeypatch.setattr(studio.maker, "submit", self._submit)

    def _submit(self, job: Message) -> str:
        self.jobs.append(job)
        return f"job-{len(self.jobs)}"

    @property
    def looks(self) -> list[Explore]:
        return [job for job in self.jobs if isinstance(job, Explore)]

    def answer(self, *, seconds: float = 0.001, label: str = "", **what: Any) -> Explore:
        """Answer the newest Explore and return it."""
        job = self.jobs[-1]
        assert isinstance(job, Explore)
        places = job.request.places
        self.directions = 3 if job.find else self.directions
        path = self.folder / f"{len(self.jobs)}.png"
        Pillow.new("L", (SIDE, SIDE * max(1, len(places))), 40 * len(self.jobs) % 255).save(path)
        result = {
            "path": str(path) if places else "",
            "count": len(places),
            "model": f"{job.request.model}@20" if job.request.model == RUN else job.request.model,
            "labels": [label] * len(places),
            "layers": self.layers,
            "directions": self.directions,
        }
        fields = {"outcome": Outcome.DONE, "result": result} | what
        event = JobFinished(job_id=f"job-{len(self.jobs)}", seconds=seconds, **fields)
        self.studio.maker.job_finished.emit(event)
        return job

    def settle(self) -> None:
        """Answer until nothing more is asked."""
        for _ in range(60):
            asked = len(self.jobs)
            self.answer()
            if len(self.jobs) == asked:
                return
        raise AssertionError("it never stops asking")


@pytest.fixture
def studio(
    qapp: QApplication, fake_engine: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Studio]:
    """Return an empty project whose only ready model is a small labelled VAE."""
    settings.settings().clear()
    ready = write_package(tmp_path / "ready.studiomodel", title="Ready digits", labelled=True)
    monkeypatch.setattr("studio.core.model_choices.starter_models", lambda: [ready])
    made = Studio(Project.open(tmp_path / "p.studio", create=True), fake_engine)
    yield made
    made.close()
    made.deleteLater()


@pytest.fixture
def maker(studio: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Maker:
    """Return an engine that answers when it is told to."""
    return Maker(studio, tmp_path, monkeypatch)


@pytest.fixture
def page(studio: Studio, maker: Maker, qtbot: QtBot) -> GeneratePage:
    """Return the page with the explorer open and the first picture in sight."""
    made = GeneratePage(studio)
    qtbot.addWidget(made)
    made.resize(1160, 640)
    with qtbot.waitExposed(made):
        made.show()
    made.explore.show(explorer=True)
    maker.answer(label="a")
    return made


def wait_for_ask(qtbot: QtBot, maker: Maker) -> None:
    """Wait until the map or the grid asks for its own pictures, some time after the last move."""
    asked = len(maker.jobs)
    qtbot.waitUntil(lambda: len(maker.jobs) > asked)


# ---------------------------------------------------------------------------- asking the engine


def test_one_look_is_in_flight_and_the_newest_place_wins(page: GeneratePage, maker: Maker) -> None:
    explorer = page.explore.explorer
    asked = len(maker.looks)
    for step in range(5):
        explorer.go_on_map(0.1 * step, 0.5)
    assert len(maker.looks) == asked + 1
    maker.answer()
    assert len(maker.looks) == asked + 2
    newest = maker.looks[-1].request.places[0]
    assert newest == explorer.place()
    kept = explorer.kept
    assert newest.weights == place_on_map(kept.anchors, 0.4, 0.5).weights
    maker.answer(label="b")
    assert len(maker.looks) == asked + 2  # nothing has changed since
    assert page.explore.view.preview.seen == newest.model_copy(update={"label": "b"})
    assert all(is_look(job) for job in maker.looks)


def test_the_maps_own_pictures_wait_behind_the_preview(
    page: GeneratePage, maker: Maker, qtbot: QtBot
) -> None:
    wait_for_ask(qtbot, maker)
    explorer = page.explore.explorer
    seeds = [anchor.seed for anchor in explorer.kept.anchors]
    first = maker.looks[-1]
    explorer.go_on_map(0.2, 0.2)  # a drag begins while the map is pictured
    maker.answer()
    assert maker.looks[-1].request.places == [explorer.place()]
    maker.settle()
    map_ = page.explore.view.map
    assert set(map_._pictures) == set(seeds)
    assert len(map_._tiles) == TILES * TILES
    asked = [place.seeds[0] for place in first.request.places]
    assert asked == seeds[: len(asked)]


def test_a_slow_model_is_asked_for_little_and_has_no_ground(
    page: GeneratePage, maker: Maker, qtbot: QtBot
) -> None:
    page.explore.explorer.go_on_map(0.3, 0.3)
    maker.answer(seconds=0.5)
    wait_for_ask(qtbot, maker)
    for _ in page.explore.explorer.kept.anchors:
        assert len(maker.looks[-1].request.places) == 1
        maker.answer(seconds=0.5)
    assert not page.explore.view.map._tiles


def test_answers_of_the_model_before_are_not_shown(
    page: GeneratePage, maker: Maker, studio: Studio
) -> None:
    other = write_package(studio.project.models / "other.studiomodel", title="Other", family="gan")
    page.explore.explorer.go_on_map(0.3, 0.3)
    page.open(model=str(other))
    page.explore.show(explorer=True)
    maker.answer()  # for the model before
    assert page.explore.view.preview.seen is None
    assert maker.looks[-1].request.model == str(other)
    maker.answer()
    assert page.explore.view.preview.seen is not None


def test_what_goes_wrong_stands_where_the_picture_was(page: GeneratePage, maker: Maker) -> None:
    page.explore.explorer.go_on_map(0.3, 0.3)
    error = ErrorReport(kind="user", title="This place is of another model", message="It has 3.")
    maker.answer(outcome=Outcome.FAILED, error=error)
    preview = page.explore.view.preview
    assert preview.seen is None
    assert "another model" in preview._problem.text()
    assert not preview.make.isEnabled()
    page.explore.explorer.go_on_map(0.4, 0.3)
    maker.answer()
    assert preview.make.isEnabled()


def test_nothing_is_asked_while_results_are_in_sight(page: GeneratePage, maker: Maker) -> None:
    page.explore.show(explorer=False)
    asked = len(maker.jobs)
    page.make._variety.changed.emit(0.5)
    page.explore.explorer.go_on_map(0.9, 0.9)
    assert len(maker.jobs) == asked
    page.explore.show(explorer=True)
    assert len(maker.jobs) == asked + 1


def test_a_model_without_a_latent_space_has_no_explorer(
    page: GeneratePage, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    info = catalogue().family("gan").info
    monkeypatch.setattr(info, "tasks", (Task.GENERATE,))
    plain = write_package(studio.project.models / "plain.studiomodel", family="gan")
    page.open(model=str(plain))
    assert not page.explore.is_open
    assert not any(switch.isVisible() for switch in page.explore._switches)
    assert page.results.title.isVisible()


# --------------------------------------------------------------------------------------- moving


def test_label_and_variety_are_those_of_the_make_panel(page: GeneratePage, maker: Maker) -> None:
    page.make._label.setCurrentIndex(page.make._label.findData("b"))
    page.make._variety.set_value(0.5)
    page.make._variety.changed.emit(0.5)
    maker.answer()
    place = maker.looks[-1].request.places[0]
    assert (place.label, place.variety) == ("b", 0.5)


def test_the_point_is_dragged_by_mouse_and_moved_by_keys(page: GeneratePage, maker: Maker) -> None:
    map_ = page.explore.view.map.map
    room = map_._room()
    at = QPoint(round(room.left() + 0.25 * room.width()), round(room.center().y()))
    QTest.mousePress(map_, LEFT, pos=at)
    x, y = page.explore.explorer.kept.point
    assert (x, y) == pytest.approx((0.25, 0.5), abs=0.01)
    QTest.mouseMove(map_, at + QPoint(round(0.1 * room.width()), 0))
    QTest.mouseRelease(map_, LEFT, pos=at)
    table = page._studio.project.library.explorations
    point = page.explore.explorer.kept.point
    assert table.get(page.explore.explorer.model).point == point  # it is kept for the next time
    QTest.keyClick(map_, Qt.Key.Key_Right)
    QTest.keyClick(map_, Qt.Key.Key_Up, Qt.KeyboardModifier.ShiftModifier)
    moved = page.explore.explorer.kept.point
    assert moved == pytest.approx((point[0] + 0.04, point[1] - 0.01))
    assert "Between seeds" in map_.accessibleDescription()
    QTest.keyClick(map_, Qt.Key.Key_N)
    QTest.keyClick(map_, Qt.Key.Key_Return)
    first = page.explore.explorer.kept.anchors[0]
    assert page.explore.explorer.place().seeds == (first.seed,)
    assert f"seed {first.seed} is chosen" in map_.accessibleDescription()


def test_seeds_are_moved_added_and_taken_away(
    page: GeneratePage, studio: Studio, tmp_path: Path
) -> None:
    pane, explorer = page.explore.view.map, page.explore.explorer
    first = explorer.kept.anchors[0]
    start = pane.map._to_screen(first.x, first.y).toPoint()
    QTest.mousePress(pane.map, LEFT, pos=start)
    QTest.mouseMove(pane.map, start + QPoint(20, 20))
    QTest.mouseRelease(pane.map, LEFT, pos=start + QPoint(20, 20))
    assert explorer.kept.anchors[0].x > first.x
    count = len(explorer.kept.anchors)
    QTest.keyClick(pane.map, Qt.Key.Key_Delete)
    assert len(explorer.kept.anchors) == count - 1
    studio.undo.undo()
    assert len(explorer.kept.anchors) == count
    made = tmp_path / "made.png"
    picture_files.save(Pillow.new("RGB", (8, 8)), made, recipe_of(41))
    pane.map.dropped.emit([made, tmp_path / "none.png"][:1], 0.5, 0.5)
    assert explorer.kept.anchors[-1].seed == 41
    pane._seed.set_seed(41)
    pane._add_seed()  # it is there already
    assert len(explorer.kept.anchors) == count + 1
    before = explorer.kept.anchors
    explorer.new_map()
    assert explorer.kept.anchors != before
    studio.undo.undo()
    assert explorer.kept.anchors == before


def test_directions_are_found_on_demand_named_and_kept(
    page: GeneratePage, maker: Maker, studio: Studio
) -> None:
    panel, explorer = page.explore.view.directions, page.explore.explorer
    assert panel._find.isVisible()
    panel._find.click()
    (search,) = (job for job in maker.looks if job.find)
    assert not is_look(search)
    assert panel._end.isVisible()
    job_id = f"job-{len(maker.jobs)}"
    studio.maker.progress.emit(Progress(job_id=job_id, stage="Finding", done=1, total=4))
    assert panel._progress.accessibleName() == "Finding directions 25%"
    maker.answer()
    assert len(panel.sliders()) == 3
    second = panel.sliders()[1]
    second.slider._slider.setValue(100)
    assert explorer.place().directions == {1: 2.0}
    assert maker.looks[-1].request.places[0].directions == {1: 2.0}
    second.name.setText("slant")
    second.name.editingFinished.emit()
    assert explorer.kept.names == {1: "slant"}
    assert second.slider._slider.accessibleName() == "slant"
    studio.undo.undo()
    assert explorer.kept.names == {}
    assert second.name.text() == "Direction 2"
    panel._level.click()
    assert explorer.place().directions == {}
    assert second.slider.value() == 0


def test_a_search_for_directions_can_be_ended(
    page: GeneratePage, maker: Maker, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped: list[str] = []
    monkeypatch.setattr(studio.maker, "stop", lambda job_id, save: stopped.append(job_id))
    panel = page.explore.view.directions
    panel._find.click()
    panel._end.click()
    assert stopped == [f"job-{len(maker.jobs)}"]
    maker.answer(outcome=Outcome.CANCELLED)
    assert panel._find.isVisible()


def test_mixtures_blend_or_take_styles_by_layer(
    page: GeneratePage, maker: Maker, qtbot: QtBot
) -> None:
    page.explore.view.show_way("mix")
    pane, explorer = page.explore.view.mix, page.explore.explorer
    wait_for_ask(qtbot, maker)
    maker.settle()
    rows, columns = pane._rows(), pane._columns
    assert len(pane._pictures) == len(rows) + len(columns) + len(rows) * len(columns)
    pane.grid.setFocus()
    QTest.keyClick(pane.grid, Qt.Key.Key_Right)
    QTest.keyClick(pane.grid, Qt.Key.Key_Down)
    assert explorer.place().seeds == (rows[1], columns[0])
    assert explorer.place().weights == (0.5, 0.5)
    assert not explorer.on_map
    assert "not on the map" in page.explore.view.map.map.accessibleDescription()
    pane.set_layers(8)
    cell = pane.grid.cell(0, 1).center().toPoint()
    qtbot.mouseClick(pane.grid, LEFT, pos=cell)
    place = explorer.place()
    assert (place.seeds, place.style_seed, place.style_from) == ((rows[0],), columns[1], 4)
    pane._share.set_value(0.95)
    assert pane.cells()[0].style_from == 1  # the coarsest layer always stays the row's
    pane._on_make()
    assert isinstance(maker.jobs[-1], Generate)
    assert maker.jobs[-1].request.places == pane.cells()


# --------------------------------------------------------------------------- keeping and making


def test_pins_are_kept_renamed_taken_away_and_brought_back(
    page: GeneratePage, maker: Maker, studio: Studio, qtbot: QtBot
) -> None:
    view, explorer = page.explore.view, page.explore.explorer
    explorer.go_on_map(0.2, 0.3)
    maker.answer(label="b")
    pinned = view.preview.seen
    view.map.map.setFocus()
    QTest.keyClick(view.map.map, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    (pin,) = explorer.kept.pins
    assert (pin.place, pin.title) == (pinned, "Pin 1")
    assert pin.place.label == "b"
    assert unpacked(pin.picture).width() == SIDE
    assert view._tabs.key() == "pins"
    item = view.pins.list.item(0)
    item.setText("A round one")
    assert explorer.kept.pins[0].title == "A round one"
    again = Project.open(studio.project.folder)
    assert again.library.explorations.get(explorer.model).pins == explorer.kept.pins
    again.close()
    view.pins.list.setFocus()
    view.pins.list.item(0).setSelected(True)
    QTest.keyClick(view.pins.list, Qt.Key.Key_Delete)
    assert explorer.kept.pins == ()
    studio.undo.undo()
    assert explorer.kept.pins[0].title == "A round one"
    studio.undo.undo()
    assert explorer.kept.pins[0].title == "Pin 1"
    # a click brings one back, with the label and the variety that it had
    page.make._label.setCurrentIndex(0)
    explorer.go_on_map(0.9, 0.9)
    cell = view.pins.list.visualItemRect(view.pins.list.item(0)).center()
    qtbot.mouseClick(view.pins.list.viewport(), LEFT, pos=cell)
    assert page.make.label() == "b"
    assert explorer.place() == pinned
    view.pins.path_wanted.emit(view.pins.chosen())
    assert explorer.kept.key_frames == (KeyFrame(place=pin.place, picture=pin.picture),)


def test_a_pin_brings_back_the_training_step_that_it_was_seen_with(
    studio: Studio, maker: Maker, qtbot: QtBot
) -> None:
    from test_page_generate import add_run

    add_run(studio, 10, 20)
    page = GeneratePage(studio)
    qtbot.addWidget(page)
    page.show()
    page.explore.show(explorer=True)
    maker.answer()
    page.explore.view._on_pin()
    (pin,) = page.explore.explorer.kept.pins
    assert pin.model == f"{RUN}@20"
    page.open(model=f"{RUN}@10")
    assert page.explore.explorer.kept.pins == (pin,)  # pins belong to the run
    page.explore._on_pin(pin)
    assert page.make.models.reference() == f"{RUN}@20"
    with qtbot.waitSignal(studio.noticed) as noticed:
        page.explore._on_pin(pin.model_copy(update={"model": f"{RUN}@5"}))
    assert "as it was then" in noticed.args[1]


def test_an_undo_finds_the_model_that_it_belongs_to(
    page: GeneratePage, maker: Maker, studio: Studio
) -> None:
    page.explore.view._on_pin()
    first = page.explore.explorer.model
    other = write_package(studio.project.models / "other.studiomodel", title="Other")
    page.open(model=str(other))
    assert page.explore.explorer.kept.pins == ()
    studio.undo.undo()
    table = studio.project.library.explorations
    assert table.get(first).pins == ()
    assert page.explore.explorer.model == str(other)


def test_key_frames_are_ordered_timed_and_sent(
    page: GeneratePage, maker: Maker, studio: Studio, qtbot: QtBot
) -> None:
    path, explorer = page.path, page.explore.explorer
    page.explore.view._on_to_path()
    for seed in (7, 8):
        path._seed.set_seed(seed)
        path._add_seed()
    assert [frame.place.seeds for frame in path.frames.frames()][1:] == [(7,), (8,)]
    path.frames.setFocus()
    path.frames.setCurrentRow(2)
    QTest.keyClick(path.frames, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert [frame.place.seeds for frame in explorer.kept.key_frames][1:] == [(8,), (7,)]
    assert path.frames.currentRow() == 1
    assert path._legs_name.text() == "Frames to the next"
    for count in (20, 30):  # turns of the spin box, undone as one
        path._frames.setValue(count)
    assert [frame.frames for frame in explorer.kept.key_frames] == [None, 30, None]
    path.frames.clearSelection()
    assert path._frames.value() == 12
    path._easing.setCurrentIndex(path._easing.findData("gentle"))
    path._form.setCurrentIndex(path._form.findData("webp"))
    path._closed.setChecked(True)
    qtbot.mouseClick(path.make, LEFT)
    assert isinstance(maker.jobs[-1], Generate)
    request = maker.jobs[-1].request
    assert request.places == [frame.place for frame in explorer.kept.key_frames]
    assert (request.legs, request.frames) == ([12, 30, 12], 12)
    assert (request.easing, request.loop, request.form) == ("gentle", True, "webp")
    studio.undo.undo()
    assert [frame.frames for frame in explorer.kept.key_frames] == [None, None, None]
    path.frames.setFocus()
    path.frames.setCurrentRow(0)
    QTest.keyClick(path.frames, Qt.Key.Key_Delete)
    assert len(explorer.kept.key_frames) == 2
    path._on_clear()
    studio.undo.undo()
    assert len(explorer.kept.key_frames) == 2


def test_a_path_from_the_gallery_comes_back(page: GeneratePage) -> None:
    places = [{"seeds": [1, 2]}, {"seeds": [3]}, {"seeds": [4]}]
    request = {"model": page.make.models.reference(), "task": "interpolate", "places": places}
    page.open(request=request | {"frames": 9, "legs": [5, 9], "easing": "gentle"})
    path = page.path
    assert [frame.place.seeds for frame in path.frames.frames()] == [(1, 2), (3,), (4,)]
    assert path.settings().legs == [5, 9]
    assert path.settings().easing == "gentle"
    # one of an earlier version, told in seeds, that ended where it began
    page.open(request={"model": request["model"], "task": "interpolate", "seeds": [5, 6, 5]})
    assert path.settings().places == [seed_place(5), seed_place(6)]
    assert path.settings().loop


def test_use_these_settings_brings_the_explorer_to_the_place(
    page: GeneratePage, studio: Studio, maker: Maker
) -> None:
    place = Place(seeds=(3, 9), weights=(0.25, 0.75), directions={0: 1.5}, label="b", variety=0.6)
    recipe = recipe_of(9)
    model = page.make.models.reference()
    recipe["request"] |= {"model": model, "places": [{"seeds": [1]}, place.plain()]}
    recipe["facts"] = {"place": place.plain(), "label": "b"}
    (number,) = add_pictures(studio.project, 1, recipe=recipe, label="b")
    (asset,) = studio.project.library.assets.get([number])
    page.explore.show(explorer=False)
    page.open(request=settings_of(asset.recipe, studio.project.folder))
    assert page.explore.is_open
    assert page.explore.explorer.place() == place
    assert (page.make.label(), page.make.variety()) == ("b", 0.6)
    assert asset_title(asset) == "b · 9 + 3"
    assert dict(_request_facts(page, recipe))["Place"] == "9 + 3"


def test_what_is_seen_is_made_for_good(page: GeneratePage, maker: Maker) -> None:
    preview = page.explore.view.preview
    preview.make.click()
    job = maker.jobs[-1]
    assert isinstance(job, Generate)
    assert job.request.task is Task.GENERATE
    assert job.request.places == [preview.seen]
    assert not preview.make.isEnabled()  # one thing after the other
    assert page.explore.is_open


def test_an_own_picture_is_found_pinned_and_gone_to(
    page: GeneratePage, maker: Maker, studio: Studio, tmp_path: Path
) -> None:
    file = tmp_path / "My cat.png"
    Pillow.new("RGB", (8, 8)).save(file)
    own = page.explore.view.own
    page.explore.view.show_tab("own")
    assert not own.look.isEnabled()
    own.drop.add([file])
    own.look.click()
    job = maker.jobs[-1]
    assert isinstance(job, Generate)
    assert (job.request.task, job.request.inputs) == (Task.PROJECT, [str(file)])
    job_id = f"job-{len(maker.jobs)}"
    studio.maker.progress.emit(Progress(job_id=job_id, stage="Making", done=50, total=200))
    assert own._progress.accessibleName() == "Looking for the place 25%"
    place = Place(code=(0.5, -1.0), label="a")
    recipe = recipe_of(0)
    recipe["request"] |= {"task": "project", "inputs": ["My cat.png"]}
    recipe["facts"] = {"place": place.plain(), "input": 0, "label": "a"}
    (number,) = add_pictures(studio.project, 1, recipe=recipe)
    studio.maker.asset_made.emit(AssetMade(job_id=job_id, asset=number, path="x", index=0, total=1))
    assert page.explore.explorer.place().code == place.code
    assert page.make.label() == "a"
    assert [pin.title for pin in page.explore.explorer.kept.pins] == ["My cat"]
    studio.maker.job_finished.emit(JobFinished(job_id=job_id, outcome=Outcome.DONE, seconds=1))
    assert own.look.isVisible()


# ----------------------------------------------------------------------------------- small parts


def test_pictures_are_kept_small(qapp: QApplication) -> None:
    large = QPixmap(400, 200)
    large.fill(Qt.GlobalColor.red)
    assert unpacked(packed(large)).size().toTuple() == (96, 48)
    assert packed(QPixmap()) == ""
    assert Pin(title="x", model="m", place=seed_place(1)).picture == ""


def test_tiles_cover_the_map(qapp: QApplication) -> None:
    corners = LatentMap.tile_centre(0), LatentMap.tile_centre(TILES * TILES - 1)
    half = 0.5 / TILES
    assert corners[0] == pytest.approx((half, half))
    assert corners[1] == pytest.approx((1 - half, 1 - half))


def test_scratch_pictures_go_with_the_project(
    qapp: QApplication, fake_engine: list[str], tmp_path: Path
) -> None:
    made = Studio(Project.open(tmp_path / "q.studio", create=True), fake_engine)
    made.project.scratch.mkdir()
    (made.project.scratch / "look.png").write_bytes(b"x")
    made.close()
    made.deleteLater()
    assert not (tmp_path / "q.studio" / "scratch").exists()


def test_a_look_is_no_work_that_is_worth_a_mention(
    qapp: QApplication, studio: Studio, qtbot: QtBot
) -> None:
    from studio.ui.job_bar import JobBar

    bar = JobBar()
    qtbot.addWidget(bar)
    bar.attach(studio)
    look = Explore(project="p", request={"model": "m"})  # type: ignore[arg-type]
    for job, mentioned in ((look, False), (look.model_copy(update={"find": True}), True)):
        studio.maker.current = job
        studio.maker.queue_changed.emit()
        assert studio.busy == mentioned
        assert (bar._title.text() != "Nothing runs") == mentioned
    studio.maker.current = None
    bar.attach(None)
