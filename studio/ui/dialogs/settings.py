"""The settings of the program; each takes effect at once."""

from __future__ import annotations

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QCheckBox, QComboBox, QDialog, QHBoxLayout, QVBoxLayout, QWidget

from studio.core.paths import state_dir
from studio.ui import settings
from studio.ui.theme import ThemeMode, theme
from studio.ui.widgets.buttons import Button, PrimaryButton
from studio.ui.widgets.labels import label


class SettingsDialog(QDialog):
    """Appearance, motion, start, and where the logs lie."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Settings"))
        self.setMinimumWidth(440)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 16)
        column.setSpacing(12)

        column.addWidget(label(self.tr("Appearance"), "heading"))
        self._mode = QComboBox()
        self._mode.setAccessibleName(self.tr("Colours"))
        for mode, text in (
            (ThemeMode.SYSTEM, self.tr("Like the system")),
            (ThemeMode.LIGHT, self.tr("Light")),
            (ThemeMode.DARK, self.tr("Dark")),
        ):
            self._mode.addItem(text, mode.value)
        self._mode.setCurrentIndex(self._mode.findData(theme().mode.value))
        self._mode.currentIndexChanged.connect(self._on_mode)
        row = QHBoxLayout()
        row.addWidget(label(self.tr("Colours"), "muted"), 1)
        row.addWidget(self._mode)
        column.addLayout(row)
        self._calm = QCheckBox(self.tr("No animations, whatever the system says"))
        self._calm.setChecked(settings.flag("calm"))
        self._calm.toggled.connect(self._on_calm)
        column.addWidget(self._calm)

        column.addWidget(label(self.tr("Start"), "heading"))
        self._reopen = QCheckBox(self.tr("Open the last project"))
        self._reopen.setChecked(settings.flag("reopen", default=True))
        self._reopen.toggled.connect(lambda on: settings.store("reopen", on))
        column.addWidget(self._reopen)
        column.addStretch(1)

        row = QHBoxLayout()
        row.addWidget(Button(self.tr("Open the logs folder"), self._open_logs, icon="folder"))
        row.addStretch(1)
        row.addWidget(PrimaryButton(self.tr("Done"), self.accept))
        column.addLayout(row)

    def _on_mode(self) -> None:
        mode = ThemeMode(self._mode.currentData())
        settings.store("theme", mode.value)
        theme().set_mode(mode)

    def _on_calm(self, calm: bool) -> None:
        settings.store("calm", calm)
        theme().set_motion(False if calm else None)

    @staticmethod
    def _open_logs() -> None:
        folder = state_dir() / "logs"
        folder.mkdir(exist_ok=True)
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))
