"""Buttons: one primary per page, plain ones, quiet ones, and icons alone."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QPushButton

from studio.ui.icons import set_icon
from studio.ui.theme import Colour


class Button(QPushButton):
    """A plain button. `on_click` is called without arguments."""

    ROLE = ""
    COLOUR: Colour = "text"

    def __init__(
        self,
        text: str,
        on_click: Callable[[], object] | None = None,
        *,
        icon: str = "",
        tip: str = "",
    ) -> None:
        super().__init__(text)
        self.setProperty("role", self.ROLE)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        if icon:
            set_icon(self, icon, self.COLOUR)
        if tip:
            self.setToolTip(tip)
        if on_click is not None:
            self.clicked.connect(lambda _checked: on_click())


class PrimaryButton(Button):
    """The next step of the journey; at most one on a page."""

    ROLE = "primary"
    COLOUR: Colour = "on_accent"


class QuietButton(Button):
    """A button without a box, for lesser actions."""

    ROLE = "quiet"
    COLOUR: Colour = "muted"


class IconButton(QuietButton):
    """A square quiet button with an icon alone; `name` is its tooltip and accessible name."""

    def __init__(
        self, icon: str, name: str, on_click: Callable[[], object] | None = None, size: int = 30
    ) -> None:
        super().__init__("", on_click, icon=icon, tip=name)
        self.setAccessibleName(name)
        self.setFixedSize(QSize(size, size))
        self.setStyleSheet("padding: 0;")


class Disclosure(QPushButton):
    """A line that opens and closes what `body` holds, with a chevron."""

    def __init__(self, text: str, *, opened: bool = False) -> None:
        super().__init__(text)
        self.setProperty("role", "disclosure")
        self.setCheckable(True)
        self.setLayoutDirection(
            Qt.LayoutDirection.RightToLeft
        )  # the chevron stands after the words
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.toggled.connect(self._turn)
        self.setChecked(opened)
        self._turn(opened)

    def _turn(self, opened: bool) -> None:
        set_icon(self, "chevron-up" if opened else "chevron-down", "muted")
