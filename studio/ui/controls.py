"""One control per kind of property, and the table that picks it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit, QSpinBox, QWidget

from studio.ui.widgets.labels import set_property
from studio.ui.widgets.spin import ComboBox, RealSpinBox, SpinBox
from studio.ui.words import choice, setting

_INT_MAX = 2**31 - 1
#: A real number whose bounds or default span more than this is stepped by factors.
_LOG_SPAN = 1000.0


class Control(QObject):
    """A widget that holds one value.

    Attributes:
        widget: What stands in the form.

    Signals:
        changed: The value is another one, with every key and click.
        settled: The user is done with a change: Enter, focus gone, or a choice made.
    """

    changed = Signal()
    settled = Signal()

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self.widget = widget
        widget.setMinimumWidth(116)

    def value(self) -> Any:
        """Return the value."""
        raise NotImplementedError

    def set_value(self, value: Any) -> None:
        """Show another value."""
        raise NotImplementedError

    def show_wrong(self, wrong: bool) -> None:
        """Mark it as wrong or not."""
        set_property(self.widget, "wrong", wrong)


class IntegerControl(Control):
    """A whole number between bounds."""

    def __init__(self, schema: dict[str, Any]) -> None:
        spin = SpinBox()
        low, high = _bounds(schema, 1)
        spin.setRange(int(max(low, -_INT_MAX)), int(min(high, _INT_MAX)))
        spin.setGroupSeparatorShown(True)
        spin.setSuffix(_suffix(schema))
        spin.setSpecialValueText(choice(spin.minimum(), schema))
        spin.setSingleStep(int(schema.get("multipleOf", 1)))
        if high - low > _LOG_SPAN:
            spin.setStepType(QSpinBox.StepType.AdaptiveDecimalStepType)
        super().__init__(spin)
        self._spin = spin
        self.set_value(schema.get("default", 0))
        spin.valueChanged.connect(lambda _value: self.changed.emit())
        spin.editingFinished.connect(self.settled)

    def value(self) -> int:
        """Return the number."""
        return self._spin.value()

    def set_value(self, value: Any) -> None:
        """Show another number."""
        _quietly(self._spin, lambda: self._spin.setValue(int(value)))


class RealControl(Control):
    """A real number between bounds; small ones, such as learning rates, step by factors."""

    def __init__(self, schema: dict[str, Any]) -> None:
        low, high = _bounds(schema, 0)
        default = float(schema.get("default") or 0.0)
        narrow = high - low <= _LOG_SPAN
        by_factors = low >= 0.0 and (not narrow or 0.0 < default < (high - low) / _LOG_SPAN)
        spin = RealSpinBox(by_factors=by_factors)
        spin.setRange(low, high)
        spin.setSuffix(_suffix(schema))
        spin.setSpecialValueText(choice(low, schema))
        if not by_factors:
            spin.setSingleStep((high - low) / 20 if narrow else 1.0)
        super().__init__(spin)
        self._spin = spin
        self.set_value(default)
        spin.valueChanged.connect(lambda _value: self.changed.emit())
        spin.editingFinished.connect(self.settled)

    def value(self) -> float:
        """Return the number."""
        return self._spin.value()

    def set_value(self, value: Any) -> None:
        """Show another number."""
        _quietly(self._spin, lambda: self._spin.setValue(float(value)))


class ChoiceControl(Control):
    """One of several values."""

    def __init__(self, schema: dict[str, Any]) -> None:
        combo = ComboBox()
        for value in schema["enum"]:
            combo.addItem(setting(value, schema), value)
        combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        super().__init__(combo)
        self._combo = combo
        self.set_value(schema.get("default", schema["enum"][0]))
        combo.currentIndexChanged.connect(lambda _place: self.changed.emit())
        combo.activated.connect(lambda _place: self.settled.emit())

    def value(self) -> Any:
        """Return the value chosen."""
        return self._combo.currentData()

    def set_value(self, value: Any) -> None:
        """Choose another value."""
        place = self._combo.findData(value)
        _quietly(self._combo, lambda: self._combo.setCurrentIndex(place))


class SwitchControl(Control):
    """Yes or no."""

    def __init__(self, schema: dict[str, Any]) -> None:
        box = QCheckBox()
        super().__init__(box)
        self._box = box
        self.set_value(schema.get("default", False))
        box.toggled.connect(lambda _on: self.changed.emit())
        box.clicked.connect(lambda _on: self.settled.emit())

    def value(self) -> bool:
        """Return whether it is on."""
        return self._box.isChecked()

    def set_value(self, value: Any) -> None:
        """Switch it."""
        _quietly(self._box, lambda: self._box.setChecked(bool(value)))


class TextControl(Control):
    """A line of text; for an optional one, empty means nothing."""

    def __init__(self, schema: dict[str, Any]) -> None:
        line = QLineEdit()
        super().__init__(line)
        self._line, self._optional = line, bool(schema.get("optional"))
        self.set_value(schema.get("default", ""))
        line.textChanged.connect(lambda _text: self.changed.emit())
        line.editingFinished.connect(self.settled)

    def value(self) -> str | None:
        """Return the text."""
        text = self._line.text()
        return None if self._optional and not text else text

    def set_value(self, value: Any) -> None:
        """Show another text."""
        _quietly(self._line, lambda: self._line.setText(value or ""))


#: The table: the first kind that fits makes the control.
_KINDS: tuple[tuple[Callable[[dict[str, Any]], bool], type[Control]], ...] = (
    (lambda schema: "enum" in schema, ChoiceControl),
    (lambda schema: schema.get("type") == "boolean", SwitchControl),
    (lambda schema: schema.get("type") == "integer", IntegerControl),
    (lambda schema: schema.get("type") == "number", RealControl),
    (lambda schema: schema.get("type") == "string", TextControl),
)


def make_control(schema: dict[str, Any]) -> Control:
    """Return the control for a property; raises ValueError when no kind fits."""
    for fits, kind in _KINDS:
        if fits(schema):
            return kind(schema)  # type: ignore[arg-type]  # every kind takes the schema
    raise ValueError(f"no control for a property of type {schema.get('type')!r}")


def _quietly(widget: QWidget, change: Callable[[], object]) -> None:
    blocked = widget.blockSignals(True)
    change()
    widget.blockSignals(blocked)


def _bounds(schema: dict[str, Any], nudge: int) -> tuple[float, float]:
    """Return the bounds; open ones of whole numbers are moved in by `nudge`."""
    low = schema.get("minimum", schema.get("exclusiveMinimum", -1e9))
    high = schema.get("maximum", schema.get("exclusiveMaximum", 1e9))
    if "exclusiveMinimum" in schema:
        low += nudge
    if "exclusiveMaximum" in schema:
        high -= nudge
    return low, high


def _suffix(schema: dict[str, Any]) -> str:
    unit = schema.get("unit", "")
    return f" {unit}" if unit else ""
