"""Settings one below the other, each under its name, that can be hidden together with it."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from studio.ui.widgets.labels import label


class CaptionedRows(QVBoxLayout):
    """A column of widgets with captions."""

    def __init__(self) -> None:
        super().__init__()
        self._captions: dict[QWidget, QLabel] = {}
        self.setContentsMargins(0, 0, 4, 0)
        self.setSpacing(4)

    def add_row(self, name: str, widget: QWidget, named: QWidget | None = None) -> None:
        """Add a widget under its name.

        Args:
            named: The part of the widget that the name belongs to, when it has several.
        """
        caption = label(name, "caption")
        caption.setBuddy(named or widget)
        (named or widget).setAccessibleName(name)
        self._captions[widget] = caption
        self.addSpacing(2)
        self.addWidget(caption)
        self.addWidget(widget)

    def show_row(self, widget: QWidget, shown: bool) -> None:
        """Show or hide a widget and its name."""
        widget.setVisible(shown)
        self._captions[widget].setVisible(shown)
