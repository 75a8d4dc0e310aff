"""Python's garbage collector, kept to the window's thread.

It runs in whichever thread happens to allocate, and what it finds may be widgets in a cycle. Taken
apart in another thread than the window's, such as the one that renders sound, they crash Qt.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

_EVERY_MS = 300


class GarbageCollector(QObject):
    """Collects from the event loop of the thread that makes it, and nowhere else."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        gc.disable()
        gc.freeze()  # what the program consists of is looked through no more
        timer = QTimer(self)
        timer.timeout.connect(collect_due)
        timer.start(_EVERY_MS)


def collect_due() -> None:
    """Collect the generations that Python would have collected by now, if any."""
    counts, limits = gc.get_count(), gc.get_threshold()
    for generation in (2, 1, 0):
        if counts[generation] > limits[generation]:
            gc.collect(generation)
            return
