"""Asks which sound a clip is to get: something of the gallery, or a file."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from studio.core.assets import AssetFilter
from studio.core.catalogue import catalogue
from studio.core.media import Modality
from studio.core.project import Project
from studio.ui.asset_source import asset_title
from studio.ui.theme import GAP, MARGIN_PAGE
from studio.ui.widgets.buttons import Button, PrimaryButton
from studio.ui.widgets.labels import label

_HEARD = (Modality.MUSIC, Modality.AUDIO)
_MOST = 200


class AddSoundDialog(QDialog):
    """The newest recordings and tunes; `sound` says which one, or which file, was chosen."""

    def __init__(self, project: Project, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Add sound"))
        self.setMinimumWidth(420)
        self._list = QListWidget()
        self._list.setAccessibleName(self.tr("Tunes and recordings"))
        table = project.library.assets
        for kind in _HEARD:
            for asset in table.get(table.ids(AssetFilter(modality=kind))[:_MOST]):
                item = QListWidgetItem(asset_title(asset))
                item.setData(Qt.ItemDataRole.UserRole, str(asset.id))
                self._list.addItem(item)
        self._nothing = label(
            self.tr("No tune or recording was made in this project yet. Choose a file."), "muted"
        )
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._show()
        self._add = PrimaryButton(self.tr("Add"), self.accept)
        self._list.itemDoubleClicked.connect(lambda _item: self.accept())
        self._list.currentRowChanged.connect(lambda row: self._add.setEnabled(row >= 0))
        self._add.setEnabled(False)
        row = QHBoxLayout()
        row.setSpacing(GAP)
        row.addWidget(Button(self.tr("A file…"), self._browse))
        row.addStretch(1)
        row.addWidget(Button(self.tr("Cancel"), self.reject))
        row.addWidget(self._add)
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN_PAGE, 18, MARGIN_PAGE, 18)
        column.setSpacing(GAP)
        column.addWidget(label(self.tr("Which sound is heard with the clip?"), "heading"))
        words = self.tr("It becomes a new clip; this one stays. A short sound begins again.")
        column.addWidget(label(words, "caption", wrap=True))
        column.addWidget(self._list, 1)
        column.addWidget(self._nothing, 1)
        column.addLayout(row)

    def sound(self) -> str:
        """Return what was chosen, as the engine is told of it: an asset's id, or a path."""
        item = self._list.currentItem()
        return str(item.data(Qt.ItemDataRole.UserRole)) if item is not None else ""

    def choose(self, sound: str) -> None:
        """Add a file to the list, and choose it."""
        item = QListWidgetItem(sound)
        item.setData(Qt.ItemDataRole.UserRole, sound)
        self._list.addItem(item)
        self._list.setCurrentItem(item)
        self._show()

    def _show(self) -> None:
        """Show the list, or what to do where it is empty."""
        self._list.setVisible(self._list.count() > 0)
        self._nothing.setVisible(self._list.count() == 0)

    def _browse(self) -> None:
        known = catalogue().modalities
        endings = " ".join(f"*{each}" for kind in _HEARD for each in known[kind].suffixes)
        words = self.tr("Sound and music ({endings})").format(endings=endings)
        name, _ = QFileDialog.getOpenFileName(self, self.tr("Add sound"), "", words)
        if name:
            self.choose(name)
