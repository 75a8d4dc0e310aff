"""One window per project: a second start raises the window that has the project open."""

from __future__ import annotations

import hashlib
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtNetwork import QLocalServer, QLocalSocket

_WAIT_MS = 300


class SingleInstance(QObject):
    """Listens under a name made from the project's folder.

    Signals:
        asked: Another start wants to see this window.
    """

    asked = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._server: QLocalServer | None = None

    def listen(self, project: Path) -> None:
        """Stand for this project from now on; ask `raise_other` first whether another does."""
        self.release()
        name = _name(project)
        QLocalServer.removeServer(name)  # the socket of a window that was killed
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._on_connection)
        self._server.listen(name)

    def release(self) -> None:
        """Stand for no project."""
        if self._server is not None:
            self._server.close()
            self._server.deleteLater()
            self._server = None

    @Slot()
    def _on_connection(self) -> None:
        if self._server is None:
            return
        while self._server.hasPendingConnections():
            socket = self._server.nextPendingConnection()
            socket.disconnected.connect(socket.deleteLater)
        self.asked.emit()


def raise_other(project: Path) -> bool:
    """Ask the window that has this project open to come to the front; False when none has."""
    socket = QLocalSocket()
    socket.connectToServer(_name(project))
    answered = socket.waitForConnected(_WAIT_MS)
    if answered:
        socket.disconnectFromServer()
    return answered


def _name(project: Path) -> str:
    digest = hashlib.sha256(str(project.resolve()).encode()).hexdigest()[:16]
    return f"aigc-studio-{digest}"
