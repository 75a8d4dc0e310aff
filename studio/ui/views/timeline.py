"""What is played and seen along time: a piano roll, a waveform."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QAbstractScrollArea


class Timeline(QAbstractScrollArea):
    """Something that scrolls and zooms in time, with a playhead; a TransportBar drives it.

    Signals:
        zoomed: The scale is another one.
        seek_wanted: The user wants to hear it from here, in seconds.
        play_wanted: The user wants to hear it, or to hold it.
        marker_wanted: The user wants to go so many named places on, or back.
    """

    zoomed = Signal()
    seek_wanted = Signal(float)
    play_wanted = Signal()
    marker_wanted = Signal(int)

    @property
    def seconds(self) -> float:
        """How long it is."""
        raise NotImplementedError

    def fit(self) -> None:
        """Show all of it."""
        raise NotImplementedError

    def zoom(self, factor: float, at: float | None = None) -> None:
        """Zoom in time by a factor, keeping the place `at` (pixels) where it is."""
        raise NotImplementedError

    def set_playhead(self, seconds: float, *, follow: bool = False) -> None:
        """Put the playhead somewhere; with `follow` the page turns when it runs out of sight."""
        raise NotImplementedError
