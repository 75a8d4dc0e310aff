"""Letting other programs use the models: on and off, the address, the secret, an example."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from studio.ui.service import Service, ServiceState
from studio.ui.theme import GAP, MARGIN_CARD
from studio.ui.widgets.buttons import Button, IconButton, PrimaryButton
from studio.ui.widgets.labels import label
from studio.ui.widgets.spin import SpinBox

_EXAMPLE = """\
curl -H "Authorization: Bearer {token}" {url}/models
curl -H "Authorization: Bearer {token}" -H "Content-Type: application/json" \\
     -d '{{"count": 1, "seed": 7}}' {url}/models/MODEL/generate"""


class ServiceDialog(QDialog):
    """Shows the service of the project; closing the dialog lets it run."""

    def __init__(self, service: Service, parent: QWidget | None) -> None:
        super().__init__(parent)
        self._service = service
        self.setWindowTitle(self.tr("Models for other programs"))
        self.setMinimumWidth(560)
        words = self.tr(
            "A local HTTP service lets other programs on this computer make things with the"
            " models of this project. Nobody else can reach it, and it ends with the window."
        )
        self._port = SpinBox()
        self._port.setRange(0, 65535)
        self._port.setValue(8765)
        self._port.setAccessibleName(self.tr("Port"))
        self._port.setToolTip(self.tr("0 takes a free one"))
        self._state = label("", "heading")
        self._problem = label("", "error", wrap=True)
        self._url = self._shown(self.tr("Address"))
        self._token = self._shown(self.tr("Token"))
        self._example = QPlainTextEdit()
        self._example.setReadOnly(True)
        self._example.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self._example.setAccessibleName(self.tr("Example"))
        self._example.setFixedHeight(84)
        self._start = PrimaryButton(self.tr("Start"), lambda: service.start(self._port.value()))
        self._stop = Button(self.tr("Stop"), service.stop, icon="stop")
        self._docs = Button(self.tr("Copy the address of its description"), self._copy_docs)
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN_CARD, MARGIN_CARD, MARGIN_CARD, MARGIN_CARD)
        column.setSpacing(GAP)
        column.addWidget(label(words, "muted", wrap=True))
        top = QHBoxLayout()
        top.addWidget(self._state, 1)
        self._port_name = label(self.tr("Port"), "muted")
        self._port_name.setBuddy(self._port)
        top.addWidget(self._port_name)
        top.addWidget(self._port)
        top.addWidget(self._start)
        top.addWidget(self._stop)
        column.addLayout(top)
        column.addWidget(self._problem)
        self._running = QWidget()
        inner = QVBoxLayout(self._running)
        inner.setContentsMargins(0, 0, 0, 0)
        for name, field in (
            (self.tr("Address"), self._url),
            (self.tr("Token: who knows it may use the models"), self._token),
        ):
            inner.addWidget(label(name, "caption"))
            inner.addLayout(self._with_copy(field))
        inner.addWidget(label(self.tr("Example"), "caption"))
        inner.addWidget(self._example)
        column.addWidget(self._running)
        row = QHBoxLayout()
        row.addWidget(self._docs)
        row.addStretch(1)
        row.addWidget(Button(self.tr("Close"), self.accept))
        column.addLayout(row)
        service.changed.connect(self._refresh)
        self._refresh()

    def _shown(self, name: str) -> QLineEdit:
        field = QLineEdit()
        field.setReadOnly(True)
        field.setAccessibleName(name)
        return field

    def _with_copy(self, field: QLineEdit) -> QHBoxLayout:
        row = QHBoxLayout()
        row.addWidget(field, 1)
        words = self.tr("Copy: {name}").format(name=field.accessibleName())
        row.addWidget(IconButton("copy", words, _copier(field.text)))
        return row

    def _copy_docs(self) -> None:
        QGuiApplication.clipboard().setText(f"{self._service.url}/docs")

    @Slot()
    def _refresh(self) -> None:
        service = self._service
        words = {
            ServiceState.OFF: self.tr("Off"),
            ServiceState.STARTING: self.tr("Starting …"),
            ServiceState.ON: self.tr("Answering"),
        }
        on = service.state is ServiceState.ON
        self._state.setText(words[service.state])
        self._url.setText(service.url)
        self._token.setText(service.token)
        self._example.setPlainText(_EXAMPLE.format(url=service.url, token=service.token))
        self._problem.setText(service.problem)
        self._problem.setVisible(bool(service.problem))
        off = service.state is ServiceState.OFF
        for widget in (self._start, self._port, self._port_name):
            widget.setVisible(off)
        self._stop.setVisible(not off)
        self._running.setVisible(on)
        self._docs.setVisible(on)
        self.adjustSize()


def _copier(text: Callable[[], str]) -> Callable[[], None]:
    return lambda: QGuiApplication.clipboard().setText(text())
