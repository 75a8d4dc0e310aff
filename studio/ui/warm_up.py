"""Loads what the pages need while nobody waits for it, so that no page opens with a hitch."""

from __future__ import annotations

from importlib import import_module

from PySide6.QtCore import QObject, QThread, Slot

#: In the order in which a newcomer needs them. Curves take the longest: a quarter of a second.
_MODULES = (
    "studio.ui.pages.data",
    "studio.ui.pages.models",
    "jsonschema",
    "numpy",
    "pyqtgraph",
    "studio.ui.pages.train",
    "studio.ui.pages.generate",
    "studio.ui.pages.gallery",
)


class WarmUp(QThread):
    """Imports modules one after the other, then ends.

    A thread of Python's gives way every few milliseconds, so the window goes on answering, which
    it does not while it imports by itself. What a page asks for meanwhile is waited for as usual.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("warm-up")

    def run(self) -> None:
        """Import until told to end."""
        for name in _MODULES:
            if self.isInterruptionRequested():
                return
            import_module(name)

    @Slot()
    def end(self) -> None:
        """End after the module in hand, and wait for that."""
        self.requestInterruption()
        self.wait()
