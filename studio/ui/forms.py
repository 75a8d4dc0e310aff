"""Forms made from a JSON Schema: one table from the kind of a property to its control.

The schemas come from the catalogue: pydantic models whose fields carry title, help, unit, group,
bounds and the field's standard term. The window checks with the same bounds as the engine.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QGridLayout, QVBoxLayout, QWidget

from studio.core.catalogue import defaults, problems
from studio.core.options import GROUPS
from studio.ui.controls import Control, make_control
from studio.ui.theme import GAP
from studio.ui.widgets.buttons import Disclosure
from studio.ui.widgets.labels import label, set_property

#: Schema of a form without fields.
NO_SETTINGS: dict[str, Any] = {"type": "object", "properties": {}}


class SchemaForm(QWidget):
    """Every property of a schema as a labelled control; the main ones first, the rest folded.

    Signals:
        changed: Some value is another one, by the user or by `set_values`.
        edited: (name, value before, value after): the user finished a change. What a page needs
            for its undo command.
    """

    changed = Signal()
    edited = Signal(str, object, object)

    def __init__(self, schema: dict[str, Any], *, fold: bool = True, stacked: bool = False) -> None:
        """Build the form with the schema's defaults.

        Args:
            schema: JSON Schema of an object.
            fold: Put what is not marked as main under *More settings*.
            stacked: Put names above their fields, for narrow panels.
        """
        super().__init__()
        self._stacked = stacked
        self._schema = schema
        self._fields: dict[str, _Field] = {}
        self._settled = defaults(schema)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP)
        fields: dict[str, dict[str, Any]] = schema["properties"]
        properties = {name: each for name, each in fields.items() if not each.get("hidden")}
        main = [name for name, field in properties.items() if field.get("main") or not fold]
        rest = [name for name in properties if name not in main]
        column.addWidget(self._group("", main))
        self.more = Disclosure(self.tr("More settings"))
        self._rest = QWidget()
        self._fill_rest(rest)
        if not rest:
            self.more.hide()
        self.more.toggled.connect(self._rest.setVisible)
        self._rest.setVisible(False)
        column.addWidget(self.more, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(self._rest)
        self.set_values({})

    def values(self) -> dict[str, Any]:
        """Return every property's value."""
        return {name: field.control.value() for name, field in self._fields.items()}

    def set_values(self, values: Mapping[str, Any]) -> None:
        """Show these values; properties that are not named keep theirs. Unknown names are none."""
        for name, value in values.items():
            if name in self._fields:
                self._fields[name].control.set_value(value)
        self._settled = self.values()
        self._check()
        self.changed.emit()

    def set_value(self, name: str, value: Any) -> None:
        """Show one other value, as undo does."""
        self.set_values({name: value})

    def problems(self) -> dict[str, str]:
        """Return what is wrong, by property; empty when the values can be used."""
        return problems(self._schema, self.values())

    def set_problems(self, found: Mapping[str, str]) -> None:
        """Show what is wrong below the fields, such as what the engine said."""
        for name, field in self._fields.items():
            field.show_problem(found.get(name, ""))
        if any(name in found for name in self._fields if not self._fields[name].main):
            self.more.setChecked(True)

    def control(self, name: str) -> Control:
        """Return the control of a property."""
        return self._fields[name].control

    def _fill_rest(self, names: list[str]) -> None:
        column = QVBoxLayout(self._rest)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP)
        for group in self._group_order(names):
            members = [name for name in names if self._of(name).get("group", "") == group]
            column.addWidget(self._group(group, members))

    def _group_order(self, names: list[str]) -> list[str]:
        used = list(dict.fromkeys(self._of(name).get("group", "") for name in names))
        return sorted(used, key=lambda g: GROUPS.index(g) if g in GROUPS else len(GROUPS))

    def _group(self, title: str, names: list[str]) -> QWidget:
        box = QWidget()
        grid = QGridLayout(box)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(0, 1)
        row = 0
        if title:
            heading = label(title, "muted" if self._stacked else "caption")
            heading.setContentsMargins(0, 6, 0, 0)
            grid.addWidget(heading, row, 0, 1, 2)
            row += 1
        for name in names:
            field = _Field(name, self._of(name))
            field.control.changed.connect(self._on_changed)
            field.control.settled.connect(lambda name=name: self._on_settled(name))
            self._fields[name] = field
            beside = not self._stacked or isinstance(field.control.widget, QCheckBox)
            grid.addWidget(field.title, row, 0, 1, 1 if beside else 2)
            if not beside:
                set_property(field.title, "role", "caption")  # as names above fields elsewhere
            if self._stacked and beside:
                field.control.widget.setMinimumWidth(0)
            row += not beside
            grid.addWidget(field.control.widget, row, int(beside), 1, 1 if beside else 2)
            grid.addWidget(field.problem, row + 1, 0, 1, 2)
            row += 2
        return box

    def _of(self, name: str) -> dict[str, Any]:
        return resolve(self._schema, self._schema["properties"][name])

    def _on_changed(self) -> None:
        self._check()
        self.changed.emit()

    def _on_settled(self, name: str) -> None:
        value = self._fields[name].control.value()
        before = self._settled.get(name)
        if value != before:
            self._settled[name] = value
            self.edited.emit(name, before, value)

    def _check(self) -> None:
        self.set_problems(self.problems())


class _Field:
    """One property: its name with the help behind it, its control and what is wrong."""

    def __init__(self, name: str, schema: dict[str, Any]) -> None:
        text = schema.get("title", name)
        self.main = bool(schema.get("main"))
        self.control = make_control(schema)
        self.title = label(text, "muted")
        self.title.setBuddy(self.control.widget)
        self.problem = label("", "error", wrap=True)
        self.problem.setVisible(False)
        self.problem.setAlignment(Qt.AlignmentFlag.AlignRight)
        self._describe(text, schema)

    def show_problem(self, problem: str) -> None:
        """Say what is wrong, or that nothing is."""
        self.problem.setText(f"⚠ {problem}" if problem else "")
        self.problem.setVisible(bool(problem))
        self.control.show_wrong(bool(problem))

    def _describe(self, text: str, schema: dict[str, Any]) -> None:
        help_text = schema.get("description", "")
        tip = f"<p><b>{text}</b></p><p>{help_text}</p>"
        if term := schema.get("term"):
            tip += f"<p><i>{term}</i></p>"
        for widget in (self.title, self.control.widget):
            widget.setToolTip(tip)
        self.control.widget.setAccessibleName(text)
        self.control.widget.setAccessibleDescription(help_text)


def resolve(schema: dict[str, Any], field: dict[str, Any]) -> dict[str, Any]:
    """Return a property with its reference and its optional part written out."""
    if reference := field.get("$ref"):
        target = schema["$defs"][reference.rsplit("/", 1)[-1]]
        field = target | {key: value for key, value in field.items() if key != "$ref"}
    if "anyOf" in field:
        kinds = [kind for kind in field["anyOf"] if kind.get("type") != "null"]
        if len(kinds) == 1:
            optional = len(kinds) < len(field["anyOf"])
            field = resolve(schema, kinds[0]) | field | {"optional": optional}
    return field
