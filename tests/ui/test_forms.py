"""Forms: made from schemas alone, with the engine's bounds."""

from __future__ import annotations

from typing import Any, Literal

import pytest
from pydantic import BaseModel
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QCheckBox, QLineEdit, QToolTip
from pytestqt.qtbot import QtBot

from studio.core.catalogue import catalogue, defaults
from studio.core.options import option
from studio.ui.controls import make_control
from studio.ui.forms import SchemaForm
from studio.ui.pages.generate_model import narrow_combo
from studio.ui.widgets.spin import ComboBox, RealSpinBox, SpinBox


class Recipe(BaseModel):
    """One property of every kind."""

    steps: int = option(100, title="Steps", help="Count.", group="Duration", main=True, ge=1, le=10)
    rate: float = option(2e-4, title="Rate", help="Speed.", group="Learning", gt=0, le=1)
    loss: Literal["hinge", "least_squares"] = option(
        "hinge", title="Loss", help="Kind.", group="Learning", term="adversarial loss"
    )
    size: Literal[28, 32] = option(32, title="Size", help="Side.", group="Size", unit="pixels")
    mirror: bool = option(True, title="Mirror", help="Flip.", group="Stability")
    note: str | None = option(None, title="Note", help="Words.", group="Saving")


@pytest.fixture
def form(qtbot: QtBot) -> SchemaForm:
    """Return a form of every kind of property."""
    made = SchemaForm(Recipe.model_json_schema())
    qtbot.addWidget(made)
    made.show()
    return made


def test_each_kind_gets_its_control(form: SchemaForm) -> None:
    kinds = {name: type(form.control(name).widget) for name in Recipe.model_fields}
    assert kinds == {
        "steps": SpinBox,
        "rate": RealSpinBox,
        "loss": ComboBox,
        "size": ComboBox,
        "mirror": QCheckBox,
        "note": QLineEdit,
    }


def test_values_go_in_and_come_out(form: SchemaForm) -> None:
    values: dict[str, Any] = {
        "steps": 7,
        "rate": 1e-5,
        "loss": "least_squares",
        "size": 28,
        "mirror": False,
        "note": "hello",
    }
    form.set_values(values)
    assert form.values() == values
    assert Recipe(**form.values()).rate == 1e-5


def test_what_is_wrong_stands_below_its_field(form: SchemaForm) -> None:
    assert not form.more.isChecked()
    form.set_values({"steps": 5, "rate": 0.0})
    assert form.problems() == {"rate": "must be more than 0"}
    assert form.more.isChecked(), "a fold that hides a problem opens"
    shown = [label.text() for label in form.findChildren(type(form._fields["rate"].problem))]
    assert "⚠ must be more than 0" in shown
    form.set_values({"rate": 0.1})
    assert not form.problems()
    assert not form._fields["rate"].problem.isVisible()


def test_an_edit_is_told_once_with_what_was_there(form: SchemaForm, qtbot: QtBot) -> None:
    form.set_values({"steps": 5})
    edits: list[tuple[str, Any, Any]] = []
    form.edited.connect(lambda *edit: edits.append(edit))
    spin = form.control("steps").widget
    spin.setFocus()
    qtbot.keyClick(spin, Qt.Key.Key_Up)
    qtbot.keyClick(spin, Qt.Key.Key_Up)
    assert edits == []
    qtbot.keyClick(spin, Qt.Key.Key_Return)
    assert edits == [("steps", 5, 7)]
    form.set_value("steps", 5)
    assert len(edits) == 1, "undo is no edit"


def test_learning_rates_step_along_round_numbers(form: SchemaForm) -> None:
    spin = form.control("rate").widget
    assert isinstance(spin, RealSpinBox)
    assert spin.text() == "0.0002"
    seen = []
    for _ in range(3):
        spin.stepUp()
        seen.append(spin.value())
    assert seen == pytest.approx([0.0005, 0.001, 0.002])
    spin.lineEdit().setText("3e-5")
    spin.interpretText()
    assert form.values()["rate"] == pytest.approx(3e-5)


def test_help_and_term_are_in_reach(form: SchemaForm) -> None:
    widget = form.control("loss").widget
    assert "adversarial loss" in widget.toolTip()
    assert widget.accessibleName() == "Loss"
    assert widget.accessibleDescription() == "Kind."


@pytest.mark.parametrize("family", sorted(catalogue().families))
def test_every_family_has_a_form_that_keeps_its_presets(family: str, qtbot: QtBot) -> None:
    entry = catalogue().family(family)
    form = SchemaForm(entry.options)
    qtbot.addWidget(form)
    assert form.values() == pytest.approx(defaults(entry.options))
    for preset in entry.presets:
        form.set_values(entry.values(preset.id))
        assert form.values() == entry.values(preset.id)
        assert not form.problems()


def test_a_kind_without_control_is_refused() -> None:
    with pytest.raises(ValueError, match="no control"):
        make_control({"type": "array"})


def test_a_long_choice_ends_in_dots_and_is_read_in_full(qapp: QApplication, qtbot: QtBot) -> None:
    combo = narrow_combo()
    qtbot.addWidget(combo)
    combo.addItems(["GPT", "A model whose name is far too long for this box"])
    combo.resize(140, combo.sizeHint().height())
    combo.show()
    assert combo.shown_text() == "GPT"
    combo.setCurrentIndex(1)
    assert combo.shown_text().startswith("A model")
    assert combo.shown_text().endswith("…")
    place = QPoint(20, 10)
    event = QHelpEvent(QEvent.Type.ToolTip, place, combo.mapToGlobal(place))
    assert combo.event(event)
    assert QToolTip.text() == combo.currentText()
    QToolTip.hideText()
