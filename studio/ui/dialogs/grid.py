"""Asking for a grid: which two things change, and through which values."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Qt, Signal, Slot
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPlainTextEdit,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from studio.core.model_choices import Model
from studio.core.protocol import Axis, GenerateRequest, MakeGrid
from studio.ui.theme import GAP, MARGIN_CARD
from studio.ui.widgets.cards import InnerCard
from studio.ui.widgets.labels import label
from studio.ui.widgets.spin import ComboBox

_SEEDS = 6  # proposed
_STEPS = 5  # checkpoints that are ticked at first
_CHECKED = Qt.CheckState.Checked


class AxisChooser(InnerCard):
    """One side of a grid.

    Signals:
        changed: Something else is chosen.
    """

    changed = Signal()

    def __init__(self, title: str, model: Model, seed: int) -> None:
        super().__init__()
        self._model = model
        self._what = ComboBox()
        self._what.setAccessibleName(title)
        self._seeds = QLineEdit(", ".join(str(seed + index) for index in range(_SEEDS)))
        self._seeds.setAccessibleName(self.tr("Seeds"))
        self._prompts = QPlainTextEdit()
        self._prompts.setAccessibleName(self.tr("Prompts"))
        self._prompts.setPlaceholderText(self.tr("One prompt a line"))
        self._prompts.setTabChangesFocus(True)
        steps = model.steps[:: max(1, len(model.steps) // _STEPS)]
        self._checkpoints = self._list(
            self.tr("Training steps"),
            [(f"{step:,}", f"{model.reference}@{step}", step in steps) for step in model.steps],
        )
        self._labels = self._list(self.tr("Labels"), [(name, name, True) for name in model.labels])
        self._editors: dict[str, QWidget] = {
            "seed": self._seeds,
            "label": self._labels,
            "prompt": self._prompts,
            "checkpoint": self._checkpoints,
        }
        self._stack = QStackedWidget()
        for what, words, there in (
            ("seed", self.tr("Seeds"), True),
            ("label", self.tr("Labels"), bool(model.labels)),
            ("prompt", self.tr("Prompts"), model.prompted),
            ("checkpoint", self.tr("Training steps"), len(model.steps) > 1),
        ):
            self._stack.addWidget(self._editors[what])
            if there:
                self._what.addItem(words, what)
        self.body.addWidget(label(title, "heading"))
        self.body.addWidget(self._what)
        self.body.addWidget(self._stack, 1)
        self._what.currentIndexChanged.connect(self._on_what)
        self._seeds.textChanged.connect(self.changed)
        self._prompts.textChanged.connect(self.changed)
        self._on_what()

    def choose(self, what: str) -> None:
        """Let this change, where the model can."""
        place = self._what.findData(what)
        if place >= 0:
            self._what.setCurrentIndex(place)

    def what(self) -> str:
        """Return what changes along this side."""
        return str(self._what.currentData())

    def values(self) -> list[str]:
        """Return the values in their order."""
        what = self.what()
        if what == "seed":
            return [text.strip() for text in self._seeds.text().split(",") if text.strip()]
        if what == "prompt":
            lines = self._prompts.toPlainText().splitlines()
            return [line.strip() for line in lines if line.strip()]
        box = self._labels if what == "label" else self._checkpoints
        items = [box.item(row) for row in range(box.count())]
        ticked = [item for item in items if item.checkState() == _CHECKED]
        found = [str(item.data(Qt.ItemDataRole.UserRole)) for item in ticked]
        return found[::-1] if what == "checkpoint" else found  # from the first step to the last

    def problem(self) -> str:
        """Return what is wrong; empty when nothing is."""
        values = self.values()
        if not values:
            return self.tr("Choose at least one value for each side.")
        if self.what() == "seed" and not all(value.isdigit() for value in values):
            return self.tr("Seeds are whole numbers from 0 on, parted by commas.")
        return ""

    def _list(self, name: str, entries: list[tuple[str, str, bool]]) -> QListWidget:
        box = QListWidget()
        box.setAccessibleName(name)
        for text, value, ticked in entries:
            item = QListWidgetItem(text)
            item.setData(Qt.ItemDataRole.UserRole, value)
            item.setCheckState(_CHECKED if ticked else Qt.CheckState.Unchecked)
            box.addItem(item)
        box.itemChanged.connect(self.changed)
        return box

    @Slot()
    def _on_what(self) -> None:
        self._stack.setCurrentWidget(self._editors[self.what()])
        self.changed.emit()


class GridDialog(QDialog):
    """Two sides, and how many cells come out.

    Attributes:
        rows, columns: The two sides.
    """

    def __init__(self, model: Model, request: GenerateRequest, parent: QWidget | None) -> None:
        super().__init__(parent)
        self._request = request
        self.setWindowTitle(self.tr("Make a grid"))
        self.resize(560, 420)
        self.rows = AxisChooser(self.tr("Downwards"), model, request.seed)
        self.columns = AxisChooser(self.tr("Sideways"), model, request.seed)
        self.rows.choose("prompt")
        self.rows.choose("label")
        self.rows.choose("checkpoint")
        self.columns.choose("prompt" if self.rows.what() == "seed" else "seed")
        sides = QHBoxLayout()
        sides.setSpacing(GAP)
        sides.addWidget(self.rows, 1)
        sides.addWidget(self.columns, 1)
        self._words = label("", "muted", wrap=True)
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        self._ok = buttons.button(QDialogButtonBox.StandardButton.Ok)
        self._ok.setText(QCoreApplication.translate("GridDialog", "Make the grid"))
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN_CARD, MARGIN_CARD, MARGIN_CARD, MARGIN_CARD)
        column.setSpacing(GAP)
        words = self.tr("Two things change, all else stays as it is set under Make.")
        column.addWidget(label(words, "muted", wrap=True))
        column.addLayout(sides, 1)
        column.addWidget(self._words)
        column.addWidget(buttons)
        self.rows.changed.connect(self._refresh)
        self.columns.changed.connect(self._refresh)
        self._refresh()

    def command(self, project: str) -> MakeGrid:
        """Return the job that makes the grid."""
        return MakeGrid(
            project=project,
            request=self._request,
            rows=Axis.model_validate({"what": self.rows.what(), "values": self.rows.values()}),
            columns=Axis.model_validate(
                {"what": self.columns.what(), "values": self.columns.values()}
            ),
        )

    @Slot()
    def _refresh(self) -> None:
        problem = self.rows.problem() or self.columns.problem()
        if self.rows.what() == self.columns.what():
            problem = self.tr("Choose two different things.")
        cells = len(self.rows.values()) * len(self.columns.values())
        self._words.setText(problem or self.tr("{count} cells").format(count=f"{cells:,}"))
        self._ok.setEnabled(not problem)
