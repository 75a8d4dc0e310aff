"""The Train page: curves of a million points, buttons by state, the coach's fork, queue, stars."""

from __future__ import annotations

import gc
import json
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QEvent, QMimeData, QObject, QPoint, QPointF, Qt
from PySide6.QtGui import QDrag, QDragEnterEvent, QDragMoveEvent, QDropEvent, QMouseEvent
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from studio.core.catalogue import catalogue
from studio.core.family_info import Metric
from studio.core.files import append_json_line, write_json
from studio.core.media import Modality
from studio.core.project import Project
from studio.core.protocol import (
    Advice,
    CompareRuns,
    Evaluate,
    JobFinished,
    Message,
    Outcome,
    Severity,
)
from studio.core.queue import QueueStatus
from studio.core.recipe import DatasetRef, DataSpec, Fork, RunRecipe
from studio.core.runs import CheckpointInfo, Evaluation, Run, RunState, RunStatus, step_name
from studio.core.state import EngineState
from studio.ui import settings
from studio.ui.context import Studio
from studio.ui.pages.train import TrainPage
from studio.ui.pages.train_actions import Possible, possible
from studio.ui.pages.train_compare import DifferencesTable
from studio.ui.pages.train_groups import groups, on_one_axis
from studio.ui.pages.train_metrics import MetricsTail
from studio.ui.pages.train_plot import Curve, CurvePlot
from studio.ui.pages.train_recipes import copy_recipe, differences, fork_recipe
from studio.ui.pages.train_series import Series, smooth, thin, value_range
from studio.ui.pages.train_side_by_side import SideBySideDialog, ValuesTable
from studio.ui.pages.train_uses import MeasuredDialog
from studio.ui.pages.train_words import comparison, retention_words
from studio.ui.views.image import ImageView
from studio.ui.widgets.labels import ElidedLabel

MILLION = 1_000_000

SPEC = DataSpec(modality=Modality.IMAGE, shape=(1, 32, 32))


def series_of(values: np.ndarray) -> Series:
    """Return a series with these values at steps 0, 1, 2 …"""
    made = Series()
    made.extend(list(range(len(values))), list(values))
    return made


def recipe(name: str = "controlled", **options: object) -> RunRecipe:
    """Return a GAN's recipe of 1,000 steps."""
    values = catalogue().family("gan").values("quick")
    values |= {"steps": 1000, "keep_checkpoints": 2, "learning_rate": 0.0002}
    return RunRecipe(
        name=name,
        family="gan",
        preset="quick",
        modality=Modality.IMAGE,
        dataset=DatasetRef(id="d", name="Digits"),
        preparation={"size": 32},
        options=values | options,
    )


def make_run(
    folder: Path,
    made_of: RunRecipe,
    status: RunStatus = RunStatus.STOPPED,
    *,
    rows: int = 60,
    saved: tuple[int, ...] = (200, 400),
    sampled: tuple[int, ...] = (100, 200, 400),
) -> Run:
    """Write the folder of a run that got to step 600."""
    run = Run(folder)
    run.create(made_of)
    run.write_state(RunState(status=status, step=600, steps=1000, best_step=200, created=1.0))
    for row in range(rows):
        add_row(run, row * 10)
    for step in sampled:
        add_sheet(run, step)
    for step in saved:
        place = run.checkpoints / step_name(step)
        place.mkdir()
        Image.new("L", (40, 10), 90).save(place / "preview.png")
        info = CheckpointInfo(
            step=step, seconds=1.0, created=1.0, metrics={"sample_distance": 3.5}, spec=SPEC
        )
        write_json(place / CheckpointInfo.FILE, info.model_dump(mode="json"))
    return run


def add_row(run: Run, step: int) -> None:
    """Write one line of metrics."""
    values = {"loss_generator": 1.0 + step / 1000, "loss_critic": 0.7, "critic_fake": 0.9}
    append_json_line(run.metrics_path, {"step": step, "seconds": step / 10, "values": values})


def add_sheet(run: Run, step: int) -> None:
    """Write a sample sheet."""
    Image.new("L", (32, 32), step % 255).save(run.samples / f"{step_name(step)}.png")


@pytest.fixture
def studio(qapp: QApplication, fake_engine: list[str], tmp_path: Path) -> Iterator[Studio]:
    """Return an empty project with engines that obey a script."""
    settings.settings().clear()
    made = Studio(Project.open(tmp_path / "Läufe.studio", create=True), fake_engine)
    yield made
    made.close()
    made.deleteLater()


def shown_page(studio: Studio, qtbot: QtBot) -> TrainPage:
    """Return the page at its usual size."""
    page = TrainPage(studio)
    qtbot.addWidget(page)
    page.resize(1200, 700)
    with qtbot.waitExposed(page):
        page.show()
    return page


# ------------------------------------------------------------------------------------ the curves


def test_curves_of_other_units_wait_for_a_click() -> None:
    info = catalogue().family("gpt").info
    values = {"nats": 1.4, "val_nats_per_token": 1.6, "val_bits_per_byte": 2.3}
    series = {name: series_of(np.full(9, value)) for name, value in values.items()}
    series["val_perplexity"] = series_of(np.full(9, 5.0))
    assert on_one_axis(list(series), series, info) == ["nats", "val_nats_per_token"]
    # so does one of the same unit that is far larger than the one that leads
    series["nats"] = series_of(np.full(9, 50.0))
    assert on_one_axis(list(series), series, info) == ["val_nats_per_token"]


def test_a_million_points_are_thinned_out_in_a_frame() -> None:
    values = np.random.default_rng(0).normal(size=MILLION)
    values[123_456], values[777_777] = 50.0, -50.0
    series = series_of(values)
    began = time.thread_time()
    buckets = thin(series, 0, MILLION, 1200)
    smooth(buckets, 30.0)
    assert time.thread_time() - began < 0.05
    assert len(buckets.steps) <= 1201
    assert buckets.high.max() == 50.0
    assert buckets.low.min() == -50.0
    assert buckets.totals.sum() == pytest.approx(values.sum())


def test_zooming_in_shows_every_point_and_one_beyond_either_end() -> None:
    buckets = thin(series_of(np.arange(MILLION) * 2.0), 5000, 5100, 1200)
    assert buckets.size == 1
    assert list(buckets.steps) == list(range(4999, 5102))
    assert list(buckets.low) == [2.0 * step for step in range(4999, 5102)]


def test_smoothing_neither_lags_nor_bends_at_the_ends() -> None:
    values = np.concatenate([np.zeros(100), np.ones(100)])
    calm = smooth(thin(series_of(values), 0, 200, 1000), 8.0)
    assert calm[0] == pytest.approx(0.0)
    assert calm[-1] == pytest.approx(1.0)
    assert calm[99] + calm[100] == pytest.approx(1.0)  # the step stays in its middle


def test_clipping_leaves_outliers_out_of_sight() -> None:
    values = np.ones(1000)
    values[500] = 1e9
    assert value_range([values], clip=True) == pytest.approx((0.9, 1.1))
    whole = value_range([values], clip=False)
    assert whole is not None
    assert whole[1] > 1e9
    assert value_range([np.array([np.nan])], clip=True) is None


def test_a_growing_curve_keeps_its_buckets() -> None:
    values = np.random.default_rng(1).normal(size=10_000)
    before = thin(series_of(values[:9000]), 0, 9000, 1000)
    after = thin(series_of(values), 0, 10_000, 1000)
    assert before.size == after.size
    assert list(before.high[:-1]) == list(after.high[: len(before.high) - 1])


def test_the_plot_takes_a_logarithm_of_what_has_one(qtbot: QtBot) -> None:
    plot = CurvePlot()
    qtbot.addWidget(plot)
    plot.resize(400, 200)
    plot.logarithmic, plot.smoothing, plot.clip = True, 0.0, False
    plot.set_curves([Curve("a", "A", series_of(np.array([-1.0, 0.0, 1.0, 100.0])), 0)])
    low, high = plot.getPlotItem().getViewBox().viewRange()[1]
    assert low < 0 < 2 < high < 2.3


def test_zoom_by_keyboard_and_back(qtbot: QtBot) -> None:
    plot = CurvePlot()
    qtbot.addWidget(plot)
    plot.set_curves([Curve("a", "A", series_of(np.sin(np.arange(1000.0))), 0)])
    view = plot.getPlotItem().getViewBox()
    with qtbot.waitSignal(plot.zoomed, check_params_cb=bool):
        qtbot.keyClick(plot, Qt.Key.Key_Plus)
    low, high = view.viewRange()[0]
    assert 100 < low < high < 900
    with qtbot.waitSignal(plot.zoomed, check_params_cb=lambda zoomed: not zoomed):
        qtbot.keyClick(plot, Qt.Key.Key_0)
    assert view.viewRange()[0][1] > 990


def test_a_long_history_is_read_without_holding_the_window(qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "metrics.jsonl"
    values = {f"metric_{number}": 0.123456789 for number in range(5)}
    lines = [json.dumps({"step": s, "seconds": 0.1, "values": values}) for s in range(40_000)]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    owner = QObject()
    tail = MetricsTail(Run(tmp_path), owner)
    events = QApplication.processEvents
    events()  # what other tests have left to do is not counted
    gc.collect()
    tail.look()
    longest = 0.0
    while not tail.complete:
        began = time.thread_time()
        events()
        longest = max(longest, time.thread_time() - began)
    assert longest < 0.05
    assert len(tail.history.series["metric_4"]) == 40_000
    assert tail.history.last_step == 39_999


def test_a_half_written_line_waits_and_a_shorter_file_is_read_anew(
    qtbot: QtBot, tmp_path: Path
) -> None:
    path = tmp_path / "metrics.jsonl"
    rows = [json.dumps({"step": s, "seconds": 0, "values": {"a": s}}) + "\n" for s in range(9)]
    path.write_text("".join(rows[:8]) + rows[8][:10], "utf-8")
    owner = QObject()
    tail = MetricsTail(Run(tmp_path), owner)
    tail.look()
    qtbot.waitUntil(lambda: tail.complete)
    assert tail.history.last_step == 7
    path.write_text("".join(rows), "utf-8")
    tail.look()
    qtbot.waitUntil(lambda: tail.history.last_step == 8)
    assert len(tail.history.series["a"]) == 9
    path.write_text("".join(rows[:3]), "utf-8")  # resumed from a checkpoint at step 2
    tail.look()
    qtbot.waitUntil(lambda: len(tail.history.series["a"]) == 3)


# ------------------------------------------------------------------------------ words and recipes


def test_the_retention_sentence_says_what_goes_next() -> None:
    assert "removes nothing" in retention_words([100], 2, None, set())
    assert "removes step 100: " in retention_words([100, 200], 2, None, set())
    assert "removes nothing" in retention_words([100, 200], 2, 100, set())
    assert "removes step 200: " in retention_words([100, 200, 300], 2, None, {100})
    assert "100, 200" in retention_words([100, 200, 300], 2, None, set())


def test_curves_stand_with_their_like() -> None:
    info = catalogue().family("gan").info
    names = ["memory_share", "diversity", "loss_critic", "critic_real", "mystery", "loss_generator"]
    assert groups(names, info) == {
        "losses": ["loss_generator", "loss_critic"],
        "shares": ["critic_real"],
        "samples": ["diversity"],
        "machine": ["memory_share"],
        "others": ["mystery"],
    }


def test_a_comparison_names_direction_size_and_step() -> None:
    share = Metric(title="Accepted", help="", percent=True)
    values = np.where(np.arange(1000) < 800, 0.62, 0.71)
    assert comparison(series_of(values), share) == "↑ 9 since step 749"
    assert comparison(series_of(np.full(100, 0.5)), share) == "unchanged since step 74"
    assert comparison(series_of(np.array([1.0])), share) == ""


def test_a_fork_trains_on_and_a_copy_has_its_own_name() -> None:
    early = fork_recipe(recipe("Digits"), "digits-1", 300, {"r1": 1.0})
    assert early.fork == Fork(run="digits-1", step=300)
    assert (early.options["steps"], early.options["r1"]) == (1000, 1.0)
    assert fork_recipe(recipe(), "r", 1000).options["steps"] == 1250
    assert copy_recipe(recipe("Digits")).name == "Digits (2)"
    assert copy_recipe(recipe("Digits (2)")).name == "Digits (3)"
    assert differences([recipe("a"), recipe("b", learning_rate=0.5)]) == [
        ("Learning rate", ["0.0002", "0.5"])
    ]
    plain = recipe("b", backbone="mlp").model_copy(update={"preset": "best", "seed": 20_000})
    assert differences([recipe("a"), plain]) == [
        ("Preset", ["Quick", "Best"]),
        ("Seed", ["0", "20000"]),
        ("Network", ["DCGAN", "Plain layers"]),
    ]


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (EngineState.RUNNING, Possible(hold=True, park=True, stop=True)),
        (EngineState.PAUSED, Possible(go_on=True, park=True, stop=True)),
        (EngineState.PARKED, Possible(go_on=True, stop=True)),
        (EngineState.STOPPING, Possible()),
        (EngineState.STARTING, Possible()),
    ],
)
def test_what_is_possible_follows_the_state(state: EngineState, expected: Possible) -> None:
    assert possible(state, in_hand=True, resumable=True) == expected
    assert possible(state, in_hand=False, resumable=True) == Possible(go_on=True)
    assert possible(state, in_hand=False, resumable=False) == Possible()


# -------------------------------------------------------------------------------------- the page


def test_an_empty_project_leads_to_the_models(studio: Studio, qtbot: QtBot) -> None:
    page = shown_page(studio, qtbot)
    with qtbot.waitSignal(studio.page_requested) as asked:
        buttons = [each for each in page.findChildren(QObject) if _text(each) == "Choose a model"]
        qtbot.mouseClick(buttons[0], Qt.MouseButton.LeftButton)
    assert asked.args == ["models", {}]
    assert not page.buttons.generate.isVisible()


def test_buttons_obey_the_engine_and_curves_grow(studio: Studio, qtbot: QtBot) -> None:
    run = make_run(studio.project.runs / "run-of-controlled", recipe(), RunStatus.RUNNING)
    page = shown_page(studio, qtbot)
    studio.queue.add(recipe())
    buttons = page.buttons
    qtbot.waitUntil(lambda: buttons.hold.isEnabled() and buttons.hold.text() == "Pause")
    assert page.runs.cards()[0].listed.words == "training"
    qtbot.mouseClick(buttons.hold, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: buttons.hold.text() == "Resume")
    assert page.runs.cards()[0].listed.words == "paused"
    qtbot.mouseClick(buttons.park, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: studio.trainer.state is EngineState.PARKED)
    qtbot.waitUntil(lambda: not buttons.park.isEnabled())
    qtbot.mouseClick(buttons.hold, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: buttons.hold.text() == "Pause")

    tail = page.losses.tail
    assert tail is not None
    qtbot.waitUntil(lambda: tail.history.last_step == 590)
    add_row(run, 600)
    studio.trainer.metrics.emit(None)
    qtbot.waitUntil(lambda: tail.history.last_step == 600)
    assert [entry.item.name for entry in page.losses.legend.entries()] == [
        "loss_generator",
        "loss_critic",
    ]
    qtbot.waitUntil(lambda: page.figures.step.accessibleName() == "step 600 of 1,000")

    qtbot.mouseClick(buttons.stop, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not studio.trainer.busy and not buttons.stop.isVisible())


def test_the_coach_forks_from_its_checkpoint(
    studio: Studio, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = make_run(studio.project.runs / "digits-1", recipe("Digits"))
    advice = Advice(
        rule="critic-ahead",
        severity=Severity.WARNING,
        title="The critic is pulling ahead",
        sentence="Halving its rate usually helps.",
        evidence="It sees through 94 %.",
        since=350,
        metrics=["critic_fake"],
        changes={"critic_rate": 0.5},
        fork_step=200,
        action="Go back",
    )
    append_json_line(run.coach_path, advice.model_dump(mode="json"))
    page = shown_page(studio, qtbot)
    queued: list[RunRecipe] = []
    monkeypatch.setattr(studio.queue, "add", queued.append)
    qtbot.waitUntil(page.coach.act.isVisible)
    assert page.coach.act.text() == "Fork from step 200 with this change"
    qtbot.mouseClick(page.coach.act, Qt.MouseButton.LeftButton)
    (fork,) = queued
    assert fork.fork == Fork(run="digits-1", step=200)
    assert fork.options == recipe().options | {"critic_rate": 0.5}

    qtbot.waitUntil(lambda: len(page.losses.legend.entries()) == 2)
    page.coach.why.click()
    assert [entry.item.name for entry in page.losses.legend.entries()] == ["critic_fake"]

    qtbot.mouseClick(page.coach.dismiss, Qt.MouseButton.LeftButton)
    assert not page.coach.isVisible()
    assert page.losses.legend.entries()[0].item.name == "loss_generator"
    studio.undo.undo()
    assert page.coach.isVisible()
    append_json_line(run.coach_path, advice.model_dump(mode="json") | {"resolved": True})
    studio.trainer.coach_advised.emit(None)
    assert not page.coach.isVisible()


def test_the_scrubber_follows_until_one_looks_back(studio: Studio, qtbot: QtBot) -> None:
    run = make_run(studio.project.runs / "digits-1", recipe())
    page = shown_page(studio, qtbot)
    samples = page.samples
    assert samples.step() == 400
    add_sheet(run, 500)
    studio.trainer.sample_ready.emit(None)
    assert samples.step() == 500
    samples.scrubber.setValue(0)
    add_sheet(run, 600)
    studio.trainer.sample_ready.emit(None)
    assert (samples.step(), samples.pill.text()) == (100, "step 100")
    samples.scrubber.setValue(samples.scrubber.maximum())
    assert samples.step() == 600


def test_a_star_keeps_a_checkpoint_and_can_be_undone(studio: Studio, qtbot: QtBot) -> None:
    make_run(studio.project.runs / "digits-1", recipe(), saved=(200, 400, 500))
    page = shown_page(studio, qtbot)
    rows = page.checkpoints.rows()
    assert [(row.saved.step, row.saved.best) for row in rows] == [
        (500, False),
        (400, False),
        (200, True),
    ]
    assert "removes step 400: " in page.checkpoints.rule.text()
    qtbot.mouseClick(rows[1].star, Qt.MouseButton.LeftButton)
    assert studio.project.library.stars.of_run("digits-1") == {400}
    assert "removes nothing" in page.checkpoints.rule.text()
    studio.undo.undo()
    assert studio.project.library.stars.of_run("digits-1") == set()
    assert "removes step 400: " in page.checkpoints.rule.text()


def test_forking_and_tweaking_open_the_models_page(studio: Studio, qtbot: QtBot) -> None:
    make_run(studio.project.runs / "digits-1", recipe("Digits"))
    page = shown_page(studio, qtbot)
    asked: list[tuple[str, dict[str, object]]] = []
    studio.page_requested.connect(lambda name, what: asked.append((name, what)))
    menu = page.checkpoints.menu(400)
    next(each for each in menu.actions() if each.text() == "Fork from here…").trigger()
    page.runs.tweak(page.runs.cards()[0])
    page.buttons.generate.click()
    (models, fork), (_models, copy), (generate, model) = asked
    assert (models, generate, model) == ("models", "generate", {"model": "digits-1"})
    assert isinstance(fork["recipe"], RunRecipe)
    assert fork["recipe"].fork == Fork(run="digits-1", step=400)
    assert isinstance(copy["recipe"], RunRecipe)
    assert (copy["recipe"].name, copy["recipe"].fork) == ("Digits (2)", None)


def test_the_queue_is_moved_mended_and_undone(studio: Studio, qtbot: QtBot) -> None:
    table = studio.project.library.queue
    first, second = table.add("one", recipe("one")), table.add("two", recipe("two"))
    broken = table.add("three", recipe("three"))
    table.set_status(broken, QueueStatus.FAILED, error="It failed")
    studio.queue.hold()
    page = shown_page(studio, qtbot)

    def titles() -> list[str]:
        page.runs.refresh()
        return [card.listed.title for card in page.runs.cards()]

    assert titles() == ["one", "two", "three"]
    card = page.runs.cards()[1]
    card.setFocus()
    qtbot.keyClick(card, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert titles() == ["two", "one", "three"]
    studio.undo.undo()
    assert [entry.id for entry in table.all()] == [first, second, broken]
    failed = page.runs.cards()[2]
    assert failed.listed.words == "failed · It failed"
    remove = page.runs.menu(failed).actions()
    next(each for each in remove if each.text() == "Remove from the queue").trigger()
    assert titles() == ["one", "two"]
    studio.undo.undo()
    assert titles() == ["one", "two", "three"]
    assert table.all()[2].status is QueueStatus.FAILED


def test_waiting_runs_are_dragged_to_their_place(
    studio: Studio, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = studio.project.library.queue
    ids = [table.add(name, recipe(name)) for name in ("one", "two", "three")]
    failed = table.add("four", recipe("four"))
    table.set_status(failed, QueueStatus.FAILED, error="It failed")
    studio.queue.hold()
    page = shown_page(studio, qtbot)
    cards = page.runs.cards()
    carried: list[QMimeData] = []
    monkeypatch.setattr(QDrag, "exec", lambda drag, _action: carried.append(drag.mimeData()))
    start = cards[0].rect().center()
    qtbot.mousePress(cards[0], Qt.MouseButton.LeftButton, pos=start)
    move(cards[0], QPointF(start + QPoint(0, 40)))
    qtbot.mousePress(cards[3], Qt.MouseButton.LeftButton, pos=start)
    move(cards[3], QPointF(start + QPoint(0, 40)))
    (data,) = carried  # what does not wait stays where it is

    holder = cards[0].parentWidget()
    below_two = QPointF(20, cards[1].geometry().bottom() - 2)
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    action = Qt.DropAction.MoveAction
    enter = QDragEnterEvent(below_two.toPoint(), action, data, left, none)
    QApplication.sendEvent(holder, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(holder, QDragMoveEvent(below_two.toPoint(), action, data, left, none))
    QApplication.sendEvent(holder, QDropEvent(below_two, action, data, left, none))
    first, second, third = ids
    assert [entry.id for entry in table.all()] == [second, first, third, failed]
    studio.undo.undo()
    assert [entry.id for entry in table.all()] == [*ids, failed]


def move(widget: QWidget, place: QPointF) -> None:
    """Move the mouse over a widget with its left button held."""
    event = QMouseEvent(
        QEvent.Type.MouseMove,
        place,
        widget.mapToGlobal(place),
        Qt.MouseButton.NoButton,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    QApplication.sendEvent(widget, event)


def test_an_interrupted_run_offers_to_go_on(
    studio: Studio, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_run(studio.project.runs / "digits-1", recipe("Digits"), RunStatus.INTERRUPTED)
    page = shown_page(studio, qtbot)
    asked: list[tuple[str, str]] = []
    monkeypatch.setattr(studio.queue, "add_resume", lambda *run: asked.append(run))
    assert page.runs.cards()[0].listed.words == "interrupted at 60 %"
    qtbot.mouseClick(page.buttons.hold, Qt.MouseButton.LeftButton)
    page.runs.cards()[0].resume_wanted.emit()
    assert asked == [("digits-1", "Digits")] * 2


def test_retrying_goes_on_with_the_run_that_failed(studio: Studio, qtbot: QtBot) -> None:
    make_run(studio.project.runs / "digits-1", recipe("Digits"), RunStatus.FAILED)
    table = studio.project.library.queue
    table.set_status(table.add("Digits", recipe("Digits")), QueueStatus.FAILED, "digits-1", "Oh")
    page = shown_page(studio, qtbot)
    (card,) = page.runs.cards()
    assert (card.listed.words, card.listed.run) == ("failed · Oh", "digits-1")
    card.retry_wanted.emit()
    (entry,) = table.all()
    assert (entry.resume, entry.status) == ("digits-1", QueueStatus.RUNNING)
    qtbot.waitUntil(lambda: not table.all())  # the engine has done it


def test_measured_numbers_are_named(
    studio: Studio, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_run(studio.project.runs / "digits-1", recipe("Digits"))
    page = shown_page(studio, qtbot)
    asked: list[Evaluate] = []
    monkeypatch.setattr(studio.maker, "submit", lambda job: asked.append(job) or "job")
    page.checkpoints.evaluate_wanted.emit(400)
    assert asked[0].model == "digits-1@400"
    result = {"diversity": 0.96}
    done = JobFinished(job_id="job", outcome=Outcome.DONE, seconds=1.0, result=result)
    studio.maker.job_finished.emit(done)
    dialog = page.findChild(MeasuredDialog)
    assert dialog.isVisible()
    words = [each.text() for each in dialog.findChildren(QLabel)]
    assert words == ["Digits, step 400", "Variety", "0.96"]
    dialog.reject()


def test_a_run_without_numbers_shows_no_curves_of_another(studio: Studio, qtbot: QtBot) -> None:
    make_run(studio.project.runs / "digits-1", recipe("Digits"))
    make_run(studio.project.runs / "digits-2", recipe("New"), rows=0, saved=(), sampled=())
    page = shown_page(studio, qtbot)
    page.open(run="digits-1")
    qtbot.waitUntil(lambda: len(page.losses.legend.entries()) == 2)
    page.open(run="digits-2")
    assert page.losses.legend.entries() == []
    assert page.samples.step() is None
    assert not page.buttons.generate.isEnabled()


def test_runs_of_different_kinds_keep_their_own_losses(studio: Studio, qtbot: QtBot) -> None:
    make_run(studio.project.runs / "digits-1", recipe("Digits"))
    other = recipe("Soft").model_copy(
        update={"family": "vae", "options": catalogue().family("vae").values("quick")}
    )
    run = make_run(studio.project.runs / "soft-1", other, rows=0)
    for step in range(20):
        append_json_line(run.metrics_path, {"step": step, "seconds": 1, "values": {"neg_elbo": 2}})
    page = shown_page(studio, qtbot)
    page.open(run="digits-1")

    def names() -> list[str]:
        return [entry.item.name for entry in page.losses.legend.entries()]

    qtbot.waitUntil(lambda: len(names()) == 2)
    page.losses.compare_with("soft-1", wanted=True)
    qtbot.waitUntil(lambda: names() == ["loss_generator", "loss_critic", "neg_elbo"])
    page.losses.compare_with("soft-1", wanted=False)
    assert names() == ["loss_generator", "loss_critic"]


def test_no_figure_and_no_row_is_cut_off(studio: Studio, qtbot: QtBot) -> None:
    """At the width of a small window every word of the figures and of the run cards is shown."""
    make_run(studio.project.runs / "digits-1", recipe("Digits"), RunStatus.DONE)
    page = shown_page(studio, qtbot)
    page.resize(940, 560)
    qtbot.waitUntil(lambda: page.figures.step.accessibleName() == "step 600 of 1,000")
    QApplication.processEvents()
    for words in page.figures.findChildren(ElidedLabel):
        assert words.width() >= words.sizeHint().width() - 2, words.text()
    for row in page.checkpoints.rows():
        for words in row.findChildren(ElidedLabel):
            assert words.width() >= words.sizeHint().width() - 2, words.text()


def test_compared_runs_share_the_plot_and_show_their_differences(
    studio: Studio, qtbot: QtBot
) -> None:
    make_run(studio.project.runs / "digits-1", recipe("Digits"))
    make_run(studio.project.runs / "digits-2", recipe("Slow", learning_rate=0.1))
    page = shown_page(studio, qtbot)
    page.open(run="digits-1")
    page.losses.compare_with("digits-2", wanted=True)
    qtbot.waitUntil(lambda: len(page.losses.legend.entries()) == 4)
    dashes = {entry.item.run: entry.item.curve.dash for entry in page.losses.legend.entries()}
    assert dashes == {"Digits": 0, "Slow": 1}
    table = page.losses.differences
    assert table.isVisible()
    assert [table.item(0, column).text() for column in range(3)] == [
        "Learning rate",
        "0.0002",
        "0.1",
    ]
    page.losses.compare_with("digits-2", wanted=False)
    assert len(page.losses.legend.entries()) == 2
    assert not table.isVisible()


def test_compared_runs_show_their_samples_side_by_side(
    studio: Studio, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    runs = studio.project.runs
    make_run(runs / "digits-1", recipe("Digits"))
    make_run(runs / "digits-2", recipe("Slow", learning_rate=0.1), sampled=(100, 300))
    page = shown_page(studio, qtbot)
    page.open(run="digits-1")
    page.losses.compare_with("digits-2", wanted=True)
    (button,) = [
        each for each in page.losses.findChildren(QPushButton) if "side by side" in each.text()
    ]
    assert button.isVisible()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    (dialog,) = page.findChildren(SideBySideDialog)
    qtbot.waitUntil(lambda: len(dialog.sheets) == 2)

    def steps() -> list[str]:
        return [
            next(each.text() for each in sheet.findChildren(QLabel) if "step" in each.text())
            for sheet in dialog.sheets
        ]

    assert steps() == ["step 400 · 40 s", "step 300 · 30 s"]
    dialog.slider.setValue(1)  # of 100, 200, 300 and 400
    assert dialog.point() == 200
    assert steps() == ["step 200 · 20 s", "step 100 · 10 s"]
    assert all(isinstance(sheet.view, ImageView) for sheet in dialog.sheets)
    (differences,) = dialog.findChildren(DifferencesTable)
    assert differences.item(0, 0).text() == "Learning rate"
    asked: list[Message] = []
    monkeypatch.setattr(studio.maker, "submit", lambda job: asked.append(job) or "job-1")
    out = str(tmp_path / "both.png")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_words: (out, ""))
    dialog.save.click()
    (job,) = asked
    assert isinstance(job, CompareRuns)
    assert (job.runs, job.clock, job.point, job.path) == (
        ["digits-1", "digits-2"],
        "step",
        200,
        out,
    )
    dialog.reject()


def test_measured_values_of_compared_runs(studio: Studio, qtbot: QtBot) -> None:
    """The better value is bold; of two judges nothing is said to be better."""
    for name, judge, distance in (("one", "abc", 4.0), ("two", "abc", 9.0), ("three", "xyz", 1.0)):
        run = make_run(studio.project.runs / name, recipe(name.title()))
        found = Evaluation(
            step=400, created=1.0, metrics={"studio_fd": distance}, judge=judge, samples=100
        )
        append_json_line(run.evaluations_path, found.model_dump(mode="json"))

    def bold(names: list[str]) -> tuple[list[str], str]:
        dialog = SideBySideDialog([studio.project.runs / name for name in names], None)
        qtbot.addWidget(dialog)
        dialog.show()
        qtbot.waitUntil(lambda: len(dialog.sheets) == 2)
        (table,) = dialog.findChildren(ValuesTable)
        assert table.item(0, 0).text() == "Studio-FD"
        cells = [table.item(0, 1), table.item(0, 2)]
        words = " ".join(each.text() for each in dialog.findChildren(QLabel) if each.isVisible())
        return [cell.text() for cell in cells if cell.font().bold()], words

    assert bold(["one", "two"])[0] == ["4.00"]
    found, words = bold(["one", "three"])
    assert found == []
    assert "different judges" in words


def _text(widget: QObject) -> str:
    return str(widget.property("text") or "")
