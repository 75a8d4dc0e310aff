"""The header's buttons: they follow the engine's state and whether the run is the one in hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, QPoint, Signal
from PySide6.QtWidgets import QMenu

from studio.core.state import EngineState
from studio.ui.widgets.buttons import Button, IconButton, PrimaryButton
from studio.ui.widgets.page import PageHeader

_S = EngineState


@dataclass(frozen=True)
class Possible:
    """What can be done with a run now.

    Attributes:
        hold: The run in hand can be paused.
        go_on: It can be resumed: held in the engine, or ended before its last step.
        park: The device can be freed.
        stop: It can be ended.
    """

    hold: bool = False
    go_on: bool = False
    park: bool = False
    stop: bool = False


def possible(state: EngineState, *, in_hand: bool, resumable: bool) -> Possible:
    """Return what can be done with a run.

    Args:
        state: The trainer's.
        in_hand: Whether the trainer works on this run.
        resumable: Whether it ended before its last step and does not wait in the queue.
    """
    if not in_hand:
        return Possible(go_on=resumable)
    held = state in (_S.PAUSED, _S.PARKED)
    return Possible(
        hold=state is _S.RUNNING,
        go_on=held,
        park=state in (_S.RUNNING, _S.PAUSED),
        stop=held or state is _S.RUNNING,
    )


class RunActions(QObject):
    """The buttons in the header of the Train page.

    Attributes:
        hold, park, stop, more, generate: The buttons.

    Signals:
        hold_wanted, resume_wanted, park_wanted: Pause; go on; free the device.
        stop_wanted: End the run, saved (True) or not (False).
        tweak_wanted, folder_wanted, generate_wanted: From the menu and the primary button.
    """

    hold_wanted = Signal()
    resume_wanted = Signal()
    park_wanted = Signal()
    stop_wanted = Signal(bool)
    tweak_wanted = Signal()
    folder_wanted = Signal()
    generate_wanted = Signal()

    def __init__(self, header: PageHeader) -> None:
        super().__init__(header)
        tr = self.tr
        self._header = header
        self._possible = Possible()
        self.hold = Button(tr("Pause"), self._on_hold)
        self.park = Button(
            tr("Park"),
            self.park_wanted.emit,
            tip=tr("Pause, and free the device's memory for something else"),
        )
        self.stop = Button(tr("Stop and save"), lambda: self.stop_wanted.emit(True))
        self.more = IconButton("more", tr("More to do with this run"), self._open_menu, 32)
        self.generate = PrimaryButton(tr("Open in Generate"), self.generate_wanted.emit)
        for button in (self.hold, self.park, self.stop, self.more, self.generate):
            header.add_action(button)

    def show_possible(self, possible_now: Possible, *, in_hand: bool, has_checkpoint: bool) -> None:
        """Show the buttons that make sense, and enable those that work now."""
        self._possible = possible_now
        goes_on = possible_now.go_on
        self.hold.setText(self.tr("Resume") if goes_on else self.tr("Pause"))
        self.hold.setAccessibleName(self.hold.text())
        self.hold.setVisible(in_hand or goes_on)
        self.hold.setEnabled(goes_on or possible_now.hold)
        for button, works in ((self.park, possible_now.park), (self.stop, possible_now.stop)):
            button.setVisible(in_hand)
            button.setEnabled(works)
        self.generate.setEnabled(has_checkpoint)
        tip = "" if has_checkpoint else self.tr("After the first checkpoint; Save now writes one")
        self.generate.setToolTip(tip)

    def set_visible(self, visible: bool) -> None:
        """Show or hide all of them."""
        for button in (self.hold, self.park, self.stop, self.more, self.generate):
            button.setVisible(visible)

    def menu(self) -> QMenu:
        """Return the menu of what is done less often."""
        menu = QMenu(self._header)
        actions: list[tuple[str, Callable[[], object]]] = [
            (self.tr("Duplicate and tweak…"), self.tweak_wanted.emit),
            (self.tr("Open the run's folder"), self.folder_wanted.emit),
        ]
        if self._possible.stop:
            actions.append((self.tr("Stop without saving"), lambda: self.stop_wanted.emit(False)))
        for text, act in actions:
            menu.addAction(text).triggered.connect(lambda _checked, act=act: act())
        return menu

    def _on_hold(self) -> None:
        if self._possible.go_on:
            self.resume_wanted.emit()
        else:
            self.hold_wanted.emit()

    def _open_menu(self) -> None:
        menu = self.menu()
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.more.mapToGlobal(QPoint(0, self.more.height() + 4)))
