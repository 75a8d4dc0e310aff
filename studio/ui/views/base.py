"""What every view of a medium can do."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QWidget


class MediaView(QWidget):
    """A widget that shows one medium at a time."""

    def show_media(self, path: Path) -> None:
        """Show a file; what cannot be read is said in its place."""
        raise NotImplementedError

    def clear(self) -> None:
        """Show nothing."""
        raise NotImplementedError
