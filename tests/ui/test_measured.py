"""What a measurement shows: numbers with their floor, the judge, copies, and curves of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from PIL import Image as Pillow
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from studio.core.catalogue import catalogue
from studio.core.media import Modality
from studio.core.recipe import DatasetRef, RunRecipe
from studio.core.runs import CheckpointInfo, Evaluation, Run, RunState, RunStatus, step_name
from studio.ui.dialogs.measured import MeasuredDialog
from studio.ui.pages.train_metrics import MetricsTail
from studio.ui.theme import theme
from studio.ui.widgets.beside import PairOfBars


def recipe() -> RunRecipe:
    return RunRecipe(
        name="Digits",
        family="gan",
        modality=Modality.IMAGE,
        dataset=DatasetRef(id="digits", name="digits"),
        options=catalogue().family("gan").values("quick"),
    )


def test_numbers_stand_beside_what_they_are_compared_with(
    qtbot: QtBot, qapp: QApplication, tmp_path: Path
) -> None:
    Pillow.new("RGB", (900, 200)).save(tmp_path / "copies.png")
    result: dict[str, Any] = {
        "studio_fd": 3.25,
        "studio_fd_floor": 0.5,
        "studio_fd_ceiling": 880.0,
        "precision": 0.81,
        "judge": "0123456789ab",
        "judge_learned": "labels",
        "samples": 1000,
        "nearest": str(tmp_path / "copies.png"),
    }
    dialog = MeasuredDialog(recipe(), 400, result, None)
    qtbot.addWidget(dialog)
    with qtbot.waitExposed(dialog):
        dialog.show()
    texts = [each.text() for each in dialog.findChildren(QLabel)]
    assert "3.25 (real 0.50, noise 880.0)" in texts
    assert "81 %" in texts
    assert not any("floor" in text for text in texts)
    assert any("0123456789ab" in text and "1,000" in text for text in texts)
    pictures = [e.pixmap() for e in dialog.findChildren(QLabel) if not e.pixmap().isNull()]
    assert pictures[0].width() <= 620


def test_bits_stand_beside_those_of_guessing_and_distances_beside_their_ends(
    qtbot: QtBot, qapp: QApplication
) -> None:
    distances = {"studio_fad": 3.25, "studio_fad_floor": 0.5, "studio_fad_ceiling": 880.0}
    dialog = MeasuredDialog(recipe(), 400, {"bits_per_sample": 3.5} | distances, None)
    qtbot.addWidget(dialog)
    texts = [each.text() for each in dialog.findChildren(QLabel)]
    assert "3.50 (guessing alone 8.00)" in texts
    assert "3.25 (real 0.50, noise 880.0)" in texts
    assert not any("floor" in text for text in texts)


def test_what_was_measured_of_the_data_too_stands_beside_it(
    qtbot: QtBot, qapp: QApplication, tmp_path: Path
) -> None:
    """Each measure of samples has two bars, and words for how far it is from the data."""
    (tmp_path / "copies.txt").write_text("61: Speak, friend, and enter", "utf-8")
    result: dict[str, Any] = {
        "bits_per_byte": 2.1,
        "distinct_2": 0.41,
        "data_distinct_2": 0.64,
        "longest_copy": 61.0,
        "data_longest_copy": 29.0,
        "word_length": 4.1,
        "data_word_length": 4.0,
        "copied": 0.01,
        "data_copied": 0.0,
        "samples": 100,
        "nearest": str(tmp_path / "copies.txt"),
    }
    run = RunRecipe(
        name="Tales",
        family="gpt",
        modality=Modality.TEXT,
        dataset=DatasetRef(id="tales", name="tales"),
    )
    dialog = MeasuredDialog(run, 400, result, None)
    qtbot.addWidget(dialog)
    with qtbot.waitExposed(dialog):
        dialog.show()
    texts = [each.text() for each in dialog.findChildren(QLabel)]
    differences = ["23 points less", "2.1 times as much", "alike", "1 point more"]
    assert [text for text in texts if text in differences] == differences
    assert "2.10 bits" in texts
    assert "100 samples" in texts
    assert "61: Speak, friend, and enter" in texts
    assert not any("your texts" in text for text in texts if "," in text)  # no line of its own
    bars = [each.accessibleName() for each in dialog.findChildren(PairOfBars)]
    assert bars[1] == "61 characters in samples, 29 characters in your data"
    grabbed = dialog.findChildren(PairOfBars)[0].grab().toImage()
    made, data = (grabbed.pixelColor(2, y) for y in (9, 27))
    assert (made, data) == (theme().colour("accent"), theme().colour("muted"))


def test_measured_checkpoints_become_a_curve_and_choose_the_best(
    qtbot: QtBot, qapp: QApplication, tmp_path: Path
) -> None:
    run = Run(tmp_path / "digits-1")
    run.create(recipe())
    run.write_state(RunState(status=RunStatus.DONE, step=300, best_step=100))
    for step in (100, 200, 300):
        (run.checkpoints / step_name(step)).mkdir()
        (run.checkpoints / step_name(step) / CheckpointInfo.FILE).write_text("{}")
    row = {"step": 300, "seconds": 1.0, "values": {"sample_distance": 4.0}}
    run.metrics_path.write_text(json.dumps(row) + "\n")
    assert run.best_step() == 100
    found = [
        Evaluation(
            step=step,
            created=float(step),
            judge=judge,
            samples=500,
            metrics={"studio_fd": distance, "sample_distance": 9.0},
        )
        for step, judge, distance in (
            (100, "old", 0.1),
            (100, "new", 9.0),
            (200, "new", 2.0),
            (300, "new", 5.0),
        )
    ]
    lines = [json.dumps(each.model_dump(mode="json")) for each in found]
    run.evaluations_path.write_text("\n".join(lines) + "\n")
    assert run.best_step() == 200
    tail = MetricsTail(run, qapp)
    with qtbot.waitSignal(tail.grown):
        tail.look()
    qtbot.waitUntil(lambda: "studio_fd" in tail.history.series)
    curve = tail.history.series["studio_fd"]
    assert curve.steps.tolist() == [100, 200, 300]
    assert curve.values.tolist() == [9.0, 2.0, 5.0]
    assert tail.history.series["sample_distance"].values.tolist() == [4.0]  # as in training
    tail.deleteLater()
