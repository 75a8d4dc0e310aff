"""The question when the window closes while work is in hand."""

from __future__ import annotations

from enum import Enum

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QMessageBox, QWidget


class CloseChoice(Enum):
    """What the user wants."""

    BACKGROUND = "background"
    STOP = "stop"
    CANCEL = "cancel"


def ask_how_to_close(parent: QWidget, *, may_stay: bool) -> CloseChoice:
    """Ask what to do with work in hand; `may_stay` offers to go on in the background."""

    def tr(text: str) -> str:
        return QCoreApplication.translate("CloseDialog", text)

    box = QMessageBox(parent)
    box.setIcon(QMessageBox.Icon.Question)
    box.setWindowTitle(tr("Work is in hand"))
    box.setText(tr("Something is still running."))
    if may_stay:
        box.setInformativeText(
            tr("It can go on without the window until it is done, or stop now and be saved.")
        )
        stay = box.addButton(tr("Keep going in the background"), QMessageBox.ButtonRole.AcceptRole)
        box.setDefaultButton(stay)
    else:
        stay = None
        box.setInformativeText(tr("It can stop now and save what it has."))
    stop = box.addButton(tr("Stop and save"), QMessageBox.ButtonRole.DestructiveRole)
    cancel = box.addButton(QMessageBox.StandardButton.Cancel)
    box.setEscapeButton(cancel)
    box.exec()
    clicked = box.clickedButton()
    if stay is not None and clicked is stay:
        return CloseChoice.BACKGROUND
    return CloseChoice.STOP if clicked is stop else CloseChoice.CANCEL
