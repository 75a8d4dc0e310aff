"""One part of a batch: which models make what, how often, of which labels."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QFormLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from studio.core.batch_recipes import BatchPart
from studio.core.catalogue import catalogue
from studio.core.media import Modality
from studio.core.model_choices import Model
from studio.ui import nouns
from studio.ui.theme import GAP
from studio.ui.widgets.labels import label
from studio.ui.widgets.spin import ComboBox, SpinBox

_ROLE = Qt.ItemDataRole.UserRole
_LIST_HEIGHT = 96


class PartEditor(QWidget):
    """The settings of one part.

    Signals:
        changed: Something else is chosen.
    """

    changed = Signal()

    def __init__(self, models: Sequence[Model]) -> None:
        super().__init__()
        self._all = list(models)
        self.name = QLineEdit()
        self.name.setMaxLength(60)
        self.kind = ComboBox()
        for modality in Modality:
            if any(model.modality is modality for model in models):
                self.kind.addItem(nouns.kind(modality), modality)
        self.models, self.labels = QListWidget(), QListWidget()
        for box in (self.models, self.labels):
            box.setMinimumHeight(_LIST_HEIGHT)
            box.itemChanged.connect(self._on_ticked)
        self.count, self.seed = SpinBox(), SpinBox()
        self.count.setRange(1, 10_000)
        self.seed.setRange(0, 2**31 - 1)
        self.prompt = QLineEdit()
        self.prompt.setPlaceholderText(self.tr("Words to follow or to go on from"))
        self.also = ComboBox()
        self._labels_title = label(self.tr("Labels"), "muted")
        self._prompt_title = label(self.tr("Words"), "muted")
        form = QFormLayout(self)
        form.setContentsMargins(0, 0, 0, 0)
        form.setSpacing(GAP)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        models_column = QVBoxLayout()
        models_column.setSpacing(4)
        models_column.addWidget(self.models, 1)
        for title, widget in (
            (label(self.tr("Name"), "muted"), self.name),
            (label(self.tr("What"), "muted"), self.kind),
            (label(self.tr("Made by"), "muted"), self.models),
            (self._labels_title, self.labels),
            (label(self.tr("Of each"), "muted"), self.count),
            (label(self.tr("First seed"), "muted"), self.seed),
            (self._prompt_title, self.prompt),
            (label(self.tr("Write also as"), "muted"), self.also),
        ):
            form.addRow(title, widget)
            widget.setAccessibleName(title.text())
        self.name.textEdited.connect(self.changed)
        self.prompt.textEdited.connect(self.changed)
        self.count.valueChanged.connect(self.changed)
        self.seed.valueChanged.connect(self.changed)
        self.also.currentIndexChanged.connect(self.changed)
        self.kind.currentIndexChanged.connect(self._on_kind)

    def show_part(self, part: BatchPart | None, modality: Modality, name: str) -> None:
        """Show a part's settings, or a new part's of a kind."""
        blocked = self.blockSignals(True)
        self.name.setText(part.name if part else name)
        self.kind.setCurrentIndex(max(0, self.kind.findData(modality)))
        self._fill(part)
        self.count.setValue(part.count if part else 8)
        self.seed.setValue(part.seed if part else 0)
        self.prompt.setText(part.prompt if part else "")
        also = part.formats[0] if part and part.formats else ""
        self.also.setCurrentIndex(max(0, self.also.findData(also)))
        self.blockSignals(blocked)

    def modality(self) -> Modality:
        """Return what kind of thing the part makes."""
        return Modality(self.kind.currentData())

    def part(self) -> BatchPart | None:
        """Return the part as it is set; None while it cannot be made."""
        name, models = self.name.text().strip(), self._ticked(self.models)
        if not name or not models:
            return None
        also = str(self.also.currentData() or "")
        return BatchPart(
            name=name,
            models=tuple(models),
            labels=tuple(self._ticked(self.labels)),
            count=self.count.value(),
            seed=self.seed.value(),
            prompt=self.prompt.text() if self.prompt.isVisibleTo(self) else "",
            formats=(also,) if also else (),
        )

    @Slot()
    def _on_kind(self) -> None:
        self._fill(None)
        self.changed.emit()

    @Slot()
    def _on_ticked(self) -> None:
        self._fill_labels(self._ticked(self.labels))
        self.changed.emit()

    def _fill(self, part: BatchPart | None) -> None:
        """List the models of the kind in force, their labels and formats."""
        offered = [model for model in self._all if model.modality is self.modality()]
        ticked = set(part.models) if part else {offered[0].reference} if offered else set()
        self._list(self.models, [(m.title, m.reference, m.reference in ticked) for m in offered])
        self._fill_labels(list(part.labels) if part else [])
        blocked = self.also.blockSignals(True)
        self.also.clear()
        self.also.addItem(self.tr("Nothing else"), "")
        for suffix in catalogue().modalities[self.modality()].formats[1:]:
            self.also.addItem(suffix[1:].upper(), suffix)
        self.also.blockSignals(blocked)

    def _fill_labels(self, ticked: Sequence[str]) -> None:
        chosen = self._chosen()
        known = [set(model.labels) for model in chosen]
        common = set.intersection(*known) if known else set()
        names = [name for name in (chosen[0].labels if chosen else ()) if name in common]
        self._list(self.labels, [(name, name, name in ticked) for name in names])
        for widget in (self._labels_title, self.labels):
            widget.setVisible(bool(names))
        worded = self.modality() is Modality.TEXT or all(model.prompted for model in chosen)
        for other in (self._prompt_title, self.prompt):
            other.setVisible(bool(chosen) and worded)

    def _chosen(self) -> list[Model]:
        ticked = self._ticked(self.models)
        return [model for model in self._all if model.reference in ticked]

    def _list(self, box: QListWidget, entries: list[tuple[str, str, bool]]) -> None:
        now = [(box.item(row).text(), str(box.item(row).data(_ROLE))) for row in range(box.count())]
        blocked = box.blockSignals(True)
        if now != [entry[:2] for entry in entries]:
            box.clear()
            for text, value, _ticked in entries:
                item = QListWidgetItem(text)
                item.setData(_ROLE, value)
                box.addItem(item)
        for row, (_text, _value, ticked) in enumerate(entries):
            state = Qt.CheckState.Checked if ticked else Qt.CheckState.Unchecked
            box.item(row).setCheckState(state)
        box.blockSignals(blocked)

    @staticmethod
    def _ticked(box: QListWidget) -> list[str]:
        items = [box.item(row) for row in range(box.count())]
        return [str(i.data(_ROLE)) for i in items if i.checkState() is Qt.CheckState.Checked]
