"""Asking for a grid: what a model offers for its sides, and the job that comes out."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QDialogButtonBox
from pytestqt.qtbot import QtBot

from studio.core.family_info import Task
from studio.core.media import Modality
from studio.core.model_choices import Model
from studio.core.protocol import Axis, GenerateRequest
from studio.ui.dialogs.grid import GridDialog
from studio.ui.forms import NO_SETTINGS


def model(
    *, steps: tuple[int, ...] = (), labels: tuple[str, ...] = (), prompted: bool = False
) -> Model:
    return Model(
        reference="run-1",
        title="Digits",
        family="gan",
        modality=Modality.IMAGE,
        steps=steps,
        best=40,
        tasks=(Task.GENERATE,),
        labels=labels,
        sampling=NO_SETTINGS,
        prompted=prompted,
    )


def dialog_for(qtbot: QtBot, qapp: QApplication, made: Model) -> GridDialog:
    dialog = GridDialog(made, GenerateRequest(model="run-1@40", seed=7), None)
    qtbot.addWidget(dialog)
    with qtbot.waitExposed(dialog):
        dialog.show()
    return dialog


def usable(dialog: GridDialog) -> bool:
    return dialog.findChild(QDialogButtonBox).button(QDialogButtonBox.StandardButton.Ok).isEnabled()


def test_checkpoints_against_seeds_come_first(qtbot: QtBot, qapp: QApplication) -> None:
    steps = tuple(range(1000, 0, -100))
    dialog = dialog_for(qtbot, qapp, model(steps=steps, labels=("a", "b"), prompted=True))
    command = dialog.command("p.studio")
    assert command.rows.what == "checkpoint"
    assert command.rows.values[-1] == "run-1@1000"  # grows downwards
    assert 2 <= len(command.rows.values) <= 6
    assert command.columns == Axis(what="seed", values=["7", "8", "9", "10", "11", "12"])
    assert command.request.model == "run-1@40"


def test_a_side_that_the_model_lacks_is_not_offered(qtbot: QtBot, qapp: QApplication) -> None:
    dialog = dialog_for(qtbot, qapp, model(steps=(40,)))
    offered = [dialog.rows._what.itemData(row) for row in range(dialog.rows._what.count())]
    assert offered == ["seed"]
    assert not usable(dialog)  # seeds against seeds are no grid


@pytest.mark.parametrize("seeds", ["", "1, x", "-3"])
def test_only_seeds_are_taken_for_seeds(qtbot: QtBot, qapp: QApplication, seeds: str) -> None:
    dialog = dialog_for(qtbot, qapp, model(labels=("a", "b")))
    assert usable(dialog)
    dialog.columns._seeds.setText(seeds)
    assert not usable(dialog)


def test_labels_can_be_left_out_and_prompts_are_lines(qtbot: QtBot, qapp: QApplication) -> None:
    dialog = dialog_for(qtbot, qapp, model(labels=("cat", "dog", "owl"), prompted=True))
    dialog.rows._labels.item(1).setCheckState(Qt.CheckState.Unchecked)
    dialog.columns.choose("prompt")
    assert not usable(dialog)
    dialog.columns._prompts.setPlainText("a red ring\n\n  a blue star ")
    command = dialog.command("p.studio")
    assert command.rows.values == ["cat", "owl"]
    assert command.columns.values == ["a red ring", "a blue star"]
