"""The end of a run's log, read only while it is in sight."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QTimer, Slot
from PySide6.QtGui import QFontDatabase, QHideEvent, QShowEvent
from PySide6.QtWidgets import QPlainTextEdit

_LOOK_MS = 1000
_MOST_BYTES = 64_000


class LogView(QPlainTextEdit):
    """Shows the last lines of a file and follows it."""

    def __init__(self) -> None:
        super().__init__()
        self._path: Path | None = None
        self._stamp: tuple[int, int] = (0, 0)
        self.setReadOnly(True)
        self.setAccessibleName(self.tr("Log"))
        self.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.WidgetWidth)
        self.setMinimumHeight(140)
        self.setMaximumHeight(220)
        self._look = QTimer(self)
        self._look.setInterval(_LOOK_MS)
        self._look.timeout.connect(self.refresh)

    def show_log(self, path: Path | None) -> None:
        """Show another file, or none."""
        self._path, self._stamp = path, (0, 0)
        self.setPlainText("")
        if self.isVisible():
            self.refresh()

    def showEvent(self, event: QShowEvent) -> None:
        """Follow the file from now on."""
        super().showEvent(event)
        self.refresh()
        self._look.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Take no time while nobody looks."""
        super().hideEvent(event)
        self._look.stop()

    @Slot()
    def refresh(self) -> None:
        """Read the end of the file when it has changed."""
        if self._path is None or not self._path.exists():
            return
        status = self._path.stat()
        stamp = (status.st_size, status.st_mtime_ns)
        if stamp == self._stamp:
            return
        self._stamp = stamp
        with self._path.open("rb") as stream:
            stream.seek(max(0, status.st_size - _MOST_BYTES))
            lines = stream.read().decode("utf-8", errors="replace").splitlines()
        bar = self.verticalScrollBar()
        at_end = bar.value() >= bar.maximum() - 2
        self.setPlainText("\n".join(lines[1:] if status.st_size > _MOST_BYTES else lines))
        if at_end:
            bar.setValue(bar.maximum())
