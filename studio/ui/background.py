"""What happens to work in hand when the window closes, and notes to a user who looks elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QMenu, QSystemTrayIcon

from studio.core.paths import APP_NAME
from studio.ui.context import Studio
from studio.ui.dialogs.close import CloseChoice, ask_how_to_close
from studio.ui.icons import app_icon

if TYPE_CHECKING:
    from studio.ui.main_window import MainWindow

_NOTE_MS = 8000
_LOOK_MS = 200


class BackgroundWork(QObject):
    """Keeps the program going without its window until the work is done, or stops and saves it."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._then: Callable[[], object] | None = None
        self._tray: QSystemTrayIcon | None = None
        self._look = QTimer(self)
        self._look.setInterval(_LOOK_MS)
        self._look.timeout.connect(self._go_on_when_done)

    def settled(self, then: Callable[[], object], *, may_stay: bool) -> bool:
        """Tell whether no work is in hand; else ask the user what to do with it.

        Args:
            then: Called later, once the work has ended in the way that the user chose.
            may_stay: Offer to keep going in the background until the work is done.
        """
        studio = self._window.studio
        if studio is None or not studio.busy:
            return True
        if self._then is not None:
            return False  # it is ending already
        choice = ask_how_to_close(self._window, may_stay=may_stay)
        if choice is CloseChoice.CANCEL:
            return False
        self._then = then
        self._look.start()
        if choice is CloseChoice.STOP:
            self._stop_everything(studio)
        else:
            self._hide()
        return False

    def tell(self, title: str, message: str) -> None:
        """Tell the user on the desktop; where there is no tray, the task bar asks for a look."""
        QApplication.alert(self._window)
        if QSystemTrayIcon.isSystemTrayAvailable():
            self._tray_icon().showMessage(title, message, app_icon(), _NOTE_MS)

    @Slot()
    def come_back(self) -> None:
        """Show the window again while work goes on."""
        self._look.stop()
        self._then = None
        self._window.raise_window()

    def _hide(self) -> None:
        self._window.hide()
        if QSystemTrayIcon.isSystemTrayAvailable():
            self._tray_icon().show()

    @Slot()
    def _go_on_when_done(self) -> None:
        studio = self._window.studio
        if self._then is not None and (studio is None or not studio.busy):
            self._look.stop()
            then, self._then = self._then, None
            then()

    @staticmethod
    def _stop_everything(studio: Studio) -> None:
        """Stop and save what is in hand, forget what waits in the engines; the queue keeps it."""
        studio.queue.hold()
        for client in (studio.trainer, studio.maker):
            for job in client.waiting():
                client.stop(job.job_id)
            client.stop(save=True)

    def _tray_icon(self) -> QSystemTrayIcon:
        if self._tray is None:
            self._tray = QSystemTrayIcon(app_icon(), self)
            self._tray.setToolTip(APP_NAME)
            menu = QMenu(self._window)
            show = QAction(self.tr("Show the window"), menu)
            show.triggered.connect(self.come_back)
            menu.addAction(show)
            self._tray.setContextMenu(menu)
            self._tray.activated.connect(lambda _reason: self.come_back())
        return self._tray
