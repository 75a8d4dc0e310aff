"""What every page has: a header with title, one line below it, and actions at the right."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from studio.ui.theme import GAP
from studio.ui.widgets.labels import ElidedLabel


class PageHeader(QWidget):
    """The title names the thing in hand, the line below says what it is; actions at the right."""

    def __init__(self, title: str, subtitle: str = "") -> None:
        super().__init__()
        self._title = ElidedLabel(title, "title")
        self._subtitle = ElidedLabel(subtitle, "muted")
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self._title)
        words.addWidget(self._subtitle)
        self._actions = QHBoxLayout()
        self._actions.setSpacing(GAP)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(16)
        row.addLayout(words, 1)
        row.addLayout(self._actions)

    def add_action(self, widget: QWidget) -> None:
        """Add a control at the right end; the primary button comes last."""
        self._actions.addWidget(widget)

    def set_title(self, title: str, subtitle: str | None = None) -> None:
        """Show another title and, when given, another line below it."""
        self._title.setText(title)
        if subtitle is not None:
            self.set_subtitle(subtitle)

    def set_subtitle(self, subtitle: str) -> None:
        """Show another line below the title."""
        self._subtitle.setText(subtitle)

    def title(self) -> str:
        """Return the title."""
        return self._title.text()

    def subtitle(self) -> str:
        """Return the line below the title."""
        return self._subtitle.text()


class Page(QWidget):
    """Base of the five pages: a header and a body below it. The window gives the margins.

    Attributes:
        header: Title and actions.
        body: Column below the header; most pages put one `Columns` there.
    """

    def __init__(self, title: str, subtitle: str = "") -> None:
        super().__init__()
        self.setProperty("role", "page")
        self.setAccessibleName(title)
        self.header = PageHeader(title, subtitle)
        self.body = QVBoxLayout()
        self.body.setSpacing(GAP)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(14)
        column.addWidget(self.header)
        column.addLayout(self.body, 1)

    def open(self, **what: object) -> None:
        """Show something that another page asked for through `Studio.open_page`."""
