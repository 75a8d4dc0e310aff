"""The tags of what is chosen: pills that can be taken away, and a field that completes."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QStringListModel, Qt, Signal, Slot
from PySide6.QtWidgets import QCompleter, QLineEdit, QWidget

from studio.ui.icons import set_icon
from studio.ui.widgets.chips import Chip
from studio.ui.widgets.flow import FlowLayout


class TagEditor(QWidget):
    """Tags as chips with a cross, and a field for new ones.

    Signals:
        added: The user wrote a tag.
        removed: The user took a tag away.
    """

    added = Signal(str)
    removed = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._flow = FlowLayout(self, spacing=6)
        self._chips: list[Chip] = []
        self._known = QStringListModel(self)
        completer = QCompleter(self._known, self)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        self._field = QLineEdit()
        self._field.setPlaceholderText(self.tr("Add a tag"))
        self._field.setAccessibleName(self.tr("Add a tag"))
        self._field.setMaximumWidth(120)
        self._field.setCompleter(completer)
        self._field.returnPressed.connect(self._on_entered)
        self._flow.addWidget(self._field)

    def set_known(self, tags: Sequence[str]) -> None:
        """Offer these tags while the user writes."""
        self._known.setStringList(list(tags))

    def set_tags(self, tags: Sequence[str]) -> None:
        """Show these tags."""
        if [chip.text() for chip in self._chips] == list(tags):
            return
        for chip in self._chips:
            self._flow.removeWidget(chip)
            chip.deleteLater()
        self._chips = [self._chip(tag) for tag in tags]
        self._flow.removeWidget(self._field)
        for chip in self._chips:
            self._flow.addWidget(chip)
        self._flow.addWidget(self._field)
        self.updateGeometry()

    def tags(self) -> list[str]:
        """Return what is shown."""
        return [chip.text() for chip in self._chips]

    def write(self, tag: str) -> None:
        """Add a tag as if the user wrote it."""
        self._field.setText(tag)
        self._on_entered()

    def _chip(self, tag: str) -> Chip:
        chip = Chip(tag, tip=self.tr("Take this tag away"))
        chip.setCheckable(False)
        chip.setLayoutDirection(Qt.LayoutDirection.RightToLeft)  # the cross stands after the word
        set_icon(chip, "close", "muted")
        chip.setAccessibleName(self.tr("Take away the tag {tag}").format(tag=tag))
        chip.clicked.connect(lambda _checked: self.removed.emit(tag))
        return chip

    @Slot()
    def _on_entered(self) -> None:
        tag = " ".join(self._field.text().replace(",", " ").split())
        self._field.clear()
        if tag:
            self.added.emit(tag)
