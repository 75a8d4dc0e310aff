"""The rail at the left: the five pages in the order of the work, settings at its foot."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QFrame, QToolButton, QVBoxLayout

from studio.ui.context import PageName
from studio.ui.icons import set_icon

PAGES: tuple[PageName, ...] = ("data", "models", "train", "generate", "gallery")


class Rail(QFrame):
    """Buttons for the pages.

    Attributes:
        menu_button: The program's sign; opens its menu.
        settings_button: Opens the settings.

    Signals:
        picked: The user wants this page.
    """

    picked = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "rail")
        self.setAccessibleName(self.tr("Pages"))
        self.setFixedWidth(84)
        self._group = QButtonGroup(self)
        self._group.setExclusive(True)
        self._buttons: dict[str, QToolButton] = {}
        titles = {
            "data": self.tr("Data"),
            "models": self.tr("Models"),
            "train": self.tr("Train"),
            "generate": self.tr("Generate"),
            "gallery": self.tr("Gallery"),
        }
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 10, 9, 10)
        column.setSpacing(6)
        self.menu_button = self._icon_button("logo", self.tr("Menu"), 24)
        column.addWidget(self.menu_button, 0, Qt.AlignmentFlag.AlignHCenter)
        for name in PAGES:
            button = QToolButton()
            button.setProperty("role", "rail")
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
            button.setText(titles[name])
            button.setAccessibleName(titles[name])
            button.setIconSize(QSize(20, 20))
            button.setFixedSize(64, 58)
            button.setCheckable(True)
            button.setCursor(Qt.CursorShape.PointingHandCursor)
            set_icon(button, name, "muted", "text")
            button.clicked.connect(lambda _checked, name=name: self.picked.emit(name))
            self._group.addButton(button)
            self._buttons[name] = button
            column.addWidget(button)
        column.addStretch(1)
        self.settings_button = self._icon_button("settings", self.tr("Settings"), 20)
        column.addWidget(self.settings_button, 0, Qt.AlignmentFlag.AlignHCenter)

    def set_page(self, name: str) -> None:
        """Mark a page as the one in sight; any other word marks none."""
        self._group.setExclusive(False)
        for page, button in self._buttons.items():
            button.setChecked(page == name)
        self._group.setExclusive(True)

    def set_pages_enabled(self, enabled: bool) -> None:
        """Allow or forbid going to the pages; without a project there is nothing on them."""
        for button in self._buttons.values():
            button.setEnabled(enabled)

    def _icon_button(self, icon: str, name: str, size: int) -> QToolButton:
        button = QToolButton()
        button.setProperty("role", "quiet")
        button.setAccessibleName(name)
        button.setToolTip(name)
        button.setIconSize(QSize(size, size))
        button.setFixedSize(44, 44)
        button.setCursor(Qt.CursorShape.PointingHandCursor)
        set_icon(button, icon, "accent" if icon == "logo" else "muted")
        return button
