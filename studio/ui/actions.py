"""The window's actions with their standard keys, and the menu that lists them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QUrl, Slot
from PySide6.QtGui import QAction, QDesktopServices, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from studio.core.paths import program_dir
from studio.core.state import EngineState
from studio.ui.dialogs.settings import SettingsDialog
from studio.ui.dialogs.shortcuts import ShortcutsDialog
from studio.ui.rail import PAGES
from studio.ui.settings import recent_projects

if TYPE_CHECKING:
    from studio.ui.main_window import MainWindow

_Keys = QKeySequence.StandardKey


class Actions(QObject):
    """Everything that a key or the menu does. Pages add their own actions to the window."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        tr = self.tr
        self.welcome = self._make(tr("Welcome"), window.show_welcome)
        self.new = self._make(tr("New project…"), window.new_project, _Keys.New)
        self.open = self._make(tr("Open project…"), window.choose_project, _Keys.Open)
        self.save = self._make(tr("Save a checkpoint now"), self._save, _Keys.Save)
        self.undo = self._make(tr("Undo"), self._undo, _Keys.Undo)
        self.redo = self._make(tr("Redo"), self._redo, _Keys.Redo)
        self.hold = self._make(tr("Pause or resume the training"), self._hold, "Ctrl+P")
        self.settings = self._make(tr("Settings…"), self._settings, "Ctrl+,")
        self.shortcuts = self._make(tr("Keyboard shortcuts…"), self._shortcuts, "Ctrl+/")
        self.help = self._make(tr("Help"), self._help, _Keys.HelpContents)
        self.menu_action = self._make(tr("Menu"), window.rail.menu_button.click, "F10")
        self.quit = self._make(tr("Quit"), window.close, _Keys.Quit)
        self.pages = [
            self._make(
                tr("Go to {page}").format(page=name.capitalize()),
                partial(window.show_page, name),
                f"Ctrl+{place}",
            )
            for place, name in enumerate(PAGES, 1)
        ]
        self.refresh()

    def menu(self) -> QMenu:
        """Return the program's menu, made anew, since recent projects and undo texts change."""
        menu = QMenu(self._window)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addActions([self.welcome, self.new, self.open])
        recent = menu.addMenu(self.tr("Recent projects"))
        for folder in recent_projects():
            action = recent.addAction(folder.stem)
            action.setToolTip(str(folder))
            action.triggered.connect(
                lambda _checked, folder=folder: self._window.open_project(folder)
            )
        recent.setEnabled(bool(recent_projects()))
        menu.addSeparator()
        menu.addActions([self.undo, self.redo])
        menu.addSeparator()
        menu.addActions([self.settings, self.shortcuts, self.help])
        menu.addSeparator()
        menu.addAction(self.quit)
        return menu

    @Slot()
    def refresh(self) -> None:
        """Bring the texts of undo and redo up to date."""
        studio = self._window.studio
        stack = studio.undo if studio is not None else None
        undo_text = stack.undoText() if stack is not None else ""
        redo_text = stack.redoText() if stack is not None else ""
        self.undo.setText(f"{self.tr('Undo')} {undo_text}".strip())
        self.redo.setText(f"{self.tr('Redo')} {redo_text}".strip())
        self.undo.setEnabled(stack is not None and stack.canUndo())
        self.redo.setEnabled(stack is not None and stack.canRedo())
        self.save.setEnabled(studio is not None)
        self.hold.setEnabled(studio is not None)

    def _make(
        self, text: str, run: Callable[[], object], keys: QKeySequence.StandardKey | str = ""
    ) -> QAction:
        action = QAction(text, self)
        if isinstance(keys, str):
            action.setShortcut(QKeySequence(keys))
        else:
            action.setShortcuts(keys)
            if keys is _Keys.Quit and not action.shortcuts():
                action.setShortcut(QKeySequence("Ctrl+Q"))  # some desktops name no key for it
        action.triggered.connect(lambda _checked: run())
        self._window.addAction(action)
        return action

    def _save(self) -> None:
        if self._window.studio is not None:
            self._window.studio.trainer.save_now()

    def _undo(self) -> None:
        if self._window.studio is not None:
            self._window.studio.undo.undo()

    def _redo(self) -> None:
        if self._window.studio is not None:
            self._window.studio.undo.redo()

    def _hold(self) -> None:
        if self._window.studio is not None:
            trainer = self._window.studio.trainer
            if trainer.state is EngineState.RUNNING:
                trainer.pause()
            else:
                trainer.resume()

    def _settings(self) -> None:
        dialog = SettingsDialog(self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def _shortcuts(self) -> None:
        named = [action for action in self._window.actions() if action.text()]
        dialog = ShortcutsDialog([*named, *self._of_page(named)], self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def _of_page(self, named: list[QAction]) -> list[QAction]:
        """Return the actions with keys of what is in sight, such as rating in the gallery."""
        return [
            action
            for action in self._window.findChildren(QAction)
            if action.text()
            and not action.shortcut().isEmpty()
            and action not in named
            and isinstance(owner := action.parent(), QWidget)
            and owner.isVisible()
        ]

    @staticmethod
    def _help() -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(program_dir() / "README.md")))
