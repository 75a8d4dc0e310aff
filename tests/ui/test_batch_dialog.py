"""Asking for a batch: its parts, what models offer, and the recipe that comes out."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QDialogButtonBox, QListWidget
from pytestqt.qtbot import QtBot

from studio.core.family_info import Task
from studio.core.media import Modality
from studio.core.model_choices import Model
from studio.ui.dialogs.batch import BatchDialog
from studio.ui.forms import NO_SETTINGS


def model(name: str, modality: Modality, labels: tuple[str, ...] = ()) -> Model:
    return Model(
        reference=name,
        title=name.title(),
        family="any",
        modality=modality,
        steps=(),
        best=1,
        tasks=(Task.GENERATE,),
        labels=labels,
        sampling=NO_SETTINGS,
    )


MODELS = (
    model("digits", Modality.IMAGE, ("1", "2", "3")),
    model("shapes", Modality.IMAGE, ("2", "3", "star")),
    model("tunes", Modality.MUSIC),
    model("tales", Modality.TEXT),
)


@pytest.fixture
def dialog(qtbot: QtBot, qapp: QApplication) -> BatchDialog:
    made = BatchDialog(MODELS, MODELS[1], None)
    qtbot.addWidget(made)
    with qtbot.waitExposed(made):
        made.show()
    return made


def tick(box: QListWidget, *texts: str) -> None:
    for row in range(box.count()):
        state = Qt.CheckState.Checked if box.item(row).text() in texts else Qt.CheckState.Unchecked
        box.item(row).setCheckState(state)


def texts(box: QListWidget) -> list[str]:
    return [box.item(row).text() for row in range(box.count())]


def usable(dialog: BatchDialog) -> bool:
    return dialog.findChild(QDialogButtonBox).button(QDialogButtonBox.StandardButton.Ok).isEnabled()


def test_it_begins_with_the_model_in_hand(dialog: BatchDialog) -> None:
    recipe = dialog.recipe()
    assert recipe is not None
    (part,) = recipe.parts
    assert part.models == ("shapes",)
    assert part.labels == ()  # the model takes all in turn
    assert usable(dialog)


def test_labels_are_those_that_all_its_models_know(dialog: BatchDialog) -> None:
    tick(dialog.editor.models, "Digits", "Shapes")
    assert texts(dialog.editor.labels) == ["2", "3"]
    tick(dialog.editor.labels, "2", "3")
    dialog.editor.count.setValue(5)
    recipe = dialog.recipe()
    assert recipe is not None
    assert recipe.parts[0].models == ("digits", "shapes")
    assert recipe.parts[0].labels == ("2", "3")
    assert recipe.total == 2 * 2 * 5


def test_a_part_without_a_model_is_said(dialog: BatchDialog) -> None:
    tick(dialog.editor.models)
    assert not usable(dialog)
    assert "at least one model" in dialog.problem()


def test_a_kit_has_a_part_for_each_kind_that_there_is_a_model_for(dialog: BatchDialog) -> None:
    dialog.kit.click()
    assert texts(dialog.parts) == ["sprites", "tune", "dialogue"]
    dialog.parts.setCurrentRow(2)
    assert dialog.editor.modality() is Modality.TEXT
    assert dialog.editor.prompt.isVisible()
    dialog.editor.prompt.setText("Once upon a time")
    dialog.editor.prompt.textEdited.emit("Once upon a time")
    dialog.parts.setCurrentRow(1)
    assert dialog.editor.also.currentData() == ".ogg"
    recipe = dialog.recipe()
    assert recipe is not None
    assert [part.prompt for part in recipe.parts] == ["", "", "Once upon a time"]
    assert recipe.parts[0].models == ("digits",)


def test_parts_come_and_go(dialog: BatchDialog) -> None:
    dialog._on_add()
    assert len(texts(dialog.parts)) == 2
    dialog.editor.kind.setCurrentIndex(dialog.editor.kind.findData(Modality.MUSIC))
    recipe = dialog.recipe()
    assert recipe is not None
    assert recipe.parts[1].models == ("tunes",)
    dialog.editor.name.setText("pictures")
    dialog.editor.name.textEdited.emit("pictures")
    assert "name of its own" in dialog.problem()
    dialog._on_remove()
    assert usable(dialog)
    dialog._on_remove()
    assert not usable(dialog)
    assert "Add a part" in dialog.problem()
