"""Exporting trained models, the same from every page: ask, write in the background, tell."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import QCoreApplication, QObject, Qt, Slot
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from studio.core.catalogue import catalogue
from studio.core.model_choices import Model
from studio.core.protocol import ExportModel, ExportOnnx, JobFinished, Outcome, Severity
from studio.ui.asset_actions import show_folder
from studio.ui.context import Studio
from studio.ui.dialogs.export_model import ExportModelDialog
from studio.ui.widgets.labels import label
from studio.ui.words import size

_PASSES = 1e-3  # as the engine's parity check
_TIMES = ("torch_milliseconds", "milliseconds")


class ModelExports(QObject):
    """Asks how a model leaves and says what came of it; `page` is where dialogs belong."""

    def __init__(self, studio: Studio, page: QWidget) -> None:
        super().__init__(page)
        self._studio = studio
        self._page = page
        self._jobs: dict[str, Model] = {}
        studio.maker.job_finished.connect(self._on_finished)

    def ask(self, model: Model, step: int) -> None:
        """Let the user say how a model leaves, then write it."""
        dialog = ExportModelDialog(self._studio.project.folder, model, step, self._page)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.accepted.connect(lambda: self.start(model, dialog.command()))
        dialog.open()

    def start(self, model: Model, command: ExportModel | ExportOnnx) -> None:
        """Write a model in the background."""
        self._jobs[self._studio.maker.submit(command)] = model

    @Slot(object)
    def _on_finished(self, event: JobFinished) -> None:
        model = self._jobs.pop(event.job_id, None)
        if model is None or event.outcome is not Outcome.DONE:
            return
        path = Path(str(event.result["path"]))
        self._studio.notify(
            Severity.INFO,
            self.tr("The model is in {name}").format(name=path.name),
            str(path.parent),
            action=(self.tr("Open the folder"), lambda: show_folder(path.parent)),
        )
        rows = report_rows(model, event.result)
        if rows:
            dialog = ExportedDialog(path.name, rows, self._page)
            dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            dialog.open()


class ExportedDialog(QDialog):
    """What was measured of an export, as a table."""

    def __init__(self, name: str, rows: list[tuple[str, str, str]], parent: QWidget | None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Exported"))
        self.setMinimumWidth(520)
        table = QTableWidget(len(rows), 3)
        table.setAccessibleName(self.tr("What was measured"))
        table.setHorizontalHeaderLabels([self.tr("What"), self.tr("Before"), self.tr("After")])
        table.verticalHeader().setVisible(False)
        table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        table.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for row, cells in enumerate(rows):
            for column, text in enumerate(cells):
                table.setItem(row, column, QTableWidgetItem(text))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        column_layout = QVBoxLayout(self)
        column_layout.addWidget(label(name, "heading"))
        column_layout.addWidget(table)
        column_layout.addWidget(buttons)


def report_rows(model: Model, result: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Return (what, before, after) of an export's result, in words."""

    def tr(text: str) -> str:
        return QCoreApplication.translate("model_exports", text)

    info = catalogue().family(model.family).info
    titles = {
        "bytes": tr("Size, packed"),
        "milliseconds": tr("Time an item"),
        "difference": tr("Change of what is made, of 255"),
    }

    def value(name: str, number: float | None) -> str:
        if number is None:
            return "–"
        if name == "bytes":
            return size(int(number))
        return f"{number:.3g} ms" if name == "milliseconds" else f"{number:.3g}"

    rows = []
    report = result.get("report") or {}
    for name in dict.fromkeys(key for part in report.values() for key in part):
        before, after = (value(name, report[part].get(name)) for part in ("before", "after"))
        rows.append((titles.get(name) or info.metric(name).title, before, after))
    for name, network in (result.get("networks") or {}).items():
        passes = network["max_error"] <= _PASSES
        words = tr("{name}: largest difference to PyTorch").format(name=name)
        sign = "✓" if passes else "⚠"
        rows.append((words, "", f"{sign} {network['max_error']:.2g}"))
        time = tr("{name}: time an item, PyTorch and ONNX").format(name=name)
        before, after = (value("milliseconds", network[k]) for k in _TIMES)
        rows.append((time, before, after))
        if small := network.get("int8"):
            words = tr("{name}: size, whole and 8-bit").format(name=name)
            rows.append((words, size(network["bytes"]), size(small["bytes"])))
            words = tr("{name}: mean difference with 8 bits").format(name=name)
            rows.append((words, "", f"{small['mean_error']:.2g}"))
    return rows
