"""What went wrong in the window itself: in full to a log file, in short to the user."""

from __future__ import annotations

import logging
import sys
from logging.handlers import RotatingFileHandler
from types import TracebackType
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from studio.core.errors import StudioError
from studio.core.paths import state_dir
from studio.core.protocol import Severity

if TYPE_CHECKING:
    from studio.ui.main_window import MainWindow

_log = logging.getLogger(__name__)
_LOG_BYTES = 1_000_000


def start_log() -> None:
    """Write what the window's modules log to `logs/window.log`."""
    folder = state_dir() / "logs"
    folder.mkdir(exist_ok=True)
    handler = RotatingFileHandler(
        folder / "window.log", maxBytes=_LOG_BYTES, backupCount=1, encoding="utf-8", delay=True
    )
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])


class _Faults(QObject):
    """Takes errors that no code has answered, from any thread, and tells of them in the window's.

    Signals:
        found: The exception.
    """

    found = Signal(object)

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.found.connect(self._show)

    def tell(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        """Write an error to the log and pass it on; the program ends on what is no Exception."""
        _log.error("unanswered error", exc_info=(kind, error, trace))
        if isinstance(error, Exception):
            self.found.emit(error)
        else:
            sys.__excepthook__(kind, error, trace)

    @Slot(object)
    def _show(self, error: Exception) -> None:
        notices = self._window.notices
        if isinstance(error, StudioError):
            notices.show_notice(Severity.ERROR, error.title, error.message, error.hint)
            return
        notices.show_notice(
            Severity.ERROR,
            self.tr("Something went wrong in the window"),
            f"{type(error).__name__}: {error}",
            self.tr("Your work is saved. The log, in Settings, says more."),
        )


def show_faults_in(window: MainWindow) -> None:
    """From now on, tell the user of errors that no code has answered; the window stays open."""
    sys.excepthook = _Faults(window).tell
